using System;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Files;

/// <summary>sendfile(2) and copy_file_range(2).</summary>
public static class CopySyscalls
{
    [Syscall(40, "sendfile")]
    public static SyscallResult SendFile(LinuxThread thread, Fd output, Fd input, UserAddress offset, ulong count)
    {
        using BorrowedFile from = thread.Process.Descriptors.Borrow(input.Value);
        using BorrowedFile to = thread.Process.Descriptors.Borrow(output.Value);
        if (from.File is null || to.File is null)
            return Errno.EBADF;
        long fromOffset = -1;
        long toOffset = -1;
        if (!offset.IsNull)
        {
            if (!thread.Memory.TryRead(offset, out fromOffset))
                return Errno.EFAULT;
            if (fromOffset < 0)
                return Errno.EINVAL;
        }

        SyscallResult result = thread.Kernel.Vfs.Copy(thread, from.File, ref fromOffset, to.File, ref toOffset, count, CopyKind.SendFile);
        if (!offset.IsNull && !result.IsError && !thread.Memory.TryWrite(offset, fromOffset))
            return Errno.EFAULT;
        return result;
    }

    [Syscall(326, "copy_file_range")]
    public static SyscallResult CopyFileRange(LinuxThread thread, Fd input, UserAddress inputOffset, Fd output, UserAddress outputOffset, ulong count, uint flags)
    {
        if (flags != 0)
            return Errno.EINVAL;
        using BorrowedFile from = thread.Process.Descriptors.Borrow(input.Value);
        using BorrowedFile to = thread.Process.Descriptors.Borrow(output.Value);
        if (from.File is null || to.File is null)
            return Errno.EBADF;
        long fromOffset = -1;
        long toOffset = -1;
        if (!inputOffset.IsNull && !thread.Memory.TryRead(inputOffset, out fromOffset))
            return Errno.EFAULT;
        if (!outputOffset.IsNull && !thread.Memory.TryRead(outputOffset, out toOffset))
            return Errno.EFAULT;
        if ((!inputOffset.IsNull && fromOffset < 0) || (!outputOffset.IsNull && toOffset < 0))
        {
            // Negative offsets are large ones to the check that sums don't wrap (generic_copy_file_checks of Linux).
            ulong largest = Math.Max(inputOffset.IsNull ? 0 : (ulong)fromOffset, outputOffset.IsNull ? 0 : (ulong)toOffset);
            return largest + count < largest ? Errno.EOVERFLOW : Errno.EINVAL;
        }

        SyscallResult result = thread.Kernel.Vfs.Copy(thread, from.File, ref fromOffset, to.File, ref toOffset, count, CopyKind.CopyFileRange);
        if (result.IsError)
            return result;
        if (!inputOffset.IsNull && !thread.Memory.TryWrite(inputOffset, fromOffset))
            return Errno.EFAULT;
        if (!outputOffset.IsNull && !thread.Memory.TryWrite(outputOffset, toOffset))
            return Errno.EFAULT;
        return result;
    }
}
