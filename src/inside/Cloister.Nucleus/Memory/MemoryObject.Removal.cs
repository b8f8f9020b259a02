using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Nucleus;

// How pages leave, and what keeps their frames from being used for something else too early.
public sealed partial class MemoryObject
{
    private const int NoPin = -1;

    private readonly List<IMemoryObjectMapping> _mappings = [];

    // Who pins now counts in one of two generations. Frames that leave wait for all who pinned before; when the older
    // generation has ended, the younger one becomes the older. So they wait for a copy or two, however many follow.
    private readonly int[] _pins = new int[2];
    private readonly List<FrameExtent>[] _waiting = [[], []];
    private int _generation;

    /// <summary>Makes a range read as zeros: whole pages are removed, partial ones cleared. To truncate, pass long.MaxValue as end.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte behind the range.</param>
    /// <param name="keepsCopies">
    /// Whether programs keep the copies that they have made of pages in private mappings: a hole leaves them, the end of the
    /// file doesn't (unmap_mapping_range of Linux, even_cows).
    /// </param>
    public void Discard(long start, long end, bool keepsCopies)
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
            RemovePages(firstWhole, endWhole - firstWhole, keepsCopies);
    }

    /// <summary>
    /// The file becomes longer: what programs have stored behind its old end through mappings doesn't become content.
    /// </summary>
    /// <param name="oldEnd">The length so far.</param>
    public void ClearBehind(long oldEnd)
    {
        int inPage = (int)(oldEnd & (FrameExtent.FrameSize - 1));
        if (inPage == 0)
            return;
        if (TryPin(oldEnd >> FrameExtent.FrameShift, 1, forStores: false, out FrameExtent run, out int pin))
        {
            Span<byte> behind = _memory.GetBytes(run)[inPage..];
            if (behind.ContainsAnyExcept((byte)0))
                behind.Clear();
            Unpin(pin);
            NoteVersion();
        }
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

    /// <summary>Registers a mapping, which hears of removed pages until <see cref="RemoveMapping"/>, and counts as a user.</summary>
    /// <returns>Whether pages are leaving just now that the others have been or are being told of, and this one won't be.</returns>
    public bool AddMapping(IMemoryObjectMapping mapping)
    {
        AddUser();
        using (_lock.Enter())
        {
            _mappings.Add(mapping);
            return _removals != 0;
        }
    }

    /// <summary>Ends a mapping's registration. None of its pages is mapped any more.</summary>
    public void RemoveMapping(IMemoryObjectMapping mapping)
    {
        using (_lock.Enter())
            _mappings.Remove(mapping);
        RemoveUser();
    }

    /// <summary>Ends what <see cref="Pin"/> began.</summary>
    public void Unpin(int pin)
    {
        if (pin != NoPin && Interlocked.Decrement(ref _pins[pin]) == 0 && Volatile.Read(ref _hasWaiting))
            FreeWaiting();
    }

    /// <summary>With the lock held, so that the generation is that of what the caller has found.</summary>
    private int PinLocked()
    {
        Interlocked.Increment(ref _pins[_generation]);
        return _generation;
    }

    private bool _hasWaiting;

    /// <summary>Removals that mappings are being told of. Guarded by the lock.</summary>
    private int _removals;

    private void Release()
    {
        _memory.Cache.Remove(this);
        _derived?.RemoveUser();
        RemovePages(0, long.MaxValue, keepsCopies: true);
        Account?.Give(Weight);
    }

    private void ClearInPage(long offset, int length)
    {
        long page = offset >> FrameExtent.FrameShift;
        bool isPinned = TryPin(page, 1, IsOnlyHere, out FrameExtent run, out int pin);
        if (!isPinned && _pager is not null)
            isPinned = Pin(page, 1, IsOnlyHere, out run, out pin) == Errno.Success;
        if (!isPinned)
            return;
        _memory.GetBytes(run).Slice((int)(offset & (FrameExtent.FrameSize - 1)), length).Clear();
        Unpin(pin);
        NoteVersion();
    }

    /// <summary>Who is to be told of a removal, by <see cref="TellRemoval"/>. With the lock held.</summary>
    private IMemoryObjectMapping[] BeginRemoval()
    {
        if (_mappings.Count == 0)
            return [];
        _removals++;
        return [.. _mappings];
    }

    /// <summary>Tells the mappings of pages that leave, without the lock.</summary>
    private void TellRemoval(IMemoryObjectMapping[] mappings, long firstPage, long count, bool keepsCopies)
    {
        if (mappings.Length == 0)
            return;
        foreach (IMemoryObjectMapping mapping in mappings)
            mapping.OnPagesRemoved(firstPage, count, keepsCopies);
        using (_lock.Enter())
            _removals--;
    }

    private void RemovePages(long firstPage, long count, bool keepsCopies)
    {
        IMemoryObjectMapping[] mappings;
        int pin;
        using (_lock.Enter())
        {
            // While the mappings are told, programs still reach the frames.
            pin = PinLocked();
            TakeOut(firstPage, count);
            NoteChange(firstPage, count > long.MaxValue - firstPage ? long.MaxValue : firstPage + count);
            mappings = BeginRemoval();
        }

        TellRemoval(mappings, firstPage, count, keepsCopies);
        Unpin(pin);
        if (Volatile.Read(ref _hasWaiting))
            FreeWaiting();
    }

    /// <summary>Takes pages out of the table; their frames wait for those who have pinned. With the lock held.</summary>
    /// <returns>How many there were.</returns>
    private long TakeOut(long firstPage, long count)
    {
        long before = _pages.Count;
        _pages.Remove(firstPage, count, _waiting[_generation], out long dirty);
        long taken = before - _pages.Count;
        if (_pager is not null)
            NoteCached(-(taken - (_pager.CanWriteBack ? 0 : dirty)));
        Volatile.Write(ref _hasWaiting, _waiting[0].Count + _waiting[1].Count != 0);
        return taken;
    }

    /// <summary>Gives back the frames that nobody can have seen any more.</summary>
    private void FreeWaiting()
    {
        using (_lock.Enter())
        {
            // The older generation first: if it has ended, the younger one takes its place and may have ended too.
            for (int i = 0; i < 2; i++)
            {
                int older = _generation ^ 1;
                if (Volatile.Read(ref _pins[older]) != 0)
                    return;
                foreach (FrameExtent extent in _waiting[older])
                    Free(extent);
                _waiting[older].Clear();
                if (_waiting[_generation].Count == 0)
                    break;
                _generation = older;
            }

            Volatile.Write(ref _hasWaiting, _waiting[0].Count + _waiting[1].Count != 0);
        }
    }
}
