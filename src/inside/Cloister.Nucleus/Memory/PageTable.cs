using System;
using System.Collections.Generic;
using System.Numerics;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>Page number to frame number, sparse, with two marks for each page. Not synchronised.</summary>
/// <remarks>Costs grow with what is present, not with the numbers: leaves are found by number, and in order.</remarks>
internal sealed class PageTable
{
    private const int LeafShift = 9;
    private const int LeafSize = 1 << LeafShift;

    // Marks are kept above the frame number, which leaves 30 bits: 4 TiB.
    private const int UsedMark = 1 << 30;
    private const int DirtyMark = 1 << 31;
    private const int FrameMask = UsedMark - 1;

    // Leaves by number, and their numbers in order. The first leaf, all there is of most files, grows with the file.
    private readonly Dictionary<long, Leaf> _leaves = [];
    private readonly List<long> _numbers = [];
    private int[] _first = [];

    /// <summary>Pages present.</summary>
    public long Count { get; private set; }

    public bool TryAdd(long page, int frame)
    {
        ref int entry = ref Entry(page);
        if (entry != 0)
            return false;

        // It is there because somebody is about to use it.
        entry = frame | UsedMark;
        Count++;
        if (page >= LeafSize)
            _leaves[page >> LeafShift].Count++;
        return true;
    }

    /// <summary>The longest run of adjacent frames from a page on, which count as used.</summary>
    public bool TryGetRun(long page, int wanted, out FrameExtent run)
    {
        int first = Use(page);
        if (first == 0)
        {
            run = default;
            return false;
        }

        int count = 1;
        while (count < wanted && (Get(page + count) & FrameMask) == first + count)
        {
            Use(page + count);
            count++;
        }

        run = new FrameExtent(first, count);
        return true;
    }

    /// <summary>Whether a page is present; it doesn't count as used.</summary>
    public bool Contains(long page) => Get(page) != 0;

    /// <summary>Length of the run of absent pages, at most <paramref name="limit"/>; 0 where the page is present.</summary>
    public int CountAbsent(long page, int limit)
    {
        int count = 0;
        while (count < limit && Get(page + count) == 0)
            count++;
        return count;
    }

    /// <summary>First page present at or behind one, or -1.</summary>
    public long NextPresent(long page) => Next(page, static _ => true);

    /// <summary>First page at or behind one whose content may differ from its source's, or -1.</summary>
    public long NextDirty(long page) => Next(page, static entry => (entry & DirtyMark) != 0);

    public long NextAbsent(long page)
    {
        while (Get(page) != 0)
            page++;
        return page;
    }

    /// <summary>Whether the content of a page may differ from its source's.</summary>
    public bool IsDirty(long page) => (Get(page) & DirtyMark) != 0;

    /// <summary>Marks a page that is present.</summary>
    /// <returns>Whether it wasn't.</returns>
    public bool MarkDirty(long page)
    {
        ref int entry = ref Entry(page);
        bool isNew = (entry & DirtyMark) == 0;
        entry |= DirtyMark;
        return isNew;
    }

    /// <summary>Takes the mark away.</summary>
    public void MarkClean(long page) => Entry(page) &= ~DirtyMark;

    /// <summary>Whether a page was used since the last time this was asked.</summary>
    public bool TakeUse(long page)
    {
        ref int entry = ref Entry(page);
        bool wasUsed = (entry & UsedMark) != 0;
        entry &= ~UsedMark;
        return wasUsed;
    }

    /// <summary>Removes pages and adds their frames to a list.</summary>
    /// <param name="firstPage">First page.</param>
    /// <param name="count">How many; they need not be present.</param>
    /// <param name="removed">Gets the frames.</param>
    /// <param name="dirty">How many of them were dirty.</param>
    public void Remove(long firstPage, long count, List<FrameExtent> removed, out long dirty)
    {
        dirty = 0;
        long end = count > long.MaxValue - firstPage ? long.MaxValue : firstPage + count;
        RemoveFrom(_first, 0, firstPage, end, removed, ref dirty);
        int index = IndexOf(firstPage >> LeafShift);
        int kept = index;
        for (; index < _numbers.Count && _numbers[index] << LeafShift < end; index++)
        {
            long number = _numbers[index];
            Leaf leaf = _leaves[number];
            leaf.Count -= RemoveFrom(leaf.Entries, number << LeafShift, firstPage, end, removed, ref dirty);
            if (leaf.Count == 0)
                _leaves.Remove(number);
            else
                _numbers[kept++] = number;
        }

        _numbers.RemoveRange(kept, index - kept);
    }

    private int RemoveFrom(int[] entries, long start, long firstPage, long end, List<FrameExtent> removed, ref long dirty)
    {
        int taken = 0;
        long last = Math.Min(entries.Length, end - start);
        for (long i = Math.Max(0, firstPage - start); i < last; i++)
        {
            int entry = entries[i];
            if (entry == 0)
                continue;
            entries[i] = 0;
            taken++;
            if ((entry & DirtyMark) != 0)
                dirty++;
            int frame = entry & FrameMask;
            if (removed.Count > 0 && removed[^1].First + removed[^1].Count == frame)
                removed[^1] = new FrameExtent(removed[^1].First, removed[^1].Count + 1);
            else
                removed.Add(new FrameExtent(frame, 1));
        }

        Count -= taken;
        return taken;
    }

    private long Next(long page, Func<int, bool> isWanted)
    {
        for (long i = page; i < _first.Length; i++)
        {
            if (_first[i] != 0 && isWanted(_first[i]))
                return i;
        }

        for (int index = IndexOf(page >> LeafShift); index < _numbers.Count; index++)
        {
            long start = _numbers[index] << LeafShift;
            int[] entries = _leaves[_numbers[index]].Entries;
            for (long i = Math.Max(0, page - start); i < LeafSize; i++)
            {
                if (entries[i] != 0 && isWanted(entries[i]))
                    return start + i;
            }
        }

        return -1;
    }

    /// <summary>Index of the first leaf with this number or a higher one.</summary>
    private int IndexOf(long number)
    {
        int index = _numbers.BinarySearch(number);
        return index < 0 ? ~index : index;
    }

    /// <summary>The frame of a page, which counts as used; 0 where absent.</summary>
    private int Use(long page)
    {
        int entry = Get(page);
        if (entry == 0)
            return 0;
        if ((entry & UsedMark) == 0)
            Entry(page) |= UsedMark;
        return entry & FrameMask;
    }

    private int Get(long page)
    {
        if (page < _first.Length)
            return _first[page];
        return page >= LeafSize && _leaves.TryGetValue(page >> LeafShift, out Leaf? leaf) ? leaf.Entries[page & (LeafSize - 1)] : 0;
    }

    private ref int Entry(long page)
    {
        if (page < LeafSize)
        {
            if (page >= _first.Length)
                Array.Resize(ref _first, (int)Math.Min(LeafSize, Math.Max(4, BitOperations.RoundUpToPowerOf2((uint)page + 1))));
            return ref _first[page];
        }

        long number = page >> LeafShift;
        if (!_leaves.TryGetValue(number, out Leaf? leaf))
        {
            _leaves.Add(number, leaf = new Leaf());
            _numbers.Insert(IndexOf(number), number);
        }

        return ref leaf.Entries[page & (LeafSize - 1)];
    }

    private sealed class Leaf
    {
        public int[] Entries { get; } = new int[LeafSize];

        public int Count { get; set; }
    }
}
