using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Pages that members of a family share until one of them stores there; see WriteTracking. Called with Residency's lock.
internal sealed unsafe partial class ProcessAddressSpace
{
    /// <summary>What a store makes the space's own: more, where stores follow each other.</summary>
    private const ulong LeastUnshared = 8 * FrameExtent.FrameSize;

    private const ulong MostUnshared = 64 * FrameExtent.FrameSize;

    /// <summary>Without a family there is nothing to copy.</summary>
    private const ulong UnsharedAlone = 2 << 20;

    private ulong _unsharedEnd;
    private ulong _unsharedLength;

    /// <summary>Lets the space, which is in place, store to a page and some beside it; the other members get what is there.</summary>
    internal Errno Unshare(in HostMapping mapping, ulong address)
    {
        ulong length = UnsharedAlone;
        if (Family is not null)
        {
            bool isNext = address >= _unsharedEnd && address - _unsharedEnd < _unsharedLength;
            length = isNext ? Math.Min(MostUnshared, 2 * _unsharedLength) : LeastUnshared;
        }

        ulong start = address & ~(length - 1);
        HostMapping part = mapping.Clip(start, start + length);
        if (Family is not null && SaveShared(part.Start, part.End) != Errno.Success)
        {
            // As little as there is memory for.
            part = mapping.Clip(address & ~(ulong)(FrameExtent.FrameSize - 1), (address & ~(ulong)(FrameExtent.FrameSize - 1)) + FrameExtent.FrameSize);
            if (SaveShared(part.Start, part.End) != Errno.Success)
                return Errno.ENOMEM;
        }

        // The host may hold the run as several mappings, not all of which know of protection.
        if (!_writeTracking.TryUnprotect(part.Start, part.Length))
            _writeTracking.TryUnprotect(address & ~(ulong)(FrameExtent.FrameSize - 1), FrameExtent.FrameSize);
        _unsharedEnd = part.End;
        _unsharedLength = length;
        return Errno.Success;
    }

    /// <summary>Copies what a range shares to the members that have it as it is in place.</summary>
    internal Errno SaveShared(ulong start, ulong end)
    {
        var shared = new List<PageRange>();
        FindPages(PageSet.Shared, shared, start, end);
        foreach (PageRange range in shared)
        {
            for (ulong at = range.Start; at < range.End; at += FrameExtent.FrameSize)
            {
                foreach (ProcessAddressSpace member in Family!.Members)
                {
                    if (member != this && !member._saved!.Has(at) && !member._saved.TryAdd(at, PlaceOf(at)))
                        return Errno.ENOMEM;
                }
            }
        }

        return Errno.Success;
    }

    /// <summary>
    /// Pages in an arena are about to move, and lose their protection: what members don't have is noted, so that all that is
    /// there can be protected when it is back.
    /// </summary>
    private void NoteUntracked(int arena)
    {
        if (!_writeTracking.IsUsed || Family?.Loaded != this || _untracked.Contains(arena))
            return;
        var written = new List<PageRange>();
        FindPages(PageSet.Written, written, UserAddressRange.StartOf(arena), UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize);
        NoteAbsent(written);
        _untracked.Add(arena);
    }

    /// <summary>The reverse: they are back.</summary>
    private void Track(int arena)
    {
        ulong start = UserAddressRange.StartOf(arena);
        ulong end = start + UserAddressRange.ArenaSize;
        var shared = new List<PageRange>();
        if (_untracked.Contains(arena) && Family is not null)
            FindPages(PageSet.Shared, shared, start, end);
        if (!_untracked.Remove(arena) || shared.Count == 0 || TryProtect(shared, start, end))
            return;
        throw new InvalidOperationException("The host doesn't protect pages against stores that it has protected before.");
    }
}
