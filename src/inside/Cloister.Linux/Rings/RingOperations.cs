using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>The operations of io_uring_enter(2): which there are, and what each of them does.</summary>
internal static class RingOperations
{
    /// <summary>Whether there is an operation (IORING_REGISTER_PROBE).</summary>
    public static bool IsSupported(RingOperation operation) =>
        operation < RingOperation.IORING_OP_LAST && operation != RingOperation.IORING_OP_URING_CMD;

    /// <summary>Whether an operation works on the file of its descriptor.</summary>
    public static bool NeedsFile(RingOperation operation) => operation switch
    {
        RingOperation.IORING_OP_READV or RingOperation.IORING_OP_WRITEV or RingOperation.IORING_OP_FSYNC or RingOperation.IORING_OP_READ_FIXED
            or RingOperation.IORING_OP_WRITE_FIXED or RingOperation.IORING_OP_POLL_ADD or RingOperation.IORING_OP_SYNC_FILE_RANGE
            or RingOperation.IORING_OP_SENDMSG or RingOperation.IORING_OP_RECVMSG or RingOperation.IORING_OP_ACCEPT or RingOperation.IORING_OP_CONNECT
            or RingOperation.IORING_OP_FALLOCATE or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_WRITE or RingOperation.IORING_OP_FADVISE
            or RingOperation.IORING_OP_SEND or RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_SPLICE or RingOperation.IORING_OP_TEE
            or RingOperation.IORING_OP_SHUTDOWN or RingOperation.IORING_OP_MSG_RING or RingOperation.IORING_OP_FSETXATTR
            or RingOperation.IORING_OP_FGETXATTR or RingOperation.IORING_OP_SEND_ZC or RingOperation.IORING_OP_SENDMSG_ZC => true,
        _ => false,
    };

    /// <summary>Whether an operation can take a buffer of a group.</summary>
    public static bool SelectsBuffers(RingOperation operation) =>
        operation is RingOperation.IORING_OP_READV or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_RECVMSG;

    /// <summary>Whether the priority field of an operation means anything.</summary>
    public static bool HasPriority(RingOperation operation) => operation switch
    {
        RingOperation.IORING_OP_READV or RingOperation.IORING_OP_WRITEV or RingOperation.IORING_OP_READ_FIXED or RingOperation.IORING_OP_WRITE_FIXED
            or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_WRITE or RingOperation.IORING_OP_SEND or RingOperation.IORING_OP_RECV
            or RingOperation.IORING_OP_SENDMSG or RingOperation.IORING_OP_RECVMSG or RingOperation.IORING_OP_ACCEPT or RingOperation.IORING_OP_SEND_ZC
            or RingOperation.IORING_OP_SENDMSG_ZC => true,
        _ => false,
    };

    /// <summary>Whether an operation may be submitted to an instance with polled completions (iopoll of io_issue_defs).</summary>
    public static bool CanBePolled(RingOperation operation) => operation switch
    {
        RingOperation.IORING_OP_NOP or RingOperation.IORING_OP_READV or RingOperation.IORING_OP_WRITEV or RingOperation.IORING_OP_READ_FIXED
            or RingOperation.IORING_OP_WRITE_FIXED or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_WRITE
            or RingOperation.IORING_OP_FILES_UPDATE or RingOperation.IORING_OP_PROVIDE_BUFFERS or RingOperation.IORING_OP_REMOVE_BUFFERS
            or RingOperation.IORING_OP_MSG_RING => true,
        _ => false,
    };

