using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// As a member of a family of spaces that are mapped alike; see ForkFamily. Called with Residency's lock unless it says otherwise.
internal sealed unsafe partial class ProcessAddressSpace
{
    private readonly SavedPagesPool _savedPages;
    private SavedPages? _saved;

    /// <summary>The family; null where the space has mappings of its own.</summary>
    internal ForkFamily? Family { get; set; }

    /// <summary>Whether the host may map something of the space in all arenas of a range. Any thread.</summary>
    internal bool IsHosted(ulong start, ulong end)
    {
        for (int arena = UserAddressRange.ArenaOf(start); arena <= UserAddressRange.ArenaOf(end - 1); arena++)
        {
            if (!IsHosted(arena))
                return false;
        }

        return true;
    }

    /// <summary>Takes over what another member has mapped for all.</summary>
    internal void Inherit(List<HostMapping> mappings)
    {
        foreach (HostMapping mapping in mappings)
            Change(mapping);
    }

    /// <summary>Becomes a member with these pages.</summary>
    internal void Join(ForkFamily family, SavedPages saved)
    {
        Family = family;
        _saved = saved;
        family.Add(this);
    }

    /// <summary>The pages of another member in place of this one's, which is loaded, in place, and without threads.</summary>
    /// <returns>False where this one's are too many to be saved: nothing has changed.</returns>
    internal bool TrySwap(ProcessAddressSpace next)
    {
        Family!.ShareExtras();
        var written = new List<PageRange>();
        FindWritten(written);
        if (next._saved!.TryExchange(written))
        {
            _saved = next._saved;
        }
        else
        {
            var own = new SavedPages(_savedPages);
            if (!TrySave(written, own))
            {
                own.Dispose();
                return false;
            }

            Discard(written, next._saved.Ranges);
            next._saved.CopyTo(PlaceOf);
            next._saved.Dispose();
            _saved = own;
        }

        next._saved = null;
        WaitInPlaceOf(next);
        Family.Loaded = next;
        return true;
    }

    /// <summary>Leaves the family for good: the host's mappings go to another member, with its pages in them.</summary>
    internal void HandOver(ProcessAddressSpace heir)
    {
        Family!.ShareExtras();
        if (!IsLost)
        {
            var present = new List<PageRange>();
            FindWritten(present);
            Discard(present, heir._saved!.Ranges);
            heir._saved.CopyTo(PlaceOf);
        }

        heir.DropSaved();
        foreach (int arena in _parked)
        {
            (heir._parking[arena], _parking[arena]) = (_parking[arena], heir._parking[arena]);
            heir._parked.Add(arena);
        }

        _parked.Clear();
        WaitInPlaceOf(heir);
        Family.Loaded = heir;
    }

    /// <summary>Forgets what was saved.</summary>
    internal void DropSaved()
    {
        _saved?.Dispose();
        _saved = null;
    }

    /// <summary>
    /// Gives another member mappings of its own, in its parking places, with its pages; this one is the loaded one. There is
    /// room for them (<see cref="HostMappingBudget.TryReserve"/>), unless the host has changed its mind.
    /// </summary>
    /// <returns>What the host says; where it refuses, the member waits as before.</returns>
    internal Errno Materialize(ProcessAddressSpace member)
    {
        Family!.ShareExtras();
        for (ulong at = 0; member._mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            Errno error = MapForMember(part, member);
            if (error != Errno.Success)
            {
                member.DropAllParked();
                return error;
            }
        }

        // Written before pages lose rights: what is saved was writable.
        member._saved!.CopyTo(member.PlaceOf);
        member.DropSaved();
        member.EndWait();
        return Errno.Success;
    }

    private Errno MapForMember(in HostMapping part, ProcessAddressSpace member)
    {
        for (ulong at = part.Start; part.IsInHost && at < part.End;)
        {
            int arena = UserAddressRange.ArenaOf(at);
            HostMapping piece = part.Clip(at, UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize);
            member._parked.Add(arena);
            bool isWritable = (piece.Protection & Protection.Write) != 0;
            Errno error = CopyPiece(piece, PlaceOf(at), member.PlaceOf(at), copiesPrivate: !isWritable);
            if (error != Errno.Success)
                return error;
            at = piece.End;
        }

        return Errno.Success;
    }

    private void DropAllParked()
    {
        foreach (int arena in new List<int>(_parked))
            Drop(arena, isInPlace: false);
    }

