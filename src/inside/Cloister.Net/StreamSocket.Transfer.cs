using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Sending and receiving.</summary>
internal sealed partial class StreamSocket
{
    // For a send to the host that has to wait; kept for the next.
    private HostSendRest? _rest;

    public override SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        bool isNonBlocking = (flags & MessageFlags.MSG_DONTWAIT) != 0;
        if (_state == StreamState.Connecting)
        {
            // A send waits for the connection (sk_stream_wait_connect of Linux).
            if (isNonBlocking && PollConnecting() == PollEvents.None)
                return Errno.EAGAIN;
            if (!isNonBlocking)
            {
                Errno error = WaitForConnection(caller);
                if (error != Errno.Success)
                    return error == Errno.EINPROGRESS ? Errno.EAGAIN : error;
            }
        }

        if (_state != StreamState.Connected)
        {
            Errno pending = TakeError();
            return pending != Errno.Success ? pending : Errno.EPIPE;
        }

        return Link is { } link
            ? SendOutside(caller, link, buffer, flags, isNonBlocking)
            : SendInside(caller, buffer, isNonBlocking, (flags & MessageFlags.MSG_OOB) != 0);
    }

    public override SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if ((flags & MessageFlags.MSG_ERRQUEUE) != 0)
            return Errno.EAGAIN;
        bool isNonBlocking = (flags & MessageFlags.MSG_DONTWAIT) != 0;
        if (_state == StreamState.Connecting && !isNonBlocking)
        {
            Errno error = WaitForConnection(caller);
            if (error != Errno.Success)
                return error == Errno.EINPROGRESS ? Errno.EAGAIN : error;
        }

        switch (_state)
        {
            case StreamState.Connecting when PollConnecting() == PollEvents.None:
                return Errno.EAGAIN;
            case StreamState.Closed or StreamState.Listening:
                Errno pending = TakeError();
                if (pending != Errno.Success)
                    return pending;
                return _isAborted ? 0 : Errno.ENOTCONN;
        }

        if ((flags & MessageFlags.MSG_OOB) != 0)
            return ReceiveUrgent(buffer, flags);

        // MSG_WAITALL is for all of it; a socket's low-water mark for a part.
        long target = (flags & MessageFlags.MSG_WAITALL) != 0 ? buffer.Remaining : Math.Min(Settings.ReceiveLowWater, buffer.Remaining);
        long done = 0;
        SyscallResult result = TryReceive(caller, buffer, flags, target, ref done);
        if (result.Errno == Errno.EAGAIN && !isNonBlocking)
            result = WaitForData(caller, buffer, flags, target, ref done);
        return done > 0 ? done : result;
    }

    private SyscallResult WaitForData(ICaller caller, IIoBuffer buffer, MessageFlags flags, long target, ref long done)
    {
        long deadline = Settings.ReceiveDeadline(caller);
        caller.Watch(Changed, exclusive: false, ReadEvents);
        try
        {
            while (true)
            {
                SyscallResult result = TryReceive(caller, buffer, flags, target, ref done);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                Errno ended = Settings.SleepToReceive(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private SyscallResult TryReceive(ICaller caller, IIoBuffer buffer, MessageFlags flags, long target, ref long done) => Link is { } link
        ? TryReceiveOutside(link, buffer, flags, target, ref done)
        : TryReceiveInside(buffer, flags, target, ref done);

    private SyscallResult TryReceiveInside(IIoBuffer buffer, MessageFlags flags, long target, ref long done)
    {
        StreamQueue incoming = _incoming!;
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        bool isDropped = (flags & MessageFlags.MSG_TRUNC) != 0;

        // Looked at before the queue: what was sent before the end is still received.
        bool isEnded = _isReadShut || incoming.IsEnded;
        int count;
        bool isFault;
        using (incoming.ReadLock.Enter())
        {
            int skip = isPeek ? Math.Max(0, Settings.PeekOffset) + (int)done : 0;
            count = incoming.Read(isDropped ? null : buffer, buffer.Remaining - (isDropped ? done : 0), isPeek, skip, Settings.IsUrgentInline, out isFault);
            if (Settings.PeekOffset >= 0 && count > 0)
                Settings.PeekOffset = isPeek ? Settings.PeekOffset + count : Math.Max(0, Settings.PeekOffset - count);
        }

        if (count > 0 && !isPeek && incoming.TakeWriter())
            _peer?.Changed.WakeAll(WriteEvents);
        done += count;
        if (done > 0 && (done >= target || isFault || isEnded))
            return done;
        if (isFault)
            return Errno.EFAULT;
        if (buffer.Remaining == 0 && target == 0)
            return 0;
        if (done > 0)
            return Errno.EAGAIN;
        if (!isEnded)
            return Errno.EAGAIN;
        return TakeError();
    }

    private SyscallResult TryReceiveOutside(HostLink link, IIoBuffer buffer, MessageFlags flags, long target, ref long done)
    {
        if (buffer.Remaining == 0)
            return 0;
        MessageFlags hostFlags = flags & MessageFlags.MSG_PEEK;
        if ((flags & MessageFlags.MSG_TRUNC) != 0)
            return Drop(link, buffer.Remaining, ref done);
        while (link.MayRead || _isReadShut)
        {
            uint mark = link.Mark;
            Errno error = link.Host.Receive(link.Handle, buffer, hostFlags, out int count, out bool isDrained);
            if (error == Errno.EAGAIN)
            {
                link.Drained(mark);
                return Errno.EAGAIN;
            }

            if (error != Errno.Success)
                return error;
            done += count;
            if (count > 0 && isDrained && hostFlags == 0)
                link.Drained(mark);
            else
                link.Taken(mark);

            // The end, enough, or what peeking can see.
            if (count == 0 || done >= target || hostFlags != 0)
                return done;
        }

        return Errno.EAGAIN;
    }

    private static SyscallResult Drop(HostLink link, long wanted, ref long done)
    {
        var sink = new DiscardBuffer(wanted);
        uint mark = link.Mark;
        Errno error = link.Host.Receive(link.Handle, sink, MessageFlags.None, out int count, out _);
        if (error == Errno.EAGAIN)
            link.Drained(mark);
        if (error != Errno.Success)
            return error;
        link.Taken(mark);
        done += count;
        return done;
    }

    private SyscallResult ReceiveUrgent(IIoBuffer buffer, MessageFlags flags)
    {
        if (Settings.IsUrgentInline)
            return Errno.EINVAL;
        if (Link is { } link)
        {
            Errno error = link.Host.Receive(link.Handle, buffer, flags & (MessageFlags.MSG_OOB | MessageFlags.MSG_PEEK), out int count, out _);
            return SyscallResult.From(error, count);
        }

        StreamQueue incoming = _incoming!;
        byte? urgent;
        using (incoming.ReadLock.Enter())
            urgent = incoming.TakeUrgent((flags & MessageFlags.MSG_PEEK) != 0);
        if (urgent is not { } value)
            return Errno.EINVAL;
        return buffer.Remaining > 0 && buffer.Store([value]) == 0 ? Errno.EFAULT : 1;
    }

    private SyscallResult SendInside(ICaller caller, IIoBuffer buffer, bool isNonBlocking, bool isUrgent)
    {
        long done = 0;
        Errno error = TrySendInside(caller, buffer, isUrgent, ref done);
        if (error == Errno.EAGAIN && !isNonBlocking)
            error = WaitToSend(caller, buffer, isUrgent, ref done);
        return done > 0 || error == Errno.Success ? done : error;
    }

    private Errno WaitToSend(ICaller caller, IIoBuffer buffer, bool isUrgent, ref long done)
    {
        long deadline = Settings.SendDeadline(caller);
        caller.Watch(Changed, exclusive: false, WriteEvents);
        try
        {
            while (true)
            {
                Errno error = TrySendInside(caller, buffer, isUrgent, ref done);
                if (error != Errno.EAGAIN)
                    return error;
                Errno ended = Settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private Errno TrySendInside(ICaller caller, IIoBuffer buffer, bool isUrgent, ref long done)
    {
        while (true)
        {
            if (_isWriteShut || _peer?._incoming is not { } outgoing)
                return TakeError() is var error && error != Errno.Success ? error : Errno.EPIPE;
            if (outgoing.IsClosed)
                return SendToNobody(buffer, ref done);
            int count;
            StreamWrite result;
            using (outgoing.WriteLock.Enter())
            {
                count = outgoing.Write(caller.KernelMemory, buffer, out result);
                if (isUrgent && count > 0 && result == StreamWrite.Done)
                    outgoing.MarkUrgent();
            }

            done += count;
            if (count > 0)
            {
                StreamSocket peer = _peer;
                peer.Changed.WakeAll(isUrgent ? ReadEvents | PollEvents.Priority : ReadEvents);
                if (isUrgent && result == StreamWrite.Done)
                    peer.Owner?.SignalUrgentData();
            }

            switch (result)
            {
                case StreamWrite.Done:
                    return Errno.Success;
                case StreamWrite.Fault:
                    return Errno.EFAULT;
                case StreamWrite.NoMemory:
                    return Errno.ENOBUFS;
            }

            if (outgoing.IsClosed)
                continue;
            outgoing.AnnounceWriter();
            if (!outgoing.IsWritable)
                return Errno.EAGAIN;
        }
    }

    /// <summary>The peer is closed: the bytes go out, and the answer to them ends the connection for later calls (tcp_reset of Linux).</summary>
    private Errno SendToNobody(IIoBuffer buffer, ref long done)
    {
        done += buffer.Remaining;
        Reset(Errno.EPIPE);
        Changed.WakeAll();
        return Errno.Success;
    }

    private SyscallResult SendOutside(ICaller caller, HostLink link, IIoBuffer buffer, MessageFlags flags, bool isNonBlocking)
    {
        MessageFlags hostFlags = flags & (MessageFlags.MSG_OOB | MessageFlags.MSG_MORE);
        long done = 0;
        if (isNonBlocking)
        {
            Errno result = TrySendOutside(link, buffer, hostFlags, null, ref done);
            return result == Errno.Success ? done : result;
        }

        HostSendRest rest = Interlocked.Exchange(ref _rest, null) ?? new HostSendRest();
        Errno error;
        do
            error = TrySendOutside(link, buffer, hostFlags, rest, ref done);
        while (error == Errno.Success && buffer.Remaining > 0);
        if (error == Errno.EAGAIN)
            error = WaitToSendOutside(caller, link, buffer, hostFlags, rest, ref done);
        rest.Start = rest.End;
        _rest = rest;
        return done > 0 || error == Errno.Success ? done : error;
    }

    private Errno WaitToSendOutside(ICaller caller, HostLink link, IIoBuffer buffer, MessageFlags flags, HostSendRest rest, ref long done)
    {
        long deadline = Settings.SendDeadline(caller);
        caller.Watch(Changed, exclusive: false, WriteEvents);
        try
        {
            while (true)
            {
                Errno error = TrySendOutside(link, buffer, flags, rest, ref done);
                if (error == Errno.Success && (buffer.Remaining > 0 || rest.Start < rest.End))
                    continue;
                if (error != Errno.EAGAIN)
                    return error;
                Errno ended = Settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private static Errno TrySendOutside(HostLink link, IIoBuffer buffer, MessageFlags flags, HostSendRest? rest, ref long done)
    {
        if (!link.MayWrite)
            return Errno.EAGAIN;
        uint mark = link.Mark;
        Errno error;
        int count;
        if (rest is not null && rest.Start < rest.End)
        {
            var again = new KernelBuffer(rest.Bytes, rest.Start, rest.End);
            error = link.Host.Send(link.Handle, again, flags, null, out count);
            rest.Start += count;
        }
        else
        {
            error = link.Host.Send(link.Handle, buffer, flags, rest, out count);
        }

        done += count;
        if (error == Errno.EAGAIN)
            link.Filled(mark);
        if (error == Errno.Success && rest is not null && rest.Start < rest.End)
        {
            // The host took a part: it has no more room.
            link.Filled(mark);
            return Errno.EAGAIN;
        }

        return error;
    }
}
