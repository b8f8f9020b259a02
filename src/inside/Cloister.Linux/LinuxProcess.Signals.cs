using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Time;

namespace Cloister.Linux;

// Signals of a process: queueing, choosing a thread, stopping and continuing.
public sealed partial class LinuxProcess
{
    /// <summary>Sends a signal to the process, where any thread that doesn't block it takes it, or to one thread.</summary>
    /// <returns>EAGAIN for a real-time signal with details where the user has too many queued (RLIMIT_SIGPENDING).</returns>
    internal Errno Send(in SignalInfo info, LinuxThread? target = null)
    {
        bool wasContinued = false;
        Errno error = Errno.Success;
        using (SignalLock.Enter())
        {
            if (Prepare(info.Signal, target, ref wasContinued))
            {
                error = Queue(info, target);
                Alert(info.Signal, target);
            }
        }

        // The parent is told without the lock: its own comes before in no order.
        if (wasContinued)
            Kernel.Processes.NotifyStop(this, Signal.Continue);
        return error;
    }

    /// <summary>Queues the signal of a POSIX timer, which has its entry since it was made.</summary>
    /// <returns>Whether it will be taken: false where the signal is ignored.</returns>
    internal bool Send(QueuedSignal entry, LinuxThread? target)
    {
        bool wasContinued = false;
        bool isWanted;
        int signal = entry.Info.Signal;
        using (SignalLock.Enter())
        {
            isWanted = Prepare(signal, target, ref wasContinued);
            if (isWanted && !entry.IsQueued)
            {
                (target?.Pending ?? Pending).Add(entry);
                Alert(signal, target);
            }
        }

        if (wasContinued)
            Kernel.Processes.NotifyStop(this, Signal.Continue);
        return isWanted;
    }

    /// <summary>Takes a pending signal of a set, the thread's own first. With the signal lock held.</summary>
    internal static bool TryTakePending(LinuxThread thread, ulong set, out SignalInfo info)
    {
        LinuxProcess process = thread.Process;
        UserAccounts users = process.Kernel.Users;
        PosixTimer? timer;
        if (!thread.Pending.TryTake(set, users, out info, out timer))
        {
            if (!process.Pending.TryTake(set, users, out info, out timer))
                return false;
            if (info.Signal == Signal.Alarm)
                process.IntervalTimers.OnAlarmTaken();
        }

        if (timer is not null)
            info.Overrun = timer.OnTaken();
        return true;
    }

    /// <summary>Drops pending signals of a set, of the process and its threads. With the signal lock held.</summary>
    internal void RemovePending(ulong set)
    {
        Pending.Remove(set, Kernel.Users);
        foreach (LinuxThread thread in SnapshotThreads())
            thread.Pending.Remove(set, Kernel.Users);
    }

    /// <summary>
    /// A thread has blocked signals, or ends: another one has to take those that are pending for the process and were
    /// announced to it (retarget_shared_pending of Linux). With the signal lock held.
    /// </summary>
    internal void Retarget(LinuxThread leaving, ulong signals)
    {
        ulong shared = Pending.Mask & signals;
        if (shared == 0)
            return;
        foreach (LinuxThread thread in SnapshotThreads())
        {
            if (thread == leaving || thread.IsExiting || (shared & ~thread.SignalMask) == 0)
                continue;
            thread.Alert();
            shared &= thread.SignalMask;
            if (shared == 0)
                return;
        }
    }

    /// <summary>Stops the process until SIGCONT; called by the thread that took the signal.</summary>
    internal void Stop(int signal)
    {
        using (_lock.Enter())
        {
            if (_isExiting)
                return;
            IsStopping = true;
            StopSignal = signal;
            StopCount++;
        }

        foreach (LinuxThread thread in SnapshotThreads())
            thread.Alert();
        Kernel.Processes.NotifyStop(this, signal);
        Kernel.SuspendWhereAllStopped();
    }

