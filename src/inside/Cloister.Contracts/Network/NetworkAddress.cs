namespace Cloister.Contracts.Network;

/// <summary>
/// An internet address of either version: 128 bits in the order of the wire, of which addresses of version 4 are the
/// mapped ones (::ffff:0:0/96, RFC 4291), so that a socket of both versions compares them as one kind.
/// </summary>
/// <param name="High">The first eight bytes.</param>
/// <param name="Low">The last eight bytes.</param>
public readonly record struct NetworkAddress(ulong High, ulong Low)
{
    private const ulong MappedPrefix = 0xFFFF;

    /// <summary>0.0.0.0.</summary>
    public static NetworkAddress AnyV4 => FromV4(0);

    /// <summary>127.0.0.1.</summary>
    public static NetworkAddress LoopbackV4 => FromV4(0x7F000001);

    /// <summary>::.</summary>
    public static NetworkAddress AnyV6 => default;

    /// <summary>::1.</summary>
    public static NetworkAddress LoopbackV6 => new(0, 1);

    /// <summary>Whether it is of version 4.</summary>
    public bool IsV4 => High == 0 && Low >> 32 == MappedPrefix;

    /// <summary>The 32 bits of an address of version 4.</summary>
    public uint V4 => (uint)Low;

    /// <summary>Whether it stands for every address of its version.</summary>
    public bool IsAny => IsV4 ? V4 == 0 : High == 0 && Low == 0;

    /// <summary>127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => IsV4 ? V4 >> 24 == 127 : High == 0 && Low == 1;

    /// <summary>224.0.0.0/4 and ff00::/8.</summary>
    public bool IsMulticast => IsV4 ? V4 >> 28 == 0xE : High >> 56 == 0xFF;

    /// <summary>fe80::/10: means something together with an interface only.</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA;

    /// <summary>Makes one of version 4.</summary>
    public static NetworkAddress FromV4(uint bits) => new(0, (MappedPrefix << 32) | bits);
}

/// <summary>An address with a port.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 for none.</param>
/// <param name="Scope">The interface of a link-local address; else 0.</param>
public readonly record struct NetworkEndpoint(NetworkAddress Address, ushort Port, uint Scope = 0);
