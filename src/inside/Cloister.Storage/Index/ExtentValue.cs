using System;
using System.Diagnostics;

namespace Cloister.Storage.Index;

/// <summary>
/// Value of an extent record: where up to <see cref="MaxBlocks"/> neighbouring blocks of a file lie and how they were
/// sealed, or that there is a hole. The tag in the pointer is all the integrity that data needs.
/// </summary>
/// <remarks>
/// Data: count (1 byte), place (5), sequence of the first block (6), a tag of 16 bytes for each block. Hole: 0 (1), count
/// (6). Little-endian. Block i has place + i and sequence + i.
/// </remarks>
internal static class ExtentValue
{
    /// <summary>Most blocks of a record: the tags of 128 KiB.</summary>
    public const int MaxBlocks = 32;

    public const int TagSize = 16;
    public const int HeaderSize = 12;
    public const int HoleSize = 7;
    public const int MaxSize = HeaderSize + MaxBlocks * TagSize;

    /// <summary>Highest block of a file (16 TiB), and most of a hole.</summary>
    public const long MaxFileBlocks = 1L << 32;

    public static bool IsData(ReadOnlySpan<byte> value) => value[0] != 0;

    public static int Size(int blocks) => HeaderSize + blocks * TagSize;

    public static long Count(ReadOnlySpan<byte> value) =>
        value[0] != 0 ? value[0] : (long)Read(value.Slice(1, 6));

    public static long Place(ReadOnlySpan<byte> value) => (long)Read(value.Slice(1, 5));

    public static ulong Sequence(ReadOnlySpan<byte> value) => Read(value.Slice(6, 6));

    public static ReadOnlySpan<byte> Tags(ReadOnlySpan<byte> value) => value[HeaderSize..];

    /// <summary>Whether the bytes have the form of an extent.</summary>
    public static bool IsValid(ReadOnlySpan<byte> value) => value.Length > 0 && (value[0] == 0
        ? value.Length == HoleSize && Count(value) is > 0 and <= MaxFileBlocks
        : value[0] <= MaxBlocks && value.Length == Size(value[0]));

    public static void WriteData(Span<byte> value, int blocks, long place, ulong sequence)
    {
        Debug.Assert(blocks is > 0 and <= MaxBlocks && place is > 0 and < 1L << 40 && sequence < 1UL << 48);
        value[0] = (byte)blocks;
        Write(value.Slice(1, 5), (ulong)place);
        Write(value.Slice(6, 6), sequence);
    }

    public static void WriteHole(Span<byte> value, long blocks)
    {
        value[0] = 0;
        Write(value.Slice(1, 6), (ulong)blocks);
    }

    /// <summary>Writes the part of an extent that begins some blocks after its start.</summary>
    /// <returns>Bytes of the part.</returns>
    public static int Slice(ReadOnlySpan<byte> value, long skip, long blocks, Span<byte> part)
    {
        if (!IsData(value))
        {
            WriteHole(part, blocks);
            return HoleSize;
        }

        WriteData(part, (int)blocks, Place(value) + skip, Sequence(value) + (ulong)skip);
        value.Slice(HeaderSize + (int)skip * TagSize, (int)blocks * TagSize).CopyTo(part[HeaderSize..]);
        return Size((int)blocks);
    }

    private static ulong Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private static void Write(Span<byte> bytes, ulong value)
    {
        for (int i = 0; i < bytes.Length; i++, value >>= 8)
            bytes[i] = (byte)value;
    }

    /// <summary>How far a record reaches: the blocks of an extent, 1 for all others.</summary>
    public static long Reach(in IndexKey key, ReadOnlySpan<byte> value) =>
        key.Kind == RecordKind.Extent && !value.IsEmpty ? Count(value) : 1;
}
