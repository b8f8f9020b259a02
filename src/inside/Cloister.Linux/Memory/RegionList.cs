using System.Collections.Generic;

namespace Cloister.Linux.Memory;

/// <summary>The regions of an address space, sorted by address, without overlap. Not synchronised.</summary>
internal sealed class RegionList
{
    private readonly List<Region> _regions = [];
    private readonly Stack<Region> _unused = new();

    // The last search below _searchTop for _searchLength bytes ended at _searchEnd: there is no such gap above it, until a region goes.
    private ulong _searchTop;
    private ulong _searchLength;
    private ulong _searchEnd;

    public int Count => _regions.Count;

    public Region this[int index] => _regions[index];

    /// <summary>Index of the first region that ends behind an address; <see cref="Count"/> if there is none.</summary>
    public int FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _regions.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_regions[middle].End > address)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>The region that contains an address.</summary>
    public Region? Find(ulong address)
    {
        int index = FirstEndingAfter(address);
        return index < _regions.Count && _regions[index].Start <= address ? _regions[index] : null;
    }

    /// <summary>Whether nothing lies in a range.</summary>
    public bool IsFree(ulong start, ulong end)
    {
        int index = FirstEndingAfter(start);
        return index == _regions.Count || _regions[index].Start >= end;
    }

    /// <summary>A region object that is in no list, for <see cref="Insert"/>.</summary>
    public Region Rent() => _unused.TryPop(out Region? region) ? region : new Region();

    public void Insert(Region region) => _regions.Insert(FirstEndingAfter(region.Start), region);

    /// <summary>Removes the region at an index and keeps the object for <see cref="Rent"/>.</summary>
    public void RemoveAt(int index)
    {
        if (_regions[index].End >= _searchEnd)
            _searchTop = 0;
        Discard(index);
    }

    private void Discard(int index)
    {
        Region region = _regions[index];
        _regions.RemoveAt(index);
        region.Memory = null;
        region.File = null;
        if (_unused.Count < 64)
            _unused.Push(region);
    }

    /// <summary>Splits so that an address is a border. The caller counts the file's new user.</summary>
    /// <returns>The new, second half; null where nothing was split.</returns>
    public Region? SplitAt(ulong address)
    {
        Region? first = Find(address);
        if (first is null || first.Start == address)
            return null;
        Region second = Rent();
        second.CopyAttributes(first);
        second.Start = address;
        second.End = first.End;
        second.Offset = first.Offset + (long)(address - first.Start);
        first.End = address;
        _regions.Insert(FirstEndingAfter(address), second);
        return second;
    }

    /// <summary>Makes one region of neighbours that are alike, around an address.</summary>
    public void MergeAround(ulong address)
    {
        int index = FirstEndingAfter(address == 0 ? 0 : address - 1);
        if (index > 0)
            index--;
        for (int i = 0; i < 3 && index + 1 < _regions.Count; i++)
        {
            if (_regions[index].CanMerge(_regions[index + 1]))
            {
                _regions[index].End = _regions[index + 1].End;
                Discard(index + 1);
            }
            else
            {
                index++;
            }
        }
    }

    /// <summary>Highest free range of a length below a limit.</summary>
    public bool TryFindFree(ulong length, ulong lowest, ulong limit, ulong alignment, out ulong address)
    {
        // What is mapped in order, downwards, doesn't look at all of it again each time.
        ulong end = limit == _searchTop && length >= _searchLength ? _searchEnd : limit;
        int index = FirstEndingAfter(end - 1);
        if (index < _regions.Count && _regions[index].Start < end)
            end = _regions[index].Start;
        while (true)
        {
            ulong start = index > 0 ? _regions[index - 1].End : lowest;
            if (start < lowest)
                start = lowest;
            if (end > start && end - start >= length)
            {
                address = (end - length) & ~(alignment - 1);
                if (address >= start)
                {
                    (_searchTop, _searchLength, _searchEnd) = (limit, length, address + length);
                    return true;
                }
            }

            if (index == 0 || _regions[index - 1].End <= lowest)
            {
                address = 0;
                return false;
            }

            index--;
            end = _regions[index].Start;
        }
    }
}
