using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// In which pages a space that isn't in place differs from the one of its family that is: their content, in memory of the kernel's,
/// or that it has none there (<see cref="ForkFamily"/>).
/// </summary>
internal sealed unsafe class SavedPages(SavedPagesPool pool) : IDisposable
{
    private readonly Dictionary<ulong, nint> _pages = [];

    /// <summary>How many there are.</summary>
    public int Count => _pages.Count;

    /// <summary>The addresses, in order.</summary>
    public ulong[] Addresses
    {
        get
        {
            ulong[] addresses = new ulong[_pages.Count];
            _pages.Keys.CopyTo(addresses, 0);
            Array.Sort(addresses);
            return addresses;
        }
    }

    /// <summary>What is saved of a page: its content, or 0 where the space has none; false where it is as in place.</summary>
    public bool TryGet(ulong address, out nint content) => _pages.TryGetValue(address, out content);

    /// <summary>Whether there is an entry.</summary>
    public bool Has(ulong address) => _pages.ContainsKey(address);

    /// <summary>Enters a page of the pool with the content of a page, or 0.</summary>
    public void Set(ulong address, nint content) => _pages[address] = content;

    /// <summary>Takes the content out.</summary>
    public void Remove(ulong address) => _pages.Remove(address);

    /// <summary>Saves a page.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="place">Where it is.</param>
    /// <returns>False where the host has no memory.</returns>
    public bool TryAdd(ulong address, ulong place)
    {
        if (!pool.TryTake(out nint page))
            return false;
        CopyPage((byte*)page, (byte*)place);
        _pages[address] = page;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint page in _pages.Values)
        {
            if (page != 0)
                pool.Give(page);
        }

        _pages.Clear();
    }

    // SAFETY (both): the callers name pages that are mapped with these rights, and keep programs out of them.
    internal static void CopyPage(byte* to, byte* from) => Buffer.MemoryCopy(from, to, FrameExtent.FrameSize, FrameExtent.FrameSize);

    /// <summary>Exchanges two pages. Most that differ in place are alike: reading costs half of writing.</summary>
    internal static void ExchangePages(byte* one, byte* two)
    {
        var first = new Span<byte>(one, FrameExtent.FrameSize);
        var second = new Span<byte>(two, FrameExtent.FrameSize);
        if (first.SequenceEqual(second))
            return;
        Span<byte> page = stackalloc byte[FrameExtent.FrameSize];
        first.CopyTo(page);
        second.CopyTo(first);
        page.CopyTo(second);
    }
}

/// <summary>Memory for saved pages; what isn't used any more is kept for the next fork, since fresh memory costs more than a copy.</summary>
internal sealed unsafe class SavedPagesPool(Stubs stubs)
{
    private const ulong ChunkSize = 1 << 20;

    /// <summary>Free pages that keep their memory (4 MiB).</summary>
    private const int MostWarm = 1024;

    private readonly Lock _lock = new();
    private readonly Stack<nint> _warm = new();
    private readonly Stack<nint> _cold = new();

    /// <summary>Pages in use. For tests.</summary>
    public int Used { get; private set; }

    /// <summary>Most pages in use. For tests.</summary>
    public int Limit { get; set; } = int.MaxValue;

    /// <summary>Takes a page.</summary>
    /// <returns>False where the host has no memory.</returns>
    public bool TryTake(out nint page)
    {
        lock (_lock)
        {
            page = 0;
            if (Used >= Limit)
                return false;
            if (!_warm.TryPop(out page) && !_cold.TryPop(out page) && !(TryGrow() && _cold.TryPop(out page)))
                return false;
            Used++;
            return true;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Give(nint page)
    {
        lock (_lock)
        {
            Used--;
            if (_warm.Count < MostWarm)
            {
                _warm.Push(page);
                return;
            }

            stubs.ShortHostCall(Host.Madvise, (ulong)page, FrameExtent.FrameSize, Host.MadvDontNeed, 0, 0, 0);
            _cold.Push(page);
        }
    }

    private bool TryGrow()
    {
        // SAFETY: a mapping of its own, wherever the host likes.
        long result = stubs.ShortHostCall(Host.Mmap, 0, ChunkSize, Host.ProtRead | Host.ProtWrite, Host.MapPrivate | Host.MapAnonymous, ulong.MaxValue, 0);
        if (result is < 0 and >= -4095)
            return false;
        for (ulong at = ChunkSize; at > 0; at -= FrameExtent.FrameSize)
            _cold.Push((nint)((ulong)result + at - FrameExtent.FrameSize));
        return true;
    }
}
