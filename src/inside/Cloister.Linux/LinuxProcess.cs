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
/// Lock order: <see cref="ProcessTable.Lock"/>, then <see cref="SignalActions.Lock"/>, then <see cref="_lock"/>.
/// </remarks>
public sealed class LinuxProcess
{
    private readonly KernelLock _lock = new(LockLevel.Process);
    private readonly List<LinuxThread> _threads = [];
    private bool _isExiting;

    internal LinuxProcess(LinuxKernel kernel, int processId, AddressSpace space, SignalActions actions)
    {
        Kernel = kernel;
        ProcessId = processId;
        AddressSpace = space;
        Actions = actions;
        StartTime = kernel.Platform.Clock.MonotonicNanoseconds;
        IntervalTimers = new IntervalTimers(this);
        PosixTimers = new PosixTimers(this);
    }

    /// <summary>The kernel.</summary>
    public LinuxKernel Kernel { get; }

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

    /// <summary>Signals to the process as a whole. Guarded by the signal lock.</summary>
    internal PendingSignals Pending { get; } = new();

    /// <summary>Resource limits.</summary>
    internal ResourceLimits Limits { get; set; } = new();

    /// <summary>setitimer(2).</summary>
    internal IntervalTimers IntervalTimers { get; }

    /// <summary>timer_create(2).</summary>
    internal PosixTimers PosixTimers { get; }

    /// <summary>Monotonic nanoseconds of the start.</summary>
    internal long StartTime { get; }

    /// <summary>The program file, for /proc/PID/exe.</summary>
    internal IOpenFile? Executable { get; set; }

    /// <summary>personality(2).</summary>
    internal uint Personality { get; set; }

    /// <summary>PR_SET_DUMPABLE.</summary>
    internal int Dumpable { get; set; } = 1;

    /// <summary>PR_SET_CHILD_SUBREAPER.</summary>
    internal bool IsSubreaper { get; set; }

    /// <summary>PR_SET_PDEATHSIG.</summary>
    internal int ParentDeathSignal { get; set; }

    /// <summary>Whether execve has happened since the process began (setpgid(2): EACCES).</summary>
    internal bool HasExecuted { get; set; }

    // Family, guarded by ProcessTable.Lock.

    /// <summary>The parent; null for the first process and for orphans of it.</summary>
    internal LinuxProcess? Parent { get; set; }

    /// <summary>Children, zombies included.</summary>
    internal List<LinuxProcess> Children { get; } = [];

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

    /// <summary>Real user id, kept for the parent after the last thread is gone.</summary>
    internal uint LastUserId { get; set; }

    /// <summary>Name of the last thread that ended, for zombies.</summary>
    internal byte[] LastName { get; set; } = [];

    /// <summary>Nice value, -20 to 19: kept and shown.</summary>
    internal int Nice { get; set; }

    /// <summary>oom_score_adj: kept and shown.</summary>
    internal int OutOfMemoryAdjustment { get; set; }

    /// <summary>A stop or continue that wait has not reported yet: 0, or the stopping signal, or SIGCONT.</summary>
    internal int UnreportedStop { get; set; }

    /// <summary>Times of children that were waited for.</summary>
    internal ResourceUsage ChildrenUsage { get; set; }

    /// <summary>CPU time of ended threads, nanoseconds.</summary>
    internal long EndedThreadsCpu { get; private set; }

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

    /// <summary>Adds a thread.</summary>
    /// <returns>False where the process is ending.</returns>
    internal bool TryAdd(LinuxThread thread)
    {
        using (_lock.Enter())
        {
            if (_isExiting)
                return false;
            _threads.Add(thread);
            return true;
        }
    }

    /// <summary>Removes a thread that ends.</summary>
    /// <returns>Whether it was the last.</returns>
    internal bool Remove(LinuxThread thread)
    {
        using (_lock.Enter())
        {
            _threads.Remove(thread);
            EndedThreadsCpu += thread.CpuNanoseconds;
            ThreadEnds.WakeAll();
            return _threads.Count == 0;
        }
    }

    /// <summary>exit_group(2), or death by a signal. The first call decides the status.</summary>
    /// <param name="status">As wait4 reports it.</param>
    internal void BeginExit(int status)
    {
        LinuxThread[] threads;
        using (_lock.Enter())
        {
            if (!_isExiting)
            {
                Volatile.Write(ref _isExiting, true);
                ExitStatus = status;
            }

            threads = _threads.ToArray();
        }

        foreach (LinuxThread thread in threads)
            thread.RequestExit();
        ContinueEvents.WakeAll();
    }

    /// <summary>The status of the last thread's exit(2), where nobody called exit_group.</summary>
    internal void SetStatusOfLastThread(int status)
    {
        using (_lock.Enter())
        {
            if (!_isExiting)
                ExitStatus = status;
        }
    }

