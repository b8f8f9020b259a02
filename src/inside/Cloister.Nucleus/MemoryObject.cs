using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>
/// Pages that belong together: the page cache of a file, a tmpfs file, shared anonymous memory. Mapped by address
/// spaces and read and written by file calls, through the same frames.
/// </summary>
/// <remarks>
/// The lock guards the page table only; it is never held while bytes are copied to or from a program or a pager,
/// since such a copy may fault and come back here. Copies in flight are counted instead, and frames that are removed
/// meanwhile are given back when the last copy has ended.
/// </remarks>
public sealed class MemoryObject : IMemoryObject
{
    /// <summary>Most pages that one miss brings in (2 MiB).</summary>
    private const int LargestReadAhead = 512;

    private readonly KernelLock _lock = new(LockLevel.MemoryObject);
    private readonly IFrames _frames;
    private readonly IPager? _pager;
    private readonly PageTable _pages = new();
    private readonly List<IMemoryObjectMapping> _mappings = [];
    private readonly List<FrameExtent> _removed = [];
    private int _copies;

    // Fills in flight, and what was updated since the first of them began: what they have read of that is stale.
    private int _fills;
    private long _updatedFirst = long.MaxValue;
    private long _updatedEnd;
    private long _nextSequentialPage = -1;
    private int _readAhead = 16;

    /// <summary>Creates an object without pages.</summary>
    /// <param name="frames">Where its memory comes from.</param>
    /// <param name="pager">Where absent pages come from; null if they are zero.</param>
    public MemoryObject(IFrames frames, IPager? pager = null)
    {
        _frames = frames;
        _pager = pager;
    }

    /// <summary>Pages that have memory.</summary>
    public long ResidentPages
    {
        get
        {
            using (_lock.Enter())
                return _pages.Count;
        }
    }

    /// <summary>Number of pages of the file behind the pager, so that read-ahead stops there; long.MaxValue where unknown.</summary>
    public long PagerPages { get; set; } = long.MaxValue;

    /// <summary>Copies bytes from the object. The caller has clipped the range at the end of the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Bytes.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="done">Bytes copied, also where an error ended the copy.</param>
    /// <returns>EFAULT where the buffer is not writable, the pager's error, ENOMEM.</returns>
    public Errno Read(long offset, long count, IIoBuffer to, out long done)
    {
        done = 0;
        Interlocked.Increment(ref _copies);
        try
        {
            while (done < count)
            {
                long at = offset + done;
                int inPage = (int)(at & (FrameExtent.FrameSize - 1));
                Errno error = FindRun(at >> FrameExtent.FrameShift, PagesFor(inPage, count - done), out FrameExtent run);
                if (error != Errno.Success)
                    return error;
                long length = Math.Min(count - done, run.Length - inPage);
                long stored = run.First == 0
                    ? to.StoreZeros(length)
                    : to.Store(_frames.GetBytes(run).Slice(inPage, (int)length));
                done += stored;
                if (stored < length)
                    return Errno.EFAULT;
            }

            return Errno.Success;
        }
        finally
        {
            EndCopy();
        }
    }

    /// <summary>Copies bytes into the object, giving memory to absent pages.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Bytes.</param>
    /// <param name="from">Where they come from.</param>
    /// <param name="done">Bytes copied, also where an error ended the copy.</param>
    /// <returns>EFAULT where the buffer is not readable, ENOSPC where memory is exhausted, the pager's error.</returns>
    public Errno Write(long offset, long count, IIoBuffer from, out long done)
    {
        done = 0;
        Interlocked.Increment(ref _copies);
        try
        {
            while (done < count)
            {
                long at = offset + done;
                int inPage = (int)(at & (FrameExtent.FrameSize - 1));
                Errno error = Populate(at >> FrameExtent.FrameShift, PagesFor(inPage, count - done), out FrameExtent run);
                if (error != Errno.Success)
                    return error == Errno.ENOMEM ? Errno.ENOSPC : error;
                int length = (int)Math.Min(count - done, run.Length - inPage);
                int fetched = from.Fetch(_frames.GetBytes(run).Slice(inPage, length));
                done += fetched;
                if (fetched < length)
                    return Errno.EFAULT;
            }

            return Errno.Success;
        }
        finally
        {
            EndCopy();
        }
    }

