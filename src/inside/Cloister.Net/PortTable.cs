using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>
/// Who has which port of a protocol (inet_csk_get_port of Linux). Guarded by the network's lock.
/// </summary>
internal sealed class PortTable(uint seed)
{
    // /proc/sys/net/ipv4/tcp_max_tw_buckets, of a small machine.
    private const int MostTimeWaits = 8192;

    private readonly Dictionary<ushort, PortUsers> _ports = [];
    private readonly PriorityQueue<ClosedConnection, long> _closed = new();
    private uint _next = seed;

    /// <summary>/proc/sys/net/ipv4/ip_local_port_range.</summary>
    public (ushort First, ushort Last) Ephemeral { get; set; } = (32_768, 60_999);

    /// <summary>The users of a port; null for none.</summary>
    public PortUsers? Find(ushort port) => _ports.GetValueOrDefault(port);

    /// <summary>All ports in use.</summary>
    public Dictionary<ushort, PortUsers>.ValueCollection All => _ports.Values;

    /// <summary>Whether a socket may have an address.</summary>
    public bool IsFree(InetSocket socket, in NetworkEndpoint wish, long now)
    {
        Expire(now);
        if (!_ports.TryGetValue(wish.Port, out PortUsers? users))
            return true;
        foreach (InetSocket other in users.Sockets)
        {
            if (other != socket && Conflicts(socket, wish.Address, other))
                return false;
        }

        foreach (ClosedConnection closed in users.Closed)
        {
            if (!(socket.Settings.ReusesAddress && closed.ReusesAddress) && Overlap(wish.Address, socket.IsV6Only, closed.Local.Address, true))
                return false;
        }

        return true;
    }

    /// <summary>Finds a port for a socket that doesn't care; 0 where all are taken.</summary>
    public ushort FindEphemeral(InetSocket socket, NetworkAddress address, long now)
    {
        int first = Ephemeral.First;
        int range = Ephemeral.Last - first + 1;
        _next = unchecked((_next * 1_664_525) + 1_013_904_223);
        int start = (int)(_next >> 8) % range;
        for (int i = 0; i < range; i++)
        {
            var port = (ushort)(first + ((start + i) % range));
            if (!_ports.ContainsKey(port))
                return port;
        }

        for (int i = 0; i < range; i++)
        {
            var port = (ushort)(first + ((start + i) % range));
            if (IsFree(socket, new NetworkEndpoint(address, port), now))
                return port;
        }

        return 0;
    }

    /// <summary>Gives a socket its port.</summary>
    public void Add(InetSocket socket, ushort port)
    {
        if (!_ports.TryGetValue(port, out PortUsers? users))
        {
            users = new PortUsers();
            _ports.Add(port, users);
        }

        users.Sockets.Add(socket);
    }

    /// <summary>Gives a port free.</summary>
    public void Remove(InetSocket socket, ushort port)
    {
        if (!_ports.TryGetValue(port, out PortUsers? users))
            return;
        users.Sockets.Remove(socket);
        users.Listeners.Remove(socket);
        DropEmpty(port, users);
    }

    /// <summary>A connection that this side has closed first keeps its port from others for a while (TIME_WAIT, tcp(7)).</summary>
    public void AddClosed(InetSocket socket, in NetworkEndpoint local, in NetworkEndpoint remote, long now, long time)
    {
        Expire(now);
        if (time == 0 || _closed.Count >= MostTimeWaits || !_ports.TryGetValue(local.Port, out PortUsers? users))
            return;
        var closed = new ClosedConnection(local, remote, socket.IsV6, socket.Settings.ReusesAddress, now + time);
        users.Closed.Add(closed);
        _closed.Enqueue(closed, closed.Expires);
    }

    /// <summary>Whether two endpoints were connected a moment ago, so that they can't be now.</summary>
    public bool WasConnected(in NetworkEndpoint local, in NetworkEndpoint remote)
    {
        if (!_ports.TryGetValue(local.Port, out PortUsers? users))
            return false;
        foreach (ClosedConnection closed in users.Closed)
        {
            if (closed.Local == local && closed.Remote == remote)
                return true;
        }

        return false;
    }

    /// <summary>Whether another socket has the same connection (EADDRNOTAVAIL of connect(2)).</summary>
    public bool IsConnected(InetSocket socket, in NetworkEndpoint local, in NetworkEndpoint remote)
    {
        if (!_ports.TryGetValue(local.Port, out PortUsers? users))
            return false;
        foreach (InetSocket other in users.Sockets)
        {
            if (other != socket && other.Local == local && other.Remote == remote)
                return true;
        }

        return false;
    }

    private void Expire(long now)
    {
        while (_closed.TryPeek(out ClosedConnection? oldest, out long expires) && expires <= now)
        {
            _closed.Dequeue();
            if (!_ports.TryGetValue(oldest.Local.Port, out PortUsers? users))
                continue;
            users.Closed.Remove(oldest);
            DropEmpty(oldest.Local.Port, users);
        }
    }

    private void DropEmpty(ushort port, PortUsers users)
    {
        if (users.Sockets.Count == 0 && users.Closed.Count == 0)
            _ports.Remove(port);
    }

    private static bool Conflicts(InetSocket socket, NetworkAddress wish, InetSocket other)
    {
        if (!Overlap(wish, socket.IsV6Only, other.Local.Address, other.IsV6Only))
            return false;
        if (socket.Settings.ReusesPort && other.Settings.ReusesPort && socket.UserId == other.UserId)
            return false;
        return !(socket.Settings.ReusesAddress && other.Settings.ReusesAddress && !other.IsListening);
    }

    /// <summary>Whether two addresses stand for one (ipv6_rcv_saddr_equal of Linux).</summary>
    private static bool Overlap(NetworkAddress first, bool isFirstV6Only, NetworkAddress second, bool isSecondV6Only)
    {
        if (first == second)
            return true;
        return Covers(first, isFirstV6Only, second) || Covers(second, isSecondV6Only, first);
    }

    private static bool Covers(NetworkAddress any, bool isV6Only, NetworkAddress address)
    {
        if (!any.IsAny)
            return false;
        return any.IsV4 ? address.IsV4 : !address.IsV4 || !isV6Only;
    }
}

/// <summary>The users of a port.</summary>
internal sealed class PortUsers
{
    /// <summary>All sockets that are bound to it.</summary>
    public HashSet<InetSocket> Sockets { get; } = [];

    /// <summary>Those that take what comes from anybody: listeners, and sockets of UDP.</summary>
    public List<InetSocket> Listeners { get; } = [];

    /// <summary>Connections in TIME_WAIT.</summary>
    public List<ClosedConnection> Closed { get; } = [];
}

/// <summary>A connection in TIME_WAIT.</summary>
internal sealed record ClosedConnection(NetworkEndpoint Local, NetworkEndpoint Remote, bool IsV6, bool ReusesAddress, long Expires);
