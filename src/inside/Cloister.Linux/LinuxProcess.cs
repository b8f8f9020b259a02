using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Time;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux;

/// <summary>A process: a group of threads with their common state.</summary>
/// <remarks>
/// Lock order: <see cref="ProcessTable.Lock"/>, then <see cref="SignalLock"/>, then <see cref="_lock"/>.
/// </remarks>
public sealed partial class LinuxProcess
{
    private readonly KernelLock _lock = new(LockLevel.Process);
    private readonly List<LinuxThread> _threads = [];
    private bool _isExiting;
    private LinuxThread? _executing;
    private IKernelMemory? _filterAccount;
    private long _filterBytes;

    internal LinuxProcess(LinuxKernel kernel, int processId, AddressSpace space, SignalActions actions)
    {
        Kernel = kernel;
        ProcessId = processId;
        AddressSpace = space;
        Actions = actions;
        StartTime = kernel.Platform.Clock.MonotonicNanoseconds;
        IntervalTimers = new IntervalTimers(this);
        PosixTimers = new PosixTimers(this);
        CpuLimit = new CpuLimit(this);
    }

    /// <summary>The kernel.</summary>
    public LinuxKernel Kernel { get; }

    /// <summary>
    /// Pays for a filter of system calls until the process ends. Its children may have the filter longer, but can't add to it without
    /// end: all in a chain together are bounded.
    /// </summary>
    internal bool TryChargeFilter(LinuxThread thread, long bytes)
    {
        IKernelMemory account = Volatile.Read(ref _filterAccount) ?? thread.KernelMemory;
        account = Interlocked.CompareExchange(ref _filterAccount, account, null) ?? account;
        if (!account.TryTake(bytes))
            return false;
        Interlocked.Add(ref _filterBytes, bytes);
        return true;
    }

    /// <summary>The process ends.</summary>
    internal void GiveFilters() => _filterAccount?.Give(Interlocked.Exchange(ref _filterBytes, 0));

    /// <summary>The pid (tgid).</summary>
    public int ProcessId { get; }

    /// <summary>Open files. Shared by CLONE_FILES.</summary>
    public IDescriptorTable Descriptors { get; internal set; } = null!;

    /// <summary>Root, working directory, umask. Shared by CLONE_FS.</summary>
    public IFileSystemContext FileSystemContext { get; internal set; } = null!;

    /// <summary>Memory.</summary>
    internal AddressSpace AddressSpace { get; set; }

    /// <summary>What signals do.</summary>
    internal SignalActions Actions { get; set; }

    /// <summary>Guards pending signals and signal masks of the process and its threads.</summary>
    internal KernelLock SignalLock { get; } = new(LockLevel.Signals);

    /// <summary>Signals to the process as a whole. Guarded by <see cref="SignalLock"/>.</summary>
    internal PendingSignals Pending { get; } = new();

    /// <summary>Resource limits.</summary>
    internal ResourceLimits Limits { get; set; } = new();

    /// <summary>setitimer(2).</summary>
    internal IntervalTimers IntervalTimers { get; }

    /// <summary>timer_create(2).</summary>
    internal PosixTimers PosixTimers { get; }

    /// <summary>What its end changes in semaphores (SEM_UNDO); null for nothing. Guarded by the lock of their table.</summary>
    internal List<Ipc.SemaphoreUndo>? SemaphoreUndos { get; set; }

    /// <summary>What it does for its rings; null before it has submitted to one. Made with <see cref="RingLock"/>.</summary>
    internal Rings.RingTasks? RingTasks { get; set; }

    /// <summary>
    /// Gives the process, which has one thread, a table of descriptors that no other process uses. What uses it beside that thread is its
    /// own rings, which come along. One that is its own already stays: with it would go its record locks.
    /// </summary>
    internal void UnshareDescriptors(LinuxThread thread)
    {
        int own = RingTasks is null ? 1 : 2;
        if (Descriptors.Users <= own)
            return;
        IDescriptorTable former = Descriptors;
        IDescriptorTable copy = former.Clone();
        RingTasks?.Adopt(thread, copy);
        Descriptors = copy;
        former.RemoveUser(thread);
    }

