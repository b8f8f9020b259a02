using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Rings;

/// <summary>Checks submissions, and copies in what they point to as far as the program may change it after the call.</summary>
internal static class RingPreparation
{
    private const PollEvents Readable = PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadHangUp;
    private const PollEvents Writable = PollEvents.Out | PollEvents.WriteNormal;

    /// <summary>Prepares a request.</summary>
    /// <returns>Why it can't be made: what its completion reports.</returns>
    public static Errno Prepare(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (!RingOperations.IsSupported(entry.Operation) || (entry.Flags & ~SubmissionFlags.All) != 0)
            return Errno.EINVAL;
        if (!request.Ring.MayDo(entry.Operation, entry.Flags))
            return Errno.EACCES;
        if ((entry.Flags & SubmissionFlags.IOSQE_BUFFER_SELECT) != 0 && !RingOperations.SelectsBuffers(entry.Operation))
            return Errno.EOPNOTSUPP;
        if (entry.Priority != 0 && !RingOperations.HasPriority(entry.Operation))
            return Errno.EINVAL;
        bool drains = (entry.Flags & SubmissionFlags.IOSQE_IO_DRAIN) != 0;
        if (drains && (entry.Flags & SubmissionFlags.IOSQE_CQE_SKIP_SUCCESS) != 0)
            return Errno.EOPNOTSUPP;
        if (entry.Personality != 0)
        {
            if (request.Ring.FindPersonality(entry.Personality) is not { } identity)
                return Errno.EINVAL;
            request.Identity = identity;
        }

        // Polled operations exist for none of the files here (IORING_SETUP_IOPOLL).
        if ((request.Ring.Setup & RingSetupFlags.IORING_SETUP_IOPOLL) != 0 && !RingOperations.CanBePolled(entry.Operation))
            return Errno.EINVAL;
        return PrepareOperation(thread, request, ref entry);
    }

    private static Errno PrepareOperation(LinuxThread thread, RingRequest request, ref SubmissionEntry entry)
    {
        switch (entry.Operation)
        {
            case RingOperation.IORING_OP_READV or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_READ_FIXED:
                request.Awaited = Readable;
                return PrepareTransfer(thread, request, entry);
            case RingOperation.IORING_OP_WRITEV or RingOperation.IORING_OP_WRITE or RingOperation.IORING_OP_WRITE_FIXED:
                request.Awaited = Writable;
                return PrepareTransfer(thread, request, entry);
            case RingOperation.IORING_OP_SENDMSG or RingOperation.IORING_OP_SEND or RingOperation.IORING_OP_SEND_ZC or RingOperation.IORING_OP_SENDMSG_ZC:
                request.Awaited = Writable;
                return PrepareMessage(thread, request, ref entry);
            case RingOperation.IORING_OP_RECVMSG or RingOperation.IORING_OP_RECV:
                request.Awaited = Readable;
                return PrepareMessage(thread, request, ref entry);
            case RingOperation.IORING_OP_ACCEPT:
                request.Awaited = Readable;
                return PrepareAccept(request, entry);
            case RingOperation.IORING_OP_CONNECT:
                request.Awaited = Writable;
                return PrepareConnect(thread, request, entry);
            case RingOperation.IORING_OP_POLL_ADD:
                return PreparePoll(request, entry);
            case RingOperation.IORING_OP_TIMEOUT or RingOperation.IORING_OP_LINK_TIMEOUT:
                return PrepareTimeout(thread, request, entry);
            case RingOperation.IORING_OP_FSYNC when entry.Address != 0 || entry.Buffer != 0 || entry.SecondDescriptor != 0 || (entry.OperationFlags & ~1u) != 0:
            case RingOperation.IORING_OP_CLOSE when entry.Offset != 0 || entry.Address != 0 || entry.Length != 0 || entry.OperationFlags != 0 || entry.Buffer != 0:
            case RingOperation.IORING_OP_FALLOCATE when entry.Buffer != 0 || entry.OperationFlags != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_EPOLL_CTL when entry.Buffer != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_SHUTDOWN when entry.Offset != 0 || entry.Address != 0 || entry.OperationFlags != 0 || entry.Buffer != 0:
            case RingOperation.IORING_OP_MADVISE when entry.Buffer != 0 || entry.Offset != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_ASYNC_CANCEL when entry.Offset != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_POLL_REMOVE when entry.Buffer != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_TIMEOUT_REMOVE when entry.Buffer != 0 || entry.Length != 0 || entry.SecondDescriptor != 0:
            case RingOperation.IORING_OP_FILES_UPDATE when entry.OperationFlags != 0 || entry.SecondDescriptor != 0:
                return Errno.EINVAL;

            // A descriptor of the program's own table names the ring's, or is none (io_close_prep of Linux).
            case RingOperation.IORING_OP_CLOSE when (entry.Flags & SubmissionFlags.IOSQE_FIXED_FILE) != 0:
                return Errno.EBADF;
            case RingOperation.IORING_OP_CLOSE when entry.SecondDescriptor != 0 && entry.Descriptor != 0:
                return Errno.EINVAL;
            case RingOperation.IORING_OP_OPENAT or RingOperation.IORING_OP_OPENAT2 or RingOperation.IORING_OP_STATX or RingOperation.IORING_OP_RENAMEAT
                or RingOperation.IORING_OP_UNLINKAT or RingOperation.IORING_OP_MKDIRAT or RingOperation.IORING_OP_SYMLINKAT or RingOperation.IORING_OP_LINKAT
                when (entry.Flags & SubmissionFlags.IOSQE_FIXED_FILE) != 0:
                return Errno.EBADF;
            default:
                return Errno.Success;
        }
    }

