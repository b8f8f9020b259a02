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

/// <summary>A socket of AF_UNIX (unix(7)): making and ending connections.</summary>
/// <remarks>
/// The VFS's socket lock guards names, states and peers of all these sockets, which change rarely; data moves under the
/// lock of the receiving socket's <see cref="UnixQueue"/>, which may be taken with the socket lock held.
/// </remarks>
internal sealed partial class UnixSocket : OpenFile, ISocketFile
{
    private const PollEvents ReadEvents = PollEvents.In | PollEvents.ReadNormal;
    private const PollEvents WriteEvents = PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand;

    private readonly WaitQueue _changed = new();

    // Senders that wait for a place in this socket's queue of packets, and who polls for them.
    private readonly WaitQueue _hasRoom = new();
    private readonly UnixQueue _incoming = new();
    private readonly KernelLock _lock;
    private Queue<UnixSocket>? _backlog;
    private int _backlogLimit;
    private UnixSocket? _peer;
    private byte[]? _name;
    private SpecialContent? _boundPlace;
    private volatile SocketState _state;
    private volatile bool _isReadShut;
    private volatile bool _isWriteShut;
    private volatile bool _isClosed;
    private volatile Errno _error;
    private PeerCredentials _ownCredentials;
    private PeerCredentials _peerCredentials;

    public UnixSocket(ICaller caller, SocketType kind, VirtualFileSystem vfs)
    {
        Kind = kind;
        _lock = vfs.SocketLock;
        _ownCredentials = Ancillary.CredentialsOf(caller);
        using (_lock.Enter())
            vfs.Sockets.Add(this);
    }

    private enum SocketState
    {
        Unconnected,
        Listening,

        /// <summary>Also when the peer is gone.</summary>
        Connected,
    }

    /// <summary>SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET.</summary>
    public SocketType Kind { get; }

    public override bool IsPollable => true;

    private SocketState State => _state;

    private bool IsReadShut => _isReadShut;

    private bool IsWriteShut => _isWriteShut;

    private bool IsClosed => _isClosed;

    private bool IsDatagram => Kind == SocketType.SOCK_DGRAM;

    private bool IsStream => Kind == SocketType.SOCK_STREAM;

    /// <summary>Connects two new sockets (socketpair(2)).</summary>
    public static void Pair(UnixSocket first, UnixSocket second)
    {
        first._peer = second;
        second._peer = first;
        first._state = SocketState.Connected;
        second._state = SocketState.Connected;
        first._peerCredentials = second._ownCredentials;
        second._peerCredentials = first._ownCredentials;
    }

    public Errno Bind(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address)
    {
        Errno error = UnixAddress.Parse(address, out ReadOnlySpan<byte> name);
        if (error != Errno.Success)
            return error;
        using (_lock.Enter())
        {
            if (_name is not null)
                return Errno.EINVAL;
            if (name.IsEmpty)
            {
                _name = Vfs.AbstractNames.AddAutomatic(this);
                return Errno.Success;
            }

            byte[] bytes = name.ToArray();
            if (bytes[0] == 0)
            {
                error = Vfs.AbstractNames.Add(bytes, this);
                if (error == Errno.Success)
                    _name = bytes;
                return error;
            }
        }

        return BindPath(caller, context, name.ToArray());
    }

    public Errno Listen(ICaller caller, int backlog)
    {
        if (IsDatagram)
            return Errno.EOPNOTSUPP;
        using (_lock.Enter())
        {
            if (_name is null || _state is not (SocketState.Unconnected or SocketState.Listening))
                return Errno.EINVAL;
            _state = SocketState.Listening;
            _backlog ??= new Queue<UnixSocket>();
            _backlogLimit = (int)Math.Min((uint)backlog, SocketOptions.SOMAXCONN);
            _ownCredentials = Ancillary.CredentialsOf(caller);
        }

        _changed.WakeAll();
        return Errno.Success;
    }

    public Errno Connect(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> address)
    {
        if (IsDatagram && address.Length >= 2 && address[0] == 0 && address[1] == 0)
        {
            // AF_UNSPEC dissolves the association (connect(2)).
            Disconnect();
            return Errno.Success;
        }

        Errno error = UnixAddress.Parse(address, out ReadOnlySpan<byte> name);
        if (error != Errno.Success)
            return error;
        if (name.IsEmpty)
            return Errno.EINVAL;
        if (_passesCredentials)
            NameAutomatically();
        error = Find(caller, context, name, out UnixSocket? target);
        if (error != Errno.Success)
            return error;
        return IsDatagram ? ConnectDatagram(target!) : ConnectStream(caller, target!);
    }