    /// <summary>Guards the making of <see cref="RingTasks"/>.</summary>
    internal KernelLock RingLock { get; } = new(LockLevel.Ring);

    /// <summary>Ends what the process has under way by its rings: its memory and its files go.</summary>
    internal void StopRings(LinuxThread caller)
    {
        caller.ReleaseRegisteredRings();
        RingTasks?.Stop(caller);
        RingTasks = null;
    }

    /// <summary>RLIMIT_CPU.</summary>
    internal CpuLimit CpuLimit { get; }

    /// <summary>How it was started from outside; null for what programs inside have started.</summary>
    internal ProgramLaunch? Launch { get; init; }

    /// <summary>What else than the program itself is in the way of its start from outside.</summary>
    internal string StartObstacle { get; set; } = "";

    /// <summary>Why it could not be started from outside.</summary>
    internal Errno StartError { get; set; }

    /// <summary>How it ended, for who started it from outside.</summary>
    internal ProgramEnd End => StartError == Errno.Success ? new ProgramEnd(Errno.Success, ExitStatus) : new ProgramEnd(StartError, 0, StartObstacle);

    /// <summary>Monotonic nanoseconds of the start.</summary>
    internal long StartTime { get; }

    /// <summary>The program file, for /proc/PID/exe.</summary>
    internal IOpenFile? Executable { get; set; }

    /// <summary>personality(2).</summary>
    internal uint Personality { get; set; }

    /// <summary>PR_SET_DUMPABLE.</summary>
    internal int Dumpable { get; set; } = 1;

    /// <summary>PR_SET_THP_DISABLE: kept and shown.</summary>
    internal bool DisablesLargePages { get; set; }

    /// <summary>What was registered with membarrier(2), for this program.</summary>
    internal int BarrierRegistrations { get; set; }

    /// <summary>PR_SET_CHILD_SUBREAPER.</summary>
    internal bool IsSubreaper { get; set; }

    /// <summary>PR_SET_PDEATHSIG.</summary>
    internal int ParentDeathSignal { get; set; }

    /// <summary>Whether execve has happened since the process began (setpgid(2): EACCES).</summary>
    internal bool HasExecuted { get; set; }

    // Family, guarded by ProcessTable.Lock.

    /// <summary>Whether it is process 1, which has no program (<see cref="InitProcess"/>).</summary>
    internal bool IsInit => ProcessId == InitProcess.Id;

    /// <summary>The parent; null for process 1, and for those that have been waited for.</summary>
    internal LinuxProcess? Parent { get; set; }

    /// <summary>The thread of the parent that made it (__WNOTHREAD).</summary>
    internal LinuxThread? ParentThread { get; set; }

    /// <summary>Children, zombies included.</summary>
    internal List<LinuxProcess> Children { get; } = [];

    /// <summary>Threads that its threads trace (ptrace(2)).</summary>
    internal List<LinuxThread> Tracees { get; } = [];

    /// <summary>Those that have ended, until somebody waits for them.</summary>
    internal List<Tracing.TraceeEnd> TraceeEnds { get; } = [];

    /// <summary>The first thread, where it has ended and somebody who isn't the parent traces it.</summary>
    internal LinuxThread? EndedTracee { get; set; }

    /// <summary>Whether its end is its tracer's to see before it is its parent's.</summary>
    internal bool IsHeldByTracer { get; set; }

    /// <summary>Whether it has given up its session's terminal (TIOCNOTTY of one that doesn't lead the session).</summary>
    internal bool HasLeftTerminal { get; set; }

    /// <summary>Process group.</summary>
    internal int GroupId { get; set; }

    /// <summary>Session.</summary>
    internal int SessionId { get; set; }

    /// <summary>Signal that the parent gets when the process ends; 0 for none.</summary>
    internal int ExitSignal { get; set; } = Signal.Child;

    /// <summary>Whether all threads are gone and the parent has not waited yet.</summary>
    internal bool IsZombie { get; set; }

    /// <summary>Status for wait4: exit code shifted by 8, or a signal.</summary>
    internal int ExitStatus { get; private set; }

