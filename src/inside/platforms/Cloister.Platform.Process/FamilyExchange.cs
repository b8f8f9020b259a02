using System;
using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Puts the pages of one member of a <see cref="ForkFamily"/> in the place of another's.</summary>
/// <remarks>
/// What differs is what the one in place has written to, and what is saved of the other. All that needs memory is taken first, so
/// that nothing has changed where there is none.
/// </remarks>
internal sealed unsafe class FamilyExchange(
    Stubs stubs, WriteTracking tracking, SavedPagesPool pool, ForkFamily family, SavedPages next, Func<ulong, ulong> placeOf)
{
    private readonly HashSet<ulong> _shared = [];
    private readonly Stack<nint> _spare = new();
    private List<PageRange> _written = [];
    private ulong[] _unwritten = [];

    /// <summary>Whether the member in place goes for good: its pages are needed only where others share them.</summary>
    public bool KeepsNothing { get; init; }

    /// <summary>What is saved of the next member, and the one in place hasn't written to.</summary>
    /// <param name="written">What that one has written to.</param>
    /// <returns>The range that holds all of it.</returns>
    public PageRange FindUnwritten(List<PageRange> written)
    {
        ulong[] saved = next.Addresses;
        int count = 0;
        int index = 0;
        foreach (ulong address in saved)
        {
            while (index < written.Count && written[index].End <= address)
                index++;
            if (index == written.Count || written[index].Start > address)
                saved[count++] = address;
        }

        _written = written;
        _unwritten = saved[..count];
        return count == 0 ? default : new PageRange(saved[0], saved[count - 1] + FrameExtent.FrameSize);
    }

    /// <summary>Takes the memory.</summary>
    /// <param name="written">What the member in place has written to.</param>
    /// <param name="shared">What it shares with others, as far as <see cref="FindUnwritten"/> wants to know.</param>
    /// <returns>False where there is none.</returns>
    public bool TryPrepare(List<PageRange> written, List<PageRange> shared)
    {
        long needed = 0;
        foreach (PageRange range in written)
        {
            for (ulong at = range.Start; at < range.End && !KeepsNothing; at += FrameExtent.FrameSize)
                needed += next.TryGet(at, out nint content) && content != 0 ? 0 : 1;
        }

        if (shared.Count != 0)
        {
            int index = 0;
            foreach (ulong address in _unwritten)
            {
                while (index < shared.Count && shared[index].End <= address)
                    index++;
                if (index == shared.Count || shared[index].Start > address)
                    continue;
                _shared.Add(address);
                needed += family.Waiting - (KeepsNothing ? 1 : 0);
            }
        }

        for (; needed > 0; needed--)
        {
            if (!pool.TryTake(out nint page))
            {
                GiveSpare();
                return false;
            }

            _spare.Push(page);
        }

        return true;
    }

    /// <summary>Does it.</summary>
    /// <returns>What is saved of the member that was in place.</returns>
    public SavedPages Run(ProcessAddressSpace loaded, ProcessAddressSpace incoming)
    {
        var saved = new SavedPages(pool);
        foreach (PageRange range in _written)
            ExchangeWritten(range, saved);
        ulong unprotectedEnd = 0;
        for (int i = 0; i < _unwritten.Length; i++)
        {
            ulong address = _unwritten[i];
            bool isShared = _shared.Contains(address);
            if (isShared)
                SaveShared(address, loaded, incoming, saved);
            next.TryGet(address, out nint content);
            if (content == 0)
            {
                if (isShared)
                {
                    // The host would remember the protection of a page in a run of frames.
                    tracking.TryUnprotect(placeOf(address), FrameExtent.FrameSize);
                    Discard(address, address + FrameExtent.FrameSize);
                }

                continue;
            }

            if (address >= unprotectedEnd && tracking.IsUsed)
            {
                unprotectedEnd = EndOfRun(i);
                if (!tracking.TryUnprotect(placeOf(address), unprotectedEnd - address))
                {
                    // One by one then: those that it refuses aren't protected.
                    unprotectedEnd = address + FrameExtent.FrameSize;
                    tracking.TryUnprotect(placeOf(address), FrameExtent.FrameSize);
                }
            }

            SavedPages.CopyPage((byte*)placeOf(address), (byte*)content);
            pool.Give(content);
            next.Remove(address);
            if (!isShared && !KeepsNothing)
                saved.Set(address, 0);
        }

        GiveSpare();
        return saved;
    }

    private void ExchangeWritten(PageRange range, SavedPages saved)
    {
        ulong discarded = range.Start;
        for (ulong at = range.Start; at < range.End; at += FrameExtent.FrameSize)
        {
            byte* place = (byte*)placeOf(at);
            if (next.TryGet(at, out nint content) && content != 0)
            {
                Discard(discarded, at);
                discarded = at + FrameExtent.FrameSize;
                next.Remove(at);
                if (KeepsNothing)
                {
                    SavedPages.CopyPage(place, (byte*)content);
                    pool.Give(content);
                    continue;
                }

                SavedPages.ExchangePages(place, (byte*)content);
                saved.Set(at, content);
            }
            else if (!KeepsNothing)
            {
                nint page = _spare.Pop();
                SavedPages.CopyPage((byte*)page, place);
                saved.Set(at, page);
            }
        }

        Discard(discarded, range.End);
    }

    /// <summary>Saves a page that is about to be another for all members that have it as it is.</summary>
    private void SaveShared(ulong address, ProcessAddressSpace loaded, ProcessAddressSpace incoming, SavedPages saved)
    {
        foreach (ProcessAddressSpace member in family.Members)
        {
            SavedPages? into = member == loaded ? KeepsNothing ? null : saved : member == incoming ? null : member.Saved;
            if (into is null || into.Has(address))
                continue;
            nint page = _spare.Pop();
            SavedPages.CopyPage((byte*)page, (byte*)placeOf(address));
            into.Set(address, page);
        }
    }

    private ulong EndOfRun(int index)
    {
        ulong end = _unwritten[index] + FrameExtent.FrameSize;
        while (++index < _unwritten.Length && _unwritten[index] == end && (end & (UserAddressRange.ArenaSize - 1)) != 0)
            end += FrameExtent.FrameSize;
        return end;
    }

    /// <summary>Makes pages as when first mapped that the next member hasn't.</summary>
    private void Discard(ulong start, ulong end)
    {
        if (end > start)
            stubs.ShortHostCall(Host.Madvise, placeOf(start), end - start, Host.MadvDontNeed, 0, 0, 0);
    }

    private void GiveSpare()
    {
        while (_spare.TryPop(out nint page))
            pool.Give(page);
    }
}
