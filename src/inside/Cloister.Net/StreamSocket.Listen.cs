using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Nucleus.Sockets;

namespace Cloister.Net;

/// <summary>Listening and accepting. The network's lock guards the backlog.</summary>
internal sealed partial class StreamSocket
{
    private readonly LinkedList<StreamSocket> _waitingClients = new();
    private Queue<StreamSocket>? _backlog;
    private int _backlogLimit;

    // As sk_acceptq_is_full of Linux: one more than listen(2) says.
    private bool IsBacklogFull => _backlog!.Count > _backlogLimit;

    public override Errno Listen(ICaller caller, int backlog)
    {
        int limit = (int)Math.Min((uint)backlog, SocketOptions.SOMAXCONN);
        using (Setup.Enter())
        {
            if (_state is not (StreamState.Closed or StreamState.Listening))
                return Errno.EINVAL;
            if (!IsBound)
            {
                Errno bound = BindToAny();
                if (bound != Errno.Success)
                    return bound;
            }

            Errno error = ListenOutside(limit);
            if (error != Errno.Success)
                return error;
            using (Network.Lock.Enter())
            {
                _backlogLimit = limit;
                if (_state == StreamState.Listening)
                    return Errno.Success;

                // Another one may have begun to listen since both were bound with SO_REUSEADDR.
                if (!Ports.IsFree(this, Local, Network.Now))
                    return Errno.EADDRINUSE;
                _backlog ??= new Queue<StreamSocket>();
                _state = StreamState.Listening;
                Ports.Find(Local.Port)!.Listeners.Add(this);
            }
        }

        Changed.WakeAll();
        return Errno.Success;
    }

    public override Errno Accept(ICaller caller, bool isNonBlocking, out INetworkSocket? accepted)
    {
        Errno error = TryAccept(out accepted);
        if (error != Errno.EAGAIN || isNonBlocking)
            return error;
        long deadline = Settings.ReceiveDeadline(caller);
        caller.Watch(Changed, exclusive: true, ReadEvents);
        try
        {
            while ((error = TryAccept(out accepted)) == Errno.EAGAIN)
            {
                Errno ended = Settings.SleepToReceive(caller, deadline);
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

    private Errno ListenOutside(int limit)
    {
        if (Link is null && Network.FindPublished(Protocol, Local.Port) is >= 0 and var published && !Local.Address.IsLoopback)
        {
            Errno opened = Network.Links!.Open(IsV6, true, published, Changed, out HostLink? made);
            if (opened != Errno.Success)
                return opened;
            ReplayOptions(made!);
            Link = made;
        }

        if (Link is not { } link)
            return Errno.Success;
        Errno error = link.Host.Listen(link.Handle, limit);
        if (error == Errno.Success)
            link.Attach();
        return error;
    }

    private Errno TryAccept(out INetworkSocket? accepted)
    {
        accepted = null;
        StreamSocket? next = null;
        StreamSocket? admitted = null;
        using (Network.Lock.Enter())
        {
            if (_state != StreamState.Listening)
                return Errno.EINVAL;
            if (_backlog!.TryDequeue(out next))
            {
                // There is room for one that had to wait.
                if (_waitingClients.First is { } first && TryCharge(Account))
                {
                    first.Value.StopAwaiting();
                    admitted = Admit(first.Value);
                }
            }
        }

        if (admitted is not null)
        {
            admitted._peer!.Changed.WakeAll();
            OnAdmitted(admitted);
        }

        accepted = next;
        if (next is not null)
            return Errno.Success;
        return Link is { MayRead: true } link ? AcceptOutside(link, out accepted) : Errno.EAGAIN;
    }

    private Errno AcceptOutside(HostLink link, out INetworkSocket? accepted)
    {
        accepted = null;
        if (!TryCharge(Account))
            return Errno.ENOMEM;
        var made = new StreamSocket(this);
        uint mark = link.Mark;
        HostLink reserved = Network.Links!.Reserve(made.Changed);
        Errno error = link.Host.Accept(link.Handle, reserved.Handle, out NetworkEndpoint local, out NetworkEndpoint remote);
        if (error != Errno.Success)
        {
            made.GiveBack();
            Network.Links.Forget(reserved);
            if (error == Errno.EAGAIN)
                link.Drained(mark);
            return error;
        }

        link.Taken(mark);
        made.Link = reserved;
        reserved.Attach();
        using (Network.Lock.Enter())
        {
            // Where a port is published, the program sees its own.
            made.BeginConnected(local with { Port = Local.Port }, remote);
        }

        accepted = made;
        return Errno.Success;
    }

    private PollEvents PollListener(bool hearsReports)
    {
        using (Network.Lock.Enter())
        {
            if (_backlog!.Count > 0)
                return ReadEvents;
        }

        return Link is { } link ? link.Poll(hearsReports) & ReadEvents : PollEvents.None;
    }

    /// <summary>Makes the connection with a client; the network's lock is held, the backlog has room, the memory was taken.</summary>
    /// <returns>The listener's end.</returns>
    private StreamSocket Admit(StreamSocket client)
    {
        var server = new StreamSocket(this);
        server._incoming = new StreamQueue(Network.Chunks, TunedCapacity);
        client._incoming = new StreamQueue(Network.Chunks, TunedCapacity);
        server._peer = client;
        client._peer = server;
        FitCapacity(client, server);
        FitCapacity(server, client);
        server.BeginConnected(client.Remote, client.Local);
        client._state = StreamState.Connected;
        _backlog!.Enqueue(server);
        return server;
    }

    private void BeginConnected(NetworkEndpoint local, NetworkEndpoint remote)
    {
        Local = local;
        Remote = remote;
        IsBound = true;
        Ports.Add(this, local.Port);
        _state = StreamState.Connected;
    }

    private void OnAdmitted(StreamSocket server) => Changed.Wake(ReadEvents);

    /// <summary>shutdown(2) of a listener for reading ends its listening (inet_shutdown of Linux).</summary>
    private Errno ShutdownListener(int how)
    {
        if (how == 1)
            return Errno.Success;
        StreamSocket[] waiting;
        StreamSocket[] clients;
        using (Setup.Enter())
        {
            using (Network.Lock.Enter())
            {
                (waiting, clients) = TakeBacklog();
                Ports.Find(Local.Port)?.Listeners.Remove(this);
                _state = StreamState.Closed;
            }

            if (Link is { } link)
                link.Host.Shutdown(link.Handle, how);
        }

        RefuseAll(waiting, clients);
        Changed.WakeAll();
        return Errno.Success;
    }

    private (StreamSocket[] Waiting, StreamSocket[] Clients) TakeBacklog()
    {
        StreamSocket[] waiting = _backlog!.ToArray();
        StreamSocket[] clients = new StreamSocket[_waitingClients.Count];
        _waitingClients.CopyTo(clients, 0);
        _backlog.Clear();
        foreach (StreamSocket client in clients)
            client.StopAwaiting();
        return (waiting, clients);
    }

    /// <summary>Connections that nobody accepted are reset; clients that waited are refused.</summary>
    private static void RefuseAll(StreamSocket[] waiting, StreamSocket[] clients)
    {
        foreach (StreamSocket pending in waiting)
        {
            StreamSocket? client = pending._peer;
            pending.Close();
            client?.Reset(Errno.ECONNRESET);
            client?.Changed.WakeAll();
        }

        foreach (StreamSocket client in clients)
        {
            using (client.Network.Lock.Enter())
            {
                if (client._state != StreamState.Connecting)
                    continue;
                client.Forget();
                client.Abort(Errno.ECONNREFUSED);
            }

            client.Changed.WakeAll();
        }
    }
}
