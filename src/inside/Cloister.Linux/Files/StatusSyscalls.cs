using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>stat(2), statx(2), access(2), statfs(2).</summary>
public static class StatusSyscalls
{
    private const long PerSecond = 1_000_000_000;

    [Syscall(4, "stat")]
    public static SyscallResult Stat(LinuxThread thread, UserString path, UserAddress status) =>
        Stat(thread, new Fd(Fd.AtFdCwd), path, status, LookupFlags.Follow, false);

    [Syscall(6, "lstat")]
    public static SyscallResult LStat(LinuxThread thread, UserString path, UserAddress status) =>
        Stat(thread, new Fd(Fd.AtFdCwd), path, status, LookupFlags.None, false);

    [Syscall(5, "fstat")]
    public static SyscallResult FStat(LinuxThread thread, Fd fd, UserAddress status)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        Errno error = file.GetStatus(thread, out FileStatus found);
        return error != Errno.Success ? error : Put(thread, status, found);
    }

    [Syscall(262, "newfstatat")]
    public static SyscallResult NewFStatAt(LinuxThread thread, Fd directory, UserString path, UserAddress status, AtFlags flags)
    {
        const AtFlags known = AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_NO_AUTOMOUNT | AtFlags.AT_EMPTY_PATH
            | AtFlags.AT_STATX_FORCE_SYNC | AtFlags.AT_STATX_DONT_SYNC;
        if ((flags & ~known) != 0)
            return Errno.EINVAL;
        LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;

        // What glibc's fstat calls: no path to copy in where its first byte is NUL.
        if ((flags & AtFlags.AT_EMPTY_PATH) != 0 && directory.Value >= 0)
        {
            if (!thread.Memory.TryRead(path.Address, out byte first))
                return Errno.EFAULT;
            if (first == 0)
                return FStat(thread, directory, status);
        }

        return Stat(thread, directory, path, status, lookup, (flags & AtFlags.AT_EMPTY_PATH) != 0);
    }

    [Syscall(332, "statx")]
    public static SyscallResult StatX(LinuxThread thread, Fd directory, UserString path, AtFlags flags, StatxMask mask, UserAddress buffer)
    {
        const AtFlags sync = AtFlags.AT_STATX_FORCE_SYNC | AtFlags.AT_STATX_DONT_SYNC;
        const AtFlags known = AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_NO_AUTOMOUNT | AtFlags.AT_EMPTY_PATH | sync;
        if ((mask & StatxMask.STATX__RESERVED) != 0 || (flags & ~known) != 0 || (flags & sync) == sync)
            return Errno.EINVAL;
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, (flags & AtFlags.AT_EMPTY_PATH) != 0, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            FileStatus status;
            if (operand.IsEmpty && operand.Start is { } file)
                error = file.GetStatus(thread, out status);
            else
                error = thread.Kernel.Vfs.GetStatus(thread, operand.Argument((flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow), out status);
            if (error != Errno.Success)
                return error;
            return thread.Memory.TryWrite(buffer, ToStatx(status)) ? 0 : Errno.EFAULT;
        }
    }

    [Syscall(21, "access")]
    public static SyscallResult Access(LinuxThread thread, UserString path, AccessMode mode) =>
        FAccessAt2(thread, new Fd(Fd.AtFdCwd), path, mode, AtFlags.None);

    [Syscall(269, "faccessat")]
    public static SyscallResult FAccessAt(LinuxThread thread, Fd directory, UserString path, AccessMode mode) =>
        FAccessAt2(thread, directory, path, mode, AtFlags.None);

    [Syscall(439, "faccessat2")]
    public static SyscallResult FAccessAt2(LinuxThread thread, Fd directory, UserString path, AccessMode mode, AtFlags flags)
    {
        const AtFlags effective = AtFlags.AT_REMOVEDIR; // AT_EACCESS has the same value
        if ((mode & ~(AccessMode.R_OK | AccessMode.W_OK | AccessMode.X_OK)) != 0
            || (flags & ~(effective | AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
        {
            return Errno.EINVAL;
        }

        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, (flags & AtFlags.AT_EMPTY_PATH) != 0, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            Credentials identity = (flags & effective) != 0 ? thread.Credentials : RealCredentials(thread);
            LookupFlags lookup = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? LookupFlags.None : LookupFlags.Follow;
            return thread.Kernel.Vfs.CheckAccess(thread, identity, operand.Argument(lookup), mode);
        }
    }

    [Syscall(137, "statfs")]
    public static SyscallResult StatFs(LinuxThread thread, UserString path, UserAddress buffer)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return PutStatfs(thread, operand.Argument(LookupFlags.Follow), buffer);
    }

    [Syscall(138, "fstatfs")]
    public static SyscallResult FStatFs(LinuxThread thread, Fd fd, UserAddress buffer)
    {
        Errno error = PathOperand.Descriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return PutStatfs(thread, operand.Argument(LookupFlags.None), buffer);
    }

    /// <summary>
    /// The real ids, with the capabilities that a program started by them would have (access(2), NOTES): all permitted ones for
    /// root, none for others.
    /// </summary>
    private static Credentials RealCredentials(LinuxThread thread)
    {
        Identity.Identity identity = thread.Identity;
        return new Credentials(identity.UserId, identity.GroupId, identity.UserId == 0 ? identity.Permitted : 0);
    }

    private static SyscallResult Stat(LinuxThread thread, Fd directory, UserString path, UserAddress status, LookupFlags lookup, bool allowsEmpty)
    {
        Errno error = PathOperand.Read(thread, directory, path, thread.PathBuffer, allowsEmpty, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
        {
            error = thread.Kernel.Vfs.GetStatus(thread, operand.Argument(lookup), out FileStatus found);
            return error != Errno.Success ? error : Put(thread, status, found);
        }
    }

    private static SyscallResult Put(LinuxThread thread, UserAddress address, in FileStatus status)
    {
        if (thread.Cpu.HasGenericStructures)
            return PutGeneric(thread, address, status);
        LinuxStat stat = default;
        stat.Device = status.Device;
        stat.Inode = status.Inode;
        stat.LinkCount = status.LinkCount;
        stat.Mode = status.Mode;
        stat.UserId = status.UserId;
        stat.GroupId = status.GroupId;
        stat.RawDevice = status.RawDevice;
        stat.Size = status.Size;
        stat.BlockSize = status.BlockSize;
        stat.Blocks = status.Blocks;
        (stat.AccessSeconds, stat.AccessNanoseconds) = Split(status.AccessTime);
        (stat.ModificationSeconds, stat.ModificationNanoseconds) = Split(status.ModificationTime);
        (stat.ChangeSeconds, stat.ChangeNanoseconds) = Split(status.ChangeTime);
        return thread.Memory.TryWrite(address, stat) ? 0 : Errno.EFAULT;
    }

    private static SyscallResult PutGeneric(LinuxThread thread, UserAddress address, in FileStatus status)
    {
        GenericStat stat = default;
        stat.Device = status.Device;
        stat.Inode = status.Inode;
        stat.Mode = status.Mode;
        stat.LinkCount = status.LinkCount;
        stat.UserId = status.UserId;
        stat.GroupId = status.GroupId;
        stat.RawDevice = status.RawDevice;
        stat.Size = status.Size;
        stat.BlockSize = (int)status.BlockSize;
        stat.Blocks = status.Blocks;
        (stat.AccessSeconds, stat.AccessNanoseconds) = Split(status.AccessTime);
        (stat.ModificationSeconds, stat.ModificationNanoseconds) = Split(status.ModificationTime);
        (stat.ChangeSeconds, stat.ChangeNanoseconds) = Split(status.ChangeTime);
        return thread.Memory.TryWrite(address, stat) ? 0 : Errno.EFAULT;
    }

    private static LinuxStatx ToStatx(in FileStatus status)
    {
        // STATX_ATTR_MOUNT_ROOT; all others don't exist here.
        const ulong mountRoot = 0x2000;
        return new LinuxStatx
        {
            Mask = (uint)(StatxMask.STATX_BASIC_STATS | StatxMask.STATX_BTIME | StatxMask.STATX_MNT_ID),
            BlockSize = status.BlockSize,
            Attributes = status.IsMountRoot ? mountRoot : 0,
            AttributesMask = mountRoot,
            LinkCount = status.LinkCount,
            UserId = status.UserId,
            GroupId = status.GroupId,
            Mode = (ushort)status.Mode,
            Inode = status.Inode,
            Size = (ulong)status.Size,
            Blocks = (ulong)status.Blocks,
            AccessTime = ToTimestamp(status.AccessTime),
            BirthTime = ToTimestamp(status.BirthTime),
            ChangeTime = ToTimestamp(status.ChangeTime),
            ModificationTime = ToTimestamp(status.ModificationTime),
            RawDeviceMajor = DeviceNumbers.Major(status.RawDevice),
            RawDeviceMinor = DeviceNumbers.Minor(status.RawDevice),
            DeviceMajor = DeviceNumbers.Major(status.Device),
            DeviceMinor = DeviceNumbers.Minor(status.Device),
            MountId = status.MountId,
        };
    }

    private static (long Seconds, long Nanoseconds) Split(long time)
    {
        (long seconds, long rest) = Math.DivRem(time, PerSecond);
        return rest < 0 ? (seconds - 1, rest + PerSecond) : (seconds, rest);
    }

    private static LinuxStatxTimestamp ToTimestamp(long time)
    {
        (long seconds, long nanoseconds) = Split(time);
        return new LinuxStatxTimestamp { Seconds = seconds, Nanoseconds = (uint)nanoseconds };
    }

    private static SyscallResult PutStatfs(LinuxThread thread, in PathArgument path, UserAddress buffer)
    {
        Errno error = thread.Kernel.Vfs.GetFileSystemStatus(thread, path, out FileSystemStatus status);
        if (error != Errno.Success)
            return error;
        var result = new LinuxStatfs
        {
            Type = status.Type,
            BlockSize = status.BlockSize,
            Blocks = status.Blocks,
            BlocksFree = status.BlocksFree,
            BlocksAvailable = status.BlocksFree,
            Files = status.Files,
            FilesFree = status.FilesFree,
            FileSystemId = status.FileSystemId,
            NameLength = status.NameLength,
            FragmentSize = status.BlockSize,
            Flags = status.Flags,
        };
        return thread.Memory.TryWrite(buffer, result) ? 0 : Errno.EFAULT;
    }
}
