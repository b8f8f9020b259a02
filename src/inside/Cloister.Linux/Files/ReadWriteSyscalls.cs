using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>read(2), write(2) and their relatives.</summary>
public static class ReadWriteSyscalls
{
    [Syscall(0, "read")]
    public static SyscallResult Read(LinuxThread thread, Fd fd, UserAddress buffer, ulong count)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return (long)count < 0 ? Errno.EFAULT : file.Read(thread, thread.Buffer(buffer, count));
    }

    [Syscall(1, "write")]
    public static SyscallResult Write(LinuxThread thread, Fd fd, UserAddress buffer, ulong count)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return (long)count < 0 ? Errno.EFAULT : file.Write(thread, thread.Buffer(buffer, count));
    }

    [Syscall(17, "pread64")]
    public static SyscallResult PRead(LinuxThread thread, Fd fd, UserAddress buffer, ulong count, long offset)
    {
        if (offset < 0)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return (long)count < 0 ? Errno.EFAULT : file.ReadAt(thread, thread.Buffer(buffer, count), offset);
    }

    [Syscall(18, "pwrite64")]
    public static SyscallResult PWrite(LinuxThread thread, Fd fd, UserAddress buffer, ulong count, long offset)
    {
        if (offset < 0)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return (long)count < 0 ? Errno.EFAULT : file.WriteAt(thread, thread.Buffer(buffer, count), offset);
    }

    [Syscall(19, "readv")]
    public static SyscallResult ReadV(LinuxThread thread, Fd fd, UserAddress vector, ulong count)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        Errno error = thread.Vector(vector, count, out IIoBuffer buffer);
        return error != Errno.Success ? error : file.Read(thread, buffer);
    }

    [Syscall(20, "writev")]
    public static SyscallResult WriteV(LinuxThread thread, Fd fd, UserAddress vector, ulong count)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        Errno error = thread.Vector(vector, count, out IIoBuffer buffer);
        return error != Errno.Success ? error : file.Write(thread, buffer);
    }

    // The high half of the position is for 32-bit CPUs; 64-bit ones ignore it.

    [Syscall(295, "preadv")]
    public static SyscallResult PReadV(LinuxThread thread, Fd fd, UserAddress vector, ulong count, long offset, ulong offsetHigh) =>
        offset < 0 ? Errno.EINVAL : Transfer(thread, fd, vector, count, offset, ReadWriteFlags.None, false);

    [Syscall(296, "pwritev")]
    public static SyscallResult PWriteV(LinuxThread thread, Fd fd, UserAddress vector, ulong count, long offset, ulong offsetHigh) =>
        offset < 0 ? Errno.EINVAL : Transfer(thread, fd, vector, count, offset, ReadWriteFlags.None, true);

    [Syscall(327, "preadv2", Note = "RWF_HIPRI is advice and ignored.")]
    public static SyscallResult PReadV2(LinuxThread thread, Fd fd, UserAddress vector, ulong count, long offset, ulong offsetHigh, ReadWriteFlags flags) =>
        Transfer(thread, fd, vector, count, offset, flags, false);

    [Syscall(328, "pwritev2", Note = "RWF_HIPRI is advice and ignored.")]
    public static SyscallResult PWriteV2(LinuxThread thread, Fd fd, UserAddress vector, ulong count, long offset, ulong offsetHigh, ReadWriteFlags flags) =>
        Transfer(thread, fd, vector, count, offset, flags, true);

    [Syscall(8, "lseek")]
    public static SyscallResult LSeek(LinuxThread thread, Fd fd, long offset, SeekWhence whence)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        return whence is < SeekWhence.SEEK_SET or > SeekWhence.SEEK_HOLE ? Errno.EINVAL : file.Seek(thread, offset, whence);
    }

    private static SyscallResult Transfer(LinuxThread thread, Fd fd, UserAddress vector, ulong count, long offset, ReadWriteFlags flags, bool write)
    {
        if (offset < -1)
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        Errno error = thread.Vector(vector, count, out IIoBuffer buffer);
        if (error != Errno.Success)
            return error;
        if (offset != -1 && file.Seek(thread, 0, SeekWhence.SEEK_CUR).Errno == Errno.ESPIPE)
            return Errno.ESPIPE;
        const ReadWriteFlags both = ReadWriteFlags.RWF_APPEND | ReadWriteFlags.RWF_NOAPPEND;
        if ((flags & both) == both)
            return Errno.EINVAL;
        return (flags & ~ReadWriteFlags.RWF_SUPPORTED) != 0 ? Errno.EOPNOTSUPP : file.Transfer(thread, buffer, offset, flags, write);
    }
}
