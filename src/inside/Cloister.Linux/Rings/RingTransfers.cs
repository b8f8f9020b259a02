using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>Reads, writes and splices.</summary>
internal static class RingTransfers
{
    /// <summary>An offset that means the file's position (IORING_FEAT_RW_CUR_POS).</summary>
    private const ulong CurrentPosition = ulong.MaxValue;

    /// <summary>Reads or writes.</summary>
    public static SyscallResult Transfer(LinuxThread thread, RingRequest request, bool isWrite)
    {
        ref SubmissionEntry entry = ref request.Entry;
        IOpenFile file = request.File!;
        var flags = (ReadWriteFlags)entry.OperationFlags;
        OpenFlags access = file.Flags & OpenFlags.O_ACCMODE;
        if (access == (isWrite ? OpenFlags.O_RDONLY : OpenFlags.O_WRONLY))
            return Errno.EBADF;
        if ((flags & ~ReadWriteFlags.RWF_SUPPORTED) != 0 || (request.Ring.Setup & RingSetupFlags.IORING_SETUP_IOPOLL) != 0)
            return Errno.EOPNOTSUPP;
        bool isPositioned = entry.Offset != CurrentPosition;
        if (isPositioned && (long)entry.Offset < 0)
            return Errno.EINVAL;
        Errno error = ChooseBuffer(thread, request, out IIoBuffer buffer, out BufferChoice choice);
        if (error != Errno.Success)
            return error;
        long wanted = buffer.Remaining;
        SyscallResult result = Move(thread, file, buffer, isPositioned ? (long)entry.Offset : -1, flags, isWrite);

        // Files without a position take any.
        if (isPositioned && result.Errno == Errno.ESPIPE)
            result = Move(thread, file, buffer, -1, flags, isWrite);
        request.ResultFlags = choice.End(isUsed: result.Value >= 0);

        // As io_rw_done: less than asked for ends a chain.
        request.HasFailed = result.Value != wanted;
        return result;
    }

    /// <summary>The buffer of a request with one: the program's, a registered one, or one of a group.</summary>
    public static Errno ChooseBuffer(LinuxThread thread, RingRequest request, out IIoBuffer buffer, out BufferChoice choice)
    {
        ref SubmissionEntry entry = ref request.Entry;
        buffer = null!;
        choice = default;
        if ((entry.Flags & SubmissionFlags.IOSQE_BUFFER_SELECT) != 0)
        {
            ulong length = entry.Length;
            if (entry.Operation == RingOperation.IORING_OP_READV && length == 1)
            {
                if (!thread.Memory.TryRead(new UserAddress(entry.Address + 8), out length))
                    return Errno.EFAULT;
            }

            Errno error = request.Ring.SelectBuffer(thread, entry.Buffer, out choice);
            if (error != Errno.Success)
                return error;
            buffer = thread.Buffer(new UserAddress(choice.Address), length == 0 ? choice.Length : Math.Min(length, choice.Length));
            return Errno.Success;
        }

        if (request.VectorCount >= 0)
        {
            buffer = request.Vector(thread);
            return Errno.Success;
        }

        bool isFixed = entry.Operation is RingOperation.IORING_OP_READ_FIXED or RingOperation.IORING_OP_WRITE_FIXED
            || (entry.Operation == RingOperation.IORING_OP_SEND_ZC && ((RingSocketFlags)entry.Priority & RingSocketFlags.IORING_RECVSEND_FIXED_BUF) != 0);
        if (isFixed && !request.Ring.IsInBuffer(entry.Buffer, entry.Address, entry.Length))
            return Errno.EFAULT;
        buffer = thread.Buffer(new UserAddress(entry.Address), entry.Length);
        return Errno.Success;
    }

    /// <summary>splice(2) and tee(2).</summary>
    public static SyscallResult Splice(LinuxThread thread, RingRequest request)
    {
        const uint fixedInput = 1u << 31;
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (SpliceFlags)(entry.OperationFlags & ~fixedInput);
        const SpliceFlags known = SpliceFlags.SPLICE_F_MOVE | SpliceFlags.SPLICE_F_NONBLOCK | SpliceFlags.SPLICE_F_MORE | SpliceFlags.SPLICE_F_GIFT;
        bool isTee = entry.Operation == RingOperation.IORING_OP_TEE;
        if ((flags & ~known) != 0 || (isTee && (entry.Offset != 0 || entry.Address != 0)))
            return Errno.EINVAL;
        IOpenFile? input = (entry.OperationFlags & fixedInput) != 0
            ? request.Ring.TakeFile((uint)entry.SecondDescriptor)
            : thread.Process.Descriptors.Take(entry.SecondDescriptor);
        if (input is null)
            return Errno.EBADF;
        try
        {
            if (entry.Length == 0)
                return 0;
            long from = isTee ? -1 : (long)entry.Address;
            long to = isTee ? -1 : (long)entry.Offset;
            if (from != -1 && input is IPipeFile || to != -1 && request.File is IPipeFile)
                return Errno.ESPIPE;
            if (from < -1 || to < -1)
                return Errno.EINVAL;
            bool isNonBlocking = (flags & SpliceFlags.SPLICE_F_NONBLOCK) != 0;
            CopyKind kind = isTee
                ? isNonBlocking ? CopyKind.TeeNonBlocking : CopyKind.Tee
                : isNonBlocking ? CopyKind.SpliceNonBlocking : CopyKind.Splice;
            SyscallResult result = thread.Kernel.Vfs.Copy(thread, input, ref from, request.File!, ref to, entry.Length, kind);
            request.HasFailed = result.Value != entry.Length;
            return result;
        }
        finally
        {
            input.Release();
        }
    }

    private static SyscallResult Move(LinuxThread thread, IOpenFile file, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool isWrite)
    {
        if (flags != ReadWriteFlags.None)
            return file.Transfer(thread, buffer, offset, flags, isWrite);
        if (offset < 0)
            return isWrite ? file.Write(thread, buffer) : file.Read(thread, buffer);
        return isWrite ? file.WriteAt(thread, buffer, offset) : file.ReadAt(thread, buffer, offset);
    }
}
