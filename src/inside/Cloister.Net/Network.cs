using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Net;

/// <summary>
/// The network of an enclave. What its programs send to loopback addresses stays inside; everything else is the host's TCP/IP.
/// </summary>
public sealed class Network : INetwork
{
    private const int CAP_NET_BIND_SERVICE = 10;

    // /proc/sys/net/ipv4/ip_unprivileged_port_start.
    private const int FirstUnprivilegedPort = 1024;

    private readonly IClock _clock;
    private readonly NetworkConfiguration _configuration;

    /// <summary>Creates the network.</summary>
    /// <param name="configuration">What it is like.</param>
    /// <param name="host">Sockets of the host; null where there are none.</param>
    /// <param name="clock">Time.</param>
    /// <param name="entropy">For what others shall not guess.</param>
    public Network(NetworkConfiguration configuration, IHostSockets? host, IClock clock, IEntropy entropy)
    {
        _configuration = configuration;
        _clock = clock;
        Span<byte> seed = stackalloc byte[8];
        entropy.Fill(seed);
        TcpPorts = new PortTable(BitConverter.ToUInt32(seed));
        UdpPorts = new PortTable(BitConverter.ToUInt32(seed[4..]));
        var interfaces = new List<NetworkInterface> { NetworkInterface.Loopback };
        if (configuration.Mode == NetworkMode.Host)
            interfaces.AddRange(configuration.HostInterfaces);
        Interfaces = interfaces;
        if (host is not null && (configuration.ReachesOut || configuration.Published.Count > 0))
            Links = new HostLinks(host);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NetworkInterface> Interfaces { get; }

    /// <inheritdoc/>
    public (ushort First, ushort Last) EphemeralPorts
    {
        get
        {
            using (Lock.Enter())
                return TcpPorts.Ephemeral;
        }

        set
        {
            using (Lock.Enter())
            {
                TcpPorts.Ephemeral = value;
                UdpPorts.Ephemeral = value;
            }
        }
    }

    /// <summary>Guards ports, states, peers and backlogs of all sockets, which change rarely; no data moves under it.</summary>
    internal KernelLock Lock { get; } = new(LockLevel.NetworkPorts);

    internal PortTable TcpPorts { get; }

    internal PortTable UdpPorts { get; }

    /// <summary>Sockets of the host; null where the enclave has none.</summary>
    internal HostLinks? Links { get; }

    /// <summary>Memory for bytes on their way.</summary>
    internal StreamChunks Chunks { get; } = new();

    /// <summary>Whether the enclave has the host's addresses.</summary>
    internal bool HasHostAddresses => _configuration.Mode == NetworkMode.Host && Links is not null;

    /// <summary>Whether sockets may go to the host's network.</summary>
    internal bool ReachesOut => _configuration.ReachesOut && Links is not null;

    internal long Now => _clock.MonotonicNanoseconds;

    internal long RealTime => _clock.RealtimeNanoseconds;

    /// <inheritdoc/>
    public Errno CreateSocket(ICaller caller, AddressFamily family, SocketType type, int protocol, out INetworkSocket? socket)
    {
        socket = null;
        switch (family)
        {
            case AddressFamily.AF_INET or AddressFamily.AF_INET6:
                return CreateInetSocket(caller, family == AddressFamily.AF_INET6, type, protocol, out socket);
            case AddressFamily.AF_NETLINK:
                return NetlinkSocket.Create(this, caller, type, protocol, out socket);
            case AddressFamily.AF_PACKET:
                // As without CAP_NET_RAW (packet(7)).
                return Errno.EPERM;
            default:
                return Errno.EAFNOSUPPORT;
        }
    }

    /// <inheritdoc/>
    public void ListSockets(List<NetworkSocketStatus> into)
    {
        using (Lock.Enter())
        {
            foreach (PortTable table in (ReadOnlySpan<PortTable>)[TcpPorts, UdpPorts])
            {
                foreach (PortUsers users in table.All)
                {
                    foreach (InetSocket socket in users.Sockets)
                        into.Add(socket.Describe());
                    foreach (ClosedConnection closed in users.Closed)
                        into.Add(new NetworkSocketStatus(NetworkProtocol.Tcp, closed.IsV6, closed.Local, closed.Remote, TcpState.TimeWait, 0, 0, 0, 0, false));
                }
            }
        }
    }

    /// <summary>The number of the published port that a socket serves; -1 for none.</summary>
    internal int FindPublished(NetworkProtocol protocol, ushort port)
    {
        for (int i = 0; i < _configuration.Published.Count; i++)
        {
            if (_configuration.Published[i] == new PublishedPort(protocol, port))
                return i;
        }

        return -1;
    }

    /// <summary>Whether an address is reached inside.</summary>
    internal static bool IsInside(NetworkAddress address) => address.IsLoopback || address.IsAny;

    /// <summary>Whether a caller may bind to a port (EACCES of bind(2)).</summary>
    internal static bool MayBind(ICaller caller, ushort port) =>
        port is 0 or >= FirstUnprivilegedPort || caller.Credentials.Has(CAP_NET_BIND_SERVICE);

    private Errno CreateInetSocket(ICaller caller, bool isV6, SocketType type, int protocol, out INetworkSocket? socket)
    {
        socket = null;
        switch (type)
        {
            case SocketType.SOCK_STREAM when protocol is 0 or (int)NetworkProtocol.Tcp:
                if (!InetSocket.TryCharge(caller.KernelMemory))
                    return Errno.ENOMEM;
                socket = new StreamSocket(this, caller.KernelMemory, caller.Credentials.UserId, isV6);
                return Errno.Success;
            case SocketType.SOCK_DGRAM when protocol is 0 or (int)NetworkProtocol.Udp:
                if (!InetSocket.TryCharge(caller.KernelMemory))
                    return Errno.ENOMEM;
                socket = new DatagramSocket(this, caller.KernelMemory, caller.Credentials.UserId, isV6);
                return Errno.Success;
            case SocketType.SOCK_RAW:
                // As without CAP_NET_RAW (raw(7)); so is ping's other way, which /proc/sys/net/ipv4/ping_group_range forbids.
                return protocol == 0 ? Errno.EPROTONOSUPPORT : Errno.EPERM;
            case SocketType.SOCK_DGRAM when protocol is 1 or 58:
                return Errno.EACCES;
            case SocketType.SOCK_STREAM or SocketType.SOCK_DGRAM:
                return Errno.EPROTONOSUPPORT;
            default:
                return Errno.ESOCKTNOSUPPORT;
        }
    }
}
