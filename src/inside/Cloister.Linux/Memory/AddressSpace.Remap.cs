using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// brk(2) and mremap(2).
internal sealed partial class AddressSpace
{
    /// <summary>brk(2).</summary>
    /// <returns>The break after the call: the old one where it could not be moved.</returns>
    public ulong SetBreak(ulong wanted, ulong dataLimit)
    {
        using (_lock.Enter())
        {
            if (wanted < Layout.BreakStart || wanted - Layout.BreakStart > dataLimit)
                return Layout.Break;
            ulong oldEnd = RoundUp(Layout.Break);
            ulong newEnd = RoundUp(wanted);
            if (newEnd < oldEnd)
            {
                UnmapLocked(newEnd, oldEnd);
            }
            else if (newEnd > oldEnd)
            {
                var attributes = new MappingAttributes(Protection.Read | Protection.Write, AllRights, false, true) { Kind = RegionKind.Heap };
                if (!Mmu.MayUse(oldEnd, newEnd - oldEnd) || !_regions.IsFree(oldEnd, newEnd) ||
                    MapLocked(oldEnd, newEnd - oldEnd, attributes) != Errno.Success)
                    return Layout.Break;
            }

            Layout.Break = wanted;
            return wanted;
        }
    }

    /// <summary>mremap(2), with checked and rounded arguments.</summary>
    /// <param name="old">Old address.</param>
    /// <param name="oldLength">Old length; 0 duplicates a shared mapping.</param>
    /// <param name="newLength">New length.</param>
    /// <param name="fixedAddress">Where to (MREMAP_FIXED), or null.</param>
    /// <param name="mayMove">MREMAP_MAYMOVE.</param>
    /// <param name="keepOld">MREMAP_DONTUNMAP.</param>
    /// <param name="address">Where it is now.</param>
    public Errno Remap(ulong old, ulong oldLength, ulong newLength, ulong? fixedAddress, bool mayMove, bool keepOld, out ulong address)
    {
        address = 0;
        using (_lock.Enter())
        {
            Region? region = _regions.Find(old);
            if (region is null || region.Kind == RegionKind.Hidden)
                return Errno.EFAULT;
            if (oldLength == 0)
                return region.IsShared ? Duplicate(region, old, newLength, fixedAddress, out address) : Errno.EINVAL;
            if (old + oldLength > region.End)
                return Errno.EFAULT;
            if (keepOld && (region.IsPaged || region.IsShared))
                return Errno.EINVAL;

            if (fixedAddress is null && !keepOld)
            {
                address = old;
                if (newLength == oldLength)
                    return Errno.Success;
                if (newLength < oldLength)
                    return UnmapLocked(old + newLength, old + oldLength);
                if (old + oldLength == region.End && TryExtend(region, newLength - oldLength))
                    return Errno.Success;
                if (!mayMove)
                    return Errno.ENOMEM;
            }

            Errno error;
            if (fixedAddress is ulong target)
            {
                if (!Mmu.MayUse(target, newLength))
                    return Errno.ENOMEM;
                error = UnmapLocked(target, target + newLength);
                address = target;
            }
            else
            {
                error = FindFree(0, newLength, 0, out address);
            }

            if (error == Errno.Success && newLength < oldLength)
            {
                error = UnmapLocked(old + newLength, old + oldLength);
                oldLength = newLength;
            }

            return error == Errno.Success ? Move(old, oldLength, address, newLength, keepOld) : error;
        }
    }

    private const Protection AllRights = Protection.Read | Protection.Write | Protection.Execute;

    private static ulong RoundUp(ulong value) => (value + PageSize - 1) & ~(PageSize - 1);

    private static MappingAttributes AttributesOf(Region region, ulong address) =>
        new(region.Protection, region.MostProtection, region.IsShared, region.IsAccounted)
        {
            Kind = region.Kind,
            Memory = region.Memory,
            Offset = region.Offset + (long)(address - region.Start),
            File = region.File,
            IsUnreserved = region.IsUnreserved,
        };

    private bool TryExtend(Region region, ulong more)
    {
        ulong end = region.End;
        if (end + more < end || !Mmu.MayUse(end, more) || !_regions.IsFree(end, end + more))
            return false;
        if (!region.IsPaged)
            return MapLocked(end, more, AttributesOf(region, region.Start)) == Errno.Success;
        if (region.IsAccounted && !_commit.TryTake(more))
            return false;
        region.End += more;
        AddTotal(more);
        return true;
    }

    private Errno Duplicate(Region region, ulong old, ulong newLength, ulong? fixedAddress, out ulong address)
    {
        MappingAttributes attributes = AttributesOf(region, old);
        Errno error = Errno.Success;
        if (fixedAddress is ulong target)
        {
            address = target;
            error = Mmu.MayUse(target, newLength) ? UnmapLocked(target, target + newLength) : Errno.ENOMEM;
        }
        else
        {
            error = FindFree(0, newLength, 0, out address);
        }

        return error == Errno.Success ? MapLocked(address, newLength, attributes) : error;
    }

    private Errno Move(ulong old, ulong oldLength, ulong to, ulong newLength, bool keepOld)
    {
        Split(old);
        Split(old + oldLength);
        Region region = _regions.Find(old)!;
        MappingAttributes attributes = AttributesOf(region, old);
        ulong more = newLength - oldLength;
        if (region.IsAccounted && more > 0 && !_commit.TryTake(more))
            return Errno.ENOMEM;
        Errno error = region.IsPaged ? MovePages(region, to) : Mmu.Move(old, oldLength, to);
        if (error == Errno.Success && !region.IsPaged && more > 0)
            error = Mmu.MapAnonymous(to + oldLength, more, region.Protection);
        if (error != Errno.Success)
        {
            if (region.IsAccounted && more > 0)
                _commit.Give(more);
            return error;
        }

        Region moved = _regions.Rent();
        moved.CopyAttributes(region);
        moved.Start = to;
        moved.End = to + newLength;
        moved.File?.AddUser();
        if (moved.Memory is not null)
            AddObjectUser(moved.Memory);
        AddTotal(newLength);

        // The account of the old part goes over to the new region.
        region.IsAccounted = false;
        Forget(region);
        _regions.RemoveAt(_regions.FirstEndingAfter(old));
        _regions.Insert(moved);
        if (keepOld)
            return MapLocked(old, oldLength, attributes);
        return Errno.Success;
    }

    private Errno MovePages(Region region, ulong to)
    {
        ulong at = region.Start;
        while (at < region.End)
        {
            long limit = (long)((region.End - at) / PageSize);
            long run = region.Mapped!.RunLength(region.PageOf(at) - region.MappedBase, limit, out bool mapped);
            if (mapped)
            {
                Errno error = Mmu.Move(at, (ulong)run * PageSize, to + (at - region.Start));
                if (error != Errno.Success)
                    return error;
            }

            at += (ulong)run * PageSize;
        }

        return Errno.Success;
    }
}
