using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Files;

/// <summary>Timeouts of poll(2), select(2) and epoll_wait(2), as deadlines.</summary>
internal static class WaitTime
{
    /// <summary>Milliseconds; negative means forever. 0 is a deadline of 0: don't wait.</summary>
    public static long FromMilliseconds(LinuxThread thread, int milliseconds) =>
        milliseconds < 0 ? Deadline.Never : milliseconds == 0 ? 0 : After(thread, milliseconds * 1_000_000L);

    /// <summary>A struct timespec; NULL means forever.</summary>
    public static Errno FromTimespec(LinuxThread thread, UserAddress address, out long deadline)
    {
        deadline = Deadline.Never;
        if (address.IsNull)
            return Errno.Success;
        if (!thread.Memory.TryRead(address, out Timespec time))
            return Errno.EFAULT;
        if (!time.IsValid)
            return Errno.EINVAL;
        deadline = time.TotalNanoseconds == 0 ? 0 : After(thread, time.TotalNanoseconds);
        return Errno.Success;
    }

    public static long After(LinuxThread thread, long nanoseconds)
    {
        long now = thread.MonotonicNow;
        return nanoseconds > Deadline.Never - now ? Deadline.Never : now + nanoseconds;
    }

    /// <summary>What is left, for the calls that tell the program.</summary>
    public static long Remaining(LinuxThread thread, long deadline) =>
        deadline == 0 ? 0 : System.Math.Max(0, deadline - thread.MonotonicNow);

    /// <summary>Sets the signal mask of ppoll, pselect6 and epoll_pwait.</summary>
    public static Errno SetMask(LinuxThread thread, UserAddress mask, ulong size)
    {
        if (mask.IsNull)
            return Errno.Success;
        if (size != sizeof(ulong))
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(mask, out ulong value))
            return Errno.EFAULT;
        thread.SetTemporarySignalMask(value);
        return Errno.Success;
    }

    /// <summary>Ends the mask, unless a signal is to be handled with it first.</summary>
    public static SyscallResult EndMask(LinuxThread thread, SyscallResult result)
    {
        if (result.Errno is not (Errno.EINTR or Errno.ERESTARTNOHAND))
            thread.RestoreSignalMask();
        return result;
    }
}
