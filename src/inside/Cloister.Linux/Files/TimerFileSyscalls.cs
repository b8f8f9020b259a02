using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Files;

/// <summary>timerfd_create(2) and signalfd(2).</summary>
public static class TimerFileSyscalls
{
    [Syscall(283, "timerfd_create")]
    public static SyscallResult TimerFdCreate(LinuxThread thread, int clock, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0)
            return Errno.EINVAL;
        bool isRealtime = clock is (int)ClockId.Realtime or (int)ClockId.RealtimeAlarm;
        if (!isRealtime && clock is not ((int)ClockId.Monotonic or (int)ClockId.BootTime or (int)ClockId.BootTimeAlarm))
            return Errno.EINVAL;
        const int capWakeAlarm = 35;
        if (clock is (int)ClockId.RealtimeAlarm or (int)ClockId.BootTimeAlarm && !thread.Credentials.Has(capWakeAlarm))
            return Errno.EPERM;
        Errno error = thread.Kernel.Vfs.CreateTimer(thread, isRealtime, (flags & OpenFlags.O_NONBLOCK) != 0, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    [Syscall(286, "timerfd_settime", SyscallSupport.Partial, Note = "TFD_TIMER_CANCEL_ON_SET is accepted; the clock is never set.")]
    public static SyscallResult TimerFdSetTime(LinuxThread thread, Fd fd, int flags, UserAddress newValue, UserAddress oldValue)
    {
        const int absolute = 1;
        const int cancelOnSet = 2;
        if ((flags & ~(absolute | cancelOnSet)) != 0)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(newValue, out IntervalTimespec time))
            return Errno.EFAULT;
        if (!time.Value.IsValid || !time.Interval.IsValid)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if (file is not ITimerFile timer)
            return Errno.EINVAL;
        timer.GetTime(thread, out long oldTime, out long oldInterval);
        timer.SetTime(thread, (flags & absolute) != 0, time.Value.TotalNanoseconds, time.Interval.TotalNanoseconds);
        if (oldValue.IsNull)
            return 0;
        var old = new IntervalTimespec(Timespec.From(oldInterval), Timespec.From(oldTime));
        return thread.Memory.TryWrite(oldValue, old) ? 0 : Errno.EFAULT;
    }

    [Syscall(287, "timerfd_gettime")]
    public static SyscallResult TimerFdGetTime(LinuxThread thread, Fd fd, UserAddress value)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if (file is not ITimerFile timer)
            return Errno.EINVAL;
        timer.GetTime(thread, out long time, out long interval);
        return thread.Memory.TryWrite(value, new IntervalTimespec(Timespec.From(interval), Timespec.From(time))) ? 0 : Errno.EFAULT;
    }

    [Syscall(282, "signalfd")]
    public static SyscallResult SignalFd(LinuxThread thread, Fd fd, UserAddress mask, ulong maskSize) => SignalFd4(thread, fd, mask, maskSize, 0);

    [Syscall(289, "signalfd4")]
    public static SyscallResult SignalFd4(LinuxThread thread, Fd fd, UserAddress mask, ulong maskSize, OpenFlags flags)
    {
        // SIGKILL and SIGSTOP can't be taken.
        const ulong unblockable = 1UL << 8 | 1UL << 18;
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0 || maskSize != sizeof(ulong))
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(mask, out ulong set))
            return Errno.EFAULT;
        set &= ~unblockable;
        if (fd.Value != -1)
        {
            using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
            if (borrowed.File is null)
                return Errno.EBADF;
            if (borrowed.File is not ISignalFile known)
                return Errno.EINVAL;
            known.SetMask(set);
            return fd.Value;
        }

        Errno error = thread.Kernel.Vfs.CreateSignalFile(thread, thread.Process.SignalSource, set, (flags & OpenFlags.O_NONBLOCK) != 0, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & OpenFlags.O_CLOEXEC) != 0);
    }
}
