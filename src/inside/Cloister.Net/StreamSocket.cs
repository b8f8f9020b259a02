using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Nucleus;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>A socket of TCP (tcp(7)): its states, readiness and end.</summary>
/// <remarks>
/// A connection lies either inside, between two of these, each reading its own <see cref="StreamQueue"/>; or it is one of the host's, behind
/// <see cref="InetSocket.Link"/>. A listener takes both kinds.
/// </remarks>
internal sealed partial class StreamSocket : InetSocket
{
    // The defaults of tcp_wmem and tcp_rmem (tcp(7)).
    private const int DefaultSendBuffer = 16_384;
    private const int DefaultReceiveBuffer = 131_072;

    // What a direction takes where the program has set nothing: Linux tunes it by itself, up to megabytes.
    private const int TunedCapacity = 256 << 10;

    private volatile StreamState _state;
    private volatile StreamQueue? _incoming;
    private volatile StreamSocket? _peer;
    private volatile bool _isReadShut;
    private volatile bool _isWriteShut;
    private volatile bool _isReset;
    private bool _peerEndedFirst;

    public StreamSocket(Network network, IKernelMemory account, uint userId, bool isV6)
        : base(network, account, userId, isV6, NetworkProtocol.Tcp, new SocketSettings(DefaultSendBuffer, DefaultReceiveBuffer))
    {
    }

    private StreamSocket(StreamSocket listener)
        : base(listener.Network, listener.Account, listener.UserId, listener.IsV6, NetworkProtocol.Tcp, listener.Settings.Clone()) => InheritOptions(listener);

    private enum StreamState
    {
        Closed,
        Listening,
        Connecting,
        Connected,
    }

    public override bool IsListening => _state == StreamState.Listening;

    protected override bool HasPeer => _state == StreamState.Connected && StateOfConnection() != TcpState.Close;

    private bool IsInside => _incoming is not null;

    public override NetworkSocketStatus Describe()
    {
        TcpState state = _state switch
        {
            StreamState.Listening => TcpState.Listen,
            StreamState.Connecting => TcpState.SynSent,
            StreamState.Connected => StateOfConnection(),
            _ => TcpState.Close,
        };
        bool isListener = state == TcpState.Listen;
        int unread = isListener ? _backlog!.Count : _incoming?.Count ?? 0;
        return new NetworkSocketStatus(
            Protocol, IsV6, Local, Remote, state, isListener ? _backlogLimit : 0, unread, UserId, Inode, IsV6Only);
    }

    public override Errno Shutdown(ICaller caller, int how)
    {
        if (_state == StreamState.Listening)
            return ShutdownListener(how);
        if (_state == StreamState.Connecting)
            return StopConnecting();
        if (!HasPeer)
            return Errno.ENOTCONN;
        if (Link is { } link)
        {
            Errno error = link.Host.Shutdown(link.Handle, how);
            if (error != Errno.Success)
                return error;
        }

        if (how is 0 or 2)
            _isReadShut = true;
        if (how is 1 or 2)
            EndWriting();
        Changed.WakeAll();
        return Errno.Success;
    }

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(Changed);
        switch (_state)
        {
            case StreamState.Listening:
                return PollListener(table is { HearsReports: true });
            case StreamState.Connecting:
                return PollConnecting();
            case StreamState.Closed:
                PollEvents error = PendingError != Errno.Success ? PollEvents.Error : PollEvents.None;
                return WriteEvents | PollEvents.HangUp | error | (_isAborted || error != 0 ? ReadEvents | PollEvents.ReadHangUp : 0);
        }

