using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Connecting.</summary>
internal sealed partial class StreamSocket
{
    // A connection whose first connect(2) has said EINPROGRESS; the next one says that it is there.
    private volatile bool _isUnreported;

    // Connecting has failed since, and no connect(2) has said so: the socket is one whose connection has ended (tcp_done of Linux).
    private volatile bool _isAborted;

    // The listener whose backlog has no room for this connection yet.
    private StreamSocket? _awaited;
    private LinkedListNode<StreamSocket>? _place;

    public override Errno Connect(ICaller caller, ReadOnlySpan<byte> address, bool isNonBlocking)
    {
        if (address.Length < sizeof(ushort))
            return Errno.EINVAL;
        if (InetAddresses.FamilyOf(address) == AddressFamily.AF_UNSPEC)
            return Disconnect();
        Errno error = InetAddresses.Parse(address, IsV6, out NetworkEndpoint remote);
        if (error != Errno.Success)
            return error;
        if (IsV6 && IsV6Only && remote.Address.IsV4)
            return Errno.ENETUNREACH;
        using (Setup.Enter())
            error = StartConnecting(remote, isNonBlocking);

        if (error != Errno.EINPROGRESS && error != Errno.EALREADY)
        {
            if (error == Errno.Success)
                _isUnreported = false;
            return error;
        }

        return isNonBlocking ? error : WaitForConnection(caller);
    }

    private Errno StartConnecting(NetworkEndpoint remote, bool isNonBlocking)
    {
        switch (_state)
        {
            case StreamState.Connected:
                if (!_isUnreported)
                    return Errno.EISCONN;
                _isUnreported = false;
                return Errno.Success;
            case StreamState.Listening:
                return Errno.EISCONN;
            case StreamState.Connecting:
                Errno finished = FinishConnecting();
                return finished == Errno.EINPROGRESS ? Errno.EALREADY : finished;
        }

        Errno error = TakeError();
        if (error == Errno.Success && _isAborted)
            error = Errno.ECONNABORTED;
        _isAborted = false;
        if (error != Errno.Success)
            return error;
        if (remote.Address.IsMulticast)
            return Errno.ENETUNREACH;
        if (!Network.IsInside(remote.Address))
            return ConnectOutside(remote);
        error = ConnectInside(remote);
        if (!isNonBlocking || error is not (Errno.Success or Errno.ECONNREFUSED))
            return error;

        // Linux's own handshake takes a moment, on the loopback interface too: who doesn't wait sees neither its success nor a refusal here.
        if (error == Errno.ECONNREFUSED)
            Abort(error);
        return Errno.EINPROGRESS;
    }

    private Errno ConnectInside(NetworkEndpoint remote)
    {
        // 0.0.0.0 and :: are this machine, too.
        if (remote.Address.IsAny)
            remote = remote with { Address = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6 };
        NetworkAddress source = remote.Address.IsV4 ? NetworkAddress.LoopbackV4 : NetworkAddress.LoopbackV6;
        if (!IsBound)
        {
            var wish = new NetworkEndpoint(source, 0);
            Errno error = Reserve(ref wish);
            if (error != Errno.Success)
                return Errno.EADDRNOTAVAIL;
        }

        StreamSocket? accepted;
        StreamSocket? listener;
        using (Network.Lock.Enter())
        {
            if (Local.Address.IsAny)
                Local = Local with { Address = source };
            if (InetAddresses.Mismatch(Local.Address, remote.Address) is var mismatch && mismatch != Errno.Success)
                return mismatch;
            Remote = remote;
            if (IsPortChosen && (Ports.WasConnected(Local, remote) || Ports.IsConnected(this, Local, remote)))
                return Errno.EADDRNOTAVAIL;
            listener = FindListener(remote);
            if (listener is null && Local == remote)
            {
                ConnectToItself();
                return Errno.Success;
            }

            if (listener is null)
            {
                Forget();
                return Errno.ECONNREFUSED;
            }

            _isUnreported = true;
            // As where the backlog is full: the listener's program lacks memory, and the connection waits.
            if (listener.IsBacklogFull || !TryCharge(listener.Account))
            {
                _awaited = listener;
                _place = listener._waitingClients.AddLast(this);
                _state = StreamState.Connecting;
                return Errno.EINPROGRESS;
            }

            accepted = listener.Admit(this);
        }

        listener.OnAdmitted(accepted);
        return Errno.Success;
    }

