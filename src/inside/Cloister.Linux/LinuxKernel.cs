using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Futexes;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Time;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux;

/// <summary>How the first program ended.</summary>
/// <param name="StartError">Why it could not be started; Success where it was.</param>
/// <param name="WaitStatus">Its status as wait4 reports it.</param>
/// <param name="Obstacle">What was in the way of the start: a missing interpreter or working directory; empty for the program itself.</param>
public readonly record struct ProgramEnd(Errno StartError, int WaitStatus, string Obstacle = "");

/// <summary>The first program of an enclave.</summary>
public sealed record FirstProgram
{
    /// <summary>argv; the first is the program's path or name.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    /// <summary>KEY=VALUE strings.</summary>
    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>Working directory.</summary>
    public required byte[] WorkingDirectory { get; init; }

    /// <summary>User.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Supplementary groups.</summary>
    public uint[] Groups { get; init; } = [];

    /// <summary>What else it has of its caller.</summary>
    public InheritedAttributes Attributes { get; init; } = new();

    /// <summary>Opens the program's standard files in its table, on its own thread.</summary>
    public required Action<LinuxThread> OpenStandardFiles { get; init; }
}

/// <summary>The Linux personality of one enclave: what its processes share.</summary>
public sealed class LinuxKernel
{
    /// <summary>The session that the first program finds itself in, as a program that a shell starts does; nobody leads it.</summary>
    private const int LauncherSession = 1;

    /// <summary>What <see cref="ProgramEnd.Obstacle"/> begins with where the working directory is in the way.</summary>
    public const string WorkingDirectoryObstacle = "working directory ";

    // What a thread and a queued signal weigh, kernel stack and all: measured, and rounded up.
    private const int MemoryPerTask = 64 * 1024;
    private const int MemoryPerQueuedSignal = 8 * 1024;

    private readonly IParker _ender;
    private ProgramEnd _end;
    private bool _hasEnded;
    private int _isSuspending;

    /// <summary>Creates the kernel. The thread that creates it calls <see cref="Run"/>.</summary>
    public LinuxKernel(IPlatform platform, EnclaveMemory memory, IVfs vfs, ITimerQueue timers, KernelLog log, SyscallTracer? tracer)
    {
        Platform = platform;
        Memory = memory;
        KernelAccounts = new KernelAccounts(memory);
        Users = new UserAccounts(Math.Max(512, memory.Total / MemoryPerTask), Math.Max(4096, memory.Total / MemoryPerQueuedSignal));
        Vfs = vfs;
        Timers = timers;
        Log = log;
        Defects = new Defects(log);
        Tracer = tracer;
        _ender = platform.Cpus.CreateParker();
        Jobs = new JobControl(Processes);
        Commit = new CommitAccount(memory);
        Futexes = new FutexTable(platform.Clock);
        ThreadResources = new ThreadResourcePool(platform.Cpus);
        MonotonicClock = new MonotonicClock(platform.Clock);
    }

    /// <summary>The hardware.</summary>
    public IPlatform Platform { get; }

    /// <summary>The enclave's memory.</summary>
    public EnclaveMemory Memory { get; }

    /// <summary>What the kernel keeps for each user.</summary>
    internal KernelAccounts KernelAccounts { get; }

    /// <summary>The file system service.</summary>
    public IVfs Vfs { get; }

    /// <summary>Timers.</summary>
    public ITimerQueue Timers { get; }

    /// <summary>The log.</summary>
    public KernelLog Log { get; }

    /// <summary>What becomes of exceptions.</summary>
    internal Defects Defects { get; }

    /// <summary>Notes an exception of one of the kernel's own threads, which goes on.</summary>
    public void OnDefect(Exception defect) => Defects.Note(null, defect);

    /// <summary>strace, or null.</summary>
    internal SyscallTracer? Tracer { get; }

    /// <summary>All processes.</summary>
    public ProcessTable Processes { get; } = new();

    /// <summary>Sessions and terminals.</summary>
    public JobControl Jobs { get; }

    /// <summary>System call counts.</summary>
    public SyscallStatistics Statistics { get; } = new();

