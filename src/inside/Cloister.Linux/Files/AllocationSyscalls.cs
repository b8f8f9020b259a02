using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>fallocate(2), fsync(2), sync(2), fadvise(2), readahead(2), memfd_create(2).</summary>
public static class AllocationSyscalls
{
    [Syscall(285, "fallocate", SyscallSupport.Partial,
        Note = "FALLOC_FL_COLLAPSE_RANGE and INSERT_RANGE give EOPNOTSUPP, as on tmpfs.",
        Lacks = "FALLOC_FL_COLLAPSE_RANGE FALLOC_FL_INSERT_RANGE")]
    public static SyscallResult FAllocate(LinuxThread thread, Fd fd, FallocateMode mode, long offset, long length)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        if (file.Type == FileModes.S_IFIFO)
            return (file.Flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY ? Errno.EBADF : Errno.ESPIPE;
        return file.Allocate(thread, mode, offset, length);
    }

    [Syscall(74, "fsync")]
    public static SyscallResult FSync(LinuxThread thread, Fd fd) => Synchronize(thread, fd, false);

    [Syscall(75, "fdatasync")]
    public static SyscallResult FDataSync(LinuxThread thread, Fd fd) => Synchronize(thread, fd, true);

    [Syscall(162, "sync")]
    public static SyscallResult Sync(LinuxThread thread)
    {
        thread.Kernel.Vfs.SynchronizeAll(thread);
        return 0;
    }

    [Syscall(306, "syncfs")]
    public static SyscallResult SyncFs(LinuxThread thread, Fd fd)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file || (file.Flags & OpenFlags.O_PATH) != 0)
            return Errno.EBADF;
        return thread.Kernel.Vfs.SynchronizeFileSystem(thread, file);
    }

    [Syscall(277, "sync_file_range", Note = "Makes the whole file durable, which is more than asked for.")]
    public static SyscallResult SyncFileRange(LinuxThread thread, Fd fd, long offset, long length, uint flags)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? SyncFileRange(thread, file, offset, length, flags) : Errno.EBADF;
    }

    /// <summary>sync_file_range(2) of an open file.</summary>
    internal static SyscallResult SyncFileRange(LinuxThread thread, IOpenFile file, long offset, long length, uint flags)
    {
        if ((flags & ~7u) != 0 || offset < 0 || length < 0 || offset > long.MaxValue - length)
            return Errno.EINVAL;
        return file.Type is FileModes.S_IFREG or FileModes.S_IFBLK or FileModes.S_IFDIR or FileModes.S_IFLNK
            ? file.Synchronize(thread, true)
            : Errno.ESPIPE;
    }

    [Syscall(221, "fadvise64", Note = "Advice; nothing follows from it.")]
    public static SyscallResult FAdvise(LinuxThread thread, Fd fd, long offset, long length, FileAdvice advice)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? file.Advise(thread, offset, length, advice) : Errno.EBADF;
    }

    [Syscall(187, "readahead", Note = "Advice; nothing follows from it.")]
    public static SyscallResult ReadAhead(LinuxThread thread, Fd fd, long offset, ulong count)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file || (file.Flags & (OpenFlags.O_PATH | OpenFlags.O_ACCMODE)) is not (OpenFlags.O_RDONLY or OpenFlags.O_RDWR))
            return Errno.EBADF;
        return file.Type is FileModes.S_IFREG or FileModes.S_IFBLK ? 0 : Errno.EINVAL;
    }

    [Syscall(319, "memfd_create", SyscallSupport.Partial,
        Note = "MFD_HUGETLB gives EINVAL: there are no huge pages.",
        Lacks = "MFD_HUGETLB")]
    public static SyscallResult MemFdCreate(LinuxThread thread, UserString name, MemfdFlags flags)
    {
        Errno error = thread.Memory.ReadString(name, thread.PathBuffer, out int length);
        if (error != Errno.Success)
            return error == Errno.ENAMETOOLONG ? Errno.EINVAL : error;
        error = thread.Kernel.Vfs.CreateMemoryFile(thread, thread.PathBuffer[..length], flags, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & MemfdFlags.MFD_CLOEXEC) != 0);
    }

    private static SyscallResult Synchronize(LinuxThread thread, Fd fd, bool dataOnly)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? file.Synchronize(thread, dataOnly) : Errno.EBADF;
    }
}
