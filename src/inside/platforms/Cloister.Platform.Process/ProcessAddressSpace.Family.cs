using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// As a member of a family of spaces that are mapped alike; see ForkFamily. Called with Residency's lock unless it says otherwise.
internal sealed unsafe partial class ProcessAddressSpace
{
    /// <summary>More than that is protected, and copied when it is written to: a fault costs as much as copying 20 pages.</summary>
    private const ulong MostCopied = 64 * FrameExtent.FrameSize;

    /// <summary>Most that is copied where the host can't protect: beyond, mappings of its own are cheaper.</summary>
    private const ulong MostSaved = 16 << 20;

    private readonly SavedPagesPool _savedPages;
    private readonly WriteTracking _writeTracking;
    private SavedPages? _saved;

    /// <summary>Arenas whose pages have moved since they were protected.</summary>
    private readonly HashSet<int> _untracked = [];

    private enum PageSet
    {
        /// <summary>Written to since they were protected last; members without an entry have none.</summary>
        Written,

        /// <summary>Protected: of all members without an entry.</summary>
        Shared,
    }

    /// <summary>What differs from the loaded member; null for that one.</summary>
    internal SavedPages? Saved => _saved;

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
    /// <returns>False where there is no memory to save this one's: nothing has changed.</returns>
    internal bool TrySwap(ProcessAddressSpace next)
    {
        ForkFamily family = Family!;
        family.ShareExtras();
        var exchange = new FamilyExchange(_stubs, _writeTracking, _savedPages, family, next._saved!, PlaceOf);
        var written = new List<PageRange>();
        FindPages(PageSet.Written, written);
        if (!exchange.TryPrepare(written, FindShared(exchange.FindUnwritten(written))))
            return false;
        _saved = exchange.Run(this, next);
        next.DropSaved();
        ParkOwn();
        next.UnparkOwn();
        WaitInPlaceOf(next);
        family.Loaded = next;
        return true;
    }

    /// <summary>Leaves the family for good: the host's mappings go to another member, with its pages in them.</summary>
    /// <returns>False where there is no memory for pages that still other members share with this one.</returns>
    internal bool TryHandOver(ProcessAddressSpace heir)
    {
        ForkFamily family = Family!;
        family.ShareExtras();
        if (!IsLost)
        {
            var exchange = new FamilyExchange(_stubs, _writeTracking, _savedPages, family, heir._saved!, PlaceOf) { KeepsNothing = true };
            var written = new List<PageRange>();
            FindPages(PageSet.Written, written);
            if (!exchange.TryPrepare(written, FindShared(exchange.FindUnwritten(written))))
                return false;
            exchange.Run(this, heir);
        }

        heir.DropSaved();
        DropOwn();
        foreach (int arena in new List<int>(_parked))
        {
            // Who has nothing there in the host has no place for it either.
            if (!HasCommon(arena) || !heir.IsHosted(arena))
                continue;
            (heir._parking[arena], _parking[arena]) = (_parking[arena], heir._parking[arena]);
            _parked.Remove(arena);
            heir._parked.Add(arena);
            if (heir._ownParked.Remove(arena))
                heir.MoveOwn(arena, _parking[arena], heir._parking[arena]);
            if (_untracked.Remove(arena))
                heir._untracked.Add(arena);
        }

        heir.UnparkOwn();
        WaitInPlaceOf(heir);
        family.Loaded = heir;
        return true;
    }

    /// <summary>Forgets what was saved.</summary>
    internal void DropSaved()
    {
        _saved?.Dispose();
        _saved = null;
    }

