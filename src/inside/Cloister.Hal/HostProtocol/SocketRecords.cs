using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>An internet address with a port in a data slot, 24 bytes, little-endian. Addresses of version 4 are mapped ones (::ffff:0:0/96).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct EndpointRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 24;

    /// <summary>The first eight bytes of the address, as a number of the wire's order.</summary>
    public ulong High;

    /// <summary>The last eight.</summary>
    public ulong Low;

    /// <summary>The port.</summary>
    public uint Port;

    /// <summary>The interface of a link-local address.</summary>
    public uint Scope;
}

/// <summary>What there is about a datagram beside its bytes, 80 bytes, little-endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Length)]
public struct DatagramRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 80;

    /// <summary>Bit of <see cref="Parts"/>: there is a remote address.</summary>
    public const uint HasRemote = 1;

    /// <summary>Bit of <see cref="Parts"/>: there is a local address.</summary>
    public const uint HasLocal = 2;

    /// <summary>Who sent it, or whom it is for.</summary>
    public EndpointRecord Remote;

    /// <summary>The local address; its port is 0.</summary>
    public EndpointRecord Local;

    /// <summary>Which of the addresses there are.</summary>
    public uint Parts;

    /// <summary>Number of the interface, or -1.</summary>
    public int Interface;

    /// <summary>Time to live, or -1.</summary>
    public int TimeToLive;

    /// <summary>Type of service, or -1.</summary>
    public int TypeOfService;

    /// <summary>Flags of the received message.</summary>
    public uint Flags;

    /// <summary>ee_info of an error's report.</summary>
    public uint ReportInformation;

    /// <summary>The report of an error: errno in the lower half, then origin, type and code.</summary>
    public ulong Report;
}

/// <summary>A socket and what it has become ready for, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = Length)]
public struct ReadinessRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 8;

    /// <summary>Handle of the socket.</summary>
    public uint Handle;

    /// <summary>Bits of epoll(7).</summary>
    public uint Events;
}
