using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Contracts.Network;

/// <summary>The network service: families of sockets that lead out of a file system.</summary>
public interface INetwork
{
    /// <summary>socket(2), whose flags have been taken off the type.</summary>
    /// <returns>EAFNOSUPPORT for families that are not there.</returns>
    Errno CreateSocket(ICaller caller, AddressFamily family, SocketType type, int protocol, out INetworkSocket? socket);

    /// <summary>The interfaces there are, the loopback interface first.</summary>
    IReadOnlyList<NetworkInterface> Interfaces { get; }

    /// <summary>The sockets there are, for /proc/net.</summary>
    void ListSockets(List<NetworkSocketStatus> into);

    /// <summary>The ports for who doesn't ask for one (ip_local_port_range of ip(7)); the first isn't above the last.</summary>
    (ushort First, ushort Last) EphemeralPorts { get; set; }
}

/// <summary>
/// A socket of the network service. Who made it wraps it into an open file, and says with each call what the file's flags say.
/// </summary>
public interface INetworkSocket
{
    /// <summary>Number of the file's inode, which tells the socket's user in /proc/net.</summary>
    ulong Inode { get; set; }

    /// <summary>Whom the socket tells of urgent data.</summary>
    INetworkSocketOwner? Owner { get; set; }

    /// <summary>bind(2).</summary>
    Errno Bind(ICaller caller, ReadOnlySpan<byte> address);

    /// <summary>listen(2).</summary>
    Errno Listen(ICaller caller, int backlog);

    /// <summary>connect(2).</summary>
    Errno Connect(ICaller caller, ReadOnlySpan<byte> address, bool isNonBlocking);

    /// <summary>accept(2).</summary>
    Errno Accept(ICaller caller, bool isNonBlocking, out INetworkSocket? accepted);

    /// <inheritdoc cref="ISocketFile.GetName"/>
    Errno GetName(bool isPeer, Span<byte> address, out int length);

    /// <inheritdoc cref="ISocketFile.GetAcceptedName"/>
    Errno GetAcceptedName(Span<byte> address, out int length) => GetName(true, address, out length);

    /// <summary>shutdown(2).</summary>
    Errno Shutdown(ICaller caller, int how);

    /// <summary>sendmsg(2); MSG_DONTWAIT also for files that don't block.</summary>
    SyscallResult Send(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    /// <summary>recvmsg(2); MSG_DONTWAIT also for files that don't block.</summary>
    SyscallResult Receive(ICaller caller, IIoBuffer buffer, MessageFlags flags, ref SocketMessage message);

    /// <inheritdoc cref="ISocketFile.GetOption"/>
    Errno GetOption(int level, int name, Span<byte> value, out int length);

    /// <summary>setsockopt(2).</summary>
    Errno SetOption(ICaller caller, int level, int name, ReadOnlySpan<byte> value);

    /// <summary>Readiness now, and the queues to watch.</summary>
    PollEvents Poll(IPollTable? table);

    /// <summary>ioctl(2). ENOTTY for what it doesn't know.</summary>
    SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data);

    /// <summary>The last descriptor is closed.</summary>
    void Close();
}

/// <summary>The open file of a socket.</summary>
public interface INetworkSocketOwner
{
    /// <summary>Urgent data has come: SIGURG for who owns the file (socket(7), F_SETOWN). Called without locks of the network.</summary>
    void SignalUrgentData();
}

/// <summary>A protocol over internet addresses.</summary>
public enum NetworkProtocol
{
    /// <summary>IPPROTO_TCP.</summary>
    Tcp = 6,

    /// <summary>IPPROTO_UDP.</summary>
    Udp = 17,
}

/// <summary>States of TCP as programs see them (include/net/tcp_states.h).</summary>
public enum TcpState
{
    /// <summary>A connection.</summary>
    Established = 1,

    /// <summary>Connecting.</summary>
    SynSent = 2,

    /// <summary>Closed for writing, the end is not acknowledged.</summary>
    FinWait1 = 4,

    /// <summary>Closed for writing.</summary>
    FinWait2 = 5,

    /// <summary>Closed; the port is not free yet.</summary>
    TimeWait = 6,

    /// <summary>Not connected.</summary>
    Close = 7,

    /// <summary>The peer has closed for writing.</summary>
    CloseWait = 8,

    /// <summary>Both have closed, the peer first.</summary>
    LastAck = 9,

    /// <summary>Takes connections.</summary>
    Listen = 10,
}

/// <summary>What /proc/net and sock_diag(7) show of a socket.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="IsV6">Whether it is of AF_INET6.</param>
/// <param name="Local">Its address.</param>
/// <param name="Remote">Its peer's.</param>
/// <param name="State">Its state; sockets of UDP are established or closed.</param>
/// <param name="SendQueue">Bytes that were sent and not acknowledged; for a listener the longest backlog.</param>
/// <param name="ReceiveQueue">Bytes that were not received yet; for a listener the connections to accept.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Inode">Its inode.</param>
/// <param name="IsV6Only">IPV6_V6ONLY.</param>
public readonly record struct NetworkSocketStatus(
    NetworkProtocol Protocol,
    bool IsV6,
    NetworkEndpoint Local,
    NetworkEndpoint Remote,
    TcpState State,
    int SendQueue,
    int ReceiveQueue,
    uint UserId,
    ulong Inode,
    bool IsV6Only);
