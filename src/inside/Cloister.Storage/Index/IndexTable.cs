using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Index;

/// <summary>A table as a checkpoint names it.</summary>
/// <param name="Fences">List of its leaves.</param>
/// <param name="Records">Its records, with tombstones.</param>
/// <param name="Bytes">Bytes of its leaves.</param>
internal readonly record struct TableReference(BlobPointer Fences, long Records, long Bytes);

/// <summary>
/// An immutable run of records on the device: leaves, and a list of their first keys and pointers that is kept in memory.
/// The tags of the leaves are in the list, and the list's tag is in the checkpoint: the table is authentic as a whole.
/// </summary>
internal sealed class IndexTable : IIndexTier
{
    private readonly LeafCache _cache;
    private readonly IndexKey[] _firstKeys;
    private readonly ChunkPointer[] _leaves;
    private readonly Leaf?[] _lastLeaves;

    // Where the last search ended: ascending ones, as of a replay or a listing, go on from there.
    private int _lastIndex;

    public IndexTable(LeafCache cache, IndexKey[] firstKeys, ChunkPointer[] leaves, long records, in BlobPointer fences)
    {
        _cache = cache;
        _firstKeys = firstKeys;
        _leaves = leaves;
        _lastLeaves = new Leaf?[leaves.Length];
        Records = records;
        Fences = fences;
        foreach (ref readonly ChunkPointer leaf in leaves.AsSpan())
        {
            Blocks += leaf.BlockCount;
            Bytes += leaf.Length;
        }
    }

    public BlobPointer Fences { get; }

    public TableReference Reference => new(Fences, Records, Bytes);

    /// <summary>Records, with tombstones; a measure of the size.</summary>
    public long Records { get; }

    public int LeafCount => _leaves.Length;

    public ReadOnlySpan<ChunkPointer> Leaves => _leaves;

    public ReadOnlySpan<IndexKey> FirstKeys => _firstKeys;

    /// <summary>Blocks of the leaves.</summary>
    public long Blocks { get; }

    /// <summary>Bytes of the leaves.</summary>
    public long Bytes { get; }

    /// <summary>Blocks of the leaves that were sealed before a sequence number.</summary>
    public long BlocksBefore(ulong sequence)
    {
        long blocks = 0;
        foreach (ref readonly ChunkPointer leaf in _leaves.AsSpan())
            blocks += leaf.Sequence < sequence ? leaf.BlockCount : 0;
        return blocks;
    }

    /// <summary>Reads the list of leaves.</summary>
    public static IndexTable Load(ChunkReader reader, LeafCache cache, in TableReference table)
    {
        byte[] bytes = reader.ReadBlob(table.Fences, SealedKind.Fences);
        var keys = new List<IndexKey>();
        var leaves = new List<ChunkPointer>();
        for (int at = 0; at < bytes.Length;)
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(at);
            int size = rest.Length < 16 ? 0 : ChunkPointer.Read(rest[16..], out ChunkPointer leaf) is var read and > 0 && Add(leaf) ? read : 0;
            if (size == 0)
                throw new VolumeException(Errno.EBADMSG, "A list of index leaves is malformed.");
            keys.Add(new IndexKey(BinaryPrimitives.ReadUInt64LittleEndian(rest), BinaryPrimitives.ReadUInt64LittleEndian(rest[8..])));
            at += 16 + size;
        }

        return new IndexTable(cache, [.. keys], [.. leaves], table.Records, table.Fences);

        bool Add(in ChunkPointer leaf)
        {
            leaves.Add(leaf);
            return true;
        }
    }

    /// <summary>Writes the list of leaves.</summary>
    public static BlobPointer WriteFences(ChunkWriter writer, ReadOnlySpan<IndexKey> keys, ReadOnlySpan<ChunkPointer> leaves)
    {
        var bytes = new byte[keys.Length * (16 + ChunkPointer.MaxSize)];
        int at = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), keys[i].Object);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 8), keys[i].Item);
            at += 16 + leaves[i].Write(bytes.AsSpan(at + 16));
        }

        return writer.WriteBlob(SealedKind.Fences, bytes.AsSpan(0, at));
    }

    public bool TryFloor(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value)
    {
        int index = FindLeaf(key);
        if (index < 0)
        {
            found = default;
            value = default;
            return false;
        }

        Leaf leaf = GetLeaf(index);
        int record = leaf.LowerBound(key);
        if (record == leaf.Count || leaf.Keys[record] != key)
            record--;
        found = leaf.Keys[record];
        value = leaf.Value(record);
        return true;
    }

    public bool TryCeiling(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value)
    {
        int index = Math.Max(0, FindLeaf(key));
        for (; index < _leaves.Length; index++)
        {
            Leaf leaf = GetLeaf(index);
            int record = leaf.LowerBound(key);
            if (record == leaf.Count)
                continue;
            found = leaf.Keys[record];
            value = leaf.Value(record);
            return true;
        }

        found = default;
        value = default;
        return false;
    }

    public bool TryCeilingKey(in IndexKey key, out IndexKey found)
    {
        int index = FindLeaf(key);
        if (index >= 0)
        {
            Leaf leaf = GetLeaf(index);
            int record = leaf.LowerBound(key);
            if (record < leaf.Count)
            {
                found = leaf.Keys[record];
                return true;
            }
        }

        bool hasNext = index + 1 < _leaves.Length;
        found = hasNext ? _firstKeys[index + 1] : default;
        return hasNext;
    }

    public void Find(scoped in IndexKey key, out IndexKey floor, out ReadOnlySpan<byte> value, out IndexKey next)
    {
        int index = FindLeaf(key);
        next = index + 1 < _firstKeys.Length ? _firstKeys[index + 1] : IndexKey.Last;
        floor = default;
        value = default;
        if (index < 0)
            return;
        Leaf leaf = GetLeaf(index);
        int record = leaf.LowerBound(key);
        if (record == leaf.Count || leaf.Keys[record] != key)
            record--;
        floor = leaf.Keys[record];
        value = leaf.Value(record);
        if (record + 1 < leaf.Count)
            next = leaf.Keys[record + 1];
    }

    private Leaf GetLeaf(int index) => _cache.Get(_leaves[index], ref _lastLeaves[index]);

    // The last leaf whose first key isn't above the key; -1 where all are.
    private int FindLeaf(in IndexKey key)
    {
        int last = _lastIndex;
        if ((uint)last < (uint)_firstKeys.Length && _firstKeys[last] <= key && (last + 1 == _firstKeys.Length || key < _firstKeys[last + 1]))
            return last;
        return _lastIndex = KeySearch.Floor(_firstKeys, key);
    }
}
