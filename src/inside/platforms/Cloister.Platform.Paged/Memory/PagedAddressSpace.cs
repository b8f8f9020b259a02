using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

/// <summary>
/// A space with a page table of its own. What is mapped stands in the table; memory that nobody has touched yet in
/// <see cref="DemandRanges"/>. A private page can belong to several spaces since a fork, until one of them stores.
/// </summary>
/// <remarks>
/// The kernel runs on one processor at a time and is not preempted here, so no call meets another half done, and what a copy
/// touches can't go while it runs.
/// </remarks>
internal sealed partial class PagedAddressSpace<TEntry> : IAddressSpace
    where TEntry : struct, IPageEntry<TEntry>
{

    private readonly FrameTable _frames;
    private readonly PageTable<TEntry> _table;
    private readonly PagedMmu<TEntry> _mmu;
    private readonly IPageBudget _budget;
    private readonly DemandRanges _demand = new();

    public PagedAddressSpace(PagedMmu<TEntry> mmu, PageTable<TEntry> table, IPageBudget budget)
    {
        _mmu = mmu;
        _frames = mmu.Frames;
        _table = table;
        _budget = budget;
    }

    /// <summary>What the processor's register has while a thread of the space runs.</summary>
    public ulong Root => _table.Root;

    /// <inheritdoc/>
    public ulong Lowest => 0x10000;

    /// <inheritdoc/>
    public ulong Highest => TEntry.UserEnd;

    /// <inheritdoc/>
    public IAddressPlacement? Placement => null;

    /// <inheritdoc/>
    public ICallSites? CallSites => null;

    /// <inheritdoc/>
    public Errno MapAnonymous(ulong address, ulong length, Protection protection, bool isPromised)
    {
        Unmap(address, length);
        _demand.Set(new DemandRange(address, address + length, protection, isPromised));
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite)
    {
        ulong length = (ulong)extent.Length;
        for (ulong at = address; at < address + length; at += FrameExtent.FrameSize)
        {
            if (!_table.TryPrepare(at))
                return Errno.ENOMEM;
        }

        _demand.Remove(address, address + length);
        for (int i = 0; i < extent.Count; i++)
        {
            ulong at = address + ((ulong)i << FrameExtent.FrameShift);
            Release(_table.Read(at));
            _table.Write(at, TEntry.Make(extent.First + i, protection, isPrivate: false, copyOnWrite));
        }

        ForgetInstructions(protection);
        _table.Forget(address, address + length);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Unmap(ulong address, ulong length)
    {
        ulong end = address + length;
        _demand.Remove(address, end);
        if (!RemovePages(address, end))
            return Errno.Success;
        _table.FreeTables(address, end);
        _table.Forget(address, end);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Protect(ulong address, ulong length, Protection protection)
    {
        ulong end = address + length;
        for (ulong at = address; _demand.TryFind(at, end, out DemandRange part); at = part.End)
            _demand.Set(part with { Protection = protection });
        bool hasChanged = false;
        for (ulong at = address; _table.TryFindNext(ref at, end, out TEntry entry); at += FrameExtent.FrameSize)
        {
            _table.Write(at, entry.With(protection));
            hasChanged = true;
        }

        if (hasChanged)
        {
            ForgetInstructions(protection);
            _table.Forget(address, end);
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Move(ulong from, ulong length, ulong to)
    {
        ulong end = from + length;
        ulong distance = unchecked(to - from);
        for (ulong at = from; _table.TryFindNext(ref at, end, out _); at += FrameExtent.FrameSize)
        {
            if (!_table.TryPrepare(unchecked(at + distance)))
                return Errno.ENOMEM;
        }

        for (ulong at = from; _demand.TryFind(at, end, out DemandRange part); at = part.End)
            _demand.Set(part with { Start = unchecked(part.Start + distance), End = unchecked(part.End + distance) });
        _demand.Remove(from, end);
        for (ulong at = from; _table.TryFindNext(ref at, end, out TEntry entry); at += FrameExtent.FrameSize)
        {
            _table.Write(unchecked(at + distance), entry);
            _table.Write(at, default);
        }

        _table.FreeTables(from, end);
        _table.Forget(from, end);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Discard(ulong address, ulong length)
    {
        ulong end = address + length;
        bool hasChanged = false;
        for (ulong at = address; _demand.TryFind(at, end, out DemandRange part); at = part.End)
            hasChanged |= RemovePages(part.Start, part.End);
        if (hasChanged)
            _table.Forget(address, end);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public void AdviseHugePages(ulong address, ulong length, bool wanted)
    {
        // Pages of 4 KiB only.
    }

    /// <inheritdoc/>
    public bool TryFindMapped(ulong start, ulong end, out PageRun run)
    {
        run = default;
        bool hasDemand = _demand.TryFind(start, end, out DemandRange demand);
        ulong at = start;
        bool hasPage = _table.TryFindNext(ref at, hasDemand ? demand.Start : end, out _);
        if (!hasPage)
        {
            run = new PageRun(demand.Start, demand.End, true);
            return hasDemand;
        }

        ulong first = at;
        ulong limit = hasDemand ? demand.Start : end;
        do
            at += FrameExtent.FrameSize;
        while (at < limit && _table.Read(at).IsMapped);
        run = new PageRun(first, at, false);
        return true;
    }

    /// <inheritdoc/>
    public int FindPresent(ulong start, ulong end, Span<PageRun> runs)
    {
        int count = 0;
        for (ulong at = start; _table.TryFindNext(ref at, end, out TEntry entry); at += FrameExtent.FrameSize)
        {
            if (count > 0 && runs[count - 1].End == at && runs[count - 1].IsPrivate == entry.IsPrivate)
            {
                runs[count - 1] = runs[count - 1] with { End = at + FrameExtent.FrameSize };
                continue;
            }

            if (count == runs.Length)
                return count;
            runs[count++] = new PageRun(at, at + FrameExtent.FrameSize, entry.IsPrivate);
        }

        return count;
    }

    /// <inheritdoc/>
    public Errno Clone(ReadOnlySpan<PageRange> ranges, IAddressSpace into)
    {
        var child = (PagedAddressSpace<TEntry>)into;
        foreach (PageRange range in ranges)
        {
            Errno error = Clone(range, child);
            // What the parent may no longer store to without a copy, it has to be told, however far this went.
            _table.Forget(range.Start, range.End);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RemovePages(0, TEntry.UserEnd);
        _mmu.Leave(this);
        _table.Dispose();
    }

    private Errno Clone(PageRange range, PagedAddressSpace<TEntry> child)
    {
        for (ulong at = range.Start; _demand.TryFind(at, range.End, out DemandRange part); at = part.End)
            child._demand.Set(part);
        for (ulong at = range.Start; _table.TryFindNext(ref at, range.End, out TEntry entry); at += FrameExtent.FrameSize)
        {
            if (!child._table.TryPrepare(at) || (IsCharged(entry) && !child._budget.TryTake(FrameExtent.FrameSize)))
                return Errno.ENOMEM;
            if (entry.IsPrivate)
            {
                _frames.AddUser(entry.Frame);
                entry = entry.With(copies: true);
                _table.Write(at, entry);
            }

            child._table.Write(at, entry);
        }

        return Errno.Success;
    }

    /// <summary>What has been written to pages that can be executed from now on.</summary>
    private static void ForgetInstructions(Protection protection)
    {
        if ((protection & Protection.Execute) != 0)
            CpuInstructions.ForgetInstructions();
    }

    private bool RemovePages(ulong start, ulong end)
    {
        bool hasRemoved = false;
        for (ulong at = start; _table.TryFindNext(ref at, end, out TEntry entry); at += FrameExtent.FrameSize)
        {
            _table.Write(at, default);
            Release(entry);
            hasRemoved = true;
        }

        return hasRemoved;
    }

    private void Release(TEntry entry)
    {
        if (!entry.IsMapped || !entry.IsPrivate)
            return;
        if (_frames.IsCharged(entry.Frame))
            _budget.Give(FrameExtent.FrameSize);
        _frames.RemoveUser(entry.Frame);
    }

    /// <summary>Whether a page was paid for when it was touched: as all spaces that have it did.</summary>
    private bool IsCharged(TEntry entry) => entry.IsPrivate && _frames.IsCharged(entry.Frame);
}
