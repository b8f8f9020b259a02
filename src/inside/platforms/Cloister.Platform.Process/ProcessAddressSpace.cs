using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>An address space is a part of this process's: the host's mmap is the MMU.</summary>
/// <remarks>
/// Private anonymous memory is the host's private anonymous memory: its page faults cost half of a memfd's, and huge
/// pages work. Frames are mapped from the memfd. A page that isn't mapped is PROT_NONE, never a hole that the runtime's
/// allocations could fall into.
/// What is mapped stands in <see cref="MappingList"/>, which pages have memory in the host's page tables only.
/// </remarks>
internal sealed unsafe partial class ProcessAddressSpace : IAddressSpace
{
    private const ulong MremapMayMove = 1;
    private const ulong MremapFixed = 2;

    private readonly Stubs _stubs;
    private readonly ProcessFrames _frames;
    private readonly UserAddressRange _addresses;
    private readonly HostMappingBudget _hostMappings;
    private readonly HostPageMap _pageMap;
    private readonly IPageBudget _budget;
    private readonly MappingList _mappings = new();

    public ProcessAddressSpace(ProcessMmu mmu, PageRange home, int number, IPageBudget budget)
    {
        _stubs = mmu.Stubs;
        _frames = mmu.Frames;
        _addresses = mmu.Addresses;
        _hostMappings = mmu.HostMappings;
        _pageMap = mmu.PageMap;
        _savedPages = mmu.SavedPages;
        _writeTracking = mmu.WriteTracking;
        _budget = budget;
        _callSites = new CallSites(mmu.CallSiteStatistics, mmu.KnownTexts);
        _home = new AddressLease(home);
        Number = number;
        _addresses.Residency.Enter(this, home.Start, home.End, isInHost: false);
    }

    /// <inheritdoc/>
    public ulong Lowest => UserAddressRange.Lowest;

    /// <inheritdoc/>
    public ulong Highest => UserAddressRange.Highest;

    /// <inheritdoc/>
    public Errno MapAnonymous(ulong address, ulong length, Protection protection, bool isPromised)
    {
        ulong end = address + length;
        bool isOpen = protection != Protection.None && (isPromised || length <= SmallReservation);
        Errno error = Errno.ENOMEM;
        if (HasRoom())
            error = protection == Protection.None ? EnterEdges(address, length) : Enter(address, length, isOpen);
        if (error == Errno.Success)
            error = Diverge(address, end);
        if (error != Errno.Success)
            return error;
        MappingKind kind = isPromised ? isOpen ? MappingKind.Anonymous : MappingKind.Reserved
            : isOpen && TryCharge(length) ? MappingKind.Charged : MappingKind.Untouched;
        var mapping = new HostMapping(address, end, kind, protection);
        _callSites.Remove(address, length);
        using Access access = Pin();
        error = access.IsRefused ? Errno.ENOMEM
            : mapping.IsInHost ? MapNothing(address, length, protection)
            : UnmapInHost(address, end);
        if (error == Errno.Success)
        {
            Set(mapping);
            return Errno.Success;
        }

        if (kind == MappingKind.Charged)
            _budget.Give(length);
        if (!access.IsRefused && mapping.IsInHost)
            Abandon(address, end);
        return error;
    }

