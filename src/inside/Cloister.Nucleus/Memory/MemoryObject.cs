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
/// <para>
/// It lives as long as it has users: the file it belongs to, who just makes a mapping of it, address spaces. The last one's
/// leaving gives its frames back.
/// </para>
/// <para>
/// The lock guards the page table only; it is never held while bytes are copied to or from a program or a pager,
/// since such a copy may fault and come back here. Who copies pins instead, and frames that are removed meanwhile are
/// given back when nobody can have seen them any more.
/// </para>
/// </remarks>
public sealed partial class MemoryObject : IMemoryObject
{
    /// <summary>Most pages that one miss brings in (2 MiB).</summary>
    private const int LargestReadAhead = 512;

    private readonly KernelLock _lock = new(LockLevel.MemoryObject);
    private readonly EnclaveMemory _memory;
    private readonly IPager? _pager;
    private readonly FrameQuota? _quota;
    private readonly PageTable _pages = new();
    private int _users = 1;

    // Fills in flight, and what was updated since the first of them began: what they have read of that is stale.
    private int _fills;
    private long _updatedFirst = long.MaxValue;
    private long _updatedEnd;
    private long _nextSequentialPage = -1;
    private int _readAhead = 16;

    /// <summary>Pages that it may ever have: what is mapped behind them is behind its end.</summary>
    public long MostPages { get; init; } = long.MaxValue;

    /// <summary>What an object without pages weighs on the kernel's heap, with its place in an address space: measured.</summary>
    public const int Weight = 1024;

    /// <summary>Who has paid <see cref="Weight"/> for it, and gets it back at its end; null where nobody had to.</summary>
    public IKernelMemory? Account { get; init; }

    /// <summary>Creates an object without pages, and with one user.</summary>
    /// <param name="memory">Where its frames come from.</param>
    /// <param name="pager">Where absent pages come from; null if they are zero.</param>
    /// <param name="quota">What its frames count against beside; null for nothing.</param>
    public MemoryObject(EnclaveMemory memory, IPager? pager = null, FrameQuota? quota = null)
    {
        _memory = memory;
        _quota = quota;
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

    /// <summary>Counts one more user; there is one already.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Ends a use; the last one's end gives all memory back.</summary>
    public void RemoveUser()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Release();
    }

    /// <summary>Copies bytes from the object. The caller has clipped the range at the end of the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Bytes.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="done">Bytes copied, also where an error ended the copy.</param>
    /// <returns>EFAULT where the buffer is not writable, the pager's error, ENOMEM.</returns>
    public Errno Read(long offset, long count, IIoBuffer to, out long done)
    {
        done = 0;
        while (done < count)
        {
            long at = offset + done;
            int inPage = (int)(at & (FrameExtent.FrameSize - 1));
            Errno error = PinForRead(at >> FrameExtent.FrameShift, PagesFor(inPage, count - done), out FrameExtent run, out int pin);
            if (error != Errno.Success)
                return error;
            long length = Math.Min(count - done, run.Length - inPage);
            long stored;
            try
            {
                stored = run.First == 0
                    ? to.StoreZeros(length)
                    : to.Store(_memory.GetBytes(run).Slice(inPage, (int)length));
            }
            finally
            {
                Unpin(pin);
            }

            done += stored;
            if (stored < length)
                return Errno.EFAULT;
        }

        return Errno.Success;
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
        while (done < count)
        {
            long at = offset + done;
            int inPage = (int)(at & (FrameExtent.FrameSize - 1));
            Errno error = Pin(at >> FrameExtent.FrameShift, PagesFor(inPage, count - done), forStores: true, out FrameExtent run, out int pin);
            if (error != Errno.Success)
                return error == Errno.ENOMEM ? Errno.ENOSPC : error;
            int length = (int)Math.Min(count - done, run.Length - inPage);
            int fetched;
            try
            {
                fetched = from.Fetch(_memory.GetBytes(run).Slice(inPage, length));
            }
            finally
            {
                Unpin(pin);
                NoteVersion();
            }

            done += fetched;
            if (fetched < length)
                return Errno.EFAULT;
        }

        return Errno.Success;
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
        using (_lock.Enter())
            NoteChange(page, end);
        while (page < end)
        {
            FrameExtent run;
            int count;
            int pin = NoPin;
            using (_lock.Enter())
            {
                bool isResident = _pages.TryGetRun(page, (int)(end - page), out run);
                count = isResident ? run.Count : _pages.CountAbsent(page, (int)(end - page));
                if (isResident)
                    pin = PinLocked();
            }

            if (pin != NoPin)
            {
                long start = page << FrameExtent.FrameShift;
                long from = Math.Max(start, offset);
                long to = Math.Min(start + run.Length, offset + bytes.Length);
                bytes[(int)(from - offset)..(int)(to - offset)].CopyTo(_memory.GetBytes(run)[(int)(from - start)..]);
                Unpin(pin);
            }

            page += count;
        }

        NoteVersion();
    }

