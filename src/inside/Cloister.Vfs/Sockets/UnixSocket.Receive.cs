using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Sockets;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>Receiving.</summary>
internal sealed partial class UnixSocket
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        // Unlike recvmsg, a read of nothing does nothing (sock_read_iter of Linux).
        if (buffer.Remaining == 0)
            return 0;
        SocketMessage message = default;
        return Receive(caller, buffer, MessageFlags.None, ref message);
    }

    public SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        message.Flags = MessageFlags.None;
        message.ControlLength = 0;
        message.AddressLength = 0;
        if (!IsDatagram && State != SocketState.Connected)
            return IsStream ? Errno.EINVAL : Errno.ENOTCONN;
        bool isOutOfBand = (flags & MessageFlags.MSG_OOB) != 0;
        if (IsStream)
            return isOutOfBand ? ReceiveOutOfBand(buffer, flags, ref message) : ReceiveStream(caller, buffer, flags, ref message);
        return isOutOfBand ? Errno.EOPNOTSUPP : ReceivePacket(caller, buffer, flags, ref message);
    }

    private SyscallResult ReceiveStream(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        var read = new StreamRead
        {
            IsPeek = isPeek,
            IsInline = _settings.IsUrgentInline,
            WantsCredentials = _passesCredentials && message.Descriptors is not null,
            PeekOffset = isPeek ? Math.Max(0, _settings.PeekOffset) : 0,
        };
        long target = (flags & MessageFlags.MSG_WAITALL) != 0 ? buffer.Remaining : Math.Min(Math.Max(_settings.ReceiveLowWater, 1), buffer.Remaining);
        SyscallResult result = TryReceiveStream(buffer, target, ref read);
        if (result.Errno == Errno.EAGAIN && !IsNonBlocking && (flags & MessageFlags.MSG_DONTWAIT) == 0)
            result = WaitForStream(caller, buffer, target, ref read);
        if (read.Done > 0)
            result = read.Done;
        if (result.IsError)
            return result;
        MovePeekOffset(isPeek, (int)read.Done);
        Name(ref message, read.Sender);
        Deliver(ref message, flags, read.Credentials, read.Files, isPeek);
        return result;
    }

    private SyscallResult TryReceiveStream(IIoBuffer buffer, long target, ref StreamRead read)
    {
        while (true)
        {
            // Looked at before the queue: what was sent before the peer closed is still received.
            bool isShut = IsReadShut;
            StreamStep step = _incoming.ReadStream(buffer, ref read);
            FinishReceived(ref read);
            switch (step)
            {
                case StreamStep.Done:
                    return read.Done;
                case StreamStep.Absent when buffer.Prepare(forStore: true):
                    continue;
                case StreamStep.Absent:
                    return read.Done > 0 ? read.Done : Errno.EFAULT;
            }

            if (read.Done > 0 && (read.Done >= target || read.IsPeek))
                return read.Done;
            Errno error = TakeError();
            if (error != Errno.Success)
                return error;
            return isShut ? Errno.Success : Errno.EAGAIN;
        }
    }

    private SyscallResult WaitForStream(ICaller caller, IIoBuffer buffer, long target, ref StreamRead read)
    {
        long deadline = _settings.ReceiveDeadline(caller);
        caller.Watch(_changed);
        try
        {
            while (true)
            {
                SyscallResult result = TryReceiveStream(buffer, target, ref read);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                Errno ended = _settings.SleepToReceive(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private SyscallResult ReceiveOutOfBand(IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        if (_settings.IsUrgentInline)
            return Errno.EINVAL;
        Errno error = _incoming.TakeOutOfBand((flags & MessageFlags.MSG_PEEK) != 0, out byte value);
        if (error != Errno.Success)
            return error;
        message.Flags |= MessageFlags.MSG_OOB;
        return buffer.Remaining > 0 && buffer.Store([value]) == 0 ? Errno.EFAULT : 1;
    }

    private SyscallResult ReceivePacket(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        bool isPeek = (flags & MessageFlags.MSG_PEEK) != 0;
        bool isNonBlocking = IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0;
        Errno error = TryTakePacket(isPeek, isNonBlocking, out UnixSegment? packet, out int skip, out PassedFiles? files);
        if (error == Errno.EAGAIN && !isNonBlocking)
            error = WaitForPacket(caller, isPeek, out packet, out skip, out files);
        if (packet is null)
            return error;

        // Copied without the lock; what doesn't arrive is lost, as on Linux.
        int available = packet.Length - skip;
        int wanted = (int)Math.Min(buffer.Remaining, available);
        int stored = buffer.Store(packet.Data.AsSpan(packet.Start + skip, wanted));
        UnixSocket sender = packet.Sender!;
        PeerCredentials? credentials = packet.Credentials;
        if (isPeek)
            packet.Drop(Vfs.Pools);
        else
            FinishReceived(packet);
        if (files is not null && !isPeek)
            Vfs.FilesInFlight.Land(files);
        if (stored < wanted)
        {
            Release(files);
            return Errno.EFAULT;
        }

        MovePeekOffset(isPeek, isPeek ? wanted : available);
        if (wanted < available)
            message.Flags |= MessageFlags.MSG_TRUNC;
        Name(ref message, sender);
        Deliver(ref message, flags, credentials, files, wasPeeked: true);
        if (!isPeek)
            _hasRoom.WakeAll(WriteEvents);
        return (flags & MessageFlags.MSG_TRUNC) != 0 ? available : wanted;
    }

    private Errno TryTakePacket(bool isPeek, bool isNonBlocking, out UnixSegment? packet, out int skip, out PassedFiles? files)
    {
        packet = null;
        files = null;
        skip = isPeek ? Math.Max(0, _settings.PeekOffset) : 0;
        bool isShut = IsReadShut;
        Errno error = _error == Errno.Success ? Errno.Success : TakeError();
        if (error != Errno.Success)
            return error;
        packet = _incoming.TakePacket(isPeek, ref skip, out files);
        if (packet is not null)
            return Errno.Success;

        // The end of datagrams is seen by those who would wait only.
        return isShut && (!IsDatagram || !isNonBlocking) ? Errno.Success : Errno.EAGAIN;
    }

    private Errno WaitForPacket(ICaller caller, bool isPeek, out UnixSegment? packet, out int skip, out PassedFiles? files)
    {
        long deadline = _settings.ReceiveDeadline(caller);
        caller.Watch(_changed);
        try
        {
            while (true)
            {
                Errno error = TryTakePacket(isPeek, false, out packet, out skip, out files);
                if (error != Errno.EAGAIN)
                    return error;
                Errno ended = _settings.SleepToReceive(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private void FinishReceived(ref StreamRead read)
    {
        while (read.Freed is { } segment)
        {
            read.Freed = segment.Next;
            FinishReceived(segment);
        }
    }

    private void FinishReceived(UnixSegment segment)
    {
        // Out-of-band data that was passed over may have come with files.
        if (segment.Files is not null)
        {
            segment.Next = null;
            Discard(segment);
            return;
        }

        segment.Sender!.Uncharge(segment.Charge);
        segment.Drop(Vfs.Pools);
    }

    private void MovePeekOffset(bool isPeek, int count)
    {
        int offset = _settings.PeekOffset;
        if (offset >= 0)
            _settings.PeekOffset = isPeek ? offset + count : Math.Max(0, offset - count);
    }

    private static void Name(ref SocketMessage message, UnixSocket? sender)
    {
        if (!message.Address.IsEmpty && sender?._name is { } name)
            message.AddressLength = UnixAddress.Write(name, message.Address);
    }

    private void Deliver(ref SocketMessage message, MessageFlags flags, PeerCredentials? credentials, PassedFiles? files, bool wasPeeked)
    {
        if (files is not null && !wasPeeked)
            Vfs.FilesInFlight.Land(files);

        // A plain read can't take descriptors or credentials.
        if (message.Descriptors is null)
        {
            Release(files);
            return;
        }

        if (_passesCredentials)
            Ancillary.Deliver(ref message, credentials);
        if (files is not null)
            Ancillary.Deliver(ref message, files.Files, (flags & MessageFlags.MSG_CMSG_CLOEXEC) != 0);
    }

    private static void Release(PassedFiles? files)
    {
        foreach (OpenFile file in files?.Files ?? [])
            file.Release();
    }
}
