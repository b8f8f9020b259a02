using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Cloister.Storage.Index;

/// <summary>Blocks of a file that lie together, or a hole of it.</summary>
internal readonly ref struct Segment
{
    /// <summary>Blocks, from the one that was asked for.</summary>
    public required long Count { get; init; }

    /// <summary>Place of the first block on the device; 0 for a hole.</summary>
    public long Place { get; init; }

    /// <summary>Sequence number of the first block.</summary>
    public ulong Sequence { get; init; }

    /// <summary>A tag for each block. Valid until the index is asked again.</summary>
    public ReadOnlySpan<byte> Tags { get; init; }

    public bool IsHole => Place == 0;
}

/// <summary>An index as one: its tiers, newest first. The volume's lock guards it.</summary>
internal sealed class IndexView
{
    private IIndexTier[] _tiers = [];

    public IReadOnlyList<IIndexTier> Tiers => _tiers;

    /// <summary>Searches of tiers so far: what costs are counted in.</summary>
    public long Searches { get; private set; }

    public void SetTiers(ReadOnlySpan<IIndexTier> newestFirst) => _tiers = newestFirst.ToArray();

    /// <summary>Finds a record that is no extent.</summary>
    public bool TryGet(scoped in IndexKey key, out ReadOnlySpan<byte> value)
    {
        foreach (IIndexTier tier in _tiers)
        {
            Searches++;
            if (tier.TryFloor(key, out IndexKey found, out value) && found == key)
                return !value.IsEmpty;
        }

        value = default;
        return false;
    }

    /// <summary>Finds the first record from a key on, up to a limit, that is no extent.</summary>
    public bool TryNext(IndexKey from, scoped in IndexKey limit, out IndexKey found, out ReadOnlySpan<byte> value)
    {
        while (true)
        {
            found = IndexKey.Last;
            foreach (IIndexTier tier in _tiers)
            {
                Searches++;
                if (tier.TryCeilingKey(from, out IndexKey key) && key < found)
                    found = key;
            }

            value = default;
            if (found >= limit)
                return false;
            if (TryGet(found, out value))
                return true;
            from = found.Plus(1);
        }
    }

    /// <summary>What a file has at a block, and for how many blocks.</summary>
    public Segment FindSegment(ulong inode, long block, long limit)
    {
        Debug.Assert(block >= 0 && block < limit);
        IndexKey key = IndexKey.Extent(inode, block);
        long end = limit;
        foreach (IIndexTier tier in _tiers)
        {
            Searches++;
            tier.Find(key, out IndexKey found, out ReadOnlySpan<byte> value, out IndexKey next);
            if (found.IsExtentOf(inode) && !value.IsEmpty)
            {
                long start = (long)found.Number;
                long count = ExtentValue.Count(value);
                if (start + count > block)
                {
                    long skip = block - start;
                    long length = Math.Min(end, start + count) - block;
                    if (!ExtentValue.IsData(value))
                        return new Segment { Count = length };
                    return new Segment
                    {
                        Count = length,
                        Place = ExtentValue.Place(value) + skip,
                        Sequence = ExtentValue.Sequence(value) + (ulong)skip,
                        Tags = ExtentValue.Tags(value).Slice((int)skip * ExtentValue.TagSize, (int)length * ExtentValue.TagSize),
                    };
                }
            }

            // Older tiers count only up to where this one has something again.
            if (next.IsExtentOf(inode))
                end = Math.Min(end, (long)next.Number);
        }

        return new Segment { Count = end - block };
    }
}
