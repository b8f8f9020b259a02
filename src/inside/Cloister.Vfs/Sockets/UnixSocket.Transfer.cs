using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Sockets;

/// <summary>Sending and receiving.</summary>
internal sealed partial class UnixSocket
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        SocketMessage message = default;
        return Receive(caller, buffer, MessageFlags.None, ref message);
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        SocketMessage message = default;
        return Send(caller, buffer, MessageFlags.None, ref message);
    }

    public SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        Ancillary? ancillary = null;
        if (message.ControlLength > 0)
        {
            Errno error = Ancillary.Parse(caller, message, out ancillary);
            if (error != Errno.Success)
                return error;
        }

        SyscallResult result = IsStream
            ? SendStream(caller, buffer, flags, message, ref ancillary)
            : SendPacket(caller, buffer, flags, message, ref ancillary);
        ancillary?.Release();
        if (result.Value == -(long)Errno.EPIPE && (flags & MessageFlags.MSG_NOSIGNAL) == 0)
            caller.RaiseSignal(FileSignals.SIGPIPE);
        return result;
    }

    public SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        message.Flags = MessageFlags.None;
        message.ControlLength = 0;
        message.AddressLength = 0;
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        if (_state is SocketState.Listening || (!IsDatagram && _state == SocketState.Unconnected))
            return IsStream ? Errno.EINVAL : Errno.ENOTCONN;
        if (IsStream && buffer.Remaining == 0)
            return 0;
        bool isNonBlocking = IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0;
        SyscallResult result = TryReceive(caller, buffer, flags, ref message);
        bool wantsAll = IsStream && (flags & (MessageFlags.MSG_WAITALL | MessageFlags.MSG_PEEK)) == MessageFlags.MSG_WAITALL && !isNonBlocking;
        bool isShort = wantsAll && result.Value > 0 && buffer.Remaining > 0;
        if ((result.Value != -(long)Errno.EAGAIN || isNonBlocking) && !isShort)
            return result;
        return WaitAndReceive(caller, buffer, flags, ref message, isShort ? result.Value : 0, wantsAll);
    }

    private SyscallResult WaitAndReceive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message, long done, bool wantsAll)
    {
        long deadline = DeadlineOf(caller, _receiveTimeout);
        caller.Watch(_changed);
        try
        {
            while (true)
            {
                SyscallResult result = TryReceive(caller, buffer, flags, ref message);
                if (result.Value > 0 && wantsAll)
                {
                    done += result.Value;
                    if (buffer.Remaining == 0)
                        return done;
                    continue;
                }

                if (result.Errno != Errno.EAGAIN)
                    return done > 0 ? done : result;
                WaitOutcome outcome = caller.Sleep(deadline);
                if (outcome == WaitOutcome.Woken)
                    continue;
                if (done > 0)
                    return done;
                if (outcome == WaitOutcome.TimedOut)
                    return Errno.EAGAIN;
                return _receiveTimeout == 0 ? Errno.ERESTARTSYS : Errno.EINTR;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private SyscallResult TryReceive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        // Looked at before the queue: what was sent before the peer closed is still received.
        bool isShut = Volatile.Read(ref _isReadShut);
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        SyscallResult result;
        Ancillary? ancillary;
        byte[]? sender = null;
        if (IsStream)
        {
            result = _incoming.GetStream(buffer, isPeek, out ancillary);
            if (result.Value > 0)
                sender = _peer?._name;
        }
        else
        {
            result = _incoming.GetPacket(buffer, isPeek, out Packet packet);
            ancillary = packet.Ancillary;
            sender = packet.SenderName;
            if (!result.IsError && packet.Data.Length > result.Value)
            {
                message.Flags |= MessageFlags.MSG_TRUNC;
                if ((flags & MessageFlags.MSG_TRUNC) != 0)
                    result = packet.Data.Length;
            }

            if (!result.IsError && Kind == SocketType.SOCK_SEQPACKET)
                message.Flags |= MessageFlags.MSG_EOR;
        }

        if (result.IsError)
        {
            if (result.Errno != Errno.EAGAIN)
                return result;
            Errno error = TakeError();
            if (error != Errno.Success)
                return error;
            return isShut ? Errno.Success : Errno.EAGAIN;
        }

        bool closeOnExec = (flags & MessageFlags.MSG_CMSG_CLOEXEC) != 0;
        Finish(ref message, ancillary, sender, closeOnExec, isPeek);
        if (!isPeek)
            _peer?._changed.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        if (!isPeek && IsDatagram)
            _changed.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        return result;
    }

    private void Finish(ref SocketMessage message, Ancillary? ancillary, byte[]? sender, bool closeOnExec, bool isPeek)
    {
        if (!message.Address.IsEmpty && sender is not null)
            message.AddressLength = UnixAddress.Write(sender, message.Address);

        // A plain read can't take descriptors or credentials.
        if (message.Descriptors is null)
        {
            if (!isPeek)
                ancillary?.Release();
            return;
        }

        // Bytes that were sent before the option was set carry no credentials: the connection's are shown.
        if (ancillary is null && _passesCredentials)
            ancillary = Ancillary.Of(_peerCredentials);
        ancillary?.Deliver(ref message, _passesCredentials, closeOnExec, isPeek);
    }

    private SyscallResult SendStream(ICaller caller, IIoBuffer buffer, MessageFlags flags, in SocketMessage message, ref Ancillary? ancillary)
    {
        if (message.AddressLength > 0)
            return _state == SocketState.Connected ? Errno.EISCONN : Errno.EOPNOTSUPP;
        if (_state is SocketState.Unconnected or SocketState.Listening)
            return Errno.ENOTCONN;
        if (buffer.Remaining == 0)
            return Volatile.Read(ref _isWriteShut) ? Errno.EPIPE : Errno.Success;
        bool isNonBlocking = IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0;
        long done = 0;
        bool isWatching = false;
        long deadline = Deadline.Never;
        try
        {
            while (true)
            {
                UnixSocket? peer = _peer;
                if (Volatile.Read(ref _isWriteShut) || peer is null)
                    return done > 0 ? done : Errno.EPIPE;
                if (peer._passesCredentials && (ancillary is null || !ancillary.HasCredentials))
                    ancillary ??= Ancillary.OfSender(caller);
                SyscallResult result = peer._incoming.PutStream(buffer, ref ancillary);
                if (result.Value > 0)
                {
                    done += result.Value;
                    peer._changed.WakeAll(PollEvents.In | PollEvents.ReadNormal);
                    if (buffer.Remaining == 0)
                        return done;
                    continue;
                }

                if (result.Errno != Errno.EAGAIN || isNonBlocking)
                    return done > 0 ? done : result;
                if (!isWatching)
                {
                    deadline = DeadlineOf(caller, _sendTimeout);
                    caller.Watch(_changed);
                    isWatching = true;
                    continue;
                }

                WaitOutcome outcome = caller.Sleep(deadline);
                if (outcome == WaitOutcome.Woken)
                    continue;
                if (done > 0)
                    return done;
                return outcome == WaitOutcome.TimedOut ? Errno.EAGAIN : _sendTimeout == 0 ? Errno.ERESTARTSYS : Errno.EINTR;
            }
        }
        finally
        {
            if (isWatching)
                caller.StopWatching();
        }
    }

    private SyscallResult SendPacket(ICaller caller, IIoBuffer buffer, MessageFlags flags, in SocketMessage message, ref Ancillary? ancillary)
    {
        UnixSocket? target = _peer;
        if (message.AddressLength > 0)
        {
            if (!IsDatagram)
                return _state == SocketState.Connected ? Errno.EISCONN : Errno.EOPNOTSUPP;
            Errno error = UnixAddress.Parse(message.Address[..message.AddressLength], out ReadOnlySpan<byte> name);
            if (error != Errno.Success)
                return error;
            if (name.IsEmpty)
                return Errno.EINVAL;
            error = Find(caller, message.Context, name, out target);
            if (error != Errno.Success)
                return error;
        }

        if (target is null)
            return Errno.ENOTCONN;
        if (Volatile.Read(ref _isWriteShut))
            return Errno.EPIPE;
        if (target._passesCredentials && ancillary is null)
            ancillary = Ancillary.OfSender(caller);
        bool isNonBlocking = IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0;
        SyscallResult result = TrySend(target, buffer, ref ancillary);
        if (result.Errno != Errno.EAGAIN || isNonBlocking)
            return result;
        long deadline = DeadlineOf(caller, _sendTimeout);

        // The queue of the receiver is woken when it takes something; a connection's end wakes this one's.
        caller.Watch(target._changed);
        caller.Watch(_changed);
        try
        {
            while (true)
            {
                result = TrySend(target, buffer, ref ancillary);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                WaitOutcome outcome = caller.Sleep(deadline);
                if (outcome == WaitOutcome.TimedOut)
                    return Errno.EAGAIN;
                if (outcome == WaitOutcome.Interrupted)
                    return _sendTimeout == 0 ? Errno.ERESTARTSYS : Errno.EINTR;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private SyscallResult TrySend(UnixSocket target, IIoBuffer buffer, ref Ancillary? ancillary)
    {
        if (Volatile.Read(ref target._isClosed))
        {
            if (!IsDatagram)
                return Errno.EPIPE;
            using (_lock.Enter())
            {
                if (_peer == target)
                {
                    _peer = null;
                    _state = SocketState.Unconnected;
                }
            }

            return Errno.ECONNREFUSED;
        }

        if (IsDatagram && target._peer is not null && target._peer != this)
            return Errno.EPERM;
        if (target._isReadShut || (!IsDatagram && _isWriteShut))
            return Errno.EPIPE;
        SyscallResult result = target._incoming.PutPacket(buffer, _name, ancillary);
        if (result.IsError)
            return result;
        ancillary = null;
        target._changed.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        return result;
    }

    private Errno TakeError()
    {
        using (_lock.Enter())
        {
            Errno error = _error;
            _error = Errno.Success;
            return error;
        }
    }

    private static long DeadlineOf(ICaller caller, long timeout) => timeout == 0 ? Deadline.Never : caller.MonotonicNow + timeout;
}