    /// <summary>Memory promised to programs.</summary>
    internal CommitAccount Commit { get; }

    /// <summary>All futexes.</summary>
    internal FutexTable Futexes { get; }

    /// <summary>CLOCK_MONOTONIC, for timers and sleeps.</summary>
    internal TimerClock MonotonicClock { get; }

    /// <summary>POSIX message queues.</summary>
    internal Ipc.PosixQueues PosixQueues { get; } = new();

    /// <summary>System V IPC.</summary>
    internal Ipc.SystemVIpc Ipc { get; } = new();

    /// <summary>What each user holds.</summary>
    internal UserAccounts Users { get; }

    /// <summary>What threads use again.</summary>
    internal ThreadResourcePool ThreadResources { get; }

    /// <summary>Host and domain name.</summary>
    internal HostNames Names { get; } = new();

    /// <summary>The host name, as gethostname(2) gives it.</summary>
    public ReadOnlySpan<byte> HostName => Names.Host;

    /// <summary>The program that the enclave was started for; the enclave ends with it.</summary>
    public LinuxProcess? FirstProcess { get; private set; }

    /// <summary>Runs a program and all that it starts, until it ends.</summary>
    public ProgramEnd Run(FirstProgram program)
    {
        LinuxProcess init = InitProcess.Create(this);
        int id = Processes.AllocateId();
        AddressSpace space = AddressSpace.TryCreate(Platform.Mmu, Commit) ?? throw new InvalidOperationException("The platform has no room for a program.");
        var process = new LinuxProcess(this, id, space, new SignalActions())
        {
            Descriptors = Vfs.CreateDescriptorTable(),
            FileSystemContext = Vfs.CreateContext(),
            GroupId = id,
            SessionId = LauncherSession,
            Parent = init,
        };
        init.Children.Add(process);
        if (Terminal is not null)
            Jobs.Adopt(process.SessionId, id, Terminal);

        FirstProcess = process;
        var thread = new LinuxThread(this, process, id, Identity.Identity.Create(program.UserId, program.GroupId, program.Groups));
        process.UserId = program.UserId;
        Users.Add(process.UserId, UserResource.Tasks);
        process.TryAdd(thread);
        Processes.Add(process);
        Processes.Add(thread);
        thread.Start = starting => StartFirstProgram(starting, program);
        Platform.Cpus.Start(thread);
        while (!Volatile.Read(ref _hasEnded))
            _ender.Park(long.MaxValue);
        return _end;
    }

    /// <summary>The first program is gone: so is everything else.</summary>
    internal void OnFirstProcessExit(int status)
    {
        foreach (LinuxProcess process in Processes.Snapshot())
        {
            foreach (LinuxThread thread in process.SnapshotThreads())
                Statistics.Add(thread.SyscallCounts);
        }

        if (_end.StartError == Errno.Success)
            _end = new ProgramEnd(Errno.Success, status);
        Volatile.Write(ref _hasEnded, true);
        _ender.Unpark();
    }

    /// <summary>Sends a signal of the launcher on: one of the terminal to the group in its foreground, others to the first program.</summary>
    public void SendToForeground(int signal)
    {
        if (FirstProcess is not { } first)
            return;
        if (!HostSignals.IsOfTerminal(signal))
        {
            first.Send(SignalInfo.Kernel(signal));
            return;
        }

        int group = Terminal is { ForegroundGroup: not 0 } terminal ? terminal.ForegroundGroup : first.GroupId;
        Jobs.SendToGroup(group, signal);
    }

    /// <summary>
    /// Stops the launcher where no program is left that could run, or continue another: so that Ctrl-Z leads back to the
    /// shell that started it. Once the shell has continued it, so are the programs of the first one's group.
    /// </summary>
    internal void SuspendWhereAllStopped()
    {
        if (Console is null || FirstProcess is not { } first || !Processes.AreAllStopped()
            || Interlocked.Exchange(ref _isSuspending, 1) != 0)
            return;
        Console.Suspend();
        Volatile.Write(ref _isSuspending, 0);
        Jobs.SendToGroup(first.GroupId, Signal.Continue);
    }

