using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Contracts;

/// <summary>
/// Sockets of the host, by handles that the caller chooses. No call waits for the network: where Linux would block, the answer is
/// EAGAIN, or EINPROGRESS. When that has changed, <see cref="IHostSocketEvents"/> is told once.
/// </summary>
/// <remarks>
/// Untrusted, as <see cref="IHostFiles"/>: EIO where the host gave an answer that can't be right. What is received may be
/// forged or missing: the network's contents are the host's anyway. Everything may be called by several threads at once.
/// </remarks>
public interface IHostSockets
{
    /// <summary>Makes a socket and gives it a handle.</summary>
    /// <param name="handle">The handle, which no socket has, not 0.</param>
    /// <param name="isV6">Whether it is of AF_INET6; it takes both versions unless IPV6_V6ONLY is set.</param>
    /// <param name="isStream">TCP; else UDP.</param>
    /// <param name="published">Number of a published port whose socket this is, already bound; -1 for none.</param>
    Errno Open(uint handle, bool isV6, bool isStream, int published);

    /// <summary>Closes a socket.</summary>
    void Close(uint handle);

    /// <summary>bind(2).</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="endpoint">The wish; the real address afterwards.</param>
    Errno Bind(uint handle, ref NetworkEndpoint endpoint);

    /// <summary>connect(2): EINPROGRESS where it takes time.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="local">The socket's own address.</param>
    Errno Connect(uint handle, in NetworkEndpoint remote, out NetworkEndpoint local);

    /// <summary>Dissolves a connection (connect(2), AF_UNSPEC).</summary>
    Errno Disconnect(uint handle);

    /// <summary>listen(2).</summary>
    Errno Listen(uint handle, int backlog);

    /// <summary>Takes a connection and gives it a handle.</summary>
    Errno Accept(uint handle, uint newHandle, out NetworkEndpoint local, out NetworkEndpoint remote);

    /// <summary>getsockname(2), or getpeername(2).</summary>
    Errno GetName(uint handle, bool isPeer, out NetworkEndpoint endpoint);

    /// <summary>shutdown(2).</summary>
    Errno Shutdown(uint handle, int how);

    /// <summary>Sends what fits of a stream.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="buffer">The bytes; more may have been fetched than sent.</param>
    /// <param name="flags">MSG_OOB, MSG_MORE.</param>
    /// <param name="rest">Where bytes go that were fetched and not sent; null to let them go.</param>
    /// <param name="count">Bytes sent.</param>
    Errno Send(uint handle, IIoBuffer buffer, MessageFlags flags, HostSendRest? rest, out int count);

    /// <summary>Sends a datagram.</summary>
    Errno SendDatagram(uint handle, ReadOnlySpan<byte> data, MessageFlags flags, in HostDatagram about, out int count);

    /// <summary>Receives what there is of a stream. Success with 0 bytes is its end.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="flags">MSG_PEEK, MSG_OOB.</param>
    /// <param name="count">Bytes stored.</param>
    /// <param name="isDrained">Whether there was less than asked for.</param>
    Errno Receive(uint handle, IIoBuffer buffer, MessageFlags flags, out int count, out bool isDrained);

    /// <summary>Receives a datagram, or an error's report with MSG_ERRQUEUE.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="flags">MSG_PEEK.</param>
    /// <param name="about">Who sent it, and what came with it.</param>
    /// <param name="length">Its whole length.</param>
    /// <param name="count">Bytes stored.</param>
    Errno ReceiveDatagram(uint handle, IIoBuffer buffer, MessageFlags flags, out HostDatagram about, out int length, out int count);

    /// <summary>Readiness now.</summary>
    PollEvents Poll(uint handle);

    /// <summary>getsockopt(2).</summary>
    Errno GetOption(uint handle, int level, int name, Span<byte> value, out int length);

    /// <summary>setsockopt(2).</summary>
    Errno SetOption(uint handle, int level, int name, ReadOnlySpan<byte> value);

    /// <summary>FIONREAD, SIOCOUTQ or SIOCATMARK.</summary>
    Errno Count(uint handle, HostSocketCount what, out int count);

    /// <summary>Sets who is told of readiness.</summary>
    void Subscribe(IHostSocketEvents events);

    /// <summary>How threads wait for sockets themselves; null where they can't. Then readiness is reported for sockets only that are watched.</summary>
    IHostWaiting? Waiting => null;

    /// <summary>Has a socket's readiness reported; only needed where there is <see cref="Waiting"/>.</summary>
    void Watch(uint handle)
    {
    }
}

/// <summary>What an ioctl of a socket counts.</summary>
public enum HostSocketCount
{
    /// <summary>FIONREAD.</summary>
    Readable = 0,

    /// <summary>SIOCOUTQ.</summary>
    Unsent = 1,

    /// <summary>SIOCATMARK.</summary>
    AtMark = 2,
}

/// <summary>Bytes of a stream that were fetched from a program, and that the host had no room for.</summary>
public sealed class HostSendRest
{
    /// <summary>The bytes; as long as they ever were.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>First byte that was not sent.</summary>
    public int Start { get; set; }

    /// <summary>Behind the last one.</summary>
    public int End { get; set; }
}

/// <summary>What there is about a datagram beside its bytes. Numbers that aren't known are -1.</summary>
public record struct HostDatagram
{
    /// <summary>Who sent it; for sending, whom it is for, where <see cref="HasRemote"/>.</summary>
    public NetworkEndpoint Remote { get; set; }

    /// <summary>Whether there is a remote address.</summary>
    public bool HasRemote { get; set; }

    /// <summary>The local address of IP_PKTINFO, where <see cref="HasLocal"/>.</summary>
    public NetworkAddress Local { get; set; }

    /// <summary>Whether there is a local address.</summary>
    public bool HasLocal { get; set; }

    /// <summary>The interface of IP_PKTINFO.</summary>
    public int Interface { get; set; }

    /// <summary>IP_TTL, or the hop limit.</summary>
    public int TimeToLive { get; set; }

    /// <summary>IP_TOS, or the traffic class.</summary>
    public int TypeOfService { get; set; }

    /// <summary>Flags of the received message: MSG_TRUNC, MSG_ERRQUEUE.</summary>
    public MessageFlags Flags { get; set; }

    /// <summary>The error of a report: errno, origin, type, code (struct sock_extended_err), packed from the lowest: 32, 8, 8, 8 bits.</summary>
    public ulong Report { get; set; }

    /// <summary>ee_info of a report.</summary>
    public uint ReportInformation { get; set; }
}

/// <summary>Gets the readiness of sockets. Called on a kernel thread; must not wait.</summary>
public interface IHostSocketEvents
{
    /// <summary>A socket has become ready for something, or has been all the time. The handle may be one that was closed.</summary>
    void OnReady(uint handle, PollEvents events);
}

/// <summary>Waiting for sockets of the host; the nucleus knows how.</summary>
public interface IHostWaiting;
