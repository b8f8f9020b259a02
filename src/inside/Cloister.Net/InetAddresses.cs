using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)).</summary>
internal static class InetAddresses
{
    /// <summary>Bytes of struct sockaddr_in6; struct sockaddr_in has 16.</summary>
    public const int LongestLength = 28;

    private const int LengthV4 = 16;

    // sockaddr_in6 without sin6_scope_id (SIN6_LEN_RFC2133).
    private const int ShortestLengthV6 = 24;

    /// <summary>The family that an address names; AF_UNSPEC for what is too short to name one.</summary>
    public static AddressFamily FamilyOf(ReadOnlySpan<byte> address) =>
        address.Length < sizeof(ushort) ? AddressFamily.AF_UNSPEC : (AddressFamily)BinaryPrimitives.ReadUInt16LittleEndian(address);

    /// <summary>Reads an address for a socket of a family.</summary>
    /// <param name="address">The bytes.</param>
    /// <param name="isV6">Which family.</param>
    /// <param name="endpoint">The address.</param>
    /// <param name="takesUnspecified">Whether AF_UNSPEC does for AF_INET, as in old programs.</param>
    /// <returns>EINVAL for one that is too short, EAFNOSUPPORT for one of another family.</returns>
    public static Errno Parse(ReadOnlySpan<byte> address, bool isV6, out NetworkEndpoint endpoint, bool takesUnspecified = false)
    {
        endpoint = default;
        if (address.Length < (isV6 ? ShortestLengthV6 : LengthV4))
            return Errno.EINVAL;
        AddressFamily family = FamilyOf(address);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        if (!isV6)
        {
            if (family != AddressFamily.AF_INET && !(takesUnspecified && family == AddressFamily.AF_UNSPEC))
                return Errno.EAFNOSUPPORT;
            endpoint = new NetworkEndpoint(NetworkAddress.FromV4(BinaryPrimitives.ReadUInt32BigEndian(address[4..])), port);
            return Errno.Success;
        }

        if (family != AddressFamily.AF_INET6)
            return Errno.EAFNOSUPPORT;
        var bits = new NetworkAddress(BinaryPrimitives.ReadUInt64BigEndian(address[8..]), BinaryPrimitives.ReadUInt64BigEndian(address[16..]));
        uint scope = address.Length >= LongestLength && bits.IsLinkLocal ? BinaryPrimitives.ReadUInt32LittleEndian(address[24..]) : 0;
        endpoint = new NetworkEndpoint(bits, port, scope);
        return Errno.Success;
    }

    /// <summary>Whether a socket with an address can't reach one of the other version (ip6_datagram_connect and tcp_v6_connect of Linux).</summary>
    /// <returns>ENETUNREACH for version 4 from version 6, EAFNOSUPPORT the other way.</returns>
    public static Errno Mismatch(NetworkAddress local, NetworkAddress remote)
    {
        if (local.IsV4 == remote.IsV4)
            return Errno.Success;
        return remote.IsV4 ? Errno.ENETUNREACH : Errno.EAFNOSUPPORT;
    }

    /// <summary>Writes an address of a socket, cut where it doesn't fit.</summary>
    /// <returns>Its whole length.</returns>
    public static int Write(in NetworkEndpoint endpoint, bool isV6, Span<byte> into)
    {
        Span<byte> bytes = stackalloc byte[LongestLength];
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(isV6 ? AddressFamily.AF_INET6 : AddressFamily.AF_INET));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], endpoint.Port);
        if (isV6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], endpoint.Address.High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], endpoint.Address.Low);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], endpoint.Scope);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], endpoint.Address.V4);
        }

        int length = isV6 ? LongestLength : LengthV4;
        bytes[..Math.Min(length, into.Length)].CopyTo(into);
        return length;
    }
}