    /// <summary>
    /// Gives members mappings of their own for what lies in a range, in their parking places, with their pages; this one is the
    /// loaded one. There is room for them (<see cref="HostMappingBudget.TryReserve"/>), unless the host has changed its mind.
    /// </summary>
    /// <returns>What the host says; where it refuses, nothing has changed.</returns>
    internal Errno Materialize(ReadOnlySpan<ProcessAddressSpace> members, ulong start, ulong end)
    {
        Family!.ShareExtras();
        foreach (ProcessAddressSpace member in members)
        {
            Errno error = member == this ? Errno.Success : MapForMember(member, start, end);
            if (error == Errno.Success)
                continue;
            foreach (ProcessAddressSpace mapped in members)
            {
                if (mapped != this)
                    mapped.UnmapParked(start, end);
                if (mapped == member)
                    break;
            }

            return error;
        }

        var shared = new List<PageRange>();
        FindPages(PageSet.Shared, shared, start, end);
        foreach (ProcessAddressSpace member in members)
        {
            if (member != this)
                CopyToMember(member, start, end, shared);
        }

        return Errno.Success;
    }

    /// <summary>Written before pages lose rights: what is saved or shared was writable.</summary>
    private void CopyToMember(ProcessAddressSpace member, ulong start, ulong end, List<PageRange> shared)
    {
        foreach (PageRange range in shared)
            CopyShared(range, member);
        foreach (ulong address in member._saved!.Addresses)
        {
            if (address < start || address >= end)
                continue;
            if (member._saved.TryGet(address, out nint content) && content != 0)
            {
                SavedPages.CopyPage((byte*)member.ParkingPlaceOf(address), (byte*)content);
                _savedPages.Give(content);
            }

            member._saved.Remove(address);
        }
    }

    /// <summary>Copies pages that a member has not written to into mappings of its own.</summary>
    private void CopyShared(PageRange range, ProcessAddressSpace member)
    {
        // The host gives memory to many pages at once for less.
        const ulong populated = 64 * FrameExtent.FrameSize;
        ulong distance = member.ParkingPlaceOf(range.Start) - range.Start;
        for (ulong at = range.Start; at < range.End; at += FrameExtent.FrameSize)
        {
            if ((at - range.Start) % populated == 0)
                _stubs.ShortHostCall(Host.Madvise, at + distance, Math.Min(populated, range.End - at), Host.MadvPopulateWrite, 0, 0, 0);
            if (!member._saved!.Has(at))
                SavedPages.CopyPage((byte*)(at + distance), (byte*)PlaceOf(at));
        }
    }