    /// <summary>Where the host has a page of this space, which is loaded.</summary>
    private ulong PlaceOf(ulong address)
    {
        int arena = UserAddressRange.ArenaOf(address);
        return _parked.Contains(arena) ? address - UserAddressRange.StartOf(arena) + _parking[arena] : address;
    }

    /// <summary>Starts or enlarges a family by a child of fork. Within <see cref="Residency.WithoutThreads"/>, without the lock.</summary>
    /// <returns>False where a copy has to be made; else <paramref name="error"/> tells how it went.</returns>
    private bool TryShareMappings(PageRange[] ranges, ProcessAddressSpace child, out Errno error)
    {
        error = Errno.Success;
        if (!AreAllWithin(ranges))
            return false;
        var written = new List<PageRange>();
        FindWritten(written);
        var saved = new SavedPages(_savedPages);
        bool isSaved = TrySave(written, saved);
        if (isSaved)
            error = child.TakeMappings(this);
        if (isSaved && error == Errno.Success)
            _addresses.Residency.Join(this, child, saved, ranges);
        else
            saved.Dispose();
        return isSaved;
    }

    private bool AreAllWithin(PageRange[] ranges)
    {
        int index = 0;
        for (ulong at = 0; _mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            while (index < ranges.Length && ranges[index].End <= part.Start)
                index++;
            if (index == ranges.Length || part.Start < ranges[index].Start || part.End > ranges[index].End)
                return false;
        }

        return true;
    }

    /// <summary>Maps what another space has, but not in the host.</summary>
    /// <returns>ENOMEM also where the host wouldn't have room for them, should the child need mappings of its own.</returns>
    private Errno TakeMappings(ProcessAddressSpace parent)
    {
        if (!TryBeginWait(parent))
            return Errno.ENOMEM;
        for (ulong at = 0; parent._mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            for (int arena = UserAddressRange.ArenaOf(part.Start); arena <= UserAddressRange.ArenaOf(part.End - 1); arena++)
            {
                if (parent.HasEntered(arena) && _addresses.Residency.EnterParked(this, arena, parent.IsHosted(arena)) != Errno.Success)
                    return Errno.ENOMEM;
            }

            if (part.Kind == MappingKind.Charged && !_budget.TryTake(part.Length))
                return Errno.ENOMEM;
            _mappings.Set(part);
        }

        CountRuns();
        return Errno.Success;
    }

    private static bool TrySave(List<PageRange> written, SavedPages saved)
    {
        ulong length = 0;
        foreach (PageRange range in written)
            length += range.Length;
        if (!saved.TryReserve(length))
            return false;
        foreach (PageRange range in written)
            saved.Add(range);
        return true;
    }

    /// <summary>Private pages that have memory and could be written.</summary>
    private void FindWritten(List<PageRange> written)
    {
        Span<PageRun> runs = stackalloc PageRun[32];
        for (ulong at = 0; _mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            part = part.Clip(part.Start, (part.Start & ~(UserAddressRange.ArenaSize - 1)) + UserAddressRange.ArenaSize);
            if (!part.IsInHost || part.Kind == MappingKind.Shared || (part.Protection & Protection.Write) == 0)
                continue;
            ulong distance = PlaceOf(part.Start) - part.Start;
            for (ulong from = part.Start + distance; from < part.End + distance;)
            {
                int count = _pageMap.Find(from, part.End + distance, runs);
                foreach (PageRun run in runs[..count])
                {
                    if (run.IsPrivate)
                        written.Add(new PageRange(run.Start - distance, run.End - distance));
                    from = run.End;
                }

                if (count < runs.Length)
                    break;
            }
        }
    }

    /// <summary>Makes pages as when first mapped that one member has and the next hasn't.</summary>
    private void Discard(List<PageRange> present, List<PageRange> wanted)
    {
        int index = 0;
        foreach (PageRange range in present)
        {
            ulong at = range.Start;
            while (at < range.End)
            {
                while (index < wanted.Count && wanted[index].End <= at)
                    index++;
                ulong kept = index < wanted.Count ? Math.Clamp(wanted[index].Start, at, range.End) : range.End;
                if (kept > at)
                    _stubs.ShortHostCall(Host.Madvise, PlaceOf(at), kept - at, MadvDontNeed, 0, 0, 0);
                at = index < wanted.Count && kept < range.End ? Math.Min(range.End, wanted[index].End) : range.End;
            }
        }
    }

    /// <summary>Leaves the family before the space maps, unmaps or protects something. Not pinned; serialised by the kernel.</summary>
    private Errno Diverge() => Family is null ? Errno.Success : _addresses.Residency.Diverge(this);
}