    private static Errno PrepareTransfer(LinuxThread thread, RingRequest request, in SubmissionEntry entry)
    {
        request.FailsWhereItWaits = ((ReadWriteFlags)entry.OperationFlags & ReadWriteFlags.RWF_NOWAIT) != 0;

        // ioprio_check_cap of Linux: a class that exists, and no level without one.
        const int classShift = 13;
        const int lastClass = 3;
        int priorityClass = entry.Priority >> classShift;
        if (priorityClass > lastClass || (priorityClass == 0 && entry.Priority != 0))
            return Errno.EINVAL;
        bool isVector = entry.Operation is RingOperation.IORING_OP_READV or RingOperation.IORING_OP_WRITEV;
        if (!isVector)
            return Errno.Success;
        if ((entry.Flags & SubmissionFlags.IOSQE_BUFFER_SELECT) != 0)
            return entry.Length > 1 ? Errno.EINVAL : Errno.Success;
        return request.ReadVector(thread, entry.Address, entry.Length);
    }

    private static Errno PrepareMessage(LinuxThread thread, RingRequest request, ref SubmissionEntry entry)
    {
        const RingSocketFlags known = RingSocketFlags.IORING_RECVSEND_POLL_FIRST | RingSocketFlags.IORING_RECV_MULTISHOT | RingSocketFlags.IORING_RECVSEND_FIXED_BUF;
        var flags = (RingSocketFlags)entry.Priority;
        bool isSend = entry.Operation is not (RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_RECVMSG);
        bool isCopyFree = entry.Operation is RingOperation.IORING_OP_SEND_ZC or RingOperation.IORING_OP_SENDMSG_ZC;
        if ((flags & ~known) != 0 || (isSend && (flags & RingSocketFlags.IORING_RECV_MULTISHOT) != 0)
            || ((flags & RingSocketFlags.IORING_RECVSEND_FIXED_BUF) != 0 && entry.Operation != RingOperation.IORING_OP_SEND_ZC))
            return Errno.EINVAL;
        if (isCopyFree && (entry.Flags & SubmissionFlags.IOSQE_CQE_SKIP_SUCCESS) != 0)
            return Errno.EINVAL;
        var message = (MessageFlags)entry.OperationFlags;
        request.FailsWhereItWaits = (message & MessageFlags.MSG_DONTWAIT) != 0;
        if (isSend)
            entry.OperationFlags |= (uint)MessageFlags.MSG_NOSIGNAL;
        if ((flags & RingSocketFlags.IORING_RECV_MULTISHOT) != 0)
        {
            if ((entry.Flags & SubmissionFlags.IOSQE_BUFFER_SELECT) == 0 || (message & MessageFlags.MSG_WAITALL) != 0
                || (entry.Operation == RingOperation.IORING_OP_RECV && entry.Length != 0))
                return Errno.EINVAL;
            request.IsMultishot = true;
        }

        if (entry.Operation is RingOperation.IORING_OP_SEND or RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_SEND_ZC)
        {
            bool hasAddress = isSend && entry.Offset != 0;
            if (!hasAddress)
                return Errno.Success;
            int length = (ushort)entry.SecondDescriptor;
            if (length > SocketSyscalls.AddressSize)
                return Errno.EINVAL;
            request.Saved = new byte[length];
            return thread.Memory.CopyIn(new UserAddress(entry.Offset), request.Saved);
        }

        if (!thread.Memory.TryRead(new UserAddress(entry.Address), out request.Header))
            return Errno.EFAULT;
        if (request.Header.NameLength < 0 && !isSend)
            return Errno.EINVAL;
        if ((entry.Flags & SubmissionFlags.IOSQE_BUFFER_SELECT) != 0)
            return request.Header.VectorCount > 1 ? Errno.EINVAL : request.ReadVector(thread, request.Header.Vector, request.Header.VectorCount);
        const ulong mostVectors = 1024;
        return request.Header.VectorCount > mostVectors ? Errno.EMSGSIZE : request.ReadVector(thread, request.Header.Vector, request.Header.VectorCount);
    }

