using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux;

// Signals of a thread: sending, masks, delivery at the border to user mode.
public sealed partial class LinuxThread
{
    private bool _attention;
    private bool _isExiting;
    private ulong _signalMask;
    private ulong? _savedMask;

    /// <summary>Signals sent to this thread alone. Guarded by the signal lock.</summary>
    internal PendingSignals Pending { get; } = new();

    /// <summary>sigaltstack(2).</summary>
    internal SignalStack AlternateStack { get; set; } = new() { Flags = SignalStack.Disable };

    /// <summary>Blocked signals. Written by the thread itself with the signal lock held, read by any.</summary>
    internal ulong SignalMask => Volatile.Read(ref _signalMask);

    /// <summary>Signals the thread waits for in sigtimedwait, although they are blocked.</summary>
    internal ulong AwaitedSignals { get; set; }

    /// <summary>Whether there is something to do before user mode: a signal, an exit, a stop. Any thread.</summary>
    internal bool HasAttention => Volatile.Read(ref _attention);

    /// <summary>Whether the thread has to end.</summary>
    internal bool IsExiting => Volatile.Read(ref _isExiting);

    /// <summary>Makes the thread end at the next border. Any thread.</summary>
    internal void RequestExit()
    {
        Volatile.Write(ref _isExiting, true);
        Alert();
    }

    /// <summary>Takes the thread out of user mode or out of its sleep, to look for what to do. Any thread.</summary>
    internal void Alert()
    {
        Volatile.Write(ref _attention, true);
        Interlocked.MemoryBarrier();
        Wake();
        Context?.Kick();
    }

    /// <summary>Sends a signal to this thread. Any thread.</summary>
    internal Errno Send(in SignalInfo info) => Process.Send(info, this);

    /// <summary>Sends a signal that the thread can't escape, for faults: a blocked or ignored one takes its default action.</summary>
    internal void ForceSignal(in SignalInfo info)
    {
        using (Process.SignalLock.Enter())
        {
            ulong bit = Signal.Bit(info.Signal);
            if ((_signalMask & bit) != 0 || Process.Actions[info.Signal].Handler == SignalAction.Ignore)
            {
                Process.Actions[info.Signal] = default;
                Volatile.Write(ref _signalMask, _signalMask & ~bit);
            }

            Kernel.Users.Add(Process.UserId, Cloister.Linux.Identity.UserResource.QueuedSignals);
            Pending.Add(info, Process.UserId);
            Volatile.Write(ref _attention, true);
        }
    }

    /// <summary>The thread ends: what is pending for it goes, and what it would have taken for the process is another's to take.</summary>
    internal void LeaveSignals()
    {
        using (Process.SignalLock.Enter())
        {
            ulong unblocked = ~_signalMask;
            Volatile.Write(ref _signalMask, ulong.MaxValue);
            Process.Retarget(this, unblocked);
            Pending.Remove(ulong.MaxValue, Kernel.Users);
        }
    }

    /// <summary>What clone(2) gives a new thread of its creator's signal state and name.</summary>
    internal void InheritFrom(LinuxThread parent, bool keepAlternateStack)
    {
        _signalMask = parent.SignalMask;
        TimerSlack = parent.TimerSlack;
        Seccomp = parent.Seccomp;
        Scheduling = parent.Scheduling.Inherit();
        if (keepAlternateStack)
            AlternateStack = parent.AlternateStack;
        Name.Set(parent.Name.Bytes);
    }

    /// <summary>Changes the mask.</summary>
    internal void SetSignalMask(ulong mask)
    {
        using (Process.SignalLock.Enter())
        {
            mask &= ~Signal.Unblockable;
            ulong newlyBlocked = mask & ~_signalMask;
            Volatile.Write(ref _signalMask, mask);
            RecalculateAttention();
            if (newlyBlocked != 0)
                Process.Retarget(this, newlyBlocked);
        }
    }

