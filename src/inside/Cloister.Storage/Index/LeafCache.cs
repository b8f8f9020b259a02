using System.Collections.Generic;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Index;

/// <summary>Decrypted leaves, those that were needed lately (second chance). The volume's lock guards it.</summary>
internal sealed class LeafCache
{
    /// <summary>Memory of a leaf with its decoded keys, about.</summary>
    public const int LeafBytes = ChunkPointer.MaxLength + 24 * 1024;

    // A leaf must survive the lookup of another one in the same operation, in each of the tables.
    private const int SmallestCapacity = 16;

    private readonly ChunkReader _reader;
    private readonly int _capacity;
    private readonly Dictionary<ulong, Leaf> _leaves;
    private readonly List<Leaf> _clock = [];
    private int _hand;

    public LeafCache(ChunkReader reader, long bytes)
    {
        _reader = reader;
        _capacity = (int)long.Clamp(bytes / LeafBytes, SmallestCapacity, 1 << 20);
        _leaves = new Dictionary<ulong, Leaf>(_capacity);
    }

    public long Hits { get; private set; }

    public long Misses { get; private set; }

    /// <summary>The leaf of a chunk. Valid until as many others as the cache holds were asked for.</summary>
    /// <param name="pointer">The chunk.</param>
    /// <param name="last">What the last call for this chunk gave, which mostly still has it: that takes no search.</param>
    public Leaf Get(in ChunkPointer pointer, ref Leaf? last)
    {
        if (last is null || last.Sequence != pointer.Sequence)
            return last = Get(pointer);
        Hits++;
        last.IsRecent = true;
        return last;
    }

    private Leaf Get(in ChunkPointer pointer)
    {
        if (_leaves.TryGetValue(pointer.Sequence, out Leaf? leaf))
        {
            Hits++;
            leaf.IsRecent = true;
            return leaf;
        }

        Misses++;
        leaf = Take();
        _reader.Read(pointer, SealedKind.Leaf, leaf.Bytes);
        leaf.Decode(pointer.Length);
        leaf.Sequence = pointer.Sequence;
        leaf.IsRecent = true;
        _leaves.Add(pointer.Sequence, leaf);
        return leaf;
    }

    /// <summary>Forgets the leaf of a chunk that is no longer part of the volume.</summary>
    public void Drop(ulong sequence)
    {
        if (_leaves.Remove(sequence, out Leaf? leaf))
            leaf.Sequence = 0;
    }

    private Leaf Take()
    {
        if (_clock.Count < _capacity)
        {
            _clock.Add(new Leaf());
            return _clock[^1];
        }

        while (true)
        {
            Leaf leaf = _clock[_hand];
            _hand = (_hand + 1) % _clock.Count;
            if (leaf.Sequence != 0 && leaf.IsRecent)
            {
                leaf.IsRecent = false;
                continue;
            }

            if (leaf.Sequence != 0)
                _leaves.Remove(leaf.Sequence);
            leaf.Sequence = 0;
            return leaf;
        }
    }
}