    /// <summary>
    /// Brings resident pages up to date after the same bytes were written to where the pager reads. Absent pages stay
    /// absent, and what a fill is just reading of them isn't used.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">The new content.</param>
    public void Update(long offset, ReadOnlySpan<byte> bytes)
    {
        long page = offset >> FrameExtent.FrameShift;
        long end = (offset + bytes.Length + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;
        Interlocked.Increment(ref _copies);
        using (_lock.Enter())
            NoteChange(page, end);
        while (page < end)
        {
            FrameExtent run;
            bool isResident;
            int count;
            using (_lock.Enter())
            {
                isResident = _pages.TryGetRun(page, (int)(end - page), out run);
                count = isResident ? run.Count : _pages.CountAbsent(page, (int)(end - page));
            }

            if (isResident)
            {
                long start = page << FrameExtent.FrameShift;
                long from = Math.Max(start, offset);
                long to = Math.Min(start + run.Length, offset + bytes.Length);
                bytes[(int)(from - offset)..(int)(to - offset)].CopyTo(_frames.GetBytes(run)[(int)(from - start)..]);
            }

            page += count;
        }

        EndCopy();
    }

    /// <summary>Whether an address space has pages of it mapped.</summary>
    public bool IsMapped
    {
        get
        {
            using (_lock.Enter())
                return _mappings.Count != 0;
        }
    }

    /// <summary>
    /// Makes pages resident and returns the longest run of adjacent frames that starts at <paramref name="page"/>.
    /// Mappers must be registered (<see cref="AddMapping"/>) before they map what they get.
    /// </summary>
    /// <param name="page">First page.</param>
    /// <param name="wanted">Pages wanted, at least 1; the run may be shorter.</param>
    /// <param name="run">At least one frame.</param>
    /// <returns>ENOMEM or the pager's error.</returns>
    public Errno Populate(long page, int wanted, out FrameExtent run)
    {
        while (true)
        {
            int absent;
            using (_lock.Enter())
            {
                if (_pages.TryGetRun(page, wanted, out run))
                    return Errno.Success;
                absent = _pages.CountAbsent(page, wanted);
            }

            Errno error = Fill(page, absent);
            if (error != Errno.Success)
            {
                run = default;
                return error;
            }
        }
    }

    /// <summary>Whether a page has memory (mincore(2)).</summary>
    public bool IsResident(long page)
    {
        using (_lock.Enter())
            return _pages.TryGetRun(page, 1, out _);
    }

    /// <summary>Makes a range read as zeros: whole pages are removed, partial ones cleared. To truncate, pass long.MaxValue as end.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte behind the range.</param>
    public void Discard(long start, long end)
    {
        const int mask = FrameExtent.FrameSize - 1;
        long firstWhole = (start + mask) >> FrameExtent.FrameShift;
        long endWhole = end == long.MaxValue ? long.MaxValue : end >> FrameExtent.FrameShift;
        if (firstWhole > endWhole)
        {
            ClearInPage(start, (int)(end - start));
            return;
        }

        if ((start & mask) != 0)
            ClearInPage(start, FrameExtent.FrameSize - (int)(start & mask));
        if (end != long.MaxValue && (end & mask) != 0)
            ClearInPage(end & ~(long)mask, (int)(end & mask));
        if (firstWhole < endWhole)
            RemovePages(firstWhole, endWhole - firstWhole);
    }

    /// <summary>First byte at or after <paramref name="offset"/> that lies in a resident page (SEEK_DATA), or -1.</summary>
    public long NextData(long offset)
    {
        using (_lock.Enter())
        {
            long page = _pages.NextPresent(offset >> FrameExtent.FrameShift);
            return page < 0 ? -1 : Math.Max(offset, page << FrameExtent.FrameShift);
        }
    }

    /// <summary>First byte at or after <paramref name="offset"/> that lies in an absent page (SEEK_HOLE).</summary>
    public long NextHole(long offset)
    {
        using (_lock.Enter())
        {
            long page = _pages.NextAbsent(offset >> FrameExtent.FrameShift);
            return Math.Max(offset, page << FrameExtent.FrameShift);
        }
    }

    /// <summary>Registers a mapping, which hears of removed pages until <see cref="RemoveMapping"/>.</summary>
    public void AddMapping(IMemoryObjectMapping mapping)
    {
        using (_lock.Enter())
            _mappings.Add(mapping);
    }

    /// <summary>Ends a mapping's registration.</summary>
    public void RemoveMapping(IMemoryObjectMapping mapping)
    {
        using (_lock.Enter())
            _mappings.Remove(mapping);
    }

    /// <summary>Gives all memory back. Nobody may use the object afterwards.</summary>
    public void Release() => RemovePages(0, long.MaxValue);

    /// <summary>Holds frames that are removed until <see cref="EndCopy"/>: for copies that use <see cref="Populate"/>'s result.</summary>
    public void BeginCopy() => Interlocked.Increment(ref _copies);

    /// <summary>Ends what <see cref="BeginCopy"/> began.</summary>
    public void EndCopy()
    {
        if (Interlocked.Decrement(ref _copies) == 0 && Volatile.Read(ref _hasRemoved))
            FreeRemoved();
    }

    private bool _hasRemoved;

    private static int PagesFor(int inPage, long count) =>
        (int)Math.Min(LargestReadAhead, (inPage + count + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift);

    /// <summary>A run for reading: frames, or (First = 0) absent pages that read as zeros.</summary>
    private Errno FindRun(long page, int wanted, out FrameExtent run)
    {
        if (_pager is not null)
            return Populate(page, wanted, out run);
        using (_lock.Enter())
        {
            if (!_pages.TryGetRun(page, wanted, out run))
                run = new FrameExtent(0, _pages.CountAbsent(page, wanted));
            return Errno.Success;
        }
    }

    private Errno Fill(long page, int absent)
    {
        int count = absent;
        if (_pager is not null)
        {
            using (_lock.Enter())
            {
                // Double the read-ahead while misses are sequential, fall back when they are not.
                _readAhead = page == _nextSequentialPage ? Math.Min(_readAhead * 2, LargestReadAhead) : 16;
                long ahead = Math.Min(Math.Max(absent, _readAhead), PagerPages - page);
                count = _pages.CountAbsent(page, (int)Math.Max(1, ahead));
                _nextSequentialPage = page + count;
            }
        }

        FrameExtent extent;
        while (!_frames.TryAllocate(count, out extent))
        {
            if (count == 1)
                return Errno.ENOMEM;
            count /= 2;
        }

        if (_pager is not null)
        {
            using (_lock.Enter())
                _fills++;
            Errno error = _pager.ReadPages(page, _frames.GetBytes(extent));
            bool isStale;
            using (_lock.Enter())
            {
                isStale = page < _updatedEnd && page + extent.Count > _updatedFirst;
                if (--_fills == 0)
                {
                    _updatedFirst = long.MaxValue;
                    _updatedEnd = 0;
                }

                if (error == Errno.Success && !isStale)
                    AddPages(page, extent);
            }

            if (error != Errno.Success || isStale)
                _frames.Free(extent);
            return error;
        }

        using (_lock.Enter())
            AddPages(page, extent);
        return Errno.Success;
    }

    /// <summary>With the lock held: what fills in flight have read of these pages may be old.</summary>
    private void NoteChange(long firstPage, long endPage)
    {
        if (_fills == 0)
            return;
        _updatedFirst = Math.Min(_updatedFirst, firstPage);
        _updatedEnd = Math.Max(_updatedEnd, endPage);
    }

    private void AddPages(long page, FrameExtent extent)
    {
        for (int i = 0; i < extent.Count; i++)
        {
            // Another thread may have brought the page in meanwhile; programs may already have written to that one.
            if (!_pages.TryAdd(page + i, extent.First + i))
                _frames.Free(new FrameExtent(extent.First + i, 1));
        }
    }

    private void ClearInPage(long offset, int length)
    {
        Interlocked.Increment(ref _copies);
        FrameExtent run;
        bool present;
        using (_lock.Enter())
            present = _pages.TryGetRun(offset >> FrameExtent.FrameShift, 1, out run);
        if (!present && _pager is not null)
            present = Populate(offset >> FrameExtent.FrameShift, 1, out run) == Errno.Success;
        if (present)
            _frames.GetBytes(run).Slice((int)(offset & (FrameExtent.FrameSize - 1)), length).Clear();
        EndCopy();
    }

    private void RemovePages(long firstPage, long count)
    {
        Interlocked.Increment(ref _copies);
        IMemoryObjectMapping[] mappings;
        using (_lock.Enter())
        {
            _pages.Remove(firstPage, count, _removed);
            NoteChange(firstPage, count > long.MaxValue - firstPage ? long.MaxValue : firstPage + count);
            Volatile.Write(ref _hasRemoved, _removed.Count != 0);
            mappings = _mappings.Count == 0 ? [] : [.. _mappings];
        }

        foreach (IMemoryObjectMapping mapping in mappings)
            mapping.OnPagesRemoved(firstPage, count);
        EndCopy();
    }

    private void FreeRemoved()
    {
        using (_lock.Enter())
        {
            if (Volatile.Read(ref _copies) != 0)
                return;
            foreach (FrameExtent extent in _removed)
                _frames.Free(extent);
            _removed.Clear();
            Volatile.Write(ref _hasRemoved, false);
        }
    }
}