    /// <summary>Sets a mask for the time of a waiting call (sigsuspend, ppoll); the old one comes back when it ends, after a handler.</summary>
    internal void SetTemporarySignalMask(ulong mask)
    {
        _savedMask = SignalMask;
        SetSignalMask(mask);
    }

    /// <summary>Ends <see cref="SetTemporarySignalMask"/> where the call was not interrupted.</summary>
    internal void RestoreSignalMask()
    {
        if (_savedMask is not ulong saved)
            return;
        _savedMask = null;
        SetSignalMask(saved);
    }

    /// <summary>Whether a signal would interrupt the thread now. With the signal lock held.</summary>
    internal bool HasDeliverableSignal => ((Pending.Mask | Process.Pending.Mask) & ~_signalMask) != 0;

    /// <summary>Recalculates <see cref="HasAttention"/>. With the signal lock held.</summary>
    internal void RecalculateAttention() =>
        Volatile.Write(ref _attention, HasDeliverableSignal || _isExiting || MustStopWithGroup || Trace is { IsTrapPending: true });

    /// <summary>Sleeps until a signal of a set is pending, which may be a blocked one (sigtimedwait).</summary>
    internal Cloister.Contracts.WaitOutcome SleepForSignal(long deadline, ulong wanted)
    {
        using (Process.SignalLock.Enter())
        {
            if (((Pending.Mask | Process.Pending.Mask) & wanted) != 0)
                return Cloister.Contracts.WaitOutcome.Woken;
            // An alert for an awaited signal leaves the flag behind although nothing is deliverable.
            RecalculateAttention();
        }

        return Sleep(deadline);
    }

    /// <summary>Flags that sigaltstack reports for a stack pointer.</summary>
    internal int AlternateStackFlags(ulong stackPointer)
    {
        if (AlternateStack.Size == 0)
            return SignalStack.Disable;
        int flags = AlternateStack.Flags & SignalStack.AutoDisarm;
        return AlternateStack.Contains(stackPointer) && flags == 0 ? SignalStack.OnStack : flags;
    }

    /// <summary>Whether a handler changes to the alternate stack.</summary>
    internal bool EntersAlternateStack(in SignalAction action) => (action.Flags & SignalAction.OnStack) != 0 && AlternateStack.Size != 0 &&
        (AlternateStack.Flags & SignalStack.Disable) == 0 && !AlternateStack.Contains(StackPointer);

    /// <summary>Sets the alternate stack.</summary>
    /// <returns>EPERM while running on it, EINVAL, ENOMEM.</returns>
    internal Errno SetAlternateStack(SignalStack stack, ulong stackPointer)
    {
        if ((AlternateStackFlags(stackPointer) & SignalStack.OnStack) != 0)
            return Errno.EPERM;
        int mode = stack.Flags & ~SignalStack.AutoDisarm;
        if (mode is not (0 or SignalStack.OnStack or SignalStack.Disable))
            return Errno.EINVAL;
        if (mode == SignalStack.Disable)
        {
            AlternateStack = new SignalStack { Flags = SignalStack.Disable };
            return Errno.Success;
        }

        if (stack.Size < SignalStack.MinimumSize)
            return Errno.ENOMEM;
        AlternateStack = stack;
        return Errno.Success;
    }

    /// <summary>Does what <see cref="HasAttention"/> stands for: stops, ends, delivers signals.</summary>
    private void HandleAttention()
    {
        while (!IsExiting)
        {
            Process.WaitWhileStopped(this);
            if (Trace is { IsTrapPending: true } trapped)
                StopForTrap(trapped);
            SignalInfo info;
            SignalAction action = default;
            bool isTraced;
            using (Process.SignalLock.Enter())
            {
                ulong wanted = ~_signalMask;
                if (!LinuxProcess.TryTakePending(this, wanted, out info))
                {
                    RecalculateAttention();
                    break;
                }

                isTraced = Trace is not null && info.Signal != Signal.Kill;
                if (!isTraced)
                    action = TakeAction(info.Signal);
            }

            if (isTraced)
            {
                if (!StopForSignal(ref info))
                    continue;
                using (Process.SignalLock.Enter())
                    action = TakeAction(info.Signal);
            }

            if (Kernel.Tracer is { } tracer)
                tracer.OnSignal(this, info);
            if (info.Signal == Signal.Kill)
                TakeDefaultAction(info);
            else if (action.Handler == SignalAction.Default)
                TakeDefaultAction(info);
            else if (action.Handler != SignalAction.Ignore)
                RunHandler(action, info);
        }

        if (IsExiting)
            return;
        RestartWithoutHandler();
        if (_savedMask is not null)
            RestoreSignalMask();
    }