    /// <summary>Real user id, whose account the process's threads and signals are on; kept after the last thread is gone.</summary>
    internal uint UserId { get; set; }

    /// <summary>Name of the last thread that ended, for zombies.</summary>
    internal byte[] LastName { get; set; } = [];

    /// <summary>oom_score_adj: kept and shown.</summary>
    internal int OutOfMemoryAdjustment { get; set; }

    /// <summary>A stop or continue that wait has not reported yet: 0, or the stopping signal, or SIGCONT.</summary>
    internal int UnreportedStop { get; set; }

    /// <summary>Times of children that were waited for.</summary>
    internal ResourceUsage ChildrenUsage { get; set; }

    /// <summary>CPU time of ended threads, nanoseconds.</summary>
    internal long EndedThreadsCpu { get; private set; }

    /// <summary>What process descriptors refer to.</summary>
    internal ProcessHandle Handle => _handle ??= new ProcessHandle(this);

    private ProcessHandle? _handle;

    /// <summary>Whether the parent has waited for it, or nobody will.</summary>
    internal bool IsReaped { get; set; }

    /// <summary>Woken when all threads have ended.</summary>
    internal WaitQueue EndEvents { get; } = new();

    /// <summary>Woken when a child changes state.</summary>
    internal WaitQueue ChildEvents { get; } = new();

    /// <summary>Woken when signals arrive, for signalfd and sigtimedwait of other threads.</summary>
    internal WaitQueue SignalEvents { get; } = new();

    /// <summary>What a signalfd of this process reads.</summary>
    internal SignalSource SignalSource => _signalSource ??= new SignalSource(this);

    private SignalSource? _signalSource;

    /// <summary>Woken when the process is continued.</summary>
    private WaitQueue ContinueEvents { get; } = new();

    /// <summary>Woken when a thread has ended, for execve.</summary>
    private WaitQueue ThreadEnds { get; } = new();

    /// <summary>Whether the process is stopped by a signal.</summary>
    internal bool IsStopping { get; private set; }

    /// <summary>How often it was stopped so far.</summary>
    internal int StopCount { get; private set; }

    /// <summary>The signal that has stopped it.</summary>
    internal int StopSignal { get; private set; }

    /// <summary>Whether any of its threads is traced: then signals that it ignores are queued for the tracer. Any thread.</summary>
    internal bool IsTraced => Volatile.Read(ref _traced) > 0;

    private int _traced;

    /// <summary>One thread more or less is traced.</summary>
    internal void AddTraced(int count) => Interlocked.Add(ref _traced, count);

    /// <summary>Whether the process ends.</summary>
    internal bool IsExiting => Volatile.Read(ref _isExiting);

    /// <summary>How many threads live.</summary>
    internal int ThreadCount
    {
        get
        {
            using (_lock.Enter())
                return _threads.Count;
        }
    }

    /// <summary>The living threads.</summary>
    internal LinuxThread[] SnapshotThreads()
    {
        using (_lock.Enter())
            return _threads.ToArray();
    }

    /// <summary>The thread with the process's id, or another where it has ended.</summary>
    internal LinuxThread? Leader
    {
        get
        {
            using (_lock.Enter())
            {
                foreach (LinuxThread thread in _threads)
                {
                    if (thread.ThreadId == ProcessId)
                        return thread;
                }

                return _threads.Count > 0 ? _threads[0] : null;
            }
        }
    }

    /// <summary>The thread that ended last; null while the process lives. What it asked of the scheduler outlives it until somebody waits.</summary>
    internal LinuxThread? LastThread { get; private set; }

    /// <summary>CPU time of all threads, nanoseconds.</summary>
    internal long CpuNanoseconds
    {
        get
        {
            long total = EndedThreadsCpu;
            foreach (LinuxThread thread in SnapshotThreads())
                total += thread.CpuNanoseconds;
            return total;
        }
    }

    /// <summary>Name and id for log lines.</summary>
    internal string Describe()
    {
        LinuxThread? leader = Leader;
        string name = leader is null ? "?" : System.Text.Encoding.UTF8.GetString(leader.Name.Bytes);
        return $"{name}[{ProcessId}]";
    }
}
