using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Files;

/// <summary>chmod(2), chown(2), utimensat(2), truncate(2) and their relatives.</summary>
public static class AttributeSyscalls
{
    [Syscall(90, "chmod")]
    public static SyscallResult ChMod(LinuxThread thread, UserString path, FileMode mode) => FChModAt(thread, new Fd(Fd.AtFdCwd), path, mode);

    [Syscall(268, "fchmodat")]
    public static SyscallResult FChModAt(LinuxThread thread, Fd directory, UserString path, FileMode mode)
    {
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, false, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeMode(thread, operand.Argument(LookupFlags.Follow), mode.Value);
    }

    [Syscall(452, "fchmodat2")]
    public static SyscallResult FChModAt2(LinuxThread thread, Fd directory, UserString path, FileMode mode, AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
            return Errno.EINVAL;
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, (flags & AtFlags.AT_EMPTY_PATH) != 0, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
            return thread.Kernel.Vfs.ChangeMode(thread, operand.Argument(lookup), mode.Value);
        }
    }

    [Syscall(91, "fchmod")]
    public static SyscallResult FChMod(LinuxThread thread, Fd fd, FileMode mode)
    {
        Errno error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeMode(thread, operand.Argument(LookupFlags.None), mode.Value);
    }

    [Syscall(92, "chown")]
    public static SyscallResult ChOwn(LinuxThread thread, UserString path, uint user, uint group) =>
        FChOwnAt(thread, new Fd(Fd.AtFdCwd), path, user, group, AtFlags.None);

    [Syscall(94, "lchown")]
    public static SyscallResult LChOwn(LinuxThread thread, UserString path, uint user, uint group) =>
        FChOwnAt(thread, new Fd(Fd.AtFdCwd), path, user, group, AtFlags.AT_SYMLINK_NOFOLLOW);

    [Syscall(260, "fchownat")]
    public static SyscallResult FChOwnAt(LinuxThread thread, Fd directory, UserString path, uint user, uint group, AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
            return Errno.EINVAL;
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, (flags & AtFlags.AT_EMPTY_PATH) != 0, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
            return thread.Kernel.Vfs.ChangeOwner(thread, operand.Argument(lookup), user, group);
        }
    }

    [Syscall(93, "fchown")]
    public static SyscallResult FChOwn(LinuxThread thread, Fd fd, uint user, uint group)
    {
        Errno error = PathOperand.OpenDescriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeOwner(thread, operand.Argument(LookupFlags.None), user, group);
    }

    [Syscall(280, "utimensat")]
    public static SyscallResult UTimeNsAt(LinuxThread thread, Fd directory, UserString path, UserAddress times, AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
            return Errno.EINVAL;
        var change = new FileTimesChange(FileTimesChange.Now, FileTimesChange.Now);
        if (!times.IsNull)
        {
            if (!thread.Memory.TryRead(times, out Timespec access) || !thread.Memory.TryRead(times.Offset(16), out Timespec modification))
                return Errno.EFAULT;
            if (!TryConvert(access, out long accessTime) || !TryConvert(modification, out long modificationTime))
                return Errno.EINVAL;
            change = new FileTimesChange(accessTime, modificationTime);

            // Nothing to change: not even the path is looked at.
            if (accessTime == FileTimesChange.Omit && modificationTime == FileTimesChange.Omit)
                return 0;
        }

        if (!path.IsNull)
            return SetTimes(thread, directory, path, change, flags);
        if (flags != AtFlags.None)
            return Errno.EINVAL;
        if (directory.Value == Fd.AtFdCwd)
            return Errno.EFAULT;
        Errno error = PathOperand.OpenDescriptor(thread, directory, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.SetTimes(thread, operand.Argument(LookupFlags.None), change);
    }

    [Syscall(261, "futimesat")]
    public static SyscallResult FUTimesAt(LinuxThread thread, Fd directory, UserString path, UserAddress times)
    {
        var change = new FileTimesChange(FileTimesChange.Now, FileTimesChange.Now);
        if (!times.IsNull)
        {
            if (!thread.Memory.TryRead(times, out Timeval access) || !thread.Memory.TryRead(times.Offset(16), out Timeval modification))
                return Errno.EFAULT;
            if ((ulong)access.Microseconds >= 1_000_000 || (ulong)modification.Microseconds >= 1_000_000)
                return Errno.EINVAL;
            change = new FileTimesChange(
                Combine(access.Seconds, access.Microseconds * 1000),
                Combine(modification.Seconds, modification.Microseconds * 1000));
        }

        if (!path.IsNull)
            return SetTimes(thread, directory, path, change, AtFlags.None);
        if (directory.Value == Fd.AtFdCwd)
            return Errno.EFAULT;
        Errno error = PathOperand.OpenDescriptor(thread, directory, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.SetTimes(thread, operand.Argument(LookupFlags.None), change);
    }

    [Syscall(235, "utimes")]
    public static SyscallResult UTimes(LinuxThread thread, UserString path, UserAddress times) => FUTimesAt(thread, new Fd(Fd.AtFdCwd), path, times);

    [Syscall(132, "utime")]
    public static SyscallResult UTime(LinuxThread thread, UserString path, UserAddress times)
    {
        var change = new FileTimesChange(FileTimesChange.Now, FileTimesChange.Now);
        if (!times.IsNull)
        {
            if (!thread.Memory.TryRead(times, out long access) || !thread.Memory.TryRead(times.Offset(8), out long modification))
                return Errno.EFAULT;
            change = new FileTimesChange(Combine(access, 0), Combine(modification, 0));
        }

        return SetTimes(thread, new Fd(Fd.AtFdCwd), path, change, AtFlags.None);
    }

    [Syscall(76, "truncate")]
    public static SyscallResult Truncate(LinuxThread thread, UserString path, long length)
    {
        if (length < 0)
            return Errno.EINVAL;
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.Truncate(thread, operand.Argument(LookupFlags.Follow), length);
    }

    [Syscall(77, "ftruncate")]
    public static SyscallResult FTruncate(LinuxThread thread, Fd fd, long length)
    {
        if (length < 0)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? file.Truncate(thread, length) : Errno.EBADF;
    }

    private static SyscallResult SetTimes(LinuxThread thread, Fd directory, UserString path, FileTimesChange change, AtFlags flags)
    {
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, (flags & AtFlags.AT_EMPTY_PATH) != 0, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
            return thread.Kernel.Vfs.SetTimes(thread, operand.Argument(lookup), change);
        }
    }

    private static bool TryConvert(Timespec time, out long value)
    {
        const long now = 0x3fffffff;
        const long omit = 0x3ffffffe;
        value = time.Nanoseconds switch
        {
            now => FileTimesChange.Now,
            omit => FileTimesChange.Omit,
            _ => Combine(time.Seconds, time.Nanoseconds),
        };
        return time.Nanoseconds is now or omit or (>= 0 and < Timespec.PerSecond);
    }

    // Times are nanoseconds in 64 bits, good for the years 1678 to 2262; others are clamped, as file systems with less range do.
    private static long Combine(long seconds, long nanoseconds)
    {
        const long most = (long.MaxValue / Timespec.PerSecond) - 1;
        return (System.Math.Clamp(seconds, -most, most) * Timespec.PerSecond) + nanoseconds;
    }
}
