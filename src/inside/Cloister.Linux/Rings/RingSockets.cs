using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>Operations of sockets.</summary>
internal static class RingSockets
{
    /// <summary>Tries an operation.</summary>
    public static SyscallResult Execute(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.Operation == RingOperation.IORING_OP_SOCKET)
            return Create(thread, request);
        Errno error = SocketSyscalls.Find(request.File, out ISocketFile? socket);
        if (error != Errno.Success)
            return error;
        return entry.Operation switch
        {
            RingOperation.IORING_OP_ACCEPT => Accept(thread, request, socket!),
            RingOperation.IORING_OP_CONNECT => Connect(thread, request, socket!),
            RingOperation.IORING_OP_SHUTDOWN => socket!.Shutdown(thread, (int)entry.Length),
            RingOperation.IORING_OP_RECV or RingOperation.IORING_OP_RECVMSG => Receive(thread, request, socket!),
            _ => Send(thread, request, socket!),
        };
    }

    private static SyscallResult Create(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var type = (SocketType)(int)entry.Offset;
        if (entry.Address != 0 || entry.OperationFlags != 0 || entry.Buffer != 0)
            return Errno.EINVAL;
        if (entry.SecondDescriptor != 0 && (type & SocketType.SOCK_CLOEXEC) != 0)
            return Errno.EINVAL;
        Errno error = thread.Kernel.Vfs.CreateSocket(thread, (AddressFamily)entry.Descriptor, type, (int)entry.Length, out IOpenFile? file);
        if (error != Errno.Success)
            return error;
        return RingFiles.Install(thread, request, file!, (type & SocketType.SOCK_CLOEXEC) != 0);
    }

    private static SyscallResult Accept(LinuxThread thread, RingRequest request, ISocketFile socket)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var type = (SocketType)entry.OperationFlags;
        while (true)
        {
            bool isNumbered = entry.SecondDescriptor == 0;
            int fd = -1;
            Errno error = isNumbered ? OpenSyscalls.Reserve(thread, (type & SocketType.SOCK_CLOEXEC) != 0, out fd) : Errno.Success;
            if (error != Errno.Success)
                return error;
            error = socket.Accept(thread, (type & SocketType.SOCK_NONBLOCK) != 0, out IOpenFile? accepted);
            if (error == Errno.Success && entry.Address != 0)
            {
                error = SocketSyscalls.PutName(thread, (ISocketFile)accepted!, true, new UserAddress(entry.Address), new UserAddress(entry.Offset));
                if (error == Errno.ENOTCONN)
                    error = Errno.Success;
                if (error != Errno.Success)
                    accepted!.Release();
            }

            if (error != Errno.Success)
            {
                if (isNumbered)
                    thread.Process.Descriptors.Unreserve(fd);
                return error;
            }

            SyscallResult result = fd;
            if (isNumbered)
                thread.Process.Descriptors.Install(fd, accepted!);
            else
                result = RingFiles.Install(thread, request, accepted!, false);
            if (!request.IsMultishot || result.IsError
                || !request.Ring.Post(thread, entry.UserData, (int)result.Value, CompletionFlags.IORING_CQE_F_MORE, needsRoom: true))
                return result;
        }
    }

    private static SyscallResult Connect(LinuxThread thread, RingRequest request, ISocketFile socket)
    {
        Errno error = socket.Connect(thread, thread.Process.FileSystemContext, request.Saved);
        bool wasUnderWay = request.Moved != 0;
        request.Moved = 1;

        // A socket that doesn't wait connects by itself: the second call only asks how it went.
        if (error == Errno.EISCONN && wasUnderWay)
            return 0;
        if (error is Errno.EINPROGRESS or Errno.EALREADY)
            return Errno.EAGAIN;
        return error;
    }

    private static SyscallResult Send(LinuxThread thread, RingRequest request, ISocketFile socket)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (MessageFlags)entry.OperationFlags;
        SyscallResult result;
        while (true)
        {
            Errno error = RingTransfers.ChooseBuffer(thread, request, out IIoBuffer buffer, out _);
            if (error != Errno.Success)
                return error;
            Skip(buffer, request.Moved);
            long left = buffer.Remaining;
            if (entry.Operation is RingOperation.IORING_OP_SENDMSG or RingOperation.IORING_OP_SENDMSG_ZC)
            {
                result = MessageSyscalls.Send(thread, socket, request.Header, buffer, flags);
            }
            else
            {
                scoped SocketMessage message = MessageSyscalls.Create(thread);
                message.Address = request.Saved;
                message.AddressLength = request.Saved?.Length ?? 0;
                result = socket.Send(thread, buffer, flags, ref message);
            }

            if (result.Value <= 0 || result.Value == left || (flags & MessageFlags.MSG_WAITALL) == 0)
                break;
            request.Moved += result.Value;
        }

        bool isEnd = result.Value >= 0 || !WouldWait(result);
        if (isEnd && result.Value >= 0)
            result = result.Value + request.Moved;
        else if (isEnd && request.Moved > 0)
            result = request.Moved;
        bool isCopyFree = entry.Operation is RingOperation.IORING_OP_SEND_ZC or RingOperation.IORING_OP_SENDMSG_ZC;
        if (isCopyFree && isEnd)
            return ReportCopied(thread, request, result);
        return result;
    }

    /// <summary>
    /// Sends without copies are copied: the notice that the buffer is free follows at once (io_uring_enter(2), IORING_OP_SEND_ZC).
    /// </summary>
    private static SyscallResult ReportCopied(LinuxThread thread, RingRequest request, SyscallResult result)
    {
        request.HasFailed = result.Value < 0;
        request.Ring.Post(thread, request.Entry.UserData, (int)result.Value, CompletionFlags.IORING_CQE_F_MORE);
        request.ResultFlags = CompletionFlags.IORING_CQE_F_NOTIF;
        return 0;
    }

    private static SyscallResult Receive(LinuxThread thread, RingRequest request, ISocketFile socket)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (MessageFlags)entry.OperationFlags;
        while (true)
        {
            Errno error = RingTransfers.ChooseBuffer(thread, request, out IIoBuffer buffer, out BufferChoice choice);
            if (error != Errno.Success)
                return error;
            Skip(buffer, request.Moved);
            long left = buffer.Remaining;
            SyscallResult result = ReceiveOnce(thread, request, socket, buffer, choice, flags);
            CompletionFlags reported = choice.End(isUsed: result.Value > 0);
            if (request.IsMultishot && result.Value > 0)
            {
                reported |= CompletionFlags.IORING_CQE_F_MORE;
                if (request.Ring.Post(thread, entry.UserData, (int)result.Value, reported, needsRoom: true))
                    continue;
                reported &= ~CompletionFlags.IORING_CQE_F_MORE;
            }

            bool goesOn = result.Value > 0 && result.Value < left && (flags & MessageFlags.MSG_WAITALL) != 0 && !choice.IsSelected;
            if (goesOn)
            {
                request.Moved += result.Value;
                continue;
            }

            if (WouldWait(result))
                return result;
            if (request.Moved > 0)
                result = result.Value >= 0 ? result.Value + request.Moved : request.Moved;
            request.ResultFlags = reported;
            request.HasFailed = (flags & MessageFlags.MSG_WAITALL) != 0 && result.Value < left + request.Moved;
            return result;
        }
    }

    private static SyscallResult ReceiveOnce(
        LinuxThread thread, RingRequest request, ISocketFile socket, IIoBuffer buffer, in BufferChoice choice, MessageFlags flags)
    {
        if (request.Entry.Operation == RingOperation.IORING_OP_RECVMSG)
        {
            return request.IsMultishot
                ? RingReceivedMessages.Receive(thread, request, socket, choice, flags)
                : MessageSyscalls.Receive(thread, socket, new UserAddress(request.Entry.Address), request.Header, buffer, flags);
        }

        // Without a descriptor table: descriptors that come along are closed, as recv does.
        scoped SocketMessage message = default;
        return socket.Receive(thread, buffer, flags, ref message);
    }

    private static bool WouldWait(SyscallResult result) =>
        result.Errno is Errno.EAGAIN or Errno.EINTR || LinuxThread.IsRestart(result.Errno);

    /// <summary>Passes over what earlier tries have moved.</summary>
    private static void Skip(IIoBuffer buffer, long count)
    {
        Span<byte> passed = stackalloc byte[512];
        while (count > 0)
        {
            int part = (int)Math.Min(count, passed.Length);
            if (buffer.Fetch(passed[..part]) < part)
                return;
            count -= part;
        }
    }
}