    // Both ends send their SYN at once (RFC 9293, 3.5): a socket that connects to its own port is its own peer. The network's lock is held.
    private void ConnectToItself()
    {
        _incoming = new StreamQueue(Network.Chunks, TunedCapacity);
        _peer = this;
        FitCapacity(this, this);
        _isUnreported = true;
        _state = StreamState.Connected;
    }

    private void Abort(Errno error)
    {
        _isAborted = true;
        PendingError = error;
    }

    private Errno ConnectOutside(NetworkEndpoint remote)
    {
        if (!Network.ReachesOut || (IsBound && Local.Address.IsLoopback))
            return IsBound && Local.Address.IsLoopback ? Errno.EINVAL : Errno.ENETUNREACH;
        if (Link is null)
        {
            Errno opened = OpenLink(remote.Address, out HostLink? made);
            if (opened != Errno.Success)
                return opened == Errno.EAFNOSUPPORT ? Errno.ENETUNREACH : opened;
            Link = made;
        }

        HostLink link = Link!;
        Errno error = link.Host.Connect(link.Handle, remote, out NetworkEndpoint local);
        if (error is not (Errno.Success or Errno.EINPROGRESS))
        {
            CloseUnboundLink();
            return error;
        }

        using (Network.Lock.Enter())
        {
            if (!IsBound)
            {
                IsBound = true;
                Ports.Add(this, local.Port);
            }

            Local = local;
            Remote = remote;
            _isUnreported = true;
            _state = error == Errno.Success ? StreamState.Connected : StreamState.Connecting;
        }

        link.Attach();
        return error;
    }

    /// <summary>Looks whether the connection is there by now. <see cref="InetSocket.Setup"/> is held.</summary>
    private Errno FinishConnecting()
    {
        if (Link is not { } link)
            return _state switch
            {
                StreamState.Connecting => Errno.EINPROGRESS,
                StreamState.Connected => Errno.Success,
                _ => TakeError() is var refused && refused != Errno.Success ? refused : Errno.ECONNREFUSED,
            };

        // Whether it may be there is known by the host's report; asked for once more, for reports that came before.
        PollEvents events = link.Host.Poll(link.Handle);
        if ((events & (PollEvents.Out | PollEvents.Error | PollEvents.HangUp)) == 0)
            return Errno.EINPROGRESS;
        Errno error = HostError(link);
        if (error != Errno.Success)
        {
            using (Network.Lock.Enter())
                Forget();
            CloseUnboundLink();
            return error;
        }

        _state = StreamState.Connected;
        return Errno.Success;
    }

