using System;
using System.Collections.Generic;
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

    /// <summary>Adds pages that are readable in place.</summary>
    /// <returns>False where there is no memory for them, or more than is sensible.</returns>
    public bool TryAdd(PageRange range)
    {
        if (_length + range.Length > SavedPagesPool.Most || !TryGrow(_length + range.Length))
            return false;
        // SAFETY: nobody runs in the space, whose host mappings of the range are readable; the buffer has room.
        Buffer.MemoryCopy((void*)range.Start, _bytes + _length, range.Length, range.Length);
        _length += range.Length;
        _ranges.Add(range);
        return true;
    }

    /// <summary>Puts all pages at their addresses, or so far from them; they are writable there.</summary>
    public void CopyTo(Func<ulong, ulong> placeOf)
    {
        byte* from = _bytes;
        foreach (PageRange range in _ranges)
        {
            // SAFETY: the caller has mapped the range there, and keeps its threads out.
            Buffer.MemoryCopy(from, (void*)placeOf(range.Start), range.Length, range.Length);
            from += range.Length;
        }
    }

    /// <summary>Forgets the pages but keeps the memory for others.</summary>
    public void Clear()
    {
        _ranges.Clear();
        _length = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Give(_bytes, _capacity);
        _bytes = null;
        _capacity = 0;
        Clear();
    }

    private bool TryGrow(ulong length)
    {
        if (length <= _capacity)
            return true;
        byte* bytes = pool.Take(length, out ulong capacity);
        if (bytes is null)
            return false;
        // SAFETY: both buffers are at least that long.
        Buffer.MemoryCopy(_bytes, bytes, capacity, _length);
        pool.Give(_bytes, _capacity);
        _bytes = bytes;
        _capacity = capacity;
        return true;
    }
}

/// <summary>Memory for saved pages; what isn't used any more is kept for the next fork, since fresh memory costs more than a copy.</summary>
internal sealed unsafe class SavedPagesPool(Stubs stubs)
{
    /// <summary>Most bytes of one space: more is moved faster than it is copied.</summary>
    public const ulong Most = 4 << 20;

    private const ulong Least = 128 << 10;
    private const int MostKept = 16;

    private readonly Lock _lock = new();
    private readonly Stack<nint>[] _free = [new(), new(), new(), new(), new(), new()];

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
            if (_free[index].Count < MostKept >> index)
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
