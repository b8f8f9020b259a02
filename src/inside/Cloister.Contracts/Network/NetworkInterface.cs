using System;
using System.Collections.Generic;

namespace Cloister.Contracts.Network;

/// <summary>Flags of an interface (netdevice(7)).</summary>
[Flags]
public enum InterfaceFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IFF_UP.</summary>
    Up = 0x1,

    /// <summary>IFF_BROADCAST.</summary>
    Broadcast = 0x2,

    /// <summary>IFF_LOOPBACK.</summary>
    Loopback = 0x8,

    /// <summary>IFF_POINTOPOINT.</summary>
    PointToPoint = 0x10,

    /// <summary>IFF_RUNNING.</summary>
    Running = 0x40,

    /// <summary>IFF_NOARP.</summary>
    NoArp = 0x80,

    /// <summary>IFF_MULTICAST.</summary>
    Multicast = 0x1000,

    /// <summary>IFF_LOWER_UP.</summary>
    LowerUp = 0x10000,
}

/// <summary>An address of an interface.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits that its network has in common: up to 32 or 128.</param>
public readonly record struct InterfaceAddress(NetworkAddress Address, int PrefixLength)
{
    /// <summary>The mask of an address of version 4.</summary>
    public uint Mask => PrefixLength == 0 ? 0 : uint.MaxValue << (32 - PrefixLength);
}

/// <summary>A network interface as programs see it.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="MaximumUnit">MTU.</param>
/// <param name="HardwareAddress">Six bytes.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Gateways">Where packets for elsewhere go, one for each version at most; none where the default route isn't this interface's.</param>
public sealed record NetworkInterface(
    int Index,
    byte[] Name,
    InterfaceFlags Flags,
    int MaximumUnit,
    byte[] HardwareAddress,
    IReadOnlyList<InterfaceAddress> Addresses,
    IReadOnlyList<NetworkAddress> Gateways)
{
    /// <summary>Longest name (IFNAMSIZ, with its NUL).</summary>
    public const int NameSize = 16;

    /// <summary>ARPHRD_LOOPBACK.</summary>
    public const int LoopbackType = 772;

    /// <summary>ARPHRD_ETHER.</summary>
    public const int EthernetType = 1;

    /// <summary>The loopback interface.</summary>
    public static NetworkInterface Loopback { get; } = new(
        1,
        "lo"u8.ToArray(),
        InterfaceFlags.Up | InterfaceFlags.Loopback | InterfaceFlags.Running | InterfaceFlags.LowerUp,
        65_536,
        new byte[6],
        [new InterfaceAddress(NetworkAddress.LoopbackV4, 8), new InterfaceAddress(NetworkAddress.LoopbackV6, 128)],
        []);

    /// <summary>Kind of hardware (ARPHRD_*).</summary>
    public int HardwareType => (Flags & InterfaceFlags.Loopback) != 0 ? LoopbackType : EthernetType;
}