    private Errno WaitForConnection(ICaller caller)
    {
        long deadline = Settings.SendDeadline(caller);
        caller.Watch(Changed, exclusive: false, WriteEvents);
        try
        {
            while (true)
            {
                Errno error;
                using (Setup.Enter())
                    error = FinishConnecting();
                if (error != Errno.EINPROGRESS)
                {
                    _isUnreported = false;
                    return error;
                }

                Errno ended = Settings.SleepToSend(caller, deadline);
                if (ended != Errno.Success)
                    return ended == Errno.EAGAIN ? Errno.EINPROGRESS : ended;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private PollEvents PollConnecting()
    {
        if (Link is null)
            return PollEvents.None;
        Errno error;
        using (Setup.Enter())
        {
            // Another thread may have found it connected.
            if (_state != StreamState.Connecting)
                return Poll(null);
            error = FinishConnecting();
            if (error is not (Errno.Success or Errno.EINPROGRESS))
                Abort(error);
        }

        return error == Errno.EINPROGRESS ? PollEvents.None : Poll(null);
    }

    protected override Errno TakeSocketError()
    {
        if (_state == StreamState.Connecting)
            PollConnecting();
        Errno error = TakeError();
        return error == Errno.Success && Link is { } link && _state == StreamState.Connected ? HostError(link) : error;
    }

    private static Errno HostError(HostLink link)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        Errno error = link.Host.GetOption(link.Handle, SocketOptions.SOL_SOCKET, SocketOptions.SO_ERROR, value, out int length);
        if (error != Errno.Success || length < sizeof(int))
            return error == Errno.Success ? Errno.EIO : error;
        int number = BitConverter.ToInt32(value);

        // A number that isn't one of the network's is none of Linux.
        return number is >= 0 and <= 133 ? (Errno)number : Errno.EIO;
    }

    /// <summary>shutdown(2) while connecting gives it up (inet_shutdown and tcp_disconnect of Linux).</summary>
    private Errno StopConnecting()
    {
        using (Setup.Enter())
        {
            using (Network.Lock.Enter())
            {
                if (_state != StreamState.Connecting)
                    return Errno.ENOTCONN;
                Forget();
                PendingError = Errno.ECONNRESET;
            }

            CloseUnboundLink();
        }

        Changed.WakeAll();
        return Errno.Success;
    }

    /// <summary>connect(2) with AF_UNSPEC: the socket can be used anew.</summary>
    private Errno Disconnect()
    {
        StreamSocket? peer;
        StreamQueue? incoming;
        using (Setup.Enter())
        {
            if (_state == StreamState.Listening)
                return Errno.EISCONN;
            using (Network.Lock.Enter())
            {
                peer = _peer;
                incoming = _incoming;
                _peer = null;
                _incoming = null;
                Forget();
                _isReset = false;
                _isAborted = false;
                _isReadShut = false;
                _isWriteShut = false;
            }

            CloseUnboundLink();
        }

        incoming?.Close();
        peer?.Reset(Errno.ECONNRESET);
        peer?.Changed.WakeAll();
        Changed.WakeAll();
        return Errno.Success;
    }

    /// <summary>There is no connection, and none to come; the network's lock is held.</summary>
    private void Forget()
    {
        _state = StreamState.Closed;
        _isUnreported = false;
        StopAwaiting();
        if (!IsPortChosen)
            UnreserveLocked();
        Remote = new NetworkEndpoint(IsV6 ? NetworkAddress.AnyV6 : NetworkAddress.AnyV4, 0);
    }

    /// <summary>Leaves the queue of a listener, whose memory a closed client must not stay in; the network's lock is held.</summary>
    private void StopAwaiting()
    {
        if (_awaited is not { } listener)
            return;
        listener._waitingClients.Remove(_place!);
        _awaited = null;
        _place = null;
    }

    private void CloseUnboundLink()
    {
        // The host's socket is of no use after a connection failed; one that is bound would have to be bound again.
        if (Link is not { } link || IsPortChosen)
            return;
        Link = null;
        Network.Links!.Close(link);
    }

    private StreamSocket? FindListener(NetworkEndpoint remote)
    {
        if (Ports.Find(remote.Port) is not { } users)
            return null;
        StreamSocket? best = null;
        int bestScore = -1;
        int equals = 0;
        foreach (InetSocket candidate in users.Listeners)
        {
            var listener = (StreamSocket)candidate;
            int score = Score(listener, remote.Address);
            if (score < 0 || score < bestScore || listener._state != StreamState.Listening)
                continue;

            // Those that share a port (SO_REUSEPORT) take turns by the client's port.
            equals = score == bestScore ? equals + 1 : 1;
            if (score > bestScore || (Local.Port * 2_654_435_761u >> 16) % (uint)equals == 0)
                best = listener;
            bestScore = score;
        }

        return best;
    }

    private static int Score(InetSocket listener, NetworkAddress address)
    {
        NetworkAddress own = listener.Local.Address;
        if (own == address)
            return 3;
        if (!own.IsAny)
            return -1;
        if (own.IsV4 == address.IsV4)
            return 2;
        return !own.IsV4 && !listener.IsV6Only ? 1 : -1;
    }
}