        if (Link is { } link)
            return PollOutside(link, table is { HearsReports: true });
        StreamQueue incoming = _incoming!;
        PollEvents events = PendingError != Errno.Success ? PollEvents.Error : PollEvents.None;
        bool isReadShut = _isReadShut || incoming.IsEnded;
        int wanted = Math.Min(Settings.ReceiveLowWater, incoming.Capacity);
        if (isReadShut || incoming.Count >= wanted)
            events |= ReadEvents;
        if (isReadShut)
            events |= PollEvents.ReadHangUp;
        if (_isReset || (isReadShut && _isWriteShut))
            events |= PollEvents.HangUp;
        if (incoming.HasUrgent)
            events |= PollEvents.Priority;
        if (CanWrite())
            events |= WriteEvents;
        return events;
    }

    public override void Close()
    {
        StreamSocket[] waiting = [];
        StreamSocket[] clients = [];
        StreamSocket? peer;
        bool isReset;
        using (Setup.Enter())
        {
            using (Network.Lock.Enter())
            {
                StopAwaiting();
                if (_state == StreamState.Listening)
                    (waiting, clients) = TakeBacklog();
                peer = _peer;
                isReset = EndLocked();
            }

            if (Link is { } link)
            {
                Link = null;
                Network.Links!.Close(link);
            }
        }

        if (peer is not null)
        {
            if (isReset)
                peer.Reset(Errno.ECONNRESET);
            peer.Changed.WakeAll();
        }

        _incoming?.Close();
        RefuseAll(waiting, clients);
        Changed.WakeAll();
        GiveBack();
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        HostSocketCount? what = request switch
        {
            Ioctls.FIONREAD => HostSocketCount.Readable,
            Ioctls.TIOCOUTQ => HostSocketCount.Unsent,
            Ioctls.SIOCATMARK => HostSocketCount.AtMark,
            _ => null,
        };
        if (what is not { } wanted)
            return base.Control(caller, request, argument, data);
        if (_state == StreamState.Listening && wanted != HostSocketCount.AtMark)
            return Errno.EINVAL;
        int number = 0;
        if (Link is { } link)
        {
            Errno error = link.Host.Count(link.Handle, wanted, out number);
            if (error != Errno.Success)
                return error;
        }
        else if (_incoming is { } incoming)
        {
            // What the peer has not read yet counts as acknowledged up to its window.
            number = wanted switch
            {
                HostSocketCount.Readable => incoming.HasUrgent && incoming.IsAtMark ? 0 : incoming.Count,
                HostSocketCount.Unsent => Math.Max(0, (_peer?._incoming?.Count ?? 0) - (_peer?.Settings.ReceiveBuffer ?? 0)),
                _ => incoming.IsAtMark ? 1 : 0,
            };
        }

        BitConverter.TryWriteBytes(data, number);
        return 0;
    }

    protected override Errno CheckState(int level, int name, int number) => (level, name) switch
    {
        // Only a socket without a connection has no limit to its window.
        (InetOptions.IPPROTO_TCP, InetOptions.TCP_WINDOW_CLAMP) when number == 0 && _state != StreamState.Closed => Errno.EINVAL,
        (InetOptions.IPPROTO_IP, InetOptions.IP_MULTICAST_TTL) => Errno.EINVAL,
        _ => Errno.Success,
    };

    protected override void OnSettingsChanged(int name)
    {
        if (name is SocketOptions.SO_SNDBUF or SocketOptions.SO_SNDBUFFORCE or SocketOptions.SO_RCVBUF or SocketOptions.SO_RCVBUFFORCE && _peer is { } peer)
        {
            FitCapacity(this, peer);
            FitCapacity(peer, this);
            Changed.WakeAll(WriteEvents);
            peer.Changed.WakeAll(WriteEvents);
        }
    }

    protected override Errno GetTcpInformation(Span<byte> value, out int length)
    {
        // struct tcp_info begins with the state; what follows measures a network that isn't there: numbers that Linux begins with.
        const int size = 104;
        Span<byte> information = stackalloc byte[size];
        information.Clear();
        using (Network.Lock.Enter())
            information[0] = (byte)Describe().State;
        const int maximumSegment = 32_768;
        BitConverter.TryWriteBytes(information[16..], maximumSegment);
        BitConverter.TryWriteBytes(information[20..], maximumSegment);
        const int retransmissionTimeout = 204_000;
        const int congestionWindow = 10;
        const int slowStartThreshold = int.MaxValue;
        BitConverter.TryWriteBytes(information[8..], retransmissionTimeout);
        BitConverter.TryWriteBytes(information[76..], slowStartThreshold);
        BitConverter.TryWriteBytes(information[80..], congestionWindow);
        BitConverter.TryWriteBytes(information[84..], maximumSegment);
        return SocketOptionValue.Put(value, information, out length);
    }

    private TcpState StateOfConnection()
    {
        if (_isReset)
            return TcpState.Close;
        bool hasPeerEnded = _incoming?.IsEnded == true;
        if (!_isWriteShut)
            return hasPeerEnded ? TcpState.CloseWait : TcpState.Established;
        return hasPeerEnded ? TcpState.Close : TcpState.FinWait2;
    }

    private bool CanWrite()
    {
        if (_isWriteShut || _peer?._incoming is not { } outgoing)
            return true;
        if (outgoing.IsWritable || outgoing.IsClosed)
            return true;
        outgoing.AnnounceWriter();
        return outgoing.IsWritable;
    }

    private PollEvents PollOutside(HostLink link, bool hearsReports)
    {
        PollEvents events = link.Poll(hearsReports);
        if (_isReadShut)
            events |= ReadEvents | PollEvents.ReadHangUp;
        if (PendingError != Errno.Success)
            events |= PollEvents.Error;
        return events;
    }

    /// <summary>No more bytes from this side: the peer reads the end.</summary>
    private void EndWriting()
    {
        _isWriteShut = true;
        if (_peer is not { } peer)
            return;
        peer._peerEndedFirst |= _incoming?.IsEnded != true;
        peer._incoming?.End();
        peer.Changed.WakeAll();
    }

    /// <summary>The connection is gone at once (RST).</summary>
    private void Reset(Errno error)
    {
        PendingError = error;
        _isReset = true;
        _isWriteShut = true;
        _isReadShut = true;
        _incoming?.End();
    }

    /// <summary>Ends a socket; the network's lock is held.</summary>
    /// <returns>Whether the peer sees a reset: something was not read, or SO_LINGER says so (RFC 1122, 4.2.2.13).</returns>
    private bool EndLocked()
    {
        bool isReset = false;
        if (_state == StreamState.Connected && _incoming is { } incoming && _peer is { } peer)
        {
            isReset = incoming.Count > 0 || (Settings.Lingers && Settings.LingerSeconds == 0);
            bool isFirst = !_peerEndedFirst && !_isReset;
            if (!isReset && !_isReset && isFirst && IsBound)
                Ports.AddClosed(this, Local, Remote, Network.Now, TimeAfterClose(hasPeerEnded: incoming.IsEnded));
            peer._peerEndedFirst |= isFirst;
            peer._incoming?.End();
            _isWriteShut = true;
        }

        UnreserveLocked();
        return isReset;
    }

    // TIME_WAIT, or FIN_WAIT2 while the peer's end hasn't come, which TCP_LINGER2 shortens (tcp_close of Linux).
    private long TimeAfterClose(bool hasPeerEnded)
    {
        int seconds = hasPeerEnded
            ? InetOptions.DefaultLinger
            : Math.Max(0, OptionNumber(InetOptions.IPPROTO_TCP, InetOptions.TCP_LINGER2, InetOptions.DefaultLinger));
        return seconds * 1_000_000_000L;
    }

    private static void FitCapacity(StreamSocket sender, StreamSocket receiver)
    {
        if (receiver._incoming is not { } queue)
            return;
        bool isTuned = !sender.Settings.HasSendBuffer && !receiver.Settings.HasReceiveBuffer;
        int send = sender.Settings.HasSendBuffer ? sender.Settings.SendBuffer : TunedCapacity;
        int receive = receiver.Settings.HasReceiveBuffer ? receiver.Settings.ReceiveBuffer / 2 : TunedCapacity / 4;
        queue.Capacity = isTuned ? TunedCapacity : send + receive;

        // What is tuned is shown (tcp_sndbuf_expand of Linux).
        if (!sender.Settings.HasSendBuffer)
            sender.Settings.TuneSendBuffer(TunedCapacity);
    }
}
