using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Sockets;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Sockets;

/// <summary>Finding peers and connecting with them.</summary>
internal sealed partial class UnixSocket
{
    private Errno Find(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> name, out UnixSocket? target)
    {
        target = null;
        if (name[0] == 0)
        {
            target = Vfs.AbstractNames.Find(name, Kind);
        }
        else
        {
            Errno error = PathWalk.Find(Vfs, caller, new PathArgument(context, null, name, LookupFlags.Follow), out PathWalk walk);
            if (error != Errno.Success)
                return error;
            error = Permissions.Check(caller, caller.Credentials, walk.Current.Inode, AccessMode.W_OK);
            if (error != Errno.Success)
                return error;
            target = (walk.Current.Inode as ISpecialInode)?.Content.Socket;
        }

        if (target is null)
            return Errno.ECONNREFUSED;
        return target.Kind == Kind ? Errno.Success : Errno.EPROTOTYPE;
    }

    private Errno ConnectDatagram(UnixSocket target)
    {
        UnixSocket? old;
        using (_lock.Enter())
        {
            if (target._isClosed)
                return Errno.ECONNREFUSED;

            // A socket that is connected to somebody else takes nothing from others.
            if (target._peer is not null && target._peer != this)
                return Errno.EPERM;
            old = _peer;
            Volatile.Write(ref _peer, target);
            _state = SocketState.Connected;
        }

        if (old is not null && old != target)
            DropPacketsOf(old);
        return Errno.Success;
    }

    private void Disconnect()
    {
        UnixSocket? old;
        using (_lock.Enter())
        {
            old = _peer;
            Volatile.Write(ref _peer, null);
            _state = SocketState.Unconnected;
        }

        if (old is not null)
            DropPacketsOf(old);
    }

    // What a former partner has sent is lost, and that one is told (unix_dgram_disconnected of Linux).
    private void DropPacketsOf(UnixSocket old)
    {
        if (_incoming.TakeAll(forGood: false) is not { } packets)
            return;
        Discard(packets);
        _hasRoom.WakeAll();
        using (_lock.Enter())
        {
            if (!old._isClosed && old._peer == this)
                old._error = Errno.ECONNRESET;
        }

        old._changed.WakeAll(PollEvents.Error);
    }

    /// <summary>A datagram found its receiver closed.</summary>
    private void ForgetPeer(UnixSocket target)
    {
        if (Volatile.Read(ref _peer) == target)
            Disconnect();
    }

    private void NameAutomatically()
    {
        using (_lock.Enter())
        {
            if (_name is null)
                _name = Vfs.AbstractNames.AddAutomatic(this);
        }
    }

    private Errno ConnectStream(ICaller caller, UnixSocket listener)
    {
        Errno error = TryConnect(caller, listener);
        if (error != Errno.EAGAIN || IsNonBlocking)
            return error;
        long deadline = _settings.SendDeadline(caller);
        caller.Watch(listener._changed);
        try
        {
            while ((error = TryConnect(caller, listener)) == Errno.EAGAIN)
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

    private Errno TryConnect(ICaller caller, UnixSocket listener)
    {
        using (_lock.Enter())
        {
            if (_state is SocketState.Connected)
                return Errno.EISCONN;
            if (_state != SocketState.Unconnected)
                return Errno.EINVAL;
            if (listener._isClosed || listener._state != SocketState.Listening)
                return Errno.ECONNREFUSED;

            // One more than the backlog, as Linux.
            if (listener._backlog!.Count > listener._backlogLimit)
                return Errno.EAGAIN;
            var server = new UnixSocket(caller, Kind, Vfs) { _passesCredentials = listener._passesCredentials };
            _ownCredentials = Ancillary.CredentialsOf(caller);
            server._ownCredentials = listener._ownCredentials;
            server._name = listener._name;
            Pair(this, server);
            listener._backlog.Enqueue(server);
        }

        listener._changed.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        _changed.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        return Errno.Success;
    }

    private Errno TryAccept(out UnixSocket? server)
    {
        server = null;
        using (_lock.Enter())
        {
            if (_state != SocketState.Listening)
                return Errno.EINVAL;
            if (!_backlog!.TryDequeue(out server))
                return _isReadShut ? Errno.EINVAL : Errno.EAGAIN;
        }

        // Clients may wait for room in the backlog.
        _changed.WakeAll(PollEvents.Out);
        return Errno.Success;
    }
}
