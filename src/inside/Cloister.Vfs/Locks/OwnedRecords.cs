using System;
using System.Collections.Generic;

namespace Cloister.Vfs.Locks;

/// <summary>One record lock of an owner.</summary>
/// <param name="Range">What it locks.</param>
/// <param name="IsExclusive">Whether it is a write lock.</param>
/// <param name="ProcessId">Who F_GETLK says holds it; -1 for an open file description.</param>
internal readonly record struct OwnedRecord(LockRange Range, bool IsExclusive, int ProcessId);

/// <summary>
/// The record locks of one owner on one file. They never overlap, so one order serves starts and ends, and a search costs the
/// logarithm of how many there are.
/// </summary>
internal sealed class OwnedRecords(object owner)
{
    private readonly List<OwnedRecord> _records = [];

    /// <summary>A table of descriptors, or an open file.</summary>
    public object Owner => owner;

    public int Count => _records.Count;

    /// <summary>The first lock in a range that stands in the way of a write lock, or of a read lock.</summary>
    public bool TryFindConflict(LockRange range, bool isExclusive, out OwnedRecord found)
    {
        for (int i = FirstReaching(range.Start); i < _records.Count && _records[i].Range.Start <= range.End; i++)
        {
            found = _records[i];
            if (isExclusive || found.IsExclusive)
                return true;
        }

        found = default;
        return false;
    }

    /// <summary>Locks a range, in place of what was locked there; joins it with neighbours of the same kind.</summary>
    public void Set(OwnedRecord added)
    {
        Cut(added.Range);
        LockRange range = added.Range;
        int first = range.Start == 0 ? 0 : FirstReaching(range.Start - 1);
        int count = 0;
        if (IsTouching(first))
            count++;
        else if (first < _records.Count && _records[first].Range.End < range.Start)
            first++;
        if (IsTouching(first + count))
            count++;
        for (int i = first; i < first + count; i++)
            range = range.Join(_records[i].Range);
        _records.RemoveRange(first, count);
        _records.Insert(first, added with { Range = range });

        bool IsTouching(int index) =>
            index < _records.Count && _records[index].IsExclusive == added.IsExclusive && _records[index].Range.Touches(added.Range);
    }

    /// <summary>Unlocks a range, splitting where it must.</summary>
    public void Cut(LockRange range)
    {
        int first = FirstReaching(range.Start);
        int end = first;
        while (end < _records.Count && _records[end].Range.Start <= range.End)
            end++;
        if (end == first)
            return;
        OwnedRecord before = _records[first];
        OwnedRecord after = _records[end - 1];
        _records.RemoveRange(first, end - first);
        if (after.Range.End > range.End)
            _records.Insert(first, after with { Range = new LockRange(range.End + 1, after.Range.End) });
        if (before.Range.Start < range.Start)
            _records.Insert(first, before with { Range = new LockRange(before.Range.Start, range.Start - 1) });
    }

    /// <summary>Index of the first lock that doesn't end before a position.</summary>
    private int FirstReaching(long position)
    {
        int low = 0;
        int high = _records.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_records[middle].Range.End >= position)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}

/// <summary>Bytes from start to end, both included.</summary>
internal readonly record struct LockRange(long Start, long End)
{
    public bool Touches(LockRange other) =>
        (Start == 0 || Start - 1 <= other.End) && (other.Start == 0 || other.Start - 1 <= End);

    public LockRange Join(LockRange other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));
}
