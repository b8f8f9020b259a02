using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Cloister.Storage.Index;

/// <summary>
/// Where a chunk of up to 32 KiB of metadata lies and how it was sealed. Its blocks may be scattered: a full volume has no
/// long runs.
/// </summary>
internal struct ChunkPointer
{
    public const int MaxBlocks = 8;
    public const int MaxLength = MaxBlocks * 4096;
    public const int MaxSize = 6 + 2 + 16 + MaxBlocks * 5;

    /// <summary>Sequence number that it was sealed under; unlike that of any other chunk. 0 for no chunk.</summary>
    public ulong Sequence;

    /// <summary>Bytes of plaintext, 1 to <see cref="MaxLength"/>.</summary>
    public int Length;

    public UInt128 Tag;
    public ChunkPlaces Places;

    public readonly int BlockCount => (Length + 4095) / 4096;

    /// <summary>Bytes when written.</summary>
    public readonly int Size => 24 + BlockCount * 5;

    public readonly bool IsNone => Sequence == 0;

    /// <summary>Writes it.</summary>
    /// <returns>Bytes written, at most <see cref="MaxSize"/>.</returns>
    public readonly int Write(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(into, Sequence | ((ulong)(uint)(Length - 1) << 48));
        BinaryPrimitives.WriteUInt128LittleEndian(into[8..], Tag);
        int at = 24;
        for (int i = 0; i < BlockCount; i++, at += 5)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(into[at..], (uint)Places[i]);
            into[at + 4] = (byte)(Places[i] >> 32);
        }

        return at;
    }

    /// <summary>Reads one.</summary>
    /// <returns>Bytes read; 0 where the bytes are too few.</returns>
    public static int Read(ReadOnlySpan<byte> from, out ChunkPointer pointer)
    {
        pointer = default;
        if (from.Length < 24)
            return 0;
        ulong head = BinaryPrimitives.ReadUInt64LittleEndian(from);
        pointer.Sequence = head & ((1UL << 48) - 1);
        pointer.Length = (int)(head >> 48) + 1;
        pointer.Tag = BinaryPrimitives.ReadUInt128LittleEndian(from[8..]);
        int at = 24;
        if (pointer.Length > MaxLength || from.Length < at + pointer.BlockCount * 5)
            return 0;
        for (int i = 0; i < pointer.BlockCount; i++, at += 5)
            pointer.Places[i] = BinaryPrimitives.ReadUInt32LittleEndian(from[at..]) | ((long)from[at + 4] << 32);
        return at;
    }
}

/// <summary>Places of a chunk's blocks.</summary>
[InlineArray(ChunkPointer.MaxBlocks)]
internal struct ChunkPlaces
{
    private long _first;
}
