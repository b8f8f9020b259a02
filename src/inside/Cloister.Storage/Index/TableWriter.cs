using System;
using System.Collections.Generic;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Index;

/// <summary>Takes the records of a merge, in order.</summary>
internal interface IRecordSink
{
    /// <summary>Whether a whole leaf could be taken over now.</summary>
    bool MayTakeOver { get; }

    /// <summary>Takes a record.</summary>
    void Add(in IndexKey key, ReadOnlySpan<byte> value);

    /// <summary>Takes a leaf as it is.</summary>
    void TakeOver(in IndexKey firstKey, in ChunkPointer leaf, int records);
}

/// <summary>Writes a table: records in order, and whole leaves of an older table that are taken over as they are.</summary>
internal sealed class TableWriter(ChunkWriter chunks) : IRecordSink
{
    // Leaves that are closed early, before a leaf that is taken over, are at least so full: with that, and since no record is larger,
    // blocks are not a quarter more than the records' bytes need (IndexRoom counts on it).
    private const int SmallestLeaf = ChunkPointer.MaxLength / 2;

    private readonly byte[] _bytes = new byte[ChunkPointer.MaxLength];
    private readonly List<IndexKey> _firstKeys = [];
    private readonly List<ChunkPointer> _leaves = [];
    private IndexKey _first;
    private IndexKey _previous;
    private int _length;
    private long _records;

    /// <summary>Whether a leaf could be taken over now, without leaving a nearly empty one before it.</summary>
    public bool MayTakeOver => _length is 0 or >= SmallestLeaf;

    public void Add(in IndexKey key, ReadOnlySpan<byte> value)
    {
        int length = Leaf.Encode(_bytes, _length, _previous, key, value);
        if (length == 0)
        {
            CloseLeaf();
            length = Leaf.Encode(_bytes, 0, default, key, value);
        }

        if (_length == 0)
            _first = key;
        _length = length;
        _previous = key;
        _records++;
    }

    public void TakeOver(in IndexKey firstKey, in ChunkPointer leaf, int records)
    {
        CloseLeaf();
        _firstKeys.Add(firstKey);
        _leaves.Add(leaf);
        _records += records;
    }

    /// <summary>Ends the table. Its chunks are on the device when the writer of chunks has finished.</summary>
    public IndexTable Finish(LeafCache cache)
    {
        CloseLeaf();
        IndexKey[] keys = [.. _firstKeys];
        ChunkPointer[] leaves = [.. _leaves];
        BlobPointer fences = IndexTable.WriteFences(chunks, keys, leaves);
        var table = new IndexTable(cache, keys, leaves, _records, fences);
        _firstKeys.Clear();
        _leaves.Clear();
        _records = 0;
        return table;
    }

    private void CloseLeaf()
    {
        if (_length == 0)
            return;
        _firstKeys.Add(_first);
        _leaves.Add(chunks.Write(SealedKind.Leaf, _bytes.AsSpan(0, _length)));
        _length = 0;
    }
}
