using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux;
using Cloister.Linux.Processes;
using Cloister.Net;
using Cloister.Nucleus;
using Cloister.Nucleus.HostCalls;
using Cloister.Nucleus.Locking;
using Cloister.Vfs;

namespace Cloister.Kernel;

/// <summary>How an enclave ended.</summary>
/// <param name="Code">The exit status as a shell reports it.</param>
/// <param name="Error">One sentence for the user where the program could not be started; else null.</param>
/// <param name="SyscallCounts">How often each system call was made, by number.</param>
public readonly record struct ExitStatus(int Code, string? Error, long[] SyscallCounts);

/// <summary>
/// The composition root: makes one kernel of a platform and the services, and runs a program on it. The only place
/// that knows all services.
/// </summary>
public static class Enclave
{
    private const int OwnFailure = 125;

    /// <summary>Runs the configured program until it ends.</summary>
    public static ExitStatus Run(EnclaveConfiguration configuration, IPlatform platform)
    {
        if (configuration.ChecksLocks)
            LockOrder.Check();
        HostServices host = HostServices.Start(platform.HostPort, platform.Cpus);
        var memory = new EnclaveMemory(platform.Frames);
        var timers = new TimerQueue(platform.Cpus, platform.Clock);
        var services = new VfsServices(memory, platform.Clock, platform.Entropy) { Timers = timers, RootOfTrust = platform.RootOfTrust };
        var vfs = new VirtualFileSystem(services)
        {
            Network = new Network(configuration.Network, host.Sockets, platform.Clock, platform.Entropy),
        };
        var volumes = new EncryptedVolumes(host, platform);
        if (Mount(vfs, host, volumes, configuration) is { } problem)
            return new ExitStatus(OwnFailure, problem, []);

        var writer = new ConsoleLog(host.Console, platform.Cpus);
        var log = new KernelLog(writer, (LogLevel)((int)configuration.LogLevel - 1));
        SyscallTracer? tracer = configuration.StraceFilter is { } filter ? new SyscallTracer(writer, filter) : null;
        var kernel = new LinuxKernel(platform, memory, vfs, timers, log, tracer);
        Errno mounted = vfs.MountProcesses("/proc"u8, new ProcessDirectory(kernel));
        if (mounted == Errno.Success)
            mounted = vfs.MountSystem("/sys"u8, platform.Cpus.Count);
        if (mounted != Errno.Success)
            return new ExitStatus(OwnFailure, $"/proc and /sys can't be mounted ({mounted}).", []);
        timers.Defect = kernel.OnDefect;
        vfs.AddHostName(kernel.HostName);
        if (configuration.Resolver is { } resolver && vfs.SetResolver(resolver) is var refused && refused != Errno.Success)
            return new ExitStatus(OwnFailure, $"The enclave's /etc/resolv.conf can't be written ({ProgramStatus.Describe(refused)}).", []);
        kernel.Console = configuration.IsBackground ? null : host.Console;
        vfs.JobControl = kernel.Jobs;
        var joined = new JoinedPrograms(kernel, vfs, host, configuration);
        host.Console.Subscribe(new LauncherEvents(kernel, joined));
        if (!platform.IsConfidential)
            log.Write(LogLevel.Information, $"platform {platform.Name}: no TEE hardware, the enclave is simulated and not protected from the host.");
        volumes.Begin(log);
        platform.Begin();
        if (configuration.AllowsPrograms)
            platform.Cpus.Start(joined);

        ProgramEnd end = kernel.Run(CreateProgram(configuration, vfs, host));
        int code = ProgramStatus.CodeOf(end);
        string? error = ProgramStatus.Explain(configuration.Command, end);
        if (volumes.Close(vfs) is { } unwritten)
        {
            error ??= unwritten;
            code = code == 0 ? OwnFailure : code;
        }

        return new ExitStatus(code, error, kernel.Statistics.Snapshot());
    }

    private static string? Mount(VirtualFileSystem vfs, HostServices host, EncryptedVolumes volumes, EnclaveConfiguration configuration)
    {
        EnclaveMount root = configuration.Mounts[0];
        Errno error = vfs.MountRoot(host.Files, root.Share, root.Kind == EnclaveMountKind.WritableLayer);
        if (error != Errno.Success)
            return $"The root file system can't be mounted ({error}).";
        vfs.AttachConsole(host.Console);
        error = vfs.MountDevices("/dev"u8);
        if (error != Errno.Success)
            return $"The enclave's own file systems can't be mounted ({error}).";
        for (int i = 1; i < configuration.Mounts.Count; i++)
        {
            EnclaveMount volume = configuration.Mounts[i];
            error = vfs.MountVolume(volume.Target, host.Files, volume.Share, volume.Kind == EnclaveMountKind.ReadOnly);
            if (error != Errno.Success)
                return $"The volume for {ToText(volume.Target)} can't be mounted there ({ProgramStatus.Describe(error)}).";
        }

        foreach (EncryptedMount mount in configuration.EncryptedMounts)
        {
            if (volumes.Mount(vfs, mount) is { } problem)
                return problem;
        }

        return null;
    }

    private static ProgramLaunch CreateProgram(EnclaveConfiguration configuration, VirtualFileSystem vfs, HostServices host) => new()
    {
        Arguments = configuration.Command,
        Environment = configuration.Environment,
        WorkingDirectory = configuration.WorkingDirectory,
        UserId = configuration.UserId,
        GroupId = configuration.GroupId,
        Attributes = configuration.Attributes,
        Terminal = configuration.HasTerminal ? vfs.Terminal : null,
        OpenStandardFiles = thread => vfs.OpenInherited(thread, thread.Process.Descriptors, host.Files, vfs.Terminal, configuration.InheritedFiles),
        Loaded = configuration.IsBackground ? () => host.Programs.Report(0, HostProgramState.Running, 0, "") : null,
    };

    private static string ToText(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Signals of the launcher go to the programs.</summary>
    private sealed class LauncherEvents(LinuxKernel kernel, JoinedPrograms joined) : IHostEvents
    {
        public void OnSignal(int program, int signal, bool isOfTerminal)
        {
            if ((program == 0 ? kernel.FirstProcess : joined.Find(program)) is { } process)
                kernel.SendFromOutside(process, signal, isOfTerminal);
        }
    }

    /// <summary>The log goes to the launcher's standard error.</summary>
    private sealed class ConsoleLog(IHostConsole console, ICpus cpus) : ILogWriter
    {
        private const int StandardError = 2;

        public void WriteLine(string line)
        {
            ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(line + "\n");
            while (!bytes.IsEmpty)
            {
                Errno error = console.TryWrite(StandardError, bytes, out int count);
                if (error == Errno.EAGAIN)
                    cpus.Yield(); // a full pipe: its reader has to run first
                else if (error != Errno.Success)
                    return;
                bytes = bytes[count..];
            }
        }
    }
}
