using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Signals;

/// <summary>Signals: actions, masks, waiting.</summary>
internal static class SignalSyscalls
{
    private const ulong MaskSize = 8;

    [Syscall(13, "rt_sigaction")]
    public static SyscallResult SigAction(LinuxThread thread, SignalNumber signal, UserAddress action, UserAddress old, ulong maskSize)
    {
        if (maskSize != MaskSize || signal.Value is < 1 or > Signal.Last)
            return Errno.EINVAL;
        SignalAction value = default;
        if (!action.IsNull)
        {
            if (!SignalAction.TryRead(thread, action, out value))
                return Errno.EFAULT;
            if (signal.Value is Signal.Kill or Signal.Stop)
                return Errno.EINVAL;
            value.Mask &= ~Signal.Unblockable;
        }

        LinuxProcess process = thread.Process;
        SignalAction previous;
        using (process.SignalLock.Enter())
        {
            previous = process.Actions[signal.Value];
            if (!action.IsNull)
            {
                process.Actions[signal.Value] = value;
                // POSIX: setting an ignored action discards what is pending.
                if (process.Actions.IsIgnored(signal.Value))
                    process.RemovePending(Signal.Bit(signal.Value));
            }
        }

        return old.IsNull || previous.TryWrite(thread, old) ? 0 : Errno.EFAULT;
    }

    [Syscall(14, "rt_sigprocmask")]
    public static SyscallResult SigProcMask(LinuxThread thread, int how, UserAddress set, UserAddress old, ulong maskSize)
    {
        if (maskSize != MaskSize)
            return Errno.EINVAL;
        ulong previous = thread.SignalMask;
        if (!set.IsNull)
        {
            if (!thread.Memory.TryRead(set, out ulong mask))
                return Errno.EFAULT;
            switch (how)
            {
                case 0:
                    mask = previous | mask;
                    break;
                case 1:
                    mask = previous & ~mask;
                    break;
                case 2:
                    break;
                default:
                    return Errno.EINVAL;
            }

            if (mask != previous)
                thread.SetSignalMask(mask);
        }

        return old.IsNull || thread.Memory.TryWrite(old, previous) ? 0 : Errno.EFAULT;
    }

    [Syscall(15, "rt_sigreturn")]
    public static SyscallResult SigReturn(LinuxThread thread)
    {
        Errno error = thread.Cpu.PopFrame(thread, out ulong mask);
        thread.ReplacedRegisters = true;
        if (error != Errno.Success)
            thread.ForceSignal(SignalInfo.Kernel(Signal.SegmentationFault));
        else
            thread.SetSignalMask(mask);
        return 0;
    }

    [Syscall(127, "rt_sigpending")]
    public static SyscallResult SigPending(LinuxThread thread, UserAddress set, ulong maskSize)
    {
        if (maskSize > MaskSize)
            return Errno.EINVAL;
        ulong pending;
        using (thread.Process.SignalLock.Enter())
            pending = (thread.Pending.Mask | thread.Process.Pending.Mask) & thread.SignalMask;
        return thread.Memory.TryWrite(set, pending) ? 0 : Errno.EFAULT;
    }

    [Syscall(130, "rt_sigsuspend")]
    public static SyscallResult SigSuspend(LinuxThread thread, UserAddress set, ulong maskSize)
    {
        if (maskSize != MaskSize)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(set, out ulong mask))
            return Errno.EFAULT;
        thread.SetTemporarySignalMask(mask);
        while (thread.Sleep(Deadline.Never) != WaitOutcome.Interrupted)
        {
        }

