using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Memory;

/// <summary>Demand-zero memory.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Protection">Rights.</param>
/// <param name="IsPromised">Whether it was paid for when it was mapped.</param>
internal readonly record struct DemandRange(ulong Start, ulong End, Protection Protection, bool IsPromised)
{
    /// <summary>Whether a page in both would be alike.</summary>
    public bool Continues(in DemandRange next) => End == next.Start && Protection == next.Protection && IsPromised == next.IsPromised;
}

/// <summary>Where private memory comes into being when it is touched: sorted, without overlap. What has been touched, the page table knows.</summary>
internal sealed class DemandRanges
{
    private readonly List<DemandRange> _ranges = [];

    /// <summary>The first part at or behind an address, before an end.</summary>
    public bool TryFind(ulong start, ulong end, out DemandRange part)
    {
        part = default;
        int index = FirstEndingAfter(start);
        if (index == _ranges.Count || _ranges[index].Start >= end || start >= end)
            return false;
        part = _ranges[index];
        part = part with { Start = ulong.Max(part.Start, start), End = ulong.Min(part.End, end) };
        return true;
    }

    /// <summary>The range around an address.</summary>
    public bool TryFind(ulong address, out DemandRange range)
    {
        int index = FirstEndingAfter(address);
        range = index < _ranges.Count ? _ranges[index] : default;
        return index < _ranges.Count && range.Start <= address;
    }

    /// <summary>Enters a range in place of what was there.</summary>
    public void Set(DemandRange range)
    {
        Remove(range.Start, range.End);
        int index = FirstEndingAfter(range.Start);
        if (index < _ranges.Count && range.Continues(_ranges[index]))
        {
            range = range with { End = _ranges[index].End };
            _ranges.RemoveAt(index);
        }

        if (index > 0 && _ranges[index - 1].Continues(range))
            _ranges[index - 1] = _ranges[index - 1] with { End = range.End };
        else
            _ranges.Insert(index, range);
    }

    /// <summary>Forgets a range.</summary>
    public void Remove(ulong start, ulong end)
    {
        int index = FirstEndingAfter(start);
        if (index < _ranges.Count && _ranges[index].Start < start)
        {
            DemandRange cut = _ranges[index];
            _ranges[index] = cut with { End = start };
            index++;
            if (cut.End > end)
            {
                _ranges.Insert(index, cut with { Start = end });
                return;
            }
        }

        int last = index;
        while (last < _ranges.Count && _ranges[last].End <= end)
            last++;
        _ranges.RemoveRange(index, last - index);
        if (index < _ranges.Count && _ranges[index].Start < end)
            _ranges[index] = _ranges[index] with { Start = end };
    }

    private int FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_ranges[middle].End > address)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
