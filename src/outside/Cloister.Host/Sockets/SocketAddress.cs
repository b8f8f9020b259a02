using System;
using System.Buffers.Binary;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Sockets;

/// <summary>struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)), and the records that stand for them in the rings.</summary>
internal static class SocketAddress
{
    /// <summary>Bytes of the longer one.</summary>
    public const int LongestLength = 28;

    public const int FamilyV4 = 2;
    public const int FamilyV6 = 10;
    private const int LengthV4 = 16;
    private const ulong Mapped = 0xFFFF;

    /// <summary>Writes the address for a socket of a family.</summary>
    /// <returns>Its length; 0 for an address of version 6 and a socket of version 4.</returns>
    public static int Write(in EndpointRecord record, bool isV6, Span<byte> into)
    {
        into[..LongestLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)record.Port);
        if (isV6)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(into, FamilyV6);
            BinaryPrimitives.WriteUInt64BigEndian(into[8..], record.High);
            BinaryPrimitives.WriteUInt64BigEndian(into[16..], record.Low);
            BinaryPrimitives.WriteUInt32LittleEndian(into[24..], record.Scope);
            return LongestLength;
        }

        if (record.High != 0 || record.Low >> 32 != Mapped)
            return 0;
        BinaryPrimitives.WriteUInt16LittleEndian(into, FamilyV4);
        BinaryPrimitives.WriteUInt32BigEndian(into[4..], (uint)record.Low);
        return LengthV4;
    }

    /// <summary>Reads what the host's kernel wrote.</summary>
    public static EndpointRecord Read(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt16LittleEndian(from) == FamilyV6
        ? new EndpointRecord
        {
            High = BinaryPrimitives.ReadUInt64BigEndian(from[8..]),
            Low = BinaryPrimitives.ReadUInt64BigEndian(from[16..]),
            Port = BinaryPrimitives.ReadUInt16BigEndian(from[2..]),
            Scope = BinaryPrimitives.ReadUInt32LittleEndian(from[24..]),
        }
        : new EndpointRecord
        {
            Low = (Mapped << 32) | BinaryPrimitives.ReadUInt32BigEndian(from[4..]),
            Port = BinaryPrimitives.ReadUInt16BigEndian(from[2..]),
        };
}