    private static Errno PrepareAccept(RingRequest request, in SubmissionEntry entry)
    {
        if (entry.Length != 0 || entry.Buffer != 0)
            return Errno.EINVAL;
        var type = (SocketType)entry.OperationFlags;
        var flags = (RingSocketFlags)entry.Priority;
        if ((type & ~(SocketType.SOCK_NONBLOCK | SocketType.SOCK_CLOEXEC)) != 0 || (flags & ~RingSocketFlags.IORING_ACCEPT_MULTISHOT) != 0)
            return Errno.EINVAL;
        if (entry.SecondDescriptor != 0 && (type & SocketType.SOCK_CLOEXEC) != 0)
            return Errno.EINVAL;
        if ((flags & RingSocketFlags.IORING_ACCEPT_MULTISHOT) == 0)
            return Errno.Success;
        request.IsMultishot = true;

        // One entry of the ring's table can't be had again and again.
        return entry.SecondDescriptor is not (0 or RingFiles.AnyEntry) ? Errno.EINVAL : Errno.Success;
    }

    private static Errno PrepareConnect(LinuxThread thread, RingRequest request, in SubmissionEntry entry)
    {
        if (entry.Length != 0 || entry.Buffer != 0 || entry.OperationFlags != 0 || entry.SecondDescriptor != 0)
            return Errno.EINVAL;
        if (entry.Offset > SocketSyscalls.AddressSize)
            return Errno.EINVAL;
        request.Saved = new byte[(int)entry.Offset];
        return thread.Memory.CopyIn(new UserAddress(entry.Address), request.Saved);
    }

    private static Errno PreparePoll(RingRequest request, in SubmissionEntry entry)
    {
        var flags = (RingPollFlags)entry.Length;
        if (entry.Buffer != 0 || entry.Offset != 0 || entry.Address != 0
            || (flags & ~(RingPollFlags.IORING_POLL_ADD_MULTI | RingPollFlags.IORING_POLL_ADD_LEVEL)) != 0)
            return Errno.EINVAL;
        request.IsMultishot = (flags & RingPollFlags.IORING_POLL_ADD_MULTI) != 0;
        if (request.IsMultishot && (entry.Flags & SubmissionFlags.IOSQE_CQE_SKIP_SUCCESS) != 0)
            return Errno.EINVAL;
        request.Awaited = RingPolls.Wanted(entry.OperationFlags);
        return Errno.Success;
    }

    private static Errno PrepareTimeout(LinuxThread thread, RingRequest request, in SubmissionEntry entry)
    {
        const RingTimeoutFlags clocks = RingTimeoutFlags.IORING_TIMEOUT_BOOTTIME | RingTimeoutFlags.IORING_TIMEOUT_REALTIME;
        const RingTimeoutFlags known = RingTimeoutFlags.IORING_TIMEOUT_ABS | RingTimeoutFlags.IORING_TIMEOUT_ETIME_SUCCESS | clocks;
        var flags = (RingTimeoutFlags)entry.OperationFlags;
        bool isLimit = entry.Operation == RingOperation.IORING_OP_LINK_TIMEOUT;
        if (entry.Buffer != 0 || entry.Length != 1 || entry.SecondDescriptor != 0 || (isLimit && entry.Offset != 0) || (flags & ~known) != 0
            || (flags & clocks) == clocks)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(new UserAddress(entry.Address), out Timespec time))
            return Errno.EFAULT;
        if (time.Seconds < 0 || time.Nanoseconds < 0)
            return Errno.EINVAL;
        request.Saved = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in time, 1)).ToArray();
        return Errno.Success;
    }
}