    /// <summary>
    /// Makes pages resident, from a page on as far as their frames are adjacent, and keeps these frames until
    /// <see cref="Unpin"/>.
    /// </summary>
    /// <param name="page">First page.</param>
    /// <param name="wanted">Pages wanted, at least 1; the run may be shorter.</param>
    /// <param name="forStores">Whether they are going to be changed.</param>
    /// <param name="run">At least one frame.</param>
    /// <param name="pin">What to unpin.</param>
    /// <returns>ENOMEM or the pager's error.</returns>
    public Errno Pin(long page, int wanted, bool forStores, out FrameExtent run, out int pin)
    {
        while (true)
        {
            int absent;
            using (_lock.Enter())
            {
                if (TryPinLocked(page, wanted, forStores, out run, out pin))
                    return Errno.Success;
                absent = _pages.CountAbsent(page, wanted);
            }

            Errno error = Fill(page, absent);
            if (error != Errno.Success)
                return error;
        }
    }

    /// <summary>As <see cref="Pin"/>, where the first page is resident: waits for nothing.</summary>
    public bool TryPin(long page, int wanted, bool forStores, out FrameExtent run, out int pin)
    {
        // Stores through mappings come at any time from now on.
        if (forStores)
            Volatile.Write(ref _changesUnseen, true);
        using (_lock.Enter())
            return TryPinLocked(page, wanted, forStores, out run, out pin);
    }

    /// <summary>Makes pages resident ahead of their use. They may have to leave again at once.</summary>
    /// <param name="page">First page.</param>
    /// <param name="wanted">Pages wanted, at least 1.</param>
    /// <param name="count">How many of them there were in a row.</param>
    /// <returns>ENOMEM or the pager's error.</returns>
    public Errno Populate(long page, int wanted, out int count)
    {
        Errno error = Pin(page, wanted, forStores: false, out FrameExtent run, out int pin);
        count = run.Count;
        if (error == Errno.Success)
            Unpin(pin);
        return error;
    }

    /// <summary>Whether a page has memory (mincore(2)).</summary>
    public bool IsResident(long page)
    {
        using (_lock.Enter())
            return _pages.Contains(page);
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

    private static int PagesFor(int inPage, long count) =>
        (int)Math.Min(LargestReadAhead, (inPage + count + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift);

    /// <summary>A run for reading: frames, or (First = 0) absent pages that read as zeros.</summary>
    private Errno PinForRead(long page, int wanted, out FrameExtent run, out int pin)
    {
        if (_pager is not null)
            return Pin(page, wanted, forStores: false, out run, out pin);
        using (_lock.Enter())
        {
            if (!TryPinLocked(page, wanted, forStores: false, out run, out pin))
                run = new FrameExtent(0, _pages.CountAbsent(page, wanted));
            return Errno.Success;
        }
    }

    private bool TryPinLocked(long page, int wanted, bool forStores, out FrameExtent run, out int pin)
    {
        pin = NoPin;
        if (!_pages.TryGetRun(page, wanted, out run))
            return false;
        if (forStores)
        {
            NoteVersion();
            MarkDirty(page, run.Count);
        }

        pin = PinLocked();
        return true;
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

        if (count == 0)
            return Errno.Success; // another thread was faster
        FrameExtent extent;
        while (!TryAllocate(count, out extent))
        {
            if (count == 1)
                return Errno.ENOMEM;
            count /= 2;
        }

        if (_pager is null)
        {
            using (_lock.Enter())
                AddPages(page, extent);
            return Errno.Success;
        }

        using (_lock.Enter())
            _fills++;
        Errno error = _pager.ReadPages(page, _memory.GetBytes(extent));
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
            Free(extent);
        return error;
    }

    private bool TryAllocate(int count, out FrameExtent extent)
    {
        extent = default;
        if (_quota is not null && !_quota.TryTake(count))
            return false;
        if (_memory.TryAllocate(count, isCache: _pager is not null, out extent))
            return true;
        _quota?.Give(count);
        return false;
    }

    private void Free(FrameExtent extent)
    {
        _memory.Free(extent);
        _quota?.Give(extent.Count);
    }

    /// <summary>With the lock held: what fills in flight have read of these pages may be old.</summary>
    private void NoteChange(long firstPage, long endPage)
    {
        NoteVersion();
        if (_fills == 0)
            return;
        _updatedFirst = Math.Min(_updatedFirst, firstPage);
        _updatedEnd = Math.Max(_updatedEnd, endPage);
    }

    private void AddPages(long page, FrameExtent extent)
    {
        long added = 0;
        for (int i = 0; i < extent.Count; i++)
        {
            // Another thread may have brought the page in meanwhile; programs may already have written to that one.
            if (_pages.TryAdd(page + i, extent.First + i))
                added++;
            else
                Free(new FrameExtent(extent.First + i, 1));
        }

        if (_pager is not null)
            NoteCached(added);
    }
}
