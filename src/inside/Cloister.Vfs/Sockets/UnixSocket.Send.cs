using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Sockets;

namespace Cloister.Vfs.Sockets;

/// <summary>Sending.</summary>
internal sealed partial class UnixSocket
{
    /// <summary>A socket with no more than this on its way is not charged kernel memory: small messages always get through.</summary>
    private const int FreeBytes = 2048;

    private int _charged;
    private IKernelMemory? _account;

    /// <summary>Whether little enough is on its way for POLLOUT (unix_writable of Linux).</summary>
    private bool IsWritable => (long)Volatile.Read(ref _charged) * 4 <= _settings.SendBuffer;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        SocketMessage message = default;
        return Send(caller, buffer, MessageFlags.None, ref message);
    }

    public SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message)
    {
        Ancillary? ancillary = null;
        if (message.ControlLength > 0)
        {
            Errno error = Ancillary.Parse(caller, Vfs, message, out ancillary);
            if (error != Errno.Success)
                return error;
        }

        SyscallResult result = IsStream
            ? SendStream(caller, buffer, flags, message, ancillary)
            : SendPacket(caller, buffer, flags, message, ancillary);
        ancillary?.Release();
        return result;
    }

    /// <summary>The socket has to pay for less: a receiver took a segment, or it was dropped.</summary>
    private void Uncharge(int charge)
    {
        Interlocked.Add(ref _charged, -charge);
        if (IsWritable)
            _changed.WakeAll(WriteEvents);
    }

    private SyscallResult SendStream(ICaller caller, IIoBuffer buffer, MessageFlags flags, in SocketMessage message, Ancillary? ancillary)
    {
        bool isOutOfBand = (flags & MessageFlags.MSG_OOB) != 0;
        if (isOutOfBand && buffer.Remaining == 0)
            return Errno.EOPNOTSUPP;
        if (message.AddressLength > 0)
            return State == SocketState.Connected ? Errno.EISCONN : Errno.EOPNOTSUPP;
        if (Volatile.Read(ref _peer) is not { } peer)
            return Errno.ENOTCONN;
        long done = 0;
        SyscallResult result = 0;
        if (IsWriteShut)
            result = Errno.EPIPE;
        while (buffer.Remaining > 0 && !result.IsError)
        {
            // The last byte of out-of-band data is a segment of its own.
            long wanted = isOutOfBand && buffer.Remaining > 1 ? buffer.Remaining - 1 : buffer.Remaining;
            int size = (int)Math.Min(wanted, Math.Min((_settings.SendBuffer >> 1) - 64, UnixSegment.LargestPiece));
            result = SendPiece(caller, buffer, size, flags, isOutOfBand && buffer.Remaining == 1, peer, message, ancillary);
            done += Math.Max(0, result.Value);
        }

        if (done > 0)
            return done;
        if (result.Errno == Errno.EPIPE && (flags & MessageFlags.MSG_NOSIGNAL) == 0)
            caller.RaiseSignal(FileSignals.SIGPIPE);
        return result;
    }

    private SyscallResult SendPiece(
        ICaller caller, IIoBuffer buffer, int size, MessageFlags flags, bool isMark, UnixSocket peer, in SocketMessage message, Ancillary? ancillary)
    {
        Errno error = WaitForBuffer(caller, UnixSegment.ChargeOf(size, isStream: true), flags, out IKernelMemory? account);
        if (error != Errno.Success)
            return error;
        UnixSegment segment = UnixSegment.Take(Vfs.Pools, size, isStream: true);
        segment.Account = account;
        error = segment.Fill(buffer);
        if (error == Errno.Success)
            error = Attach(caller, segment, peer, message, ancillary);
        if (error != Errno.Success)
        {
            segment.Drop(Vfs.Pools);
            return error;
        }

        if (peer.IsReadShut)
            error = Errno.EPIPE;
        UnixSegment? replaced = null;
        if (error == Errno.Success)
            error = peer._incoming.Put(segment, limited: false, isMark, out replaced);
        if (error != Errno.Success)
        {
            Discard(segment);
            return error;
        }

        Discard(replaced);
        peer._changed.WakeAll(isMark ? ReadEvents | PollEvents.Priority : ReadEvents);
        if (isMark)
            peer.SignalOutOfBand();
        return size;
    }

    private SyscallResult SendPacket(ICaller caller, IIoBuffer buffer, MessageFlags flags, in SocketMessage message, Ancillary? ancillary)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
            return Errno.EOPNOTSUPP;
        Errno error;
        UnixSocket? target = Volatile.Read(ref _peer);
        if (!IsDatagram)
        {
            // Addresses are ignored (unix_seqpacket_sendmsg of Linux).
            error = TakeError();
            if (error != Errno.Success)
                return error;
            if (State != SocketState.Connected || target is null)
                return Errno.ENOTCONN;
        }

        ReadOnlySpan<byte> name = default;
        bool hasAddress = IsDatagram && message.AddressLength > 0;
        if (hasAddress)
        {
            error = UnixAddress.Parse(message.Address[..message.AddressLength], out name);
            if (error != Errno.Success)
                return error;
            if (name.IsEmpty)
                return Errno.EINVAL;
        }
        else if (target is null)
        {
            return Errno.ENOTCONN;
        }

        if (_passesCredentials)
            NameAutomatically();
        if (buffer.Remaining > _settings.SendBuffer - 32)
            return Errno.EMSGSIZE;
        error = WaitForBuffer(caller, UnixSegment.ChargeOf((int)buffer.Remaining, isStream: false), flags, out IKernelMemory? account);
        if (error != Errno.Success)
            return error;
        UnixSegment segment = UnixSegment.Take(Vfs.Pools, (int)buffer.Remaining, isStream: false);
        segment.Account = account;
        error = segment.Fill(buffer);
        if (error == Errno.Success && hasAddress)
            error = Find(caller, message.Context, name, out target);
        if (error == Errno.Success)
            error = Attach(caller, segment, target!, message, ancillary);
        if (error != Errno.Success)
        {
            segment.Drop(Vfs.Pools);
            return error;
        }

        int length = segment.Length;
        error = Enqueue(caller, segment, target!, flags);
        if (error != Errno.Success)
        {
            Discard(segment);
            return error;
        }

        target!._changed.WakeAll(ReadEvents);
        return length;
    }

    /// <summary>Puts a packet into the receiver's queue, waiting for a place there.</summary>
    private Errno Enqueue(ICaller caller, UnixSegment segment, UnixSocket target, MessageFlags flags)
    {
        Errno error = TryEnqueue(segment, target);
        if (error != Errno.EAGAIN || IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0)
            return error;
        long deadline = _settings.SendDeadline(caller);

        // The queue of the receiver is woken when it takes something; a connection's end wakes this one's.
        caller.Watch(target._hasRoom);
        caller.Watch(_changed);
        try
        {
            while ((error = TryEnqueue(segment, target)) == Errno.EAGAIN)
            {
                Errno ended = _settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }

            return error;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private Errno TryEnqueue(UnixSegment segment, UnixSocket target)
    {
        UnixSocket? peerOfTarget = Volatile.Read(ref target._peer);
        if (IsDatagram && peerOfTarget is not null && peerOfTarget != this)
            return Errno.EPERM;
        if (target.IsReadShut && !target.IsClosed)
            return Errno.EPIPE;

        // A socket's own partner is limited by its send buffer alone.
        Errno error = target._incoming.Put(segment, limited: peerOfTarget != this && target != this, isOutOfBand: false, out _);
        if (error != Errno.EPIPE || !IsDatagram)
            return error;
        ForgetPeer(target);
        return Errno.ECONNREFUSED;
    }

    /// <summary>Waits until the socket may send more (SO_SNDBUF), and pays for it.</summary>
    private Errno WaitForBuffer(ICaller caller, int charge, MessageFlags flags, out IKernelMemory? account)
    {
        Errno error = TryBuffer(caller, charge, out account);
        if (error != Errno.EAGAIN || IsNonBlocking || (flags & MessageFlags.MSG_DONTWAIT) != 0)
            return error;
        long deadline = _settings.SendDeadline(caller);
        caller.Watch(_changed);
        try
        {
            while ((error = TryBuffer(caller, charge, out account)) == Errno.EAGAIN)
            {
                Errno ended = _settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended;
            }

            return error;
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private Errno TryBuffer(ICaller caller, int charge, out IKernelMemory? account)
    {
        account = null;
        if (_error != Errno.Success && TakeError() is var error && error != Errno.Success)
            return error;
        if (IsWriteShut)
            return Errno.EPIPE;
        int charged = Volatile.Read(ref _charged);
        if (charged >= _settings.SendBuffer)
            return Errno.EAGAIN;
        if (charged + charge <= FreeBytes)
            return Errno.Success;
        account = _account ??= caller.KernelMemory;
        if (account.TryTake(charge))
            return Errno.Success;

        // With something on its way, room will come of itself when that is received.
        account = null;
        return charged > 0 ? Errno.EAGAIN : Errno.ENOBUFS;
    }

    /// <summary>Gives a segment what travels with it, and charges the sender.</summary>
    private Errno Attach(ICaller caller, UnixSegment segment, UnixSocket target, in SocketMessage message, Ancillary? ancillary)
    {
        if (ancillary?.TakeFiles(caller) is { } files)
        {
            Errno error = Vfs.FilesInFlight.Launch(caller, files, message.DescriptorLimit);
            if (error != Errno.Success)
            {
                Vfs.Releases.Add(files.Files);
                Vfs.Releases.Drain();
                return error;
            }

            segment.Files = files;
        }

        segment.Credentials = ancillary?.Credentials;
        if (segment.Credentials is null && (_passesCredentials || target._passesCredentials))
            segment.Credentials = Ancillary.CredentialsOf(caller);
        segment.Sender = this;
        Interlocked.Add(ref _charged, segment.Charge);
        return Errno.Success;
    }

    /// <summary>Drops a chain of segments that nobody will receive.</summary>
    private void Discard(UnixSegment? segment)
    {
        while (segment is not null)
        {
            UnixSegment? next = segment.Next;
            if (segment.Files is { } files)
            {
                segment.Files = null;
                Vfs.FilesInFlight.Land(files);
                Vfs.Releases.Add(files.Files);
            }

            segment.Sender!.Uncharge(segment.Charge);
            segment.Drop(Vfs.Pools);
            segment = next;
        }

        Vfs.Releases.Drain();
    }

    // SIGURG goes to the socket's owner (socket(7), F_SETOWN).
    private void SignalOutOfBand()
    {
        if (!SignalOwner.IsNone)
            Vfs.JobControl?.Send(SignalOwner, FileSignals.SIGURG);
    }
}