    /// <summary>Tries an operation.</summary>
    /// <returns>Its result; EIOCBQUEUED where it goes on by itself, ERESTARTSYS or EAGAIN where it would have to wait.</returns>
    public static SyscallResult Execute(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        switch (entry.Operation)
        {
            case RingOperation.IORING_OP_NOP:
                return 0;
            case RingOperation.IORING_OP_READV or RingOperation.IORING_OP_READ or RingOperation.IORING_OP_READ_FIXED:
                return RingTransfers.Transfer(thread, request, isWrite: false);
            case RingOperation.IORING_OP_WRITEV or RingOperation.IORING_OP_WRITE or RingOperation.IORING_OP_WRITE_FIXED:
                return RingTransfers.Transfer(thread, request, isWrite: true);
            case RingOperation.IORING_OP_FSYNC:
                return request.File!.Synchronize(thread, (entry.OperationFlags & 1) != 0);
            case RingOperation.IORING_OP_SYNC_FILE_RANGE:
                return AllocationSyscalls.SyncFileRange(thread, request.File!, (long)entry.Offset, entry.Length, entry.OperationFlags);
            case RingOperation.IORING_OP_FALLOCATE when !thread.IsRingWorker:
                // A worker's, as on Linux: the program hears of its limit by EFBIG alone, without SIGXFSZ.
                return Errno.ERESTARTSYS;
            case RingOperation.IORING_OP_FALLOCATE:
                return request.File!.Type == FileModes.S_IFIFO
                    ? Errno.ESPIPE
                    : request.File.Allocate(thread, (FallocateMode)entry.Length, (long)entry.Offset, (long)entry.Address);
            case RingOperation.IORING_OP_FADVISE:
                return request.File!.Advise(thread, (long)entry.Offset, entry.Length, (FileAdvice)entry.OperationFlags);
            case RingOperation.IORING_OP_SPLICE or RingOperation.IORING_OP_TEE:
                return RingTransfers.Splice(thread, request);
            case RingOperation.IORING_OP_POLL_ADD:
                return RingPolls.Add(thread, request);
            case RingOperation.IORING_OP_POLL_REMOVE:
                return RingPolls.Remove(thread, request);
            case RingOperation.IORING_OP_TIMEOUT:
                return RingTimeouts.Wait(thread, request);
            case RingOperation.IORING_OP_TIMEOUT_REMOVE:
                return RingTimeouts.Remove(thread, request);
            case RingOperation.IORING_OP_LINK_TIMEOUT:
                return RingTimeouts.Limit(thread, request);
            case RingOperation.IORING_OP_ASYNC_CANCEL:
                return RingCancel.Execute(thread, request);
            case RingOperation.IORING_OP_FILES_UPDATE:
                return RingFiles.Update(thread, request);
            case RingOperation.IORING_OP_PROVIDE_BUFFERS:
                return RingBufferGroups.Provide(thread, request);
            case RingOperation.IORING_OP_REMOVE_BUFFERS:
                return RingBufferGroups.Remove(thread, request);
            case RingOperation.IORING_OP_MSG_RING:
                return RingMessages.Send(thread, request);
            case RingOperation.IORING_OP_EPOLL_CTL:
                return EpollSyscalls.EpollCtl(
                    thread, new Fd(entry.Descriptor), (EpollOperation)entry.Length, new Fd((int)entry.Offset), new UserAddress(entry.Address));
            case RingOperation.IORING_OP_MADVISE:
                return MemorySyscalls.Advise(thread, new UserAddress(entry.Address), entry.Length, (int)entry.OperationFlags);
            case RingOperation.IORING_OP_FSETXATTR or RingOperation.IORING_OP_FGETXATTR or RingOperation.IORING_OP_SETXATTR
                or RingOperation.IORING_OP_GETXATTR:
                return RingPaths.ExtendedAttribute(thread, request);
            case RingOperation.IORING_OP_ACCEPT or RingOperation.IORING_OP_CONNECT or RingOperation.IORING_OP_SEND or RingOperation.IORING_OP_SENDMSG
                or RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_RECVMSG or RingOperation.IORING_OP_SHUTDOWN
                or RingOperation.IORING_OP_SOCKET or RingOperation.IORING_OP_SEND_ZC or RingOperation.IORING_OP_SENDMSG_ZC:
                return RingSockets.Execute(thread, request);
            default:
                return RingPaths.Execute(thread, request);
        }
    }
}
