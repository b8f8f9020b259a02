using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Runtime.CompilerServices;
using Cloister.Cli.Keystone;
using Cloister.Cli.Machines;
using Cloister.Cli.Enclaves;
using Cloister.Host;
using Cloister.Host.Enclaves;
using Cloister.Host.Sockets;
using Cloister.Host.Terminal;
using Cloister.Kernel;
using Cloister.Linux;
using Cloister.Linux.Syscalls;
using Cloister.Net;

namespace Cloister.Cli;

/// <summary><c>cloister do</c> and <c>cloister run</c>.</summary>
internal static class RunCommand
{
    private const int NotFound = 127;
    private const int RLIMIT_CORE = 4;
    private const int RLIMIT_NOFILE = 7;

    /// <summary>Runs a program of this machine as the caller would.</summary>
    public static int Do(RunOptions options, ParseResult result, Invocation invocation)
    {
        string directory = result.GetValue(options.WorkingDirectory) ?? HostPaths.WorkingDirectory;
        (uint, uint) identity = (LauncherIdentity.UserId, LauncherIdentity.GroupId);
        return Launch(options, result, invocation, "/", CommandLine.ReadEnvironment(), directory, identity, detectTerminal: true);
    }

    /// <summary>Runs a program of another root file system.</summary>
    public static int Run(RunOptions options, ParseResult result, string root, Invocation invocation)
    {
        var environment = new List<byte[]>
        {
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"u8.ToArray(),
            "HOME=/root"u8.ToArray(),
        };
        if (result.GetValue(options.Terminal) && Environment.GetEnvironmentVariable("TERM") is { } term)
            environment.Add(ByteText.Encode("TERM=" + term));
        string directory = result.GetValue(options.WorkingDirectory) ?? "/";
        return Launch(options, result, invocation, root, environment, directory, (0, 0), detectTerminal: false);
    }