    /// <summary>Sleeps while the process is stopped.</summary>
    internal void WaitWhileStopped(LinuxThread thread)
    {
        while (IsStopping && !thread.IsExiting && !thread.TryStopWithGroup())
        {
            thread.Watch(ContinueEvents);
            if (IsStopping && !thread.IsExiting && thread.Trace is null)
                thread.SleepUninterruptibly(Deadline.Never);
            thread.StopWatching();
        }
    }

    /// <summary>What a signal does before it is queued (prepare_signal of Linux).</summary>
    /// <returns>Whether it is to be queued.</returns>
    private bool Prepare(int signal, LinuxThread? target, ref bool wasContinued)
    {
        if (IsInit)
            return false; // SIGNAL_UNKILLABLE of Linux: what it has no handler for doesn't reach it
        ulong bit = Signal.Bit(signal);
        if (signal == Signal.Kill)
        {
            Resume();
            BeginExit(Signal.Kill);
            return false;
        }

        // A stop cancels a pending continue and the reverse (signal(7)).
        if ((Signal.StopSignals & bit) != 0)
        {
            RemovePending(Signal.Bit(Signal.Continue));
        }
        else if (signal == Signal.Continue)
        {
            RemovePending(Signal.StopSignals);
            wasContinued = Resume();
        }

        return !Actions.IsIgnored(signal) || IsTraced || (target is not null ? IsBlockedBy(target, bit) : IsBlockedByAll(bit));
    }

    /// <summary>Queues a signal, on the account of the process's user (__send_signal_locked of Linux).</summary>
    private Errno Queue(in SignalInfo info, LinuxThread? target)
    {
        PendingSignals queue = target?.Pending ?? Pending;
        bool isRealTime = info.Signal >= Signal.FirstRealTime;
        if (!isRealTime && (queue.Mask & Signal.Bit(info.Signal)) != 0)
            return Errno.Success; // merged with the one that is pending (signal(7))

        // A standard signal of kill or the kernel is one entry for each number at most: always granted.
        bool isGranted = !isRealTime && info.Code >= 0;
        if (isGranted)
            Kernel.Users.Add(UserId, UserResource.QueuedSignals);
        if (isGranted || Kernel.Users.TryAdd(UserId, UserResource.QueuedSignals, Limits[ResourceLimits.PendingSignals].Soft))
        {
            queue.Add(info, UserId);
            return Errno.Success;
        }

        if (isRealTime && info.Code is not (SignalInfo.FromUser or SignalInfo.FromKernel))
            return Errno.EAGAIN;
        queue.AddWithoutDetails(info.Signal);
        return Errno.Success;
    }

    /// <summary>Tells the thread that is to take a signal, and those who read it from a file.</summary>
    private void Alert(int signal, LinuxThread? target)
    {
        ulong bit = Signal.Bit(signal);
        if (target is null)
            ChooseFor(bit)?.Alert();
        else if (!IsBlockedBy(target, bit) || (target.AwaitedSignals & bit) != 0)
            target.Alert();
        SignalEvents.WakeAll(PollEvents.In);
    }

    private LinuxThread? ChooseFor(ulong bit)
    {
        using (_lock.Enter())
        {
            foreach (LinuxThread thread in _threads)
            {
                if (!IsBlockedBy(thread, bit) && !thread.IsExiting)
                    return thread;
            }

            foreach (LinuxThread thread in _threads)
            {
                if ((thread.AwaitedSignals & bit) != 0)
                    return thread;
            }

            return null;
        }
    }

    private bool IsBlockedByAll(ulong bit)
    {
        using (_lock.Enter())
        {
            foreach (LinuxThread thread in _threads)
            {
                if (!IsBlockedBy(thread, bit))
                    return false;
            }

            return true;
        }
    }

    private static bool IsBlockedBy(LinuxThread thread, ulong bit) => (thread.SignalMask & bit) != 0;

    private bool Resume()
    {
        using (_lock.Enter())
        {
            if (!IsStopping)
                return false;
            IsStopping = false;
        }

        ContinueEvents.WakeAll();
        foreach (LinuxThread thread in SnapshotThreads())
        {
            if (thread.Trace is { IsSeized: true })
                thread.RequestTrap();
        }

        return true;
    }
}
