using System;
using System.Buffers.Binary;
using Cloister.Storage.Index;

namespace Cloister.Storage.Journaling;

/// <summary>What one entry of a journal record does to the index.</summary>
internal enum EntryKind : byte
{
    Put = 1,
    Delete = 2,
    Extent = 3,
    Counters = 4,
}

/// <summary>Entries of the record that is being collected; grows to what it needs and stays so.</summary>
/// <remarks>
/// Put: object (varint), item (8 bytes), length (varint), value. Delete: object, item. Extent: inode and block (varints), the
/// extent's value. Counters: next inode number and number of inodes (8 bytes each).
/// </remarks>
internal sealed class RecordBuffer
{
    // Two varints, an item and a kind.
    private const int LargestHead = 32;

    private byte[] _bytes = new byte[64 * 1024];

    public int Length { get; private set; }

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void AddPut(in IndexKey key, ReadOnlySpan<byte> value)
    {
        Span<byte> into = Reserve(value.Length);
        int at = WriteKey(EntryKind.Put, key, into);
        Leaf.WriteVarint(into, ref at, (ulong)value.Length);
        value.CopyTo(into[at..]);
        Length += at + value.Length;
    }

    public void AddDelete(in IndexKey key) => Length += WriteKey(EntryKind.Delete, key, Reserve(0));

    /// <summary>Adds an extent.</summary>
    /// <returns>Where its value lies in <see cref="Bytes"/>, so that tags can be filled in.</returns>
    public int AddExtent(ulong inode, long block, ReadOnlySpan<byte> value)
    {
        Span<byte> into = Reserve(value.Length);
        int at = 0;
        into[at++] = (byte)EntryKind.Extent;
        Leaf.WriteVarint(into, ref at, inode);
        Leaf.WriteVarint(into, ref at, (ulong)block);
        value.CopyTo(into[at..]);
        int place = Length + at;
        Length = place + value.Length;
        return place;
    }

    public void AddCounters(ulong nextInode, long inodes)
    {
        Span<byte> into = Reserve(0);
        into[0] = (byte)EntryKind.Counters;
        BinaryPrimitives.WriteUInt64LittleEndian(into[1..], nextInode);
        BinaryPrimitives.WriteInt64LittleEndian(into[9..], inodes);
        Length += 17;
    }

    private static int WriteKey(EntryKind kind, in IndexKey key, Span<byte> into)
    {
        int at = 0;
        into[at++] = (byte)kind;
        Leaf.WriteVarint(into, ref at, key.Object);
        BinaryPrimitives.WriteUInt64LittleEndian(into[at..], key.Item);
        return at + 8;
    }

    private Span<byte> Reserve(int size)
    {
        int needed = Length + LargestHead + size;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        return _bytes.AsSpan(Length);
    }
}

/// <summary>Reads the entries of a record.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> entries)
{
    private readonly ReadOnlySpan<byte> _entries = entries;
    private int _at;

    public EntryKind Kind { get; private set; }

    /// <summary>Key of a Put, Delete or Extent.</summary>
    public IndexKey Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public ulong NextInode { get; private set; }

    public long Inodes { get; private set; }

    public bool MoveNext()
    {
        if (_at == _entries.Length)
            return false;
        Kind = (EntryKind)_entries[_at++];
        Value = default;
        switch (Kind)
        {
            case EntryKind.Put:
                ReadKey();
                Value = _entries.Slice(ReadLength(out int length), length);
                _at += length;
                break;
            case EntryKind.Delete:
                ReadKey();
                break;
            case EntryKind.Extent:
                ulong inode = Leaf.ReadVarint(_entries, ref _at);
                Key = IndexKey.Extent(inode, (long)Leaf.ReadVarint(_entries, ref _at));
                int count = _entries[_at];
                Value = _entries.Slice(_at, count == 0 ? ExtentValue.HoleSize : ExtentValue.Size(count));
                _at += Value.Length;
                break;
            default:
                NextInode = BinaryPrimitives.ReadUInt64LittleEndian(_entries[_at..]);
                Inodes = BinaryPrimitives.ReadInt64LittleEndian(_entries[(_at + 8)..]);
                _at += 16;
                break;
        }

        return true;
    }

    private int ReadLength(out int length)
    {
        length = (int)Leaf.ReadVarint(_entries, ref _at);
        return _at;
    }

    private void ReadKey()
    {
        ulong @object = Leaf.ReadVarint(_entries, ref _at);
        Key = new IndexKey(@object, BinaryPrimitives.ReadUInt64LittleEndian(_entries[_at..]));
        _at += 8;
    }
}