    private static int Launch(
        RunOptions options,
        ParseResult result,
        Invocation invocation,
        string root,
        List<byte[]> environment,
        string directory,
        (uint User, uint Group) identity,
        bool detectTerminal)
    {
        bool isBackground = result.GetValue(options.Detach);
        if (isBackground && !invocation.IsLauncher)
            return Launcher.Start(invocation);
        if (!isBackground && (result.GetValue(options.Name) is not null || result.GetValue(options.Remove)))
            throw new HostException("'--name' and '--rm' are for enclaves in the background: write '-d' too.");
        CallerProcess caller = invocation.Caller;
        string tee = result.GetValue(options.Tee)!;
        OptionParser.RequireTee(tee);
        if (!directory.StartsWith('/'))
            throw new HostException($"The working directory '{directory}' is not absolute: begin it with '/'.");
        OptionParser.AddVariables(environment, result.GetValue(options.Environment) ?? []);
        if (result.GetValue(options.User) is { } user)
            identity = OptionParser.ParseUser(user);
        string[] command = result.GetValue(options.Program)!;

        using var mounts = new RunMounts(root);
        mounts.AddVolumes(result.GetValue(options.Volumes) ?? []);
        int? keyDescriptor = result.GetValue(options.KeyDescriptor);
        mounts.AddEncrypted(result.GetValue(options.EncryptedVolumes) ?? [], result.GetValue(options.KeyFile), keyDescriptor,
            result.GetValue(options.Anchor), result.GetValue(options.AnchorStrict));
        long memory = MemoryOf(result.GetValue(options.Memory));
        NetworkConfiguration network = options.Network.Create(result, out HostNetwork? hostNetwork);
        BackgroundEnclave? background = null;
        if (isBackground)
        {
            var defaults = new ProgramDefaults(environment, ByteText.Encode(directory), identity.User, identity.Group);
            background = Launcher.Create(root, command, defaults, memory, result, options);
            caller.CloseOthers();
            mounts.AddStreams(background.Streams);
        }
        else
        {
            mounts.AddInherited(caller.Files, keyDescriptor);
        }

        using var console = new ConsoleServer(mounts.Streams);
        var configuration = new EnclaveConfiguration
        {
            Command = Array.ConvertAll(command, ByteText.Encode),
            Environment = environment,
            WorkingDirectory = ByteText.Encode(directory),
            UserId = identity.User,
            GroupId = identity.Group,
            Mounts = mounts.Mounts,
            EncryptedMounts = mounts.Encrypted,
            InheritedFiles = mounts.Inherited,
            Attributes = new InheritedAttributes
            {
                Umask = caller.Umask,
                IgnoredSignals = caller.IgnoredSignals,
                BlockedSignals = caller.BlockedSignals,
                Limits = LimitsOf(caller),
            },
            Network = network,
            Resolver = options.Network.ReadResolver(result, network, isOfThisMachine: root == "/"),
            MemoryBytes = memory,
            HasTerminal = result.GetValue(options.Terminal) || (detectTerminal && console.HasTerminal),
            IsBackground = isBackground,
            AllowsPrograms = isBackground && result.GetValue(options.AllowPrograms),
            StraceFilter = result.GetResult(options.Strace) is null ? null : OptionParser.ParseFilter(result.GetValue(options.Strace) ?? "all"),
            LogLevel = OptionParser.ParseLogLevel(result.GetValue(options.Log)!),
            ChecksLocks = Environment.GetEnvironmentVariable("CLOISTER_CHECK_LOCKS") == "1",
            ShowStatistics = result.GetValue(options.Statistics),
        };
        IEnclaveLauncher launcher = tee switch
        {
            MachineSettings.Tee => EnclaveLauncher.Create(options.Machine.Read(result, result.GetValue(options.Memory))),
            KeystoneSettings.Tee => EnclaveLauncher.Create(options.Keystone.Read(result, result.GetValue(options.Memory))),
            _ => EnclaveLauncher.Create(
                result.GetValue(options.Traps)!, result.GetValue(options.Collect), result.GetValue(options.Switchless)!, result.GetValue(options.ExitCost)),
        };
        ExitStatus status = launcher.Run(configuration, mounts.Shares, console, hostNetwork, background?.Programs);
        string hint = Hint(status.Code, configuration.StraceFilter, command[0]);
        if (status.Error is not null)
            LauncherOutput.WriteError("cloister: " + PlainText.Escape(status.Error) + hint + "\n");
        if (configuration.ShowStatistics)
            StatisticsReport.Write(status.SyscallCounts, launcher.CallSites, launcher.Exits);
        console.Dispose();
        background?.Finish(status.Code);
        return status.Code;
    }

    private static long MemoryOf(string? size)
    {
        const long least = 16 << 20;
        long wanted = size is not null ? OptionParser.ParseSize(size) : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long allowed = ProcessLimits.RaiseLargestFile();
        return allowed >= least
            ? Math.Min(wanted, allowed)
            : throw new HostException($"The limit on the size of files ({allowed} bytes) is too small for an enclave's memory: raise it with 'ulimit -f'.");
    }

    // '--strace openat ls' runs a program named openat: what comes after the option is the command.
    private static string Hint(int code, string? filter, string program)
    {
        if (code != NotFound || filter != "all")
            return "";
        foreach (SyscallDescription call in SyscallCatalog.All)
        {
            if (call.Name == program)
                return $" To see this system call only, write --strace={program}.";
        }

        return "";
    }

    private static Dictionary<int, (ulong Soft, ulong Hard)> LimitsOf(CallerProcess caller)
    {
        const ulong usualDescriptors = 1024;
        var limits = new Dictionary<int, (ulong Soft, ulong Hard)>(caller.Limits);
        // No core dumps are written (docs/decisions.md).
        limits.Remove(RLIMIT_CORE);
        // CoreCLR has raised this one before anybody could look; the command as it is published has not.
        if (RuntimeFeature.IsDynamicCodeCompiled && limits.TryGetValue(RLIMIT_NOFILE, out (ulong Soft, ulong Hard) files))
            limits[RLIMIT_NOFILE] = (Math.Min(files.Hard, usualDescriptors), files.Hard);
        return limits;
    }
}
