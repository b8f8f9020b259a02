using System;
using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>Page number to frame number, sparse. Not synchronised.</summary>
internal sealed class PageTable
{
    private const int LeafShift = 9;
    private const int LeafSize = 1 << LeafShift;

    // Leaves by number. The first leaf, all there is of most files, grows with the file.
    private readonly Dictionary<long, int[]> _leaves = [];
    private int[] _first = [];

    /// <summary>Pages present.</summary>
    public long Count { get; private set; }

    public bool TryAdd(long page, int frame)
    {
        ref int entry = ref Entry(page);
        if (entry != 0)
            return false;
        entry = frame;
        Count++;
        return true;
    }

    /// <summary>The longest run of adjacent frames from a page on.</summary>
    public bool TryGetRun(long page, int wanted, out FrameExtent run)
    {
        int first = Get(page);
        if (first == 0)
        {
            run = default;
            return false;
        }

        int count = 1;
        while (count < wanted && Get(page + count) == first + count)
            count++;
        run = new FrameExtent(first, count);
        return true;
    }

    /// <summary>Length of the run of absent pages, at most <paramref name="limit"/>; 0 where the page is present.</summary>
    public int CountAbsent(long page, int limit)
    {
        int count = 0;
        while (count < limit && Get(page + count) == 0)
            count++;
        return count;
    }

    public long NextPresent(long page)
    {
        if (page < _first.Length)
        {
            for (long i = page; i < _first.Length; i++)
            {
                if (_first[i] != 0)
                    return i;
            }
        }

        long best = -1;
        foreach ((long number, int[] leaf) in _leaves)
        {
            long start = number << LeafShift;
            if (start + LeafSize <= page || (best >= 0 && start >= best))
                continue;
            for (long i = Math.Max(0, page - start); i < LeafSize; i++)
            {
                if (leaf[i] != 0)
                {
                    best = start + i;
                    break;
                }
            }
        }

        return best;
    }

    public long NextAbsent(long page)
    {
        while (Get(page) != 0)
            page++;
        return page;
    }

    /// <summary>Removes pages and adds their frames to a list.</summary>
    public void Remove(long firstPage, long count, List<FrameExtent> removed)
    {
        long end = count > long.MaxValue - firstPage ? long.MaxValue : firstPage + count;
        RemoveFrom(_first, 0, firstPage, end, removed);
        List<long>? empty = null;
        foreach ((long number, int[] leaf) in _leaves)
        {
            long start = number << LeafShift;
            if (start >= end || start + LeafSize <= firstPage)
                continue;
            RemoveFrom(leaf, start, firstPage, end, removed);
            if (firstPage <= start && end >= start + LeafSize)
                (empty ??= []).Add(number);
        }

        foreach (long number in empty ?? [])
            _leaves.Remove(number);
    }

    private void RemoveFrom(int[] leaf, long start, long firstPage, long end, List<FrameExtent> removed)
    {
        long last = Math.Min(leaf.Length, end - start);
        for (long i = Math.Max(0, firstPage - start); i < last; i++)
        {
            int frame = leaf[i];
            if (frame == 0)
                continue;
            leaf[i] = 0;
            Count--;
            if (removed.Count > 0 && removed[^1].First + removed[^1].Count == frame)
                removed[^1] = new FrameExtent(removed[^1].First, removed[^1].Count + 1);
            else
                removed.Add(new FrameExtent(frame, 1));
        }
    }

    private int Get(long page)
    {
        if (page < _first.Length)
            return _first[page];
        return page >= LeafSize && _leaves.TryGetValue(page >> LeafShift, out int[]? leaf) ? leaf[page & (LeafSize - 1)] : 0;
    }

    private ref int Entry(long page)
    {
        if (page < LeafSize)
        {
            if (page >= _first.Length)
                Array.Resize(ref _first, (int)Math.Min(LeafSize, Math.Max(4, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)page + 1))));
            return ref _first[page];
        }

        if (!_leaves.TryGetValue(page >> LeafShift, out int[]? leaf))
            _leaves.Add(page >> LeafShift, leaf = new int[LeafSize]);
        return ref leaf[page & (LeafSize - 1)];
    }
}
