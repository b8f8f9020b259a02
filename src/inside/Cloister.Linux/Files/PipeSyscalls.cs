using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>pipe(2), splice(2), tee(2), vmsplice(2), eventfd(2).</summary>
public static class PipeSyscalls
{
    [Syscall(22, "pipe")]
    public static SyscallResult Pipe(LinuxThread thread, UserAddress descriptors) => Pipe2(thread, descriptors, 0);

    [Syscall(293, "pipe2")]
    public static SyscallResult Pipe2(LinuxThread thread, UserAddress descriptors, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT)) != 0)
            return Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreatePipe(thread, flags, out IOpenFile? reader, out IOpenFile? writer);
        if (error != Errno.Success)
            return error;
        return InstallPair(thread, reader!, writer!, descriptors, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    /// <summary>Gives two files descriptors and tells the program which, as pipe and socketpair do.</summary>
    internal static SyscallResult InstallPair(LinuxThread thread, IOpenFile first, IOpenFile second, UserAddress descriptors, bool closeOnExec)
    {
        IDescriptorTable table = thread.Process.Descriptors;
        Errno error = OpenSyscalls.Reserve(thread, closeOnExec, out int firstFd);
        if (error == Errno.Success)
        {
            error = OpenSyscalls.Reserve(thread, closeOnExec, out int secondFd);
            if (error == Errno.Success)
            {
                if (thread.Memory.TryWrite(descriptors, firstFd) && thread.Memory.TryWrite(descriptors.Offset(sizeof(int)), secondFd))
                {
                    table.Install(firstFd, first);
                    table.Install(secondFd, second);
                    return 0;
                }

                error = Errno.EFAULT;
                table.Unreserve(secondFd);
            }

            table.Unreserve(firstFd);
        }

        first.Release();
        second.Release();
        return error;
    }

    [Syscall(275, "splice")]
    public static SyscallResult Splice(LinuxThread thread, Fd input, UserAddress inputOffset, Fd output, UserAddress outputOffset, ulong count, SpliceFlags flags)
    {
        if (!IsKnown(flags))
            return Errno.EINVAL;
        if (count == 0)
            return 0;
        using BorrowedFile from = thread.Process.Descriptors.Borrow(input.Value);
        using BorrowedFile to = thread.Process.Descriptors.Borrow(output.Value);
        if (from.File is null || to.File is null)
            return Errno.EBADF;
        if ((from.File is IPipeFile && !inputOffset.IsNull) || (to.File is IPipeFile && !outputOffset.IsNull))
            return Errno.ESPIPE;
        long fromOffset = -1;
        long toOffset = -1;
        if (!inputOffset.IsNull && !thread.Memory.TryRead(inputOffset, out fromOffset))
            return Errno.EFAULT;
        if (!outputOffset.IsNull && !thread.Memory.TryRead(outputOffset, out toOffset))
            return Errno.EFAULT;
        if ((!inputOffset.IsNull && fromOffset < 0) || (!outputOffset.IsNull && toOffset < 0))
            return Errno.EINVAL;
        CopyKind kind = (flags & SpliceFlags.SPLICE_F_NONBLOCK) != 0 ? CopyKind.SpliceNonBlocking : CopyKind.Splice;
        SyscallResult result = thread.Kernel.Vfs.Copy(thread, from.File, ref fromOffset, to.File, ref toOffset, count, kind);
        if (result.IsError)
            return result;
        if (!inputOffset.IsNull && !thread.Memory.TryWrite(inputOffset, fromOffset))
            return Errno.EFAULT;
        if (!outputOffset.IsNull && !thread.Memory.TryWrite(outputOffset, toOffset))
            return Errno.EFAULT;
        return result;
    }

    [Syscall(276, "tee")]
    public static SyscallResult Tee(LinuxThread thread, Fd input, Fd output, ulong count, SpliceFlags flags)
    {
        if (!IsKnown(flags))
            return Errno.EINVAL;
        if (count == 0)
            return 0;
        using BorrowedFile from = thread.Process.Descriptors.Borrow(input.Value);
        using BorrowedFile to = thread.Process.Descriptors.Borrow(output.Value);
        if (from.File is null || to.File is null)
            return Errno.EBADF;
        long fromOffset = -1;
        long toOffset = -1;
        CopyKind kind = (flags & SpliceFlags.SPLICE_F_NONBLOCK) != 0 ? CopyKind.TeeNonBlocking : CopyKind.Tee;
        return thread.Kernel.Vfs.Copy(thread, from.File, ref fromOffset, to.File, ref toOffset, count, kind);
    }

    [Syscall(278, "vmsplice", Note = "Copies; SPLICE_F_GIFT is a hint.")]
    public static SyscallResult VmSplice(LinuxThread thread, Fd fd, UserAddress vector, ulong count, SpliceFlags flags)
    {
        if (!IsKnown(flags))
            return Errno.EINVAL;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        if (borrowed.File is not { } file)
            return Errno.EBADF;
        Errno error = thread.Vector(vector, count, out IIoBuffer buffer);
        if (error != Errno.Success)
            return error;

        // Linux asks for a pipe only when there is something to move.
        if (buffer.Remaining == 0)
            return 0;
        if (file is not IPipeFile)
            return Errno.EBADF;
        bool writes = (file.Flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
        ReadWriteFlags transfer = (flags & SpliceFlags.SPLICE_F_NONBLOCK) != 0 ? ReadWriteFlags.RWF_NOWAIT : ReadWriteFlags.None;
        return file.Transfer(thread, buffer, -1, transfer, writes);
    }

    [Syscall(284, "eventfd")]
    public static SyscallResult EventFd(LinuxThread thread, uint initial) => EventFd2(thread, initial, EventFdFlags.None);

    [Syscall(290, "eventfd2")]
    public static SyscallResult EventFd2(LinuxThread thread, uint initial, EventFdFlags flags)
    {
        if ((flags & ~(EventFdFlags.EFD_SEMAPHORE | EventFdFlags.EFD_NONBLOCK | EventFdFlags.EFD_CLOEXEC)) != 0)
            return Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreateEventCounter(thread, initial, flags, out IOpenFile? file);
        return error != Errno.Success ? error : OpenSyscalls.Install(thread, file!, (flags & EventFdFlags.EFD_CLOEXEC) != 0);
    }

    private static bool IsKnown(SpliceFlags flags) =>
        (flags & ~(SpliceFlags.SPLICE_F_MOVE | SpliceFlags.SPLICE_F_NONBLOCK | SpliceFlags.SPLICE_F_MORE | SpliceFlags.SPLICE_F_GIFT)) == 0;
}
