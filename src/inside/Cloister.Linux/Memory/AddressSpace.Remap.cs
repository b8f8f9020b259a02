using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// brk(2) and mremap(2).
internal sealed partial class AddressSpace
{
    private const Protection AllRights = Protection.Read | Protection.Write | Protection.Execute;

    /// <summary>brk(2).</summary>
    /// <returns>The break after the call: the old one where it could not be moved.</returns>
    public ulong SetBreak(ulong wanted, in MemoryLimits limits)
    {
        using (_lock.Enter())
        {
            if (wanted < Layout.BreakStart || wanted > Mmu.Highest || wanted - Layout.BreakStart > limits.Data)
                return Layout.Break;
            ulong oldEnd = RoundUp(Layout.Break);
            ulong newEnd = RoundUp(wanted);
            if (newEnd < oldEnd)
            {
                UnmapLocked(newEnd, oldEnd);
            }
            else if (newEnd > oldEnd)
            {
                ulong more = newEnd - oldEnd;
                var attributes = new MappingAttributes(Protection.Read | Protection.Write, AllRights, false, true) { Kind = RegionKind.Heap };
                if (!MayUse(oldEnd, more) || !_regions.IsFree(oldEnd, newEnd) || !MayGrow(more, isData: true, limits) ||
                    (_locksFuture && !MayLockMore(more, limits)) || MapLocked(oldEnd, more, attributes) != Errno.Success)
                    return Layout.Break;
            }

            Layout.Break = wanted;
            return wanted;
        }
    }

    /// <summary>The beginning of what grows downwards at an address, for PROT_GROWSDOWN of mprotect(2); EINVAL for other memory.</summary>
    public Errno FindStack(ulong address, ulong end, out ulong start)
    {
        start = address;
        using (_lock.Enter())
        {
            int index = _regions.FirstEndingAfter(address);
            if (index >= _regions.Count || _regions[index].Start >= end)
                return Errno.ENOMEM;
            start = _regions[index].Start;
            return _regions[index].GrowsDown ? Errno.Success : Errno.EINVAL;
        }
    }

    /// <summary>mremap(2), with checked and rounded arguments.</summary>
    /// <param name="old">Old address.</param>
    /// <param name="oldLength">Old length; 0 duplicates a shared mapping.</param>
    /// <param name="newLength">New length.</param>
    /// <param name="fixedAddress">Where to (MREMAP_FIXED), or null.</param>
    /// <param name="mayMove">MREMAP_MAYMOVE.</param>
    /// <param name="keepOld">MREMAP_DONTUNMAP.</param>
    /// <param name="limits">ENOMEM beyond; EAGAIN beyond that of locked memory.</param>
    /// <param name="address">Where it is now.</param>
    public Errno Remap(
        ulong old, ulong oldLength, ulong newLength, ulong? fixedAddress, bool mayMove, bool keepOld, in MemoryLimits limits, out ulong address)
    {
        address = 0;
        using (_lock.Enter())
        {
            Region? region = _regions.Find(old);
            if (region is null || region.Kind == RegionKind.Hidden)
                return Errno.EFAULT;
            if (oldLength == 0)
                return region.IsShared ? Duplicate(region, old, newLength, fixedAddress, mayMove, limits, out address) : Errno.EINVAL;

            // What only shrinks may span several mappings (shrink_vma of Linux); what moves or grows is one.
            bool isInPlace = fixedAddress is null && !keepOld;
            if (isInPlace && newLength <= oldLength)
            {
                address = old;
                return newLength == oldLength ? Errno.Success : UnmapLocked(old + newLength, old + oldLength);
            }

            if (old + Math.Min(oldLength, newLength) > region.End)
                return Errno.EFAULT;
            ulong more = keepOld ? newLength : newLength > oldLength ? newLength - oldLength : 0;
            if (region.IsLocked && more > 0 && !MayLockMore(more, limits))
                return Errno.EAGAIN;
            if (more > 0 && !MayGrow(more, region.IsData, limits))
                return Errno.ENOMEM;
            if (isInPlace)
            {
                address = old;
                if (old + oldLength == region.End && TryExtend(region, more))
                    return Errno.Success;
                if (!mayMove)
                    return Errno.ENOMEM;
            }

            Errno error = PlaceFor(newLength, fixedAddress, out address);
            if (error == Errno.Success && newLength < oldLength)
            {
                error = UnmapLocked(old + newLength, old + oldLength);
                oldLength = newLength;
            }

            return error == Errno.Success ? Move(old, oldLength, address, newLength, keepOld) : error;
        }
    }

