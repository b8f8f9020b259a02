using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// fork(2): a space with the same content.
internal sealed partial class AddressSpace
{
    /// <summary>
    /// Makes a space with the same regions and, as far as they are private, copies of their pages: dup_mmap of Linux. Threads
    /// that run in this one are stopped for that time, so that the copy is of one moment.
    /// </summary>
    /// <param name="mmu">The platform's part.</param>
    /// <param name="clone">The new space; null where it fails.</param>
    /// <returns>ENOMEM.</returns>
    public Errno Clone(IMmu mmu, out AddressSpace? clone)
    {
        clone = null;
        if (mmu.CreateAddressSpace(_commit) is not { } space)
            return Errno.ENOMEM;
        _commit.MakeRoom(AccountedBytes());
        AddressSpace child;
        Errno error;
        using (_lock.Enter())
        {
            // What the parent maps meanwhile, or loses of its files, waits.
            child = new AddressSpace(space, _commit) { Layout = Layout with { }, Program = Program with { }, KeepsText = KeepsText };
            using (child._lock.EnterNext())
                error = CopyInto(child);
        }

        if (error == Errno.Success)
            clone = child;
        else
            child.RemoveUser();
        return error;
    }

    private ulong AccountedBytes()
    {
        ulong total = 0;
        using (_lock.Enter())
        {
            for (int i = 0; i < _regions.Count; i++)
                total += _regions[i].IsNotInherited ? 0 : _regions[i].CostOf(_regions[i].Length);
        }

        return total;
    }

    /// <summary>With both locks held.</summary>
    private Errno CopyInto(AddressSpace child)
    {
        child._stackLimit = _stackLimit;
        child._sizeLimit = _sizeLimit;
        child._reservations.AddRange(_reservations);
        var ranges = new List<PageRange>(_regions.Count);
        for (int i = 0; i < _regions.Count; i++)
        {
            Region region = _regions[i];
            if (region.IsNotInherited)
                continue;
            if (!child.TryInherit(region))
                return Errno.ENOMEM;
            if (region.IsWipedOnFork)
                continue;
            if (ranges.Count != 0 && ranges[^1].End == region.Start)
                ranges[^1] = new PageRange(ranges[^1].Start, region.End);
            else
                ranges.Add(new PageRange(region.Start, region.End));
        }

        Errno error = Mmu.Clone(ranges.ToArray(), child.Mmu);
        return error == Errno.Success ? child.CompleteClone() : error;
    }

    /// <summary>Adds a region like one of the parent's.</summary>
    private bool TryInherit(Region inherited)
    {
        if (!_commit.TryTake(inherited.CostOf(inherited.Length)))
            return false;
        Region region = _regions.Rent();
        region.CopyAttributes(inherited);
        region.Start = inherited.Start;
        region.End = inherited.End;
        region.IsLocked = false; // mlock(2): locks are not inherited
        if (region.Memory is not null)
            AddObjectUser(region.Memory);
        region.File?.AddUser();
        _regions.Insert(region);
        Count(region, 1);
        return true;
    }

    /// <summary>Maps what isn't copied, and takes away what was leaving while it was.</summary>
    private Errno CompleteClone()
    {
        for (int i = 0; i < _regions.Count; i++)
        {
            Region region = _regions[i];
            Errno error = region.IsWipedOnFork
                ? Mmu.MapAnonymous(region.Start, region.Length, region.Protection, isPromised: !region.IsUnreserved)
                : Errno.Success;
            if (error != Errno.Success)
                return error;
            if (region.Memory is not null && HasMissedRemoval(region.Memory))
                RemovePages(region.Start, region.End, keepsCopies: !region.IsShared);
        }

        return Errno.Success;
    }
}
