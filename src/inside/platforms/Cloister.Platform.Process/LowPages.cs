using System;
using System.Collections.Generic;

namespace Cloister.Platform.Process;

/// <summary>
/// The mapped parts of the low range, cut wherever the host may hold separate mappings: it moves only whole ones.
/// Guarded by the kernel's lock of the address space, and by Residency's while the pages move.
/// </summary>
internal sealed class LowPages
{
    /// <summary>Sorted, without overlap.</summary>
    public List<(ulong Start, ulong End)> Ranges { get; } = [];

    public void Add(ulong start, ulong end)
    {
        Remove(start, end);
        Ranges.Insert(IndexFrom(start), (start, end));
    }

    public void Remove(ulong start, ulong end)
    {
        Split(start, end);
        int index = IndexFrom(start);
        int count = 0;
        while (index + count < Ranges.Count && Ranges[index + count].Start < end)
            count++;
        Ranges.RemoveRange(index, count);
    }

    /// <summary>Cuts at both ends of a range.</summary>
    public void Split(ulong start, ulong end)
    {
        SplitAt(start);
        SplitAt(end);
    }

    public void Clear() => Ranges.Clear();

    private void SplitAt(ulong address)
    {
        int index = IndexFrom(address) - 1;
        if (index < 0 || Ranges[index].End <= address || Ranges[index].Start == address)
            return;
        (ulong start, ulong end) = Ranges[index];
        Ranges[index] = (start, address);
        Ranges.Insert(index + 1, (address, end));
    }

    /// <summary>Index of the first range that starts at or behind an address.</summary>
    private int IndexFrom(ulong address)
    {
        int low = 0;
        int high = Ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (Ranges[middle].Start < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
