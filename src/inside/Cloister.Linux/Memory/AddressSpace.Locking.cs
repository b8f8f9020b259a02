using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// mlock(2). Enclave memory is never paged out by us: locking brings pages in, and is accounted for.
internal sealed partial class AddressSpace
{
    private bool _locksFuture;
    private bool _populatesFuture;

    /// <summary>Whether new mappings are locked and brought in at once (MCL_FUTURE without MCL_ONFAULT).</summary>
    public bool PopulatesFuture => _populatesFuture;

    /// <summary>mlock, mlock2 and munlock.</summary>
    /// <returns>ENOMEM beyond the limit, or where part of the range isn't mapped.</returns>
    public Errno SetLocked(ulong address, ulong length, bool isLocked, in MemoryLimits limits)
    {
        ulong end = address + length;
        using (_lock.Enter())
        {
            if (isLocked && !MayLockMore(length, limits))
            {
                ulong already = 0;
                for (int i = _regions.FirstEndingAfter(address); i < _regions.Count && _regions[i].Start < end; i++)
                    already += _regions[i].IsLocked ? Math.Min(end, _regions[i].End) - Math.Max(address, _regions[i].Start) : 0;
                if (!MayLockMore(length - already, limits))
                    return Errno.ENOMEM;
            }

            return Change(address, end, isLocked, static (region, value) => region.IsLocked = value);
        }
    }

    /// <summary>mlockall and munlockall.</summary>
    /// <param name="isLocked">What becomes of all there is; null for no change.</param>
    /// <param name="future">What becomes of all that follows.</param>
    /// <param name="populates">Whether what follows is brought in at once.</param>
    /// <param name="limits">ENOMEM beyond.</param>
    public Errno SetAllLocked(bool? isLocked, bool future, bool populates, in MemoryLimits limits)
    {
        using (_lock.Enter())
        {
            if (isLocked == true && limits.Locked != ulong.MaxValue && TotalBytes > limits.Locked)
                return Errno.ENOMEM;
            _locksFuture = future;
            _populatesFuture = future && populates;
            for (int i = 0; isLocked is bool value && i < _regions.Count; i++)
            {
                Region region = _regions[i];
                if (region.Kind == RegionKind.Hidden)
                    continue;
                Count(region, -1);
                region.IsLocked = value;
                Count(region, 1);
            }

            return Errno.Success;
        }
    }

    /// <summary>Whether a new mapping would lock more than is allowed.</summary>
    public bool ExceedsLocked(ulong length, bool isLocked, in MemoryLimits limits)
    {
        using (_lock.Enter())
            return (isLocked || _locksFuture) && !MayLockMore(length, limits);
    }

    /// <summary>Whether an address is in a locked region.</summary>
    public bool IsLocked(ulong address)
    {
        using (_lock.Enter())
            return _regions.Find(address) is { IsLocked: true };
    }

    /// <summary>Brings in all that may be touched (mlockall(2)); best effort, as Linux does.</summary>
    public void PopulateAll()
    {
        for (ulong at = 0; TryFindRegion(at, out PageRange range, out _); at = range.End)
            Populate(range.Start, range.Length, write: false);
    }

    /// <summary>Brings in what belongs to files and shared memory in a range; best effort.</summary>
    public void PopulateFiles(ulong address, ulong length)
    {
        ulong end = address + length;
        for (ulong at = address; TryFindRegion(at, out PageRange range, out bool isPaged) && range.Start < end; at = range.End)
        {
            ulong start = Math.Max(address, range.Start);
            if (isPaged)
                Populate(start, Math.Min(end, range.End) - start, write: false);
        }
    }

    private bool TryFindRegion(ulong address, out PageRange range, out bool isPaged)
    {
        using (_lock.Enter())
        {
            int index = _regions.FirstEndingAfter(address);
            Region? region = index < _regions.Count ? _regions[index] : null;
            range = region is null ? default : new PageRange(region.Start, region.End);
            isPaged = region is { IsPaged: true };
            return region is not null;
        }
    }

    /// <summary>Changes an attribute of exactly a range. With the lock held.</summary>
    /// <returns>ENOMEM where part of it isn't mapped; the rest is changed.</returns>
    private Errno Change<T>(ulong address, ulong end, T value, Action<Region, T> change)
    {
        Split(address);
        Split(end);
        Errno result = Errno.Success;
        ulong at = address;
        for (int i = _regions.FirstEndingAfter(address); i < _regions.Count && _regions[i].Start < end; i++)
        {
            Region region = _regions[i];
            if (region.Start != at)
                result = Errno.ENOMEM;
            at = region.End;
            if (region.Kind == RegionKind.Hidden)
                continue;
            Count(region, -1);
            change(region, value);
            Count(region, 1);
        }

        for (int i = _regions.FirstEndingAfter(address); i > 0 && i < _regions.Count && _regions[i].Start <= end; i++)
        {
            while (i < _regions.Count && _regions[i - 1].CanMerge(_regions[i]))
            {
                _regions[i - 1].End = _regions[i].End;
                _regions.RemoveAt(i);
            }
        }

        return at < end ? Errno.ENOMEM : result;
    }
}