    private static ulong RoundUp(ulong value) => (value + PageSize - 1) & ~(PageSize - 1);

    private static MappingAttributes AttributesOf(Region region, ulong address) =>
        new(region.Protection, region.MostProtection, region.IsShared, region.IsAccounted)
        {
            Kind = region.Kind,
            Memory = region.Memory,
            Offset = region.Offset + (long)(address - region.Start),
            File = region.File,
            IsUnreserved = region.IsUnreserved,
            IsLocked = region.IsLocked,
        };

    /// <summary>Finds a place for what moves, or clears the one that was asked for.</summary>
    private Errno PlaceFor(ulong length, ulong? fixedAddress, out ulong address)
    {
        if (fixedAddress is not ulong target)
            return FindFree(0, length, 0, isReservation: false, out address);
        address = target;
        return MayUse(target, length) ? UnmapLocked(target, target + length) : Errno.ENOMEM;
    }

    private bool TryExtend(Region region, ulong more)
    {
        ulong end = region.End;
        if (end + more < end || !MayUse(end, more) || !_regions.IsFree(end, end + more) || !_commit.TryTake(region.CostOf(more)))
            return false;
        if (!region.IsPaged && Mmu.MapAnonymous(end, more, region.Protection, isPromised: !region.IsUnreserved) != Errno.Success)
        {
            _commit.Give(region.CostOf(more));
            return false;
        }

        Count(region, -1);
        region.End += more;
        Count(region, 1);
        return true;
    }

    private Errno Duplicate(Region region, ulong old, ulong newLength, ulong? fixedAddress, bool mayMove, in MemoryLimits limits, out ulong address)
    {
        address = 0;
        if (!mayMove || !MayGrow(newLength, region.IsData, limits))
            return Errno.ENOMEM;
        MappingAttributes attributes = AttributesOf(region, old);
        Errno error = PlaceFor(newLength, fixedAddress, out address);
        return error == Errno.Success ? MapLocked(address, newLength, attributes) : error;
    }

    private Errno Move(ulong old, ulong oldLength, ulong to, ulong newLength, bool keepOld)
    {
        Split(old);
        Split(old + oldLength);
        Region region = _regions.Find(old)!;
        bool isPromised = !region.IsUnreserved;
        ulong more = keepOld ? newLength : newLength - oldLength;
        ulong taken = region.CostOf(more);
        if (!_commit.TryTake(taken))
            return Errno.ENOMEM;
        Errno error = Mmu.Move(old, oldLength, to);
        if (error == Errno.Success && !region.IsPaged && newLength > oldLength)
        {
            error = Mmu.MapAnonymous(to + oldLength, newLength - oldLength, region.Protection, isPromised);
            if (error != Errno.Success)
                Mmu.Move(to, oldLength, old);
        }

        if (error != Errno.Success)
        {
            _commit.Give(taken);
            return error;
        }

        Region moved = _regions.Rent();
        moved.CopyAttributes(region);
        moved.Start = to;
        moved.End = to + newLength;
        moved.File?.AddUser();
        if (moved.Memory is not null)
            AddObjectUser(moved.Memory);
        if (!keepOld)
        {
            // The account of the old part goes over to the new region.
            region.IsAccounted = region.ShowsZeros = false;
            Forget(region);
            _regions.RemoveAt(_regions.FirstEndingAfter(old));
        }

        _regions.Insert(moved);
        Count(moved, 1);
        if (!keepOld)
            return Errno.Success;

        // What stays is empty, and no longer locked (mremap(2), MREMAP_DONTUNMAP).
        Count(region, -1);
        region.IsLocked = false;
        Count(region, 1);
        return region.IsPaged ? Errno.Success : Mmu.MapAnonymous(old, oldLength, region.Protection, isPromised);
    }
}