    /// <summary>What a signal that is taken does. With the signal lock held.</summary>
    private SignalAction TakeAction(int signal)
    {
        SignalAction action = Process.Actions[signal];
        if (action.Handler > SignalAction.Ignore && (action.Flags & SignalAction.ResetHand) != 0)
            Process.Actions[signal] = action with { Handler = SignalAction.Default };
        return action;
    }

    private void RunHandler(in SignalAction action, in SignalInfo info)
    {
        RestartForHandler(action);
        ulong mask = _savedMask ?? SignalMask;
        _savedMask = null;
        if (Cpu.PushFrame(this, action, info, mask) != Errno.Success)
        {
            // No room for the frame: SIGSEGV by default action, as force_sigsegv does.
            using (Process.SignalLock.Enter())
            {
                if (info.Signal == Signal.SegmentationFault)
                    Process.Actions[Signal.SegmentationFault] = default;
            }

            ForceSignal(SignalInfo.Kernel(Signal.SegmentationFault));
            return;
        }

        ulong blocked = SignalMask | action.Mask;
        if ((action.Flags & SignalAction.NoDefer) == 0)
            blocked |= Signal.Bit(info.Signal);
        SetSignalMask(blocked);
    }

    private void TakeDefaultAction(in SignalInfo info)
    {
        ulong bit = Signal.Bit(info.Signal);
        if ((Signal.IgnoredByDefault & bit) != 0)
            return;
        if ((Signal.StopSignals & bit) != 0)
        {
            // A terminal doesn't stop what nobody could continue (get_signal of Linux).
            if (info.Signal != Signal.Stop && Kernel.Jobs.IsOrphaned(this))
                return;
            Process.Stop(info.Signal);
            return;
        }

        if ((Signal.CoreSignals & bit) != 0)
        {
            Kernel.Log.Fault(this, info);
            if (CoreDumps.CoreDump.TryEnd(this, info))
                return;
        }

        Process.BeginExit(info.Signal);
    }

    /// <summary>A system call came back because something interrupted it: decide when the signals are known.</summary>
    private void HandleInterruptedCall(Errno error)
    {
        _interrupted = error;
        _isRestartable = true;
        if (!HasAttention)
            RestartWithoutHandler();
    }

    private Errno _interrupted;

    /// <summary>A handler will run: EINTR, or repeat the call after it (signal(7)).</summary>
    private void RestartForHandler(in SignalAction action)
    {
        if (!TakeRestart())
            return;
        bool repeat = _interrupted switch
        {
            Errno.ERESTARTNOINTR => true,
            Errno.ERESTARTSYS => (action.Flags & SignalAction.Restart) != 0,
            _ => false,
        };
        if (repeat)
            Cpu.RepeatCall(this, (int)CurrentSyscall);
        else
            Result = unchecked((ulong)-(long)Errno.EINTR);
        CurrentSyscall = -1;
    }

    private void RestartWithoutHandler()
    {
        if (!TakeRestart())
            return;
        const int restartSyscall = 219;
        Cpu.RepeatCall(this, _interrupted == Errno.ERESTART_RESTARTBLOCK ? restartSyscall : (int)CurrentSyscall);
        CurrentSyscall = -1;
    }

    /// <summary>Whether a call was interrupted, and no tracer has made it none meanwhile.</summary>
    private bool TakeRestart()
    {
        bool isRestartable = _isRestartable && CurrentSyscall >= 0;
        _isRestartable = false;
        return isRestartable;
    }
}
