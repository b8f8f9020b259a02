using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// The work behind the public calls; all of it with the lock held.
internal sealed partial class AddressSpace
{
    private Errno MapLocked(ulong address, ulong length, in MappingAttributes attributes)
    {
        if (!_commit.TryTake(attributes.CostOf(length)))
            return Errno.ENOMEM;
        return MapTaken(address, length, attributes);
    }

    /// <summary>Maps what has been taken from the account, where no region is; gives it back where it fails.</summary>
    private Errno MapTaken(ulong address, ulong length, in MappingAttributes attributes)
    {
        if (attributes.Memory is null)
        {
            Errno error = Mmu.MapAnonymous(address, length, attributes.Protection, isPromised: !attributes.IsUnreserved);
            if (error != Errno.Success)
            {
                _commit.Give(attributes.CostOf(length));
                return error;
            }
        }

        Region region = _regions.Rent();
        region.Start = address;
        region.End = address + length;
        region.Protection = attributes.Protection;
        region.MostProtection = attributes.MostProtection;
        region.Kind = attributes.Kind;
        region.IsShared = attributes.IsShared;
        region.IsAccounted = attributes.IsAccounted;
        region.IsUnreserved = attributes.IsUnreserved;
        region.ShowsZeros = attributes.ShowsZeros;
        region.IsAccelerated = false;
        region.IsPatchedCopy = false;
        region.IsLocked = attributes.IsLocked || _locksFuture;
        region.GrowsDown = attributes.GrowsDown;
        region.IsNotInherited = false;
        region.IsWipedOnFork = false;
        region.Policy = null;
        region.IsNotDumped = false;
        region.Memory = attributes.Memory;
        region.Offset = attributes.Offset;
        region.File = attributes.File;
        if (attributes.Memory is not null)
            AddObjectUser(attributes.Memory);

        region.File?.AddUser();
        _regions.Insert(region);
        Count(region, 1);
        if (attributes.Memory is null)
        {
            _regions.MergeAround(address);
            _regions.MergeAround(address + length);
        }
        else if (!attributes.IsShared && attributes.Protection != Protection.None)
        {
            MapAhead(region);
        }

        return Errno.Success;
    }

    private Errno UnmapLocked(ulong start, ulong end)
    {
        NotePeak(end - start);
        Errno error = RemoveRegions(start, end, unmapInMmu: true);
        RemoveUnusedStubs();
        ReleaseReservations(start, end);
        return error;
    }

    private Errno RemoveRegions(ulong start, ulong end, bool unmapInMmu)
    {
        Split(start);
        Split(end);
        int index = _regions.FirstEndingAfter(start);
        while (index < _regions.Count && _regions[index].Start < end)
        {
            Region region = _regions[index];
            if (unmapInMmu)
            {
                Errno error = Mmu.Unmap(region.Start, region.Length);
                if (error != Errno.Success)
                    return error;
            }

            Forget(region);
            _regions.RemoveAt(index);
        }

        return Errno.Success;
    }

    /// <summary>Gives back what a region holds, but not its pages in the MMU.</summary>
    private void Forget(Region region)
    {
        _commit.Give(region.CostOf(region.Length));
        if (region.Memory is not null)
            RemoveObjectUser(region.Memory);
        if (region.File is not null)
            _lock.RemoveUser(region.File);
        Count(region, -1);
    }

    private void Split(ulong address)
    {
        Region? second = _regions.SplitAt(address);
        if (second is null)
            return;
        second.File?.AddUser();
        if (second.Memory is not null)
            AddObjectUser(second.Memory);
    }
}
