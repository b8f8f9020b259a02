using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Which pages have memory, and which memory is paid for when it is touched.
internal sealed unsafe partial class ProcessAddressSpace
{
    /// <summary>Memory that was promised to nobody is paid for whole up to this size: a fault costs more than it could save.</summary>
    private const ulong SmallReservation = 1 << 20;

    /// <summary>The least that a touch opens of it, and the most, where touches follow each other.</summary>
    private const ulong LeastOpened = 64 << 10;

    private const ulong MostOpened = 4 << 20;

    /// <inheritdoc/>
    public Errno Discard(ulong address, ulong length)
    {
        ulong end = address + length;

        // What is closed is mapped anew.
        if (Family is not null && HasUnsaved(address, end) && Diverge(address, end) != Errno.Success)
            return Errno.ENOMEM;
        if (_writeTracking.IsUsed && Family is not null && _addresses.Residency.SaveShared(this, address, end) != Errno.Success)
            return Errno.ENOMEM;
        using Access access = Pin();
        if (access.IsRefused)
            return Errno.ENOMEM;
        for (ulong at = address; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            if (part.Kind is not (MappingKind.Anonymous or MappingKind.Charged))
                continue;
            bool isClosed = part.Kind == MappingKind.Charged && part.Length > SmallReservation;
            Errno error = isClosed
                ? MapNothing(part.Start, part.Length, Protection.None)
                : ToErrno(_stubs.ShortHostCall(Host.Madvise, part.Start, part.Length, Host.MadvDontNeed, 0, 0, 0));
            if (error != Errno.Success)
                return error;
            if (isClosed)
                Set(part with { Kind = MappingKind.Untouched });
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public void AdviseHugePages(ulong address, ulong length, bool wanted)
    {
        using Access access = Pin();
        for (ulong at = address; !access.IsRefused && _mappings.TryFindInHost(at, address + length, out PageRange range); at = range.End)
            _stubs.ShortHostCall(Host.Madvise, range.Start, range.Length, wanted ? Host.MadvHugePage : Host.MadvNoHugePage, 0, 0, 0);
    }

    /// <inheritdoc/>
    public Errno Prefault(ulong address, ulong length, bool write)
    {
        ulong end = address + length;
        if (HasUntouched(address, end) &&
            (Diverge(address, end) != Errno.Success || EnterClosed(address, end, ulong.MaxValue) != Errno.Success))
            return Errno.ENOMEM;
        using Access access = Pin();
        if (access.IsRefused)
            return Errno.ENOMEM;
        for (ulong at = address; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            if (part.Kind == MappingKind.Untouched && part.Protection != Protection.None && Open(part) != Errno.Success)
                return Errno.ENOMEM;
        }

        for (ulong at = address; _mappings.TryFindInHost(at, end, out PageRange range); at = range.End)
            _stubs.Call(Host.Madvise, range.Start, range.Length, write ? Host.MadvPopulateWrite : Host.MadvPopulateRead);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno ResolveFault(ulong address, bool isWrite, bool isExecute)
    {
        HostMapping mapping;
        using (Access current = Pin())
        {
            if (current.IsRefused)
                return Errno.ENOBUFS;
            if (!_mappings.TryFind(address, out mapping) || mapping.Start > address)
                return Errno.EFAULT;
        }

        Protection needed = isExecute ? Protection.Execute : isWrite ? Protection.Write : Protection.Read;
        // On x86 a page that can be written can be read; one that can only be executed can't, where the host has protection keys.
        if (needed == Protection.Read ? (mapping.Protection & (Protection.Read | Protection.Write)) == 0 : (mapping.Protection & needed) == 0)
            return Errno.EACCES;
        if (mapping.Kind != MappingKind.Untouched)
            return isWrite && mapping.Kind != MappingKind.Shared && _writeTracking.IsUsed ? _addresses.Residency.Unshare(this, mapping, address) : Errno.Success;
        HostMapping around = mapping.Clip(address > MostOpened ? address - MostOpened : 0, address + MostOpened);
        if (Diverge(mapping.Start, mapping.End) != Errno.Success || Enter(around.Start, around.Length) != Errno.Success)
            return Errno.ENOBUFS;
        using Access access = Pin();
        return access.IsRefused ? Errno.ENOBUFS : OpenAround(mapping, address);
    }

    /// <inheritdoc/>
    public bool TryFindMapped(ulong start, ulong end, out PageRun run)
    {
        using Access access = Pin();
        HostMapping part = default;
        bool isFound = !access.IsRefused && _mappings.TryFind(start, end, out part);
        run = new PageRun(part.Start, part.End, !part.IsFrames);
        return isFound;
    }

    /// <inheritdoc/>
    public int FindPresent(ulong start, ulong end, Span<PageRun> runs)
    {
        using Access access = Pin();
        int count = 0;
        // Where nothing is mapped the host has no pages, so one question answers for all of an arena.
        for (int arena = NextEntered(UserAddressRange.ArenaOf(start)); arena >= 0 && count < runs.Length && !access.IsRefused; arena = NextEntered(arena + 1))
        {
            ulong from = Math.Max(start, UserAddressRange.StartOf(arena));
            ulong to = Math.Min(end, UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize);
            if (from >= end)
                break;
            if (_mappings.TryFindInHost(from, to, out PageRange first))
                count += _pageMap.Find(first.Start, to, runs[count..]);
        }

        return count;
    }

    /// <summary>
    /// Whether something in a range can't be dropped for one member of a family alone: what is mapped anew by it, or can't be
    /// written, and so is the same for all.
    /// </summary>
    private bool HasUnsaved(ulong start, ulong end)
    {
        using Access access = Pin();
        if (access.IsRefused)
            return true;
        for (ulong at = start; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            bool isClosed = part.Kind == MappingKind.Charged && part.Length > SmallReservation;
            bool isFixed = part.IsInHost && (part.Protection & Protection.Write) == 0;
            if (isClosed || isFixed)
                return true;
        }

        return false;
    }

    private bool HasUntouched(ulong start, ulong end)
    {
        using Access access = Pin();
        if (access.IsRefused)
            return true;
        for (ulong at = start; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            if (part.Kind == MappingKind.Untouched && part.Protection != Protection.None)
                return true;
        }

        return false;
    }

    private bool TryCharge(ulong length) => length <= SmallReservation && _budget.TryTake(length);

    private void GiveCharged(ulong start, ulong end)
    {
        for (ulong at = start; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            if (part.Kind == MappingKind.Charged)
                _budget.Give(part.Length);
        }
    }

    /// <summary>Opens a part of untouched memory around an address: more, the more was opened right before it.</summary>
    private Errno OpenAround(in HostMapping untouched, ulong address)
    {
        ulong opened = LeastOpened;
        bool hasBefore = _mappings.TryFind(untouched.Start - FrameExtent.FrameSize, out HostMapping before) && before.End == untouched.Start;
        if (hasBefore && before.Kind == MappingKind.Charged)
            opened = Math.Clamp(before.Length, LeastOpened, MostOpened);
        if (address - untouched.Start < opened && Open(untouched.Clip(untouched.Start, untouched.Start + opened)) == Errno.Success)
            return Errno.Success;
        ulong start = address & ~(LeastOpened - 1);
        if (Open(untouched.Clip(start, start + LeastOpened)) == Errno.Success)
            return Errno.Success;
        start = address & ~(ulong)(FrameExtent.FrameSize - 1);
        return Open(untouched.Clip(start, start + FrameExtent.FrameSize));
    }

    /// <summary>Pays for untouched memory and opens it in the host.</summary>
    private Errno Open(in HostMapping part)
    {
        if (!_budget.TryTake(part.Length))
            return Errno.ENOMEM;
        Errno error = HasRoom(isTouch: true)
            ? ToErrno(_stubs.ShortHostCall(Host.Mprotect, part.Start, part.Length, (ulong)ToHost(part.Protection), 0, 0, 0))
            : Errno.ENOBUFS;
        if (error == Errno.Success)
            Change(part with { Kind = MappingKind.Charged });
        else
            _budget.Give(part.Length);
        return error;
    }
}
