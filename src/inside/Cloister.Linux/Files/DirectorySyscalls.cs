using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>getdents(2), chdir(2), getcwd(2), chroot(2), umask(2).</summary>
public static class DirectorySyscalls
{
    [Syscall(78, "getdents")]
    public static SyscallResult GetDents(LinuxThread thread, Fd fd, UserAddress buffer, uint size) => List(thread, fd, buffer, size, DirectoryFormat.Dirent);

    [Syscall(217, "getdents64")]
    public static SyscallResult GetDents64(LinuxThread thread, Fd fd, UserAddress buffer, uint size) => List(thread, fd, buffer, size, DirectoryFormat.Dirent64);

    [Syscall(80, "chdir")]
    public static SyscallResult ChDir(LinuxThread thread, UserString path)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeDirectory(thread, operand.Argument(LookupFlags.Follow));
    }

    [Syscall(81, "fchdir")]
    public static SyscallResult FChDir(LinuxThread thread, Fd fd)
    {
        Errno error = PathOperand.Descriptor(thread, fd, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeDirectory(thread, operand.Argument(LookupFlags.None));
    }

    [Syscall(161, "chroot")]
    public static SyscallResult ChRoot(LinuxThread thread, UserString path)
    {
        Errno error = PathOperand.Read(thread, path, thread.PathBuffer, out PathOperand operand);
        if (error != Errno.Success)
            return error;
        using (operand)
            return thread.Kernel.Vfs.ChangeRoot(thread, operand.Argument(LookupFlags.Follow));
    }

    [Syscall(79, "getcwd")]
    public static SyscallResult GetCwd(LinuxThread thread, UserAddress buffer, ulong size)
    {
        Span<byte> path = thread.PathBuffer;
        int length = thread.Process.FileSystemContext.GetWorkingDirectory(path[..^1]);
        if (length == 0)
            return Errno.ENOENT;
        if (length < 0)
            return Errno.ENAMETOOLONG;
        path[length++] = 0;
        if (size < (ulong)length)
            return Errno.ERANGE;
        Errno error = thread.Memory.CopyOut(buffer, path[..length]);
        return error != Errno.Success ? error : length;
    }

    [Syscall(95, "umask")]
    public static SyscallResult UMask(LinuxThread thread, FileMode mask)
    {
        IFileSystemContext context = thread.Process.FileSystemContext;
        uint old = context.Umask;
        context.Umask = mask.Value & FileModes.S_IRWXUGO;
        return (long)old;
    }

    private static SyscallResult List(LinuxThread thread, Fd fd, UserAddress buffer, uint size, DirectoryFormat format)
    {
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;

        // A count is an int for Linux: nothing fits in a negative one.
        if (size > int.MaxValue)
            size = 0;

        // By way of scratch memory of the thread, piece by piece.
        uint done = 0;
        while (true)
        {
            Span<byte> piece = thread.PathBuffer;
            if (size - done < (uint)piece.Length)
                piece = piece[..(int)(size - done)];
            SyscallResult position = file.Seek(thread, 0, SeekWhence.SEEK_CUR);
            SyscallResult result = file.ReadDirectory(thread, format, piece);
            if (result.IsError)
                return done > 0 ? (long)done : result;
            if (result.Value == 0)
                return (long)done;
            piece = piece[..(int)result.Value];
            Errno error = thread.Memory.CopyOut(buffer.Offset(done), piece);
            if (error != Errno.Success)
            {
                done += (uint)CopyEntries(thread, file, buffer.Offset(done), piece, position);
                return done > 0 ? (long)done : error;
            }

            done += (uint)result.Value;
        }
    }

    /// <summary>Copies the entries that fit in front of memory that refuses; the others come again.</summary>
    private static int CopyEntries(LinuxThread thread, IOpenFile file, UserAddress to, ReadOnlySpan<byte> entries, SyscallResult position)
    {
        // Both formats: d_off, where the next entry is, at 8, and d_reclen at 16.
        int copied = 0;
        while (copied < entries.Length)
        {
            ReadOnlySpan<byte> entry = entries[copied..];
            entry = entry[..BinaryPrimitives.ReadUInt16LittleEndian(entry[16..])];
            if (thread.Memory.CopyOut(to.Offset((uint)copied), entry) != Errno.Success)
                break;
            copied += entry.Length;
            position = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
        }

        if (!position.IsError)
            file.Seek(thread, position.Value, SeekWhence.SEEK_SET);
        return copied;
    }
}
