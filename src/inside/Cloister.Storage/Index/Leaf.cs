using System;
using System.Buffers.Binary;
using System.Diagnostics;

namespace Cloister.Storage.Index;

/// <summary>
/// Records of a leaf of a table. Encoded: for each record a varint with the length of its value and in the lowest bit
/// whether the object is that of the record before; then the distance of the item from that record's as a varint, or the
/// object as a varint and the item in 8 bytes; then the value.
/// </summary>
internal sealed class Leaf
{
    /// <summary>Most bytes of a record before its value: a varint of up to 3 bytes, one of up to 10, and an item.</summary>
    public const int LargestHead = 23;

    private IndexKey[] _keys = new IndexKey[1024];
    private int[] _places = new int[1024];

    /// <summary>The plaintext.</summary>
    public byte[] Bytes { get; } = new byte[ChunkPointer.MaxLength];

    public int Count { get; private set; }

    /// <summary>Sequence of the chunk; 0 where the leaf is not in use.</summary>
    public ulong Sequence { get; set; }

    /// <summary>Whether it was asked for since the cache last looked.</summary>
    public bool IsRecent { get; set; }

    public ReadOnlySpan<IndexKey> Keys => _keys.AsSpan(0, Count);

    public ReadOnlySpan<byte> Value(int index) => Bytes.AsSpan(_places[index] >> 16, _places[index] & 0xffff);

    /// <summary>Finds the records in the first bytes of <see cref="Bytes"/>.</summary>
    public void Decode(int length)
    {
        ReadOnlySpan<byte> bytes = Bytes.AsSpan(0, length);
        int at = 0;
        IndexKey key = default;
        Count = 0;
        while (at < length)
        {
            ulong head = ReadVarint(bytes, ref at);
            if ((head & 1) != 0)
            {
                key = new IndexKey(key.Object, key.Item + ReadVarint(bytes, ref at));
            }
            else
            {
                ulong number = ReadVarint(bytes, ref at);
                key = new IndexKey(number, BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]));
                at += 8;
            }

            if (Count == _keys.Length)
            {
                Array.Resize(ref _keys, Count * 2);
                Array.Resize(ref _places, Count * 2);
            }

            int size = (int)(head >> 1);
            _keys[Count] = key;
            _places[Count++] = (at << 16) | size;
            at += size;
        }
    }

    /// <summary>Index of the first record whose key isn't below this one.</summary>
    public int LowerBound(in IndexKey key) => KeySearch.LowerBound(Keys, key);

    /// <summary>Appends a record to a leaf that is being written.</summary>
    /// <returns>The new length; 0 where it doesn't fit.</returns>
    public static int Encode(Span<byte> bytes, int length, in IndexKey previous, in IndexKey key, ReadOnlySpan<byte> value)
    {
        Debug.Assert(length == 0 || previous < key);
        if (bytes.Length - length < value.Length + LargestHead)
            return 0;
        bool isSame = length > 0 && previous.Object == key.Object;
        WriteVarint(bytes, ref length, ((ulong)value.Length << 1) | (isSame ? 1UL : 0));
        if (isSame)
        {
            WriteVarint(bytes, ref length, key.Item - previous.Item);
        }
        else
        {
            WriteVarint(bytes, ref length, key.Object);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[length..], key.Item);
            length += 8;
        }

        value.CopyTo(bytes[length..]);
        return length + value.Length;
    }

    public static void WriteVarint(Span<byte> bytes, ref int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
    }

    public static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = bytes[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