        return Errno.ERESTARTNOHAND;
    }

    [Syscall(128, "rt_sigtimedwait")]
    public static SyscallResult SigTimedWait(LinuxThread thread, UserAddress set, UserAddress info, UserAddress timeout, ulong maskSize)
    {
        if (maskSize != MaskSize)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(set, out ulong wanted))
            return Errno.EFAULT;
        wanted &= ~Signal.Unblockable;
        long deadline = Deadline.Never;
        if (!timeout.IsNull)
        {
            if (!thread.Memory.TryRead(timeout, out Timespec time))
                return Errno.EFAULT;
            if (!time.IsValid)
                return Errno.EINVAL;
            deadline = LinuxClocks.ToDeadline(thread, time.TotalNanoseconds);
        }

        while (true)
        {
            SignalInfo taken;
            bool found;
            using (thread.Process.SignalLock.Enter())
            {
                found = LinuxProcess.TryTakePending(thread, wanted, out taken);
                thread.AwaitedSignals = found ? 0 : wanted;
            }

            if (found)
                return info.IsNull || thread.Memory.TryWrite(info, taken) ? taken.Signal : Errno.EFAULT;
            WaitOutcome outcome = thread.SleepForSignal(deadline, wanted);
            using (thread.Process.SignalLock.Enter())
            {
                thread.AwaitedSignals = 0;
                found = ((thread.Pending.Mask | thread.Process.Pending.Mask) & wanted) != 0;
            }

            if (found)
                continue;
            if (outcome == WaitOutcome.TimedOut)
                return Errno.EAGAIN;
            if (outcome == WaitOutcome.Interrupted)
                return Errno.EINTR;
        }
    }

    [Syscall(131, "sigaltstack")]
    public static SyscallResult SigAltStack(LinuxThread thread, UserAddress stack, UserAddress old)
    {
        ulong pointer = thread.StackPointer;
        SignalStack previous = thread.AlternateStack;
        previous.Flags = thread.AlternateStackFlags(pointer);
        SignalStack value = default;
        if (!stack.IsNull && !thread.Memory.TryRead(stack, out value))
            return Errno.EFAULT;
        if (!stack.IsNull)
        {
            Errno error = thread.SetAlternateStack(value, pointer);
            if (error != Errno.Success)
                return error;
        }

        return old.IsNull || thread.Memory.TryWrite(old, previous) ? 0 : Errno.EFAULT;
    }

    [Syscall(62, "kill")]
    public static SyscallResult Kill(LinuxThread thread, int processId, SignalNumber signal)
    {
        if (signal.Value is < 0 or > Signal.Last)
            return Errno.EINVAL;
        SignalInfo info = SignalInfo.User(signal.Value, SignalInfo.FromUser, thread.ProcessId, thread.Identity.UserId);
        ProcessTable table = thread.Kernel.Processes;
        if (processId > 0)
            return table.FindByAnyId(processId) is { } process ? SendChecked(thread, process, info) : Errno.ESRCH;
        if (processId == int.MinValue)
            return Errno.ESRCH;

        int group = processId == 0 ? thread.Process.GroupId : -processId;
        bool found = false;
        bool sent = false;

        // With the table's lock held, so that no child of a member is added unseen (CloneSyscalls.Publish).
        using (table.Lock.Enter())
        {
            table.GroupSignals++;
            foreach (LinuxProcess process in processId == -1 ? table.Snapshot() : table.SnapshotGroup(group))
            {
                if (processId == -1 && (process == thread.Process || process.IsInit))
                    continue;
                found = true;
                sent |= SendChecked(thread, process, info) == Errno.Success;
            }
        }

        return sent ? 0 : found ? Errno.EPERM : Errno.ESRCH;
    }

    [Syscall(200, "tkill")]
    public static SyscallResult ThreadKill(LinuxThread thread, int threadId, SignalNumber signal) =>
        threadId <= 0 ? Errno.EINVAL : SendToThread(thread, -1, threadId, signal.Value,
            SignalInfo.User(signal.Value, SignalInfo.FromThreadKill, thread.ProcessId, thread.Identity.UserId));

    [Syscall(234, "tgkill")]
    public static SyscallResult ThreadGroupKill(LinuxThread thread, int processId, int threadId, SignalNumber signal) =>
        threadId <= 0 || processId <= 0 ? Errno.EINVAL : SendToThread(thread, processId, threadId, signal.Value,
            SignalInfo.User(signal.Value, SignalInfo.FromThreadKill, thread.ProcessId, thread.Identity.UserId));

    [Syscall(129, "rt_sigqueueinfo")]
    public static SyscallResult SigQueueInfo(LinuxThread thread, int processId, SignalNumber signal, UserAddress info)
    {
        if (!thread.Memory.TryRead(info, out SignalInfo value))
            return Errno.EFAULT;
        if (!MayForge(value.Code, processId == thread.ProcessId))
            return Errno.EPERM;
        if (signal.Value is < 0 or > Signal.Last)
            return Errno.EINVAL;
        value.Signal = signal.Value;
        return thread.Kernel.Processes.FindByAnyId(processId) is { } process ? SendChecked(thread, process, value) : Errno.ESRCH;
    }

    [Syscall(297, "rt_tgsigqueueinfo")]
    public static SyscallResult ThreadGroupSigQueueInfo(LinuxThread thread, int processId, int threadId, SignalNumber signal, UserAddress info)
    {
        if (processId <= 0 || threadId <= 0)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(info, out SignalInfo value))
            return Errno.EFAULT;
        if (!MayForge(value.Code, processId == thread.ProcessId))
            return Errno.EPERM;
        value.Signal = signal.Value;
        return SendToThread(thread, processId, threadId, signal.Value, value);
    }

    /// <summary>Whether a program may send a signal with these details: anything to itself, nothing that looks like the kernel's to others.</summary>
    internal static bool MayForge(int code, bool isSelf) => isSelf || (code < 0 && code != SignalInfo.FromThreadKill);

    private static Errno SendToThread(LinuxThread thread, int processId, int threadId, int signal, in SignalInfo info)
    {
        if (signal is < 0 or > Signal.Last)
            return Errno.EINVAL;
        LinuxThread? target = thread.Kernel.Processes.FindThread(threadId);
        if (target is null || (processId >= 0 && target.ProcessId != processId))
            return Errno.ESRCH;
        if (target.Process != thread.Process && !thread.Identity.MaySignal(target.Identity))
            return Errno.EPERM;
        return signal == 0 ? Errno.Success : target.Send(info);
    }

    /// <summary>Sends a signal to a process, if the caller may.</summary>
    internal static Errno SendChecked(LinuxThread thread, LinuxProcess target, in SignalInfo info)
    {
        bool mayContinue = info.Signal == Signal.Continue && target.SessionId == thread.Process.SessionId;
        if (target != thread.Process && !mayContinue && target.Leader is { } leader && !thread.Identity.MaySignal(leader.Identity))
            return Errno.EPERM;
        return info.Signal == 0 || target.IsZombie ? Errno.Success : target.Send(info);
    }
}