    public Errno Accept(ICaller caller, bool isNonBlocking, out IOpenFile? accepted)
    {
        accepted = null;
        if (IsDatagram)
            return Errno.EOPNOTSUPP;
        Errno error = TryAccept(out UnixSocket? server);
        if (error == Errno.EAGAIN && !IsNonBlocking)
        {
            long deadline = _settings.ReceiveDeadline(caller);
            caller.Watch(_changed);
            try
            {
                while ((error = TryAccept(out server)) == Errno.EAGAIN)
                {
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

        if (error != Errno.Success)
            return error;
        server!.Begin(Vfs.CreateSocketPlace(), OpenFlags.O_RDWR | (isNonBlocking ? OpenFlags.O_NONBLOCK : 0));
        accepted = server;
        return Errno.Success;
    }

    public Errno GetName(bool isPeer, Span<byte> address, out int length)
    {
        using (_lock.Enter())
        {
            length = 0;
            if (isPeer && _peer is null)
                return Errno.ENOTCONN;
            length = UnixAddress.Write(isPeer ? _peer!._name : _name, address);
            return Errno.Success;
        }
    }

    public Errno Shutdown(ICaller caller, int how)
    {
        if (how is < 0 or > 2)
            return Errno.EINVAL;
        UnixSocket? peer;
        using (_lock.Enter())
        {
            peer = _peer;
            if (how is 0 or 2)
                _isReadShut = true;
            if (how is 1 or 2)
                _isWriteShut = true;
            if (!IsDatagram && peer is not null)
            {
                if (how is 0 or 2)
                    peer._isWriteShut = true;
                if (how is 1 or 2)
                    peer._isReadShut = true;
            }
        }

        _changed.WakeAll();
        peer?._changed.WakeAll();
        return Errno.Success;
    }

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_changed);
        UnixSocket? peer = Volatile.Read(ref _peer);
        if (IsDatagram && peer is not null && table is not null)
            table.Watch(peer._hasRoom);
        PollEvents events = PollEvents.None;
        SocketState state = State;
        if (state == SocketState.Listening)
        {
            using (_lock.Enter())
                return _backlog!.Count > 0 ? ReadEvents : events;
        }

        bool isReadShut = IsReadShut;
        if (_error != Errno.Success)
            events |= PollEvents.Error;
        if (_incoming.HasData || isReadShut)
            events |= ReadEvents;
        if (isReadShut)
            events |= PollEvents.ReadHangUp;
        if (_incoming.HasOutOfBand)
            events |= PollEvents.Priority;
        if ((isReadShut && IsWriteShut) || (!IsDatagram && state == SocketState.Unconnected))
            events |= PollEvents.HangUp;
        bool isBlockedByPeer = IsDatagram && peer is not null && Volatile.Read(ref peer._peer) != this && peer._incoming.IsFull;
        if (IsWritable && !isBlockedByPeer)
            events |= WriteEvents;
        return events;
    }

    /// <summary>Files in the queues of this socket and of connections that it has not accepted. The socket lock is held.</summary>
    public void CollectFiles(List<PassedFiles> into, bool take)
    {
        _incoming.CollectFiles(into, take);
        foreach (UnixSocket pending in _backlog ?? [])
            pending._incoming.CollectFiles(into, take);
    }

    /// <summary>Its line of /proc/net/unix (proc_pid_net(5)); the socket lock is held.</summary>
    public void Describe(ByteWriter writer)
    {
        const int acceptsConnections = 0x10000;
        bool isOpen = References > 0;
        int state = _state == SocketState.Connected ? (isOpen ? 3 : 2) : (isOpen ? 1 : 4);
        writer.Write("0000000000000000: "u8).Hexadecimal((ulong)Math.Max(1, References), 8, isUpper: true).Write(" 00000000 "u8);
        writer.Hexadecimal(_state == SocketState.Listening ? (ulong)acceptsConnections : 0, 8, isUpper: true).Write(' ');
        writer.Hexadecimal((ulong)Kind, 4, isUpper: true).Write(' ').Hexadecimal((ulong)state, 2, isUpper: true).Write(' ').Padded(isOpen ? (long)Inode.Number : 0, 5);
        if (_name is not null)
        {
            writer.Write(' ');
            bool isAbstract = _name.Length > 0 && _name[0] == 0;
            foreach (byte value in _name)
                writer.Write(isAbstract && value == 0 ? (byte)'@' : value);
        }

        writer.Write('\n');
    }

    protected override void OnReleased() => Vfs.FilesInFlight.OnSocketReleased();

    protected override void OnClosed()
    {
        UnixSocket? peer;
        UnixSocket[] waiting;
        using (_lock.Enter())
        {
            Vfs.Sockets.Remove(this);
            _isClosed = true;
            peer = _peer;
            if (_name is { Length: > 0 } && _name[0] == 0)
                Vfs.AbstractNames.Remove(_name, this);
            if (_boundPlace?.Socket == this)
                _boundPlace.Socket = null;
            waiting = _backlog is null ? [] : _backlog.ToArray();
            _backlog?.Clear();
            if (!IsDatagram && peer is not null)
                peer.OnPeerClosed(_incoming.HasData);
        }

        Discard(_incoming.TakeAll(forGood: true));
        peer?._changed.WakeAll();
        foreach (UnixSocket pending in waiting)
            pending.Refuse(this);
        _changed.WakeAll();
        _hasRoom.WakeAll();
        Vfs.FilesInFlight.OnSocketClosed();
    }

    /// <summary>A connection that nobody accepted: its listener is closed.</summary>
    private void Refuse(UnixSocket listener)
    {
        UnixSocket? client;
        using (_lock.Enter())
        {
            listener.Vfs.Sockets.Remove(this);
            _isClosed = true;
            client = _peer;
            client?.OnPeerClosed(true);
        }

        listener.Discard(_incoming.TakeAll(forGood: true));
        client?._changed.WakeAll();
    }

    /// <summary>The socket lock is held.</summary>
    private void OnPeerClosed(bool hadUnreadData)
    {
        _isWriteShut = true;
        _isReadShut = true;
        if (hadUnreadData)
            _error = Errno.ECONNRESET;
    }

    private Errno BindPath(ICaller caller, IFileSystemContext context, byte[] name)
    {
        var path = new PathArgument(context, null, name, LookupFlags.None);

        // The file has the socket's own rights, which fchmod may have changed, but for the umask.
        Errno error = Vfs.Make(caller, path, Inode.Mode, 0, null, out VfsPath made);
        if (error != Errno.Success)
            return error == Errno.EEXIST ? Errno.EADDRINUSE : error;
        using (_lock.Enter())
        {
            _name = name;
            _boundPlace = (made.Inode as ISpecialInode)?.Content;
            if (_boundPlace is not null)
                _boundPlace.Socket = this;
            return Errno.Success;
        }
    }
}