    /// <summary>The launcher; null where nobody can stop it.</summary>
    public IHostConsole? Console { get; set; }

    /// <summary>The launcher's terminal, whose foreground group gets its signals; null where there is none.</summary>
    public ITerminal? Terminal { get; set; }

    /// <summary>What else than the program itself is in the way of its start.</summary>
    internal string StartObstacle { get; set; } = "";

    private void StartFirstProgram(LinuxThread thread, FirstProgram program)
    {
        Inherit(thread, program.Attributes);
        Errno error = SetWorkingDirectory(thread, program.WorkingDirectory);
        if (error != Errno.Success)
        {
            StartObstacle = WorkingDirectoryObstacle + System.Text.Encoding.UTF8.GetString(program.WorkingDirectory);
        }
        else
        {
            program.OpenStandardFiles(thread);
            error = ExecuteByName(thread, program);
        }

        thread.ReplacedRegisters = false;
        if (error == Errno.Success)
            return;
        _end = new ProgramEnd(error, 0, StartObstacle);
        thread.Process.BeginExit(127 << 8);
    }

    private static void Inherit(LinuxThread thread, InheritedAttributes attributes)
    {
        LinuxProcess process = thread.Process;
        process.FileSystemContext.Umask = attributes.Umask & 0x1FF;
        thread.SetSignalMask(attributes.BlockedSignals);
        for (int signal = 1; signal <= Signal.Last; signal++)
        {
            if ((attributes.IgnoredSignals & ~Signal.Unblockable & Signal.Bit(signal)) != 0)
                process.Actions[signal] = new SignalAction { Handler = SignalAction.Ignore };
        }

        foreach ((int resource, (ulong soft, ulong hard)) in attributes.Limits)
        {
            if ((uint)resource < ResourceLimits.Count)
                process.Limits[resource] = new ResourceLimit(soft, hard);
        }
    }

    /// <summary>As execvp(3): a name without a slash is looked for in PATH.</summary>
    private static Errno ExecuteByName(LinuxThread thread, FirstProgram program)
    {
        byte[] name = program.Arguments[0];
        if (name.AsSpan().Contains((byte)'/') || name.Length == 0)
            return ProgramStart.Execute(thread, name, program.Arguments, program.Environment);
        ReadOnlySpan<byte> path = "/usr/local/bin:/usr/bin:/bin"u8;
        foreach (byte[] variable in program.Environment)
        {
            if (variable.AsSpan().StartsWith("PATH="u8))
                path = variable.AsSpan(5);
        }

        Errno result = Errno.ENOENT;
        while (true)
        {
            int end = path.IndexOf((byte)':');
            ReadOnlySpan<byte> directory = end < 0 ? path : path[..end];
            byte[] candidate = directory.IsEmpty ? name : [.. directory, (byte)'/', .. name];
            Errno error = ProgramStart.Execute(thread, candidate, program.Arguments, program.Environment);
            if (error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES))
                return error;
            if (error == Errno.EACCES)
                result = error;
            if (end < 0)
                return result;
            path = path[(end + 1)..];
        }
    }

    private Errno SetWorkingDirectory(LinuxThread thread, byte[] path) =>
        Vfs.ChangeDirectory(thread, new PathArgument(thread.Process.FileSystemContext, null, path, LookupFlags.Follow));
}

/// <summary>Names of uname(2) that programs may change.</summary>
internal sealed class HostNames
{
    public const int MaximumLength = 64;

    public byte[] Host { get; set; } = "cloister"u8.ToArray();

    public byte[] Domain { get; set; } = "(none)"u8.ToArray();
}

/// <summary>How often each system call was made, by ended threads.</summary>
public sealed class SyscallStatistics
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly long[] _counts = new long[512];

    /// <summary>Adds a thread's counts.</summary>
    internal void Add(long[] counts)
    {
        using (_lock.Enter())
        {
            for (int i = 0; i < _counts.Length; i++)
                _counts[i] += counts[i];
        }
    }

    /// <summary>Counts by system call number.</summary>
    public long[] Snapshot()
    {
        using (_lock.Enter())
            return (long[])_counts.Clone();
    }
}