    /// <inheritdoc/>
    public Errno MapFrames(ulong address, FrameExtent extent, Protection protection, bool copyOnWrite)
    {
        ulong length = (ulong)extent.Length;
        Errno error = Enter(address, length);
        if (error != Errno.Success)
            return error;
        int reserved = Family is { } relatives ? relatives.Waiting * ForkFamily.MappingsOfExtra : 0;
        bool hasRoom = _hostMappings.HasRoom(_mappings.InHost, isTouch: true, reserved);
        ulong end = address + length;
        if (!hasRoom && Diverge(0, ulong.MaxValue) != Errno.Success)
            return Errno.ENOBUFS;
        while (Family is { } relative && !relative.Covers(address, end) && relative.Overlaps(address, end))
        {
            if (Diverge(address, end) != Errno.Success)
                return Errno.ENOBUFS;
        }

        using Access access = Pin();
        ForkFamily? family = Family;
        bool isShared = family?.Covers(address, end) ?? false;
        // Another member may have changed what they share before this one was in place: the touch comes again.
        if (access.IsRefused || (!isShared && family is not null && family.Overlaps(address, end)))
            return access.IsRefused ? Errno.ENOBUFS : Errno.Success;
        if (!hasRoom)
            UnmapShared();
        if (!HasRoom(isTouch: true))
            return Errno.ENOBUFS;
        long offset = ProcessFrames.OffsetOf(extent);
        error = Map(address, length, ToHost(protection), (copyOnWrite ? Host.MapPrivate : Host.MapShared) | Host.MapFixed | Host.MapNoReserve,
            (ulong)_frames.Descriptor, (ulong)offset);
        if (error != Errno.Success)
        {
            Abandon(address, address + length);
            return Errno.ENOBUFS;
        }

        var mapping = new HostMapping(address, address + length, copyOnWrite ? MappingKind.CopyOnWrite : MappingKind.Shared, protection, offset);
        Set(mapping);
        if (isShared)
            family!.AddExtra(mapping);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Unmap(ulong address, ulong length)
    {
        ulong end = address + length;

        // Also where nothing is mapped yet: a relative must not map for all there any more.
        Errno error = Diverge(address, end);
        if (error != Errno.Success || _mappings.IsEmpty(address, end))
            return error;
        if (IsWithinRun(address, end) && !HasRoom())
            return Errno.ENOMEM;
        _callSites.Remove(address, length);
        using (Access access = Pin())
        {
            if (access.IsRefused)
                return Errno.ENOMEM;
            error = UnmapInHost(address, end);
            if (error != Errno.Success)
                return error;
            Clear(address, end);
            NoteUnmapped();
        }

        LeaveUnused(address, length);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Protect(ulong address, ulong length, Protection protection)
    {
        ulong end = address + length;
        if (!HasRoom() || Diverge(address, end) != Errno.Success)
            return Errno.ENOMEM;
        if (protection != Protection.None && EnterClosed(address, end, SmallReservation) != Errno.Success)
            return Errno.ENOMEM;
        using Access access = Pin();
        if (access.IsRefused)
            return Errno.ENOMEM;
        ulong at = address;
        while (_mappings.TryFind(at, end, out HostMapping part))
        {
            // As much as the host can do in one call.
            ulong from = part.Start;
            at = from;
            bool isInHost = BecomesInHost(part, protection);
            while (_mappings.TryFind(at, end, out part) && part.Start == at && BecomesInHost(part, protection) == isInHost)
                at = part.End;
            if (isInHost)
            {
                Errno error = ToErrno(_stubs.ShortHostCall(Host.Mprotect, from, at - from, (ulong)ToHost(protection), 0, 0, 0));
                if (error != Errno.Success)
                    return error;
            }

            for (ulong next = from; next < at && _mappings.TryFind(next, at, out part); next = part.End)
                SetProtection(part, protection);
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Move(ulong from, ulong length, ulong to)
    {
        ulong end = from + length;
        Errno error = Prepare(to, length);
        if (error == Errno.Success)
            error = Diverge(from, end);
        if (error == Errno.Success)
            error = Diverge(to, to + length);
        if (error != Errno.Success)
            return error;
        using (Access access = Pin())
        {
            if (access.IsRefused)
                return Errno.ENOMEM;
            ulong distance = to - from;
            _writeTracking.Forget(from, length);
            error = MoveRuns(from, end, distance, isBack: false, out ulong stopped);
            if (error != Errno.Success)
            {
                MoveRuns(from, stopped, distance, isBack: true, out _);
                FillHoles(from, stopped, distance);
                return error;
            }

            _callSites.Remove(from, length);
            FillHoles(from, end, 0);
            for (ulong at = from; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
                _mappings.Set(part with { Start = part.Start + distance, End = part.End + distance });
            _mappings.Remove(from, end);
            CountRuns();
            // The host doesn't merge pages that have moved with what is beside them, as the list of runs does.
            _hasMoved = true;
            _hostMappings.NoteMove();
        }

        LeaveUnused(from, length);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _addresses.Residency.Remove(this);
        Clear(0, ulong.MaxValue);
        NoteUnmapped();
        GiveUp(_home);
        foreach (AddressLease lease in _reservations)
            GiveUp(lease);
    }

    private static bool BecomesInHost(in HostMapping part, Protection protection) =>
        part.IsInHost || (part.Kind == MappingKind.Reserved && protection != Protection.None);

    private void SetProtection(in HostMapping part, Protection protection)
    {
        bool isOpened = part.Kind == MappingKind.Reserved && protection != Protection.None;
        HostMapping changed = part with { Kind = isOpened ? MappingKind.Anonymous : part.Kind, Protection = protection };
        Change(changed);
        if (changed.Kind == MappingKind.Untouched && protection != Protection.None && changed.Length <= SmallReservation)
            Open(changed);
    }

    /// <summary>Enters the arenas of a range, and sees that the host has room for it.</summary>
    private Errno Prepare(ulong address, ulong length) => HasRoom() ? Enter(address, length) : Errno.ENOMEM;

    /// <summary>Enters what has been mapped in place of what was there.</summary>
    private void Set(in HostMapping mapping)
    {
        GiveCharged(mapping.Start, mapping.End);
        Change(mapping);
    }

    private void Change(in HostMapping mapping)
    {
        _mappings.Set(mapping);
        CountRuns();
    }

    /// <summary>Forgets what was in a range.</summary>
    private void Clear(ulong start, ulong end)
    {
        GiveCharged(start, end);
        _mappings.Remove(start, end);
        CountRuns();
    }

    private Errno UnmapInHost(ulong start, ulong end)
    {
        Errno error = Errno.Success;
        for (ulong at = start; error == Errno.Success && _mappings.TryFindInHost(at, end, out PageRange range); at = range.End)
            error = UnmapWithTables(range);
        return error;
    }

    /// <summary>
    /// Where nothing else lies in what one page table of the host covers, all of that is mapped anew: the host gives the table back then,
    /// and keeps it where a page is unmapped by itself. A program that goes through a large file would leave them all behind.
    /// </summary>
    private Errno UnmapWithTables(PageRange range)
    {
        const ulong table = 512 * FrameExtent.FrameSize;
        ulong start = ulong.Max(range.Start & ~(table - 1), UserAddressRange.Lowest);
        ulong end = (range.End + table - 1) & ~(table - 1);
        if (_mappings.TryFindInHost(start, range.Start, out _))
            start = range.Start;
        if (_mappings.TryFindInHost(range.End, end, out _))
            end = range.End;
        return MapNothing(start, end - start, Protection.None);
    }

    /// <summary>After a call of the host that failed and may have done a part.</summary>
    private void Abandon(ulong start, ulong end)
    {
        MapNothing(start, end - start, Protection.None);
        Clear(start, end);
    }

    /// <summary>Makes room in the host: pages of files and shared memory are mapped again when they are touched.</summary>
    private void UnmapShared()
    {
        for (ulong at = 0; _mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            if (part.Kind == MappingKind.Shared && MapNothing(part.Start, part.Length, Protection.None) == Errno.Success)
                _mappings.Remove(part.Start, part.End);
        }

        CountRuns();
    }

    /// <summary>Moves what the host has mapped in a range, run by run.</summary>
    /// <param name="start">Start of the range.</param>
    /// <param name="end">Its end.</param>
    /// <param name="distance">How far.</param>
    /// <param name="isBack">Whether it comes back from there.</param>
    /// <param name="stopped">Where a failure stopped it; what is before has moved.</param>
    private Errno MoveRuns(ulong start, ulong end, ulong distance, bool isBack, out ulong stopped)
    {
        stopped = start;
        for (; _mappings.TryFind(stopped, end, out HostMapping part); stopped = part.End)
        {
            if (!part.IsInHost)
                continue;
            ulong away = part.Start + distance;
            Errno error = isBack ? MoveInHost(away, part.Length, part.Start) : MoveInHost(part.Start, part.Length, away);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>What has moved leaves holes in the host, which nobody else may get.</summary>
    private void FillHoles(ulong start, ulong end, ulong distance)
    {
        for (ulong at = start; _mappings.TryFindInHost(at, end, out PageRange range); at = range.End)
            MapNothing(range.Start + distance, range.Length, Protection.None);
    }

    private Errno MapNothing(ulong address, ulong length, Protection protection) =>
        Map(address, length, ToHost(protection), Host.MapPrivate | Host.MapAnonymous | Host.MapFixed | Host.MapNoReserve, ulong.MaxValue, 0);

    private Errno MoveInHost(ulong from, ulong length, ulong to)
    {
        long result = _stubs.ShortHostCall(Host.Mremap, from, length, length, MremapMayMove | MremapFixed, to, 0);
        if (result == (long)to)
            return Errno.Success;
        if (length == FrameExtent.FrameSize)
            return ToErrno(result);

        // The host may hold the range as several mappings, which it doesn't move in one call: halve until it does.
        ulong half = length / 2 & ~(ulong)(FrameExtent.FrameSize - 1);
        if (half == 0)
            half = FrameExtent.FrameSize;
        Errno error = MoveInHost(from, half, to);
        return error != Errno.Success ? error : MoveInHost(from + half, length - half, to + half);
    }

    private Errno Map(ulong address, ulong length, int protection, int flags, ulong descriptor, ulong offset) =>
        ToErrno(_stubs.ShortHostCall(Host.Mmap, address, length, (ulong)protection, (ulong)flags, descriptor, offset));

    private static Errno ToErrno(long result) => result is < 0 and >= -4095 ? (Errno)(int)-result : Errno.Success;

    private static int ToHost(Protection protection) => (int)protection;
}
