using System;
using System.Collections;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Cloister.Contracts.Storage;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Storage;
using Cloister.Host.Terminal;
using Cloister.Kernel;

namespace Cloister.Cli;

/// <summary><c>cloister do</c> and <c>cloister run</c>.</summary>
internal static class RunCommand
{
    private const string StandardPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Runs a program of this machine as the caller would.</summary>
    public static int Do(RunOptions options, ParseResult result)
    {
        var environment = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment.Add($"{variable.Key}={variable.Value}");
        string directory = result.GetValue(options.WorkingDirectory) ?? Environment.CurrentDirectory;
        return Launch(options, result, "/", environment, directory, (LauncherIdentity.UserId, LauncherIdentity.GroupId), detectTerminal: true);
    }

    /// <summary>Runs a program of another root file system.</summary>
    public static int Run(RunOptions options, ParseResult result, string root)
    {
        var environment = new List<string> { StandardPath, "HOME=/root" };
        if (result.GetValue(options.Terminal) && Environment.GetEnvironmentVariable("TERM") is { } term)
            environment.Add("TERM=" + term);
        string directory = result.GetValue(options.WorkingDirectory) ?? "/";
        return Launch(options, result, root, environment, directory, (0, 0), detectTerminal: false);
    }

    private static int Launch(
        RunOptions options,
        ParseResult result,
        string root,
        List<string> environment,
        string directory,
        (uint User, uint Group) identity,
        bool detectTerminal)
    {
        OptionParser.RequireTee(result.GetValue(options.Tee)!);
        if (!directory.StartsWith('/'))
            throw new HostException($"The working directory '{directory}' is not absolute: begin it with '/'.");
        AddVariables(environment, result.GetValue(options.Environment) ?? []);
        if (result.GetValue(options.User) is { } user)
            identity = OptionParser.ParseUser(user);

        var shares = new List<HostShare>();
        var locks = new List<FileBlockDevice>();
        try
        {
            var mounts = new List<EnclaveMount> { new(0, "/", EnclaveMountKind.WritableLayer) };
            shares.Add(HostShare.OpenRoot(root));
            foreach (string text in result.GetValue(options.Volumes) ?? [])
            {
                Volume volume = OptionParser.ParseVolume(text);
                mounts.Add(new EnclaveMount(shares.Count, volume.Target, volume.IsReadOnly ? EnclaveMountKind.ReadOnly : EnclaveMountKind.Writable));
                shares.Add(HostShare.OpenDirectory(volume.HostPath, volume.IsReadOnly));
            }

            List<EncryptedMount> encrypted = OpenEncrypted(options, result, shares, locks);
            using var console = new ConsoleServer();
            var configuration = new EnclaveConfiguration
            {
                Command = result.GetValue(options.Program)!,
                Environment = environment,
                WorkingDirectory = directory,
                UserId = identity.User,
                GroupId = identity.Group,
                Mounts = mounts,
                EncryptedMounts = encrypted,
                MemoryBytes = result.GetValue(options.Memory) is { } size ? OptionParser.ParseSize(size) : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                HasTerminal = result.GetValue(options.Terminal) || (detectTerminal && console.HasTerminal),
                StraceFilter = result.GetResult(options.Strace) is null ? null : OptionParser.ParseFilter(result.GetValue(options.Strace) ?? "all"),
                LogLevel = OptionParser.ParseLogLevel(result.GetValue(options.Log)!),
                ShowStatistics = result.GetValue(options.Statistics),
            };
            ExitStatus status = EnclaveLauncher.Create(result.GetValue(options.Traps)!).Run(configuration, shares, console);
            if (status.Error is not null)
                LauncherOutput.WriteError("cloister: " + status.Error + "\n");
            if (configuration.ShowStatistics)
                StatisticsReport.Write(status.SyscallCounts);
            return status.Code;
        }
        finally
        {
            foreach (FileBlockDevice held in locks)
                held.Dispose();
            foreach (HostShare share in shares)
                share.Dispose();
        }
    }

    private static List<EncryptedMount> OpenEncrypted(RunOptions options, ParseResult result, List<HostShare> shares, List<FileBlockDevice> locks)
    {
        var mounts = new List<EncryptedMount>();
        string[] volumes = result.GetValue(options.EncryptedVolumes) ?? [];
        if (volumes.Length == 0)
            return mounts;
        byte[] key = KeyFile.Read(result.GetValue(options.KeyFile), result.GetValue(options.KeyDescriptor));
        bool isStrict = result.GetValue(options.AnchorStrict);
        IFreshnessAnchor? anchor = FileSystems.OpenVolume.OpenAnchor(result.GetValue(options.Anchor), isStrict);
        foreach (string text in volumes)
        {
            (Volume volume, string? clone) = OptionParser.ParseEncryptedVolume(text);
            if (!File.Exists(volume.HostPath))
                throw new HostException($"There is no volume '{volume.HostPath}': make one with 'cloister fs create'.");
            // Opened only for its lock: it keeps other processes of this machine from using the volume meanwhile.
            locks.Add(FileBlockDevice.Open(volume.HostPath, volume.IsReadOnly, threads: 0));
            mounts.Add(new EncryptedMount(shares.Count, volume.Target, key, volume.IsReadOnly, clone, anchor, isStrict));
            shares.Add(HostShare.OpenDirectory(volume.HostPath, volume.IsReadOnly));
        }

        return mounts;
    }

    // The last setting of a name wins, as with env(1).
    private static void AddVariables(List<string> environment, string[] settings)
    {
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=');
            string name = equals < 0 ? setting : setting[..equals];
            if (name.Length == 0)
                throw new HostException($"'{setting}' is not a variable: write NAME=VALUE, or NAME to pass on the caller's.");
            string? value = equals < 0 ? Environment.GetEnvironmentVariable(name) : setting[(equals + 1)..];
            environment.RemoveAll(old => old.StartsWith(name + "=", StringComparison.Ordinal));
            if (value is not null)
                environment.Add(name + "=" + value);
        }
    }
}
