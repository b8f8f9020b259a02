using System;
using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// What a space has mapped, in runs: its page table, as far as this platform has one. What is within a run, the host's
/// page tables know.
/// </summary>
/// <remarks>
/// Sorted, without overlap, in chunks, so that ten thousand runs cost hardly more at a change than ten. Guarded by the
/// kernel's lock of the address space, and by <see cref="Residency"/>'s while pages move.
/// </remarks>
internal sealed class MappingList
{
    private const int ChunkSize = 128;

    private readonly List<Chunk> _chunks = [];

    /// <summary>Runs that are mappings of the host too.</summary>
    public int InHost { get; private set; }

    /// <summary>The run at an address, or the first one behind it.</summary>
    public bool TryFind(ulong address, out HostMapping mapping)
    {
        Place place = FirstEndingAfter(address);
        if (place.Chunk == _chunks.Count)
        {
            mapping = default;
            return false;
        }

        mapping = _chunks[place.Chunk].Items[place.Index];
        return true;
    }

    /// <summary>The next part of a run within a range.</summary>
    public bool TryFind(ulong start, ulong end, out HostMapping part)
    {
        if (!TryFind(start, out part) || part.Start >= end || start >= end)
            return false;
        part = part.Clip(start, end);
        return true;
    }

    /// <summary>Whether nothing is mapped in a range.</summary>
    public bool IsEmpty(ulong start, ulong end) => !TryFind(start, end, out _);

    /// <summary>The next part that the host has mapped, with those that follow it without a gap.</summary>
    public bool TryFindInHost(ulong start, ulong end, out PageRange range)
    {
        range = default;
        while (TryFind(start, end, out HostMapping part))
        {
            if (part.IsInHost && (range.End == part.Start || range.End == 0))
                range = new PageRange(range.End == 0 ? part.Start : range.Start, part.End);
            else if (range.End != 0)
                break;
            start = part.End;
        }

        return range.End != 0;
    }

    /// <summary>Enters a run in place of what was there.</summary>
    public void Set(HostMapping mapping)
    {
        Remove(mapping.Start, mapping.End);
        Place place = FirstEndingAfter(mapping.Start);
        if (place.Chunk < _chunks.Count && mapping.CanMerge(_chunks[place.Chunk].Items[place.Index]))
        {
            mapping = mapping with { End = _chunks[place.Chunk].Items[place.Index].End };
            RemoveAt(place);
        }

        place = FirstEndingAfter(mapping.Start);
        if (TryGetBefore(place, out Place before) && _chunks[before.Chunk].Items[before.Index].CanMerge(mapping))
            _chunks[before.Chunk].Items[before.Index] = _chunks[before.Chunk].Items[before.Index] with { End = mapping.End };
        else
            Insert(place, mapping);
    }

    /// <summary>Forgets a range.</summary>
    public void Remove(ulong start, ulong end)
    {
        while (true)
        {
            Place place = FirstEndingAfter(start);
            if (place.Chunk == _chunks.Count)
                return;
            HostMapping mapping = _chunks[place.Chunk].Items[place.Index];
            if (mapping.Start >= end)
                return;
            bool keepsEnd = mapping.End > end;
            if (mapping.Start < start)
            {
                _chunks[place.Chunk].Items[place.Index] = mapping with { End = start };
                if (keepsEnd)
                    Insert(FirstEndingAfter(start), mapping.Clip(end, mapping.End));
            }
            else if (keepsEnd)
            {
                _chunks[place.Chunk].Items[place.Index] = mapping.Clip(end, mapping.End);
            }
            else
            {
                RemoveAt(place);
            }

            if (keepsEnd)
                return;
        }
    }

    private Place FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _chunks.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_chunks[middle].End > address)
                high = middle;
            else
                low = middle + 1;
        }

        return low == _chunks.Count ? new Place(low, 0) : new Place(low, _chunks[low].FirstEndingAfter(address));
    }

    private bool TryGetBefore(Place place, out Place before)
    {
        before = place.Index > 0 ? new Place(place.Chunk, place.Index - 1)
            : place.Chunk > 0 ? new Place(place.Chunk - 1, _chunks[place.Chunk - 1].Count - 1)
            : default;
        return place.Index > 0 || place.Chunk > 0;
    }

    private void Insert(Place place, in HostMapping mapping)
    {
        if (place.Chunk == _chunks.Count)
        {
            if (place.Chunk == 0)
                _chunks.Add(new Chunk());
            place = new Place(_chunks.Count - 1, _chunks[^1].Count);
        }

        Chunk chunk = _chunks[place.Chunk];
        if (chunk.Count == ChunkSize)
        {
            _chunks.Insert(place.Chunk + 1, chunk.SplitOff());
            if (place.Index > chunk.Count)
            {
                place = new Place(place.Chunk + 1, place.Index - chunk.Count);
                chunk = _chunks[place.Chunk];
            }
        }

        chunk.Insert(place.Index, mapping);
        InHost += mapping.IsInHost ? 1 : 0;
    }

    private void RemoveAt(Place place)
    {
        Chunk chunk = _chunks[place.Chunk];
        InHost -= chunk.Items[place.Index].IsInHost ? 1 : 0;
        chunk.RemoveAt(place.Index);
        if (chunk.Count == 0)
            _chunks.RemoveAt(place.Chunk);
    }

    private readonly record struct Place(int Chunk, int Index);

    private sealed class Chunk
    {
        public HostMapping[] Items = new HostMapping[8];

        public int Count { get; private set; }

        public ulong End => Items[Count - 1].End;

        public int FirstEndingAfter(ulong address)
        {
            int low = 0;
            int high = Count;
            while (low < high)
            {
                int middle = (low + high) >> 1;
                if (Items[middle].End > address)
                    high = middle;
                else
                    low = middle + 1;
            }

            return low;
        }

        public void Insert(int index, in HostMapping mapping)
        {
            if (Count == Items.Length)
                Array.Resize(ref Items, Count * 2);
            Items.AsSpan(index, Count - index).CopyTo(Items.AsSpan(index + 1));
            Items[index] = mapping;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Items.AsSpan(index + 1, Count - index).CopyTo(Items.AsSpan(index));
        }

        public Chunk SplitOff()
        {
            var second = new Chunk { Items = new HostMapping[ChunkSize], Count = Count / 2 };
            Items.AsSpan(Count - second.Count, second.Count).CopyTo(second.Items);
            Count -= second.Count;
            return second;
        }
    }
}