    private Errno MapForMember(ProcessAddressSpace member, ulong start, ulong end)
    {
        for (ulong at = start; member.TryFindPiece(at, end, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            if (!isCommon || !piece.IsInHost)
                continue;
            member._ownParked.Add(UserAddressRange.ArenaOf(piece.Start));
            bool isWritable = (piece.Protection & Protection.Write) != 0;
            Errno error = CopyPiece(piece, PlaceOf(piece.Start), member.ParkingPlaceOf(piece.Start), copiesPrivate: !isWritable);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Undoes <see cref="MapForMember"/>.</summary>
    private void UnmapParked(ulong start, ulong end)
    {
        for (ulong at = start; TryFindPiece(at, end, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            if (isCommon && piece.IsInHost)
                MapNothing(ParkingPlaceOf(piece.Start), piece.Length, Protection.None);
        }
    }

    /// <summary>Has all its mappings for itself, in its parking places.</summary>
    internal void EndMembership()
    {
        _parked.UnionWith(_ownParked);
        _ownParked.Clear();
        DropSaved();
        EndWait();
    }

    /// <summary>Where the host has a page of this space, which is loaded.</summary>
    private ulong PlaceOf(ulong address)
    {
        int arena = UserAddressRange.ArenaOf(address);
        return _parked.Contains(arena) ? address - UserAddressRange.StartOf(arena) + _parking[arena] : address;
    }

    /// <summary>Where a page waits.</summary>
    private ulong ParkingPlaceOf(ulong address)
    {
        int arena = UserAddressRange.ArenaOf(address);
        return address - UserAddressRange.StartOf(arena) + _parking[arena];
    }

    /// <summary>Starts or enlarges a family by a child of fork. Within <see cref="Residency.WithoutThreads"/>, without the lock.</summary>
    /// <returns>False where a copy has to be made; else <paramref name="error"/> tells how it went.</returns>
    private bool TryShareMappings(PageRange[] ranges, ProcessAddressSpace child, out Errno error)
    {
        error = Errno.Success;
        if (!AreAllWithin(ranges))
            return false;
        var written = new List<PageRange>();
        FindPages(PageSet.Written, written);
        var saved = new SavedPages(_savedPages);
        bool isShared = (LengthOf(written) > MostCopied && TryProtect(written)) || TrySave(written, saved);
        if (isShared)
            error = child.TakeMappings(this);
        if (isShared && error == Errno.Success)
            _addresses.Residency.Join(this, child, saved, ranges);
        else
            saved.Dispose();
        return isShared;
    }

    /// <summary>Protects what has been written, so that parent and child share it until one of them writes again.</summary>
    /// <returns>False where the host can't.</returns>
    private bool TryProtect(List<PageRange> written)
    {
        // Who has no entry for a page has it as it is in place, from now on; so far it had none.
        if (Family is not null)
            NoteAbsent(written);
        return TryProtect(written, 0, ulong.MaxValue);
    }

    /// <summary>Protects private pages, with their neighbours where the memory is anonymous.</summary>
    private bool TryProtect(List<PageRange> pages, ulong start, ulong end)
    {
        for (ulong at = start; TryFindPiece(at, end, out HostMapping part, out bool isCommon); at = part.End)
        {
            if (!isCommon || !IsPrivateData(part))
                continue;
            bool isRegistered = false;
            foreach (PageRange range in pages)
            {
                if (range.Start >= part.End || range.End <= part.Start)
                    continue;
                if (!isRegistered && !_writeTracking.TryRegister(PlaceOf(part.Start), part.Length))
                    return false;
                isRegistered = true;
                ulong first = part.Kind == MappingKind.CopyOnWrite ? Math.Max(range.Start, part.Start) : part.Start;
                ulong last = part.Kind == MappingKind.CopyOnWrite ? Math.Min(range.End, part.End) : part.End;
                if (!_writeTracking.TryProtect(PlaceOf(first), last - first))
                    return false;
                if (last == part.End)
                    break;
            }
        }

        return true;
    }

    /// <summary>Enters for the waiting members that they have none of the pages that they have no entry for.</summary>
    private void NoteAbsent(List<PageRange> written)
    {
        foreach (ProcessAddressSpace member in Family!.Members)
        {
            if (member == this)
                continue;
            foreach (PageRange range in written)
            {
                for (ulong at = range.Start; at < range.End; at += FrameExtent.FrameSize)
                {
                    if (!member._saved!.Has(at))
                        member._saved.Set(at, 0);
                }
            }
        }
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

    /// <summary>Maps what another space has: not in the host, but for what that one doesn't share with its family.</summary>
    /// <returns>ENOMEM also where the host wouldn't have room for them, should the child need mappings of its own.</returns>
    private Errno TakeMappings(ProcessAddressSpace parent)
    {
        if (!TryBeginWait(parent))
            return Errno.ENOMEM;
        for (ulong at = 0; parent.TryFindPiece(at, ulong.MaxValue, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            int arena = UserAddressRange.ArenaOf(piece.Start);
            if (parent.HasEntered(arena) && _addresses.Residency.EnterParked(this, arena, parent.IsHosted(arena)) != Errno.Success)
                return Errno.ENOMEM;
            if (piece.Kind == MappingKind.Charged && !_budget.TryTake(piece.Length))
                return Errno.ENOMEM;
            _mappings.Set(piece);
            if (isCommon || !piece.IsInHost)
                continue;
            _ownParked.Add(arena);
            Errno error = parent.CopyPiece(piece, piece.Start, ParkingPlaceOf(piece.Start), copiesPrivate: true);
            if (error != Errno.Success)
                return Errno.ENOMEM;
        }

        CountRuns();
        return Errno.Success;
    }

    private bool TrySave(List<PageRange> written, SavedPages saved)
    {
        if (LengthOf(written) > MostSaved)
            return false;
        foreach (PageRange range in written)
        {
            for (ulong at = range.Start; at < range.End; at += FrameExtent.FrameSize)
            {
                if (!saved.TryAdd(at, PlaceOf(at)))
                    return false;
            }
        }

        return true;
    }

    private static ulong LengthOf(List<PageRange> ranges)
    {
        ulong length = 0;
        foreach (PageRange range in ranges)
            length += range.Length;
        return length;
    }

    private static bool IsPrivateData(in HostMapping part) =>
        part.IsInHost && part.Kind != MappingKind.Shared && (part.Protection & Protection.Write) != 0;

    /// <summary>Pages of a range of addresses that are shared with other members; see <see cref="FamilyExchange"/>.</summary>
    private List<PageRange> FindShared(PageRange range)
    {
        var shared = new List<PageRange>();
        if (range.Length != 0)
            FindPages(PageSet.Shared, shared, range.Start, range.End);
        return shared;
    }

    /// <summary>Private pages that have memory and could be written, by whether they are written to or shared with other members.</summary>
    private void FindPages(PageSet set, List<PageRange> found, ulong start = 0, ulong end = ulong.MaxValue)
    {
        if (Family is not { } family)
        {
            FindPagesOfAll(set, found, start, end);
            return;
        }

        foreach (PageRange range in family.Ranges)
        {
            if (range.Start < end && range.End > start)
                FindPagesOfAll(set, found, Math.Max(start, range.Start), Math.Min(end, range.End));
        }
    }

    private void FindPagesOfAll(PageSet set, List<PageRange> found, ulong start, ulong end)
    {
        for (ulong at = start; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            part = part.Clip(part.Start, (part.Start & ~(UserAddressRange.ArenaSize - 1)) + UserAddressRange.ArenaSize);
            if (!IsPrivateData(part))
                continue;
            // Neighbours that are alike for this purpose are asked for at once.
            while (_mappings.TryFind(part.End, end, out HostMapping next) && next.Start == part.End && IsPrivateData(next) &&
                UserAddressRange.ArenaOf(next.End - 1) == UserAddressRange.ArenaOf(part.Start))
                part = part with { End = next.End };
            FindPages(set, part.Start, part.End, found);
        }
    }

    private void FindPages(PageSet set, ulong start, ulong end, List<PageRange> found)
    {
        bool isTracked = _writeTracking.IsUsed && !_untracked.Contains(UserAddressRange.ArenaOf(start));
        bool wasTracked = _writeTracking.IsUsed && !isTracked && Family is not null;

        // Without tracking all that is there is written to; where it has been lost, all has been noted as if it were shared.
        if (!isTracked && (set == PageSet.Shared) != wasTracked)
            return;
        Span<PageRun> runs = stackalloc PageRun[32];
        ulong distance = PlaceOf(start) - start;
        for (ulong from = start + distance; from < end + distance;)
        {
            int count = isTracked
                ? _pageMap.FindPrivate(from, end + distance, isProtected: set == PageSet.Shared, runs)
                : _pageMap.Find(from, end + distance, runs);
            foreach (PageRun run in runs[..count])
            {
                if (run.IsPrivate)
                    found.Add(new PageRange(run.Start - distance, run.End - distance));
                from = run.End;
            }

            if (count < runs.Length)
                break;
        }
    }

    /// <summary>Takes a range out of what the family shares, before the space maps, unmaps or protects there. Not pinned; serialised by the kernel.</summary>
    private Errno Diverge(ulong start, ulong end) => Family is null ? Errno.Success : _addresses.Residency.Diverge(this, start, end);
}