    /// <summary>execve(2): ends all threads but the caller, which takes over the process's id.</summary>
    /// <returns>EAGAIN where the process ends, or another thread does the same.</returns>
    internal Errno EndOtherThreads(LinuxThread survivor)
    {
        foreach (LinuxThread thread in SnapshotThreads())
        {
            if (thread != survivor)
                thread.RequestExit();
        }

        survivor.Watch(ThreadEnds);
        while (ThreadCount > 1 && !survivor.IsExiting)
            survivor.SleepUninterruptibly(Deadline.Never);
        survivor.StopWatching();
        return survivor.IsExiting ? Errno.EAGAIN : Errno.Success;
    }

    /// <summary>Sends a signal to the process: any thread that doesn't block it takes it.</summary>
    internal void Send(in SignalInfo info)
    {
        using (Actions.Lock.Enter())
            SendLocked(info, Pending, null);
    }

    /// <summary>Queues a signal and alerts a thread. With the signal lock held.</summary>
    /// <param name="info">The signal.</param>
    /// <param name="queue">The thread's or the process's queue.</param>
    /// <param name="target">The thread, or null for any.</param>
    internal void SendLocked(in SignalInfo info, PendingSignals queue, LinuxThread? target)
    {
        int signal = info.Signal;
        ulong bit = Signal.Bit(signal);
        if (signal == Signal.Kill)
        {
            Resume();
            BeginExit(Signal.Kill);
            return;
        }

        // A stop cancels a pending continue and the reverse (signal(7); prepare_signal of Linux).
        if ((Signal.StopSignals & bit) != 0)
        {
            RemovePending(Signal.Bit(Signal.Continue));
        }
        else if (signal == Signal.Continue)
        {
            RemovePending(Signal.StopSignals);
            Continue();
        }

        LinuxThread[] threads = SnapshotThreads();
        bool isBlocked = target is not null ? IsBlockedBy(target, bit) : Array.TrueForAll(threads, thread => IsBlockedBy(thread, bit));
        if (!isBlocked && Actions.IsIgnored(signal))
            return;
        if (!queue.Add(info) && signal < Signal.FirstRealTime)
            return;

        if (target is not null)
        {
            if (!isBlocked || (target.AwaitedSignals & bit) != 0)
                target.Alert();
        }
        else
        {
            AlertOne(threads, bit);
        }

        SignalEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Takes a pending signal of a set, the thread's own first. With the signal lock held.</summary>
    internal static bool TryTakePending(LinuxThread thread, ulong set, out SignalInfo info)
    {
        if (!thread.Pending.TryTake(set, out info) && !thread.Process.Pending.TryTake(set, out info))
            return false;
        if (info.Code == SignalInfo.FromTimer && thread.Process.PosixTimers.Find(info.TimerId) is { } timer)
            info.Overrun = timer.OnDelivered();
        return true;
    }

    /// <summary>Stops the process until SIGCONT; called by the thread that took the signal.</summary>
    internal void Stop(int signal)
    {
        using (_lock.Enter())
        {
            if (_isExiting)
                return;
            IsStopping = true;
        }

        foreach (LinuxThread thread in SnapshotThreads())
            thread.Alert();
        Kernel.Processes.NotifyStop(this, signal);
        Kernel.SuspendWhereAllStopped();
    }

    /// <summary>Sleeps while the process is stopped.</summary>
    internal void WaitWhileStopped(LinuxThread thread)
    {
        while (IsStopping && !thread.IsExiting)
        {
            thread.Watch(ContinueEvents);
            if (IsStopping && !thread.IsExiting)
                thread.SleepUninterruptibly(Deadline.Never);
            thread.StopWatching();
        }
    }

    /// <summary>Name and id for log lines.</summary>
    internal string Describe()
    {
        LinuxThread? leader = Leader;
        string name = leader is null ? "?" : System.Text.Encoding.UTF8.GetString(leader.Name.Bytes);
        return $"{name}[{ProcessId}]";
    }

    private static bool IsBlockedBy(LinuxThread thread, ulong bit) => (thread.SignalMask & bit) != 0;

    private static void AlertOne(LinuxThread[] threads, ulong bit)
    {
        foreach (LinuxThread thread in threads)
        {
            if (!IsBlockedBy(thread, bit) && !thread.IsExiting)
            {
                thread.Alert();
                return;
            }
        }

        foreach (LinuxThread thread in threads)
        {
            if ((thread.AwaitedSignals & bit) != 0)
            {
                thread.Alert();
                return;
            }
        }
    }

    private void RemovePending(ulong set)
    {
        Pending.Remove(set);
        foreach (LinuxThread thread in SnapshotThreads())
            thread.Pending.Remove(set);
    }

    private void Continue()
    {
        if (Resume())
            Kernel.Processes.NotifyStop(this, Signal.Continue);
    }

    private bool Resume()
    {
        using (_lock.Enter())
        {
            if (!IsStopping)
                return false;
            IsStopping = false;
        }

        ContinueEvents.WakeAll();
        return true;
    }
}
