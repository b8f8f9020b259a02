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

/// <summary>The Linux personality of one enclave: what its processes share.</summary>
public sealed partial class LinuxKernel
{
    /// <summary>The session that the first program finds itself in, as a program that a shell starts does; nobody leads it.</summary>
    private const int LauncherSession = 1;

    // What a thread and a queued signal weigh, kernel stack and all: measured, and rounded up.
    private const int MemoryPerTask = 64 * 1024;
    private const int MemoryPerQueuedSignal = 8 * 1024;

    private readonly IParker _ender;
    private bool _hasEnded;
    private int _isSuspending;

    /// <summary>Creates the kernel. The thread that creates it calls <see cref="Run"/>.</summary>
    public LinuxKernel(IPlatform platform, EnclaveMemory memory, IVfs vfs, ITimerQueue timers, KernelLog log, SyscallTracer? tracer)
    {
        Platform = platform;
        Cpu = Cpus.LinuxCpu.For(platform.Mmu.Cpu);
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

    /// <summary>What is the processor's.</summary>
    internal Cpus.LinuxCpu Cpu { get; }

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

    /// <summary>What contexts of asynchronous I/O may have.</summary>
    internal AsyncIo.AsyncQuota AsyncQuota { get; } = new();

    /// <summary>How core files are called.</summary>
    internal CoreDumps.CoreName CoreName { get; } = new();

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
    public ProgramEnd Run(ProgramLaunch program)
    {
        InitProcess.Create(this);
        LinuxProcess process = CreateProcess(program, LauncherSession)
            ?? throw new InvalidOperationException("The platform has no room for a program.");
        FirstProcess = process;
        Start(process);
        while (!Volatile.Read(ref _hasEnded))
            _ender.Park(long.MaxValue);
        return process.End;
    }

    /// <summary>The first program is gone: so is everything else.</summary>
    internal void OnFirstProcessExit()
    {
        foreach (LinuxProcess process in Processes.Snapshot())
        {
            foreach (LinuxThread thread in process.SnapshotThreads())
                Statistics.Add(thread.SyscallCounts);
        }

        Volatile.Write(ref _hasEnded, true);
        _ender.Unpark();
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
