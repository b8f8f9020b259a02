using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>The content of private pages of a space that isn't in place, in memory of the kernel's (<see cref="ForkFamily"/>).</summary>
internal sealed unsafe class SavedPages(SavedPagesPool pool) : IDisposable
{
    private readonly List<PageRange> _ranges = [];
    private byte* _bytes;
    private ulong _capacity;
    private ulong _length;

    /// <summary>What is saved, in order of address.</summary>
    public List<PageRange> Ranges => _ranges;

    /// <summary>Takes memory for so many bytes.</summary>
    /// <returns>False where there is none, or that is more than is sensible.</returns>
    public bool TryReserve(ulong length)
    {
        if (length <= SavedPagesPool.Most)
            _bytes = pool.Take(length, out _capacity);
        return _bytes is not null;
    }

    /// <summary>Adds pages that are readable in place.</summary>
    public void Add(PageRange range)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_length + range.Length, _capacity);
        // SAFETY: nobody runs in the space, whose host mappings of the range are readable; the buffer has room.
        Buffer.MemoryCopy((void*)range.Start, _bytes + _length, range.Length, range.Length);
        _length += range.Length;
        _ranges.Add(range);
    }

    /// <summary>Puts all pages where the host has them, writable. Most are there already: reading costs half of writing.</summary>
    public void CopyTo(Func<ulong, ulong> placeOf)
    {
        byte* from = _bytes;
        foreach (PageRange range in _ranges)
        {
            ulong to = placeOf(range.Start);
            for (ulong done = 0; done < range.Length; done += FrameExtent.FrameSize, from += FrameExtent.FrameSize)
            {
                // SAFETY: the caller has mapped the range there, and keeps its threads out.
                var saved = new ReadOnlySpan<byte>(from, FrameExtent.FrameSize);
                var place = new Span<byte>((void*)(to + done), FrameExtent.FrameSize);
                if (!saved.SequenceEqual(place))
                    saved.CopyTo(place);
                else
                    // A page of a file that only reads alike would change with the file: the store makes it private.
                    Volatile.Write(ref place[0], saved[0]);
            }
        }
    }

    /// <summary>Puts all pages at their addresses and saves what was there, where that is the same pages.</summary>
    /// <returns>False where others are there: nothing has changed.</returns>
    public bool TryExchange(List<PageRange> present)
    {
        if (!MemoryExtensions.SequenceEqual(CollectionsMarshal.AsSpan(present), CollectionsMarshal.AsSpan(_ranges)))
            return false;
        Span<byte> page = stackalloc byte[FrameExtent.FrameSize];
        byte* at = _bytes;
        foreach (PageRange range in _ranges)
        {
            for (ulong done = 0; done < range.Length; done += FrameExtent.FrameSize, at += FrameExtent.FrameSize)
            {
                // SAFETY: as above; the pages are in place.
                var saved = new Span<byte>(at, FrameExtent.FrameSize);
                var place = new Span<byte>((void*)(range.Start + done), FrameExtent.FrameSize);
                if (saved.SequenceEqual(place))
                    continue;
                saved.CopyTo(page);
                place.CopyTo(saved);
                page.CopyTo(place);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Give(_bytes, _capacity);
        _bytes = null;
        _capacity = 0;
        _ranges.Clear();
        _length = 0;
    }
}

/// <summary>Memory for saved pages; what isn't used any more is kept for the next fork, since fresh memory costs more than a copy.</summary>
internal sealed unsafe class SavedPagesPool(Stubs stubs)
{
    /// <summary>Most bytes of one space: more is moved faster than it is copied.</summary>
    public const ulong Most = 16 << 20;

    private const ulong Least = 128 << 10;
    private const int MostKept = 16;

    private readonly Lock _lock = new();
    private readonly Stack<nint>[] _free = [new(), new(), new(), new(), new(), new(), new(), new()];

    /// <summary>Takes a buffer; null where the host has no memory.</summary>
    public byte* Take(ulong length, out ulong capacity)
    {
        int index = IndexOf(length);
        capacity = Least << index;
        lock (_lock)
        {
            if (_free[index].TryPop(out nint kept))
                return (byte*)kept;
        }

        // SAFETY: a mapping of its own, wherever the host likes.
        long result = stubs.ShortHostCall(Host.Mmap, 0, capacity, Host.ProtRead | Host.ProtWrite, Host.MapPrivate | Host.MapAnonymous, ulong.MaxValue, 0);
        return result is < 0 and >= -4095 ? null : (byte*)result;
    }

    /// <summary>Gives one back.</summary>
    public void Give(byte* bytes, ulong capacity)
    {
        if (bytes is null)
            return;
        int index = IndexOf(capacity);
        lock (_lock)
        {
            if (_free[index].Count < Math.Max(1, MostKept >> index))
            {
                _free[index].Push((nint)bytes);
                return;
            }
        }

        stubs.ShortHostCall(Host.Munmap, (ulong)bytes, capacity, 0, 0, 0, 0);
    }

    private static int IndexOf(ulong length)
    {
        int index = 0;
        while (Least << index < length)
            index++;
        return index;
    }
}
