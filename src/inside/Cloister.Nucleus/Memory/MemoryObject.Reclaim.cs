using System.Collections.Generic;
using Cloister.Abi;

namespace Cloister.Nucleus;

// How pages that can be had again are given back where memory is short.
public sealed partial class MemoryObject
{
    /// <summary>Most pages that are looked at with the lock held.</summary>
    private const int ScanLength = 1024;

    /// <summary>Most pages in a row that are written back and given back together.</summary>
    private const int LongestRun = 64;

    private long _hand;

    // Runs that are being written back. They count as clean already, so that changes made meanwhile show, but their content
    // isn't where it came from yet: nobody may give them back but who writes them. Guarded by the lock.
    private readonly List<(long First, int Count)> _inWriteBack = [];

    /// <summary>Whether what is changed in its pages has no other place: they can't be given back then.</summary>
    private bool IsOnlyHere => _pager is { CanWriteBack: false };

    /// <summary>The cache's list of objects, guarded by its lock.</summary>
    internal MemoryObject? NextInCache { get; set; }

    /// <inheritdoc cref="NextInCache"/>
    internal MemoryObject? PreviousInCache { get; set; }

    /// <summary>Whether the cache has it in its list.</summary>
    internal bool IsInCache { get; set; }

    /// <summary>Goes on around the object's pages, and gives back those that nobody has used since it came by last.</summary>
    /// <param name="wanted">Pages wanted.</param>
    /// <param name="mayWait">Whether it may write back and unmap: not where the caller holds the lock of a space.</param>
    /// <param name="isThrough">Whether it has come to the end of the object.</param>
    /// <returns>Pages given back.</returns>
    internal long Reclaim(long wanted, bool mayWait, out bool isThrough)
    {
        long freed = 0;
        bool isMapped;
        var runs = new List<(long First, int Count, bool IsDirty)>();
        using (_lock.Enter())
        {
            isMapped = _mappings.Count != 0;
            isThrough = FindUnused(wanted, runs);
            if (isMapped && !mayWait)
                return 0;
            foreach ((long first, int count, bool isDirty) in runs)
            {
                if (!isMapped && !isDirty)
                    freed += TakeOut(first, count);
                else if (isDirty && mayWait)
                    BeginWriteBack(first, count);
            }
        }

        if (freed != 0)
            FreeWaiting();
        foreach ((long first, int count, bool isDirty) in runs)
        {
            if (isDirty && mayWait)
                freed += WriteBackAndRemove(first, count);
            else if (isMapped && !isDirty)
                freed += UnmapAndRemove(first, count);
        }

        return freed;
    }

    /// <summary>Makes pages that programs may change through mappings the same where they are kept.</summary>
    /// <param name="firstPage">First page.</param>
    /// <param name="endPage">First page behind.</param>
    /// <param name="isLast">Whether no mapping is left that could change them again.</param>
    /// <returns>The first error; the rest is tried all the same.</returns>
    public Errno WriteBack(long firstPage, long endPage, bool isLast)
    {
        Errno result = Errno.Success;
        long page = firstPage;
        while (true)
        {
            int count = 0;
            using (_lock.Enter())
            {
                page = _pages.NextDirty(page);
                if (page < 0 || page >= endPage)
                    return result;
                while (count < LongestRun && page + count < endPage && _pages.IsDirty(page + count))
                    count++;
                if (isLast)
                    BeginWriteBack(page, count);
            }

            Errno error = _pager!.WriteBack(this, page, count);
            if (error != Errno.Success && result == Errno.Success)
                result = error;
            if (isLast)
            {
                using (_lock.Enter())
                    EndWriteBack(page, count, error);
            }

            page += count;
        }
    }

    /// <summary>Runs of pages that nobody has used since the last time, from the hand on. With the lock held.</summary>
    private bool FindUnused(long wanted, List<(long First, int Count, bool IsDirty)> runs)
    {
        long found = 0;
        for (int scanned = 0; scanned < ScanLength && found < wanted; scanned++)
        {
            long page = _pages.NextPresent(_hand);
            if (page < 0)
            {
                _hand = 0;
                return true;
            }

            _hand = page + 1;
            bool isDirty = _pages.IsDirty(page);
            if (_pages.TakeUse(page) || (isDirty && IsOnlyHere) || IsInWriteBack(page))
                continue;
            found++;
            if (runs.Count != 0 && runs[^1] is var last && last.First + last.Count == page && last.IsDirty == isDirty && last.Count < LongestRun)
                runs[^1] = last with { Count = last.Count + 1 };
            else
                runs.Add((page, 1, isDirty));
        }

        return false;
    }

    private long UnmapAndRemove(long first, int count)
    {
        IMemoryObjectMapping[] mappings;
        int pin;
        long taken;
        using (_lock.Enter())
        {
            pin = PinLocked();
            taken = TakeOut(first, count);
            mappings = BeginRemoval();
        }

        TellRemoval(mappings, first, count, keepsCopies: true);
        Unpin(pin);
        FreeWaiting();
        return taken;
    }

    /// <summary>
    /// Unmaps pages, so that nobody changes them any more, writes back what was changed, and takes those out that nobody
    /// has changed meanwhile. Who has only read them may have mapped them again: they are unmapped once more.
    /// </summary>
    private long WriteBackAndRemove(long first, int count)
    {
        IMemoryObjectMapping[] mappings;
        using (_lock.Enter())
            mappings = BeginRemoval();
        TellRemoval(mappings, first, count, keepsCopies: true);
        Errno error = _pager!.WriteBack(this, first, count);

        long taken = 0;
        int pin;
        using (_lock.Enter())
        {
            EndWriteBack(first, count, error);
            pin = PinLocked();
            for (long page = first; error == Errno.Success && page < first + count; page++)
            {
                if (_pages.Contains(page) && !_pages.IsDirty(page) && !IsInWriteBack(page))
                    taken += TakeOut(page, 1);
            }

            mappings = taken != 0 ? BeginRemoval() : [];
        }

        TellRemoval(mappings, first, count, keepsCopies: true);
        Unpin(pin);
        FreeWaiting();
        return taken;
    }

    private bool IsInWriteBack(long page)
    {
        foreach ((long first, int count) in _inWriteBack)
        {
            if (page >= first && page < first + count)
                return true;
        }

        return false;
    }

    private void BeginWriteBack(long first, int count)
    {
        for (long page = first; page < first + count; page++)
            _pages.MarkClean(page);
        _inWriteBack.Add((first, count));
    }

    private void EndWriteBack(long first, int count, Errno error)
    {
        _inWriteBack.Remove((first, count));
        if (error != Errno.Success)
            MarkDirty(first, count);
    }

    /// <summary>Notes that pages may now differ from where they come from. With the lock held.</summary>
    private void MarkDirty(long first, int count)
    {
        if (_pager is null)
            return;
        long changed = 0;
        for (long page = first; page < first + count; page++)
        {
            if (_pages.Contains(page) && _pages.MarkDirty(page))
                changed++;
        }

        if (IsOnlyHere)
            _memory.Cache.Note(-changed);
    }

    /// <summary>Counts pages that can be given back. With the lock held.</summary>
    private void NoteCached(long change)
    {
        _memory.Cache.Note(change);
        if (change > 0 && !IsInCache)
            _memory.Cache.Add(this);
    }
}
