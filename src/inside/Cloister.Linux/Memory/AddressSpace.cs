using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Futexes;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Memory;

/// <summary>What a new mapping shall be.</summary>
/// <param name="Protection">Rights.</param>
/// <param name="MostProtection">Rights that mprotect may give later.</param>
/// <param name="IsShared">Whether stores are seen by others.</param>
/// <param name="IsAccounted">Whether it counts against the enclave's memory.</param>
internal readonly record struct MappingAttributes(Protection Protection, Protection MostProtection, bool IsShared, bool IsAccounted)
{
    public RegionKind Kind { get; init; }

    public MemoryObject? Memory { get; init; }

    public long Offset { get; init; }

    public FileBacking? File { get; init; }

    public bool IsUnreserved { get; init; }
}

/// <summary>
/// A program's memory: the regions it has mapped, and the platform's MMU that follows. Shared by threads and by
/// children of vfork.
/// </summary>
/// <remarks>
/// Private anonymous memory is handed to the platform when it is mapped, which gives it pages on first touch. Pages of
/// files and shared memory are mapped when they are touched, in runs, so that files come in lazily and truncation can
/// take pages away again.
/// Lock order: the lock here comes before that of any <see cref="MemoryObject"/>.
/// </remarks>
internal sealed partial class AddressSpace
{
    public const ulong PageSize = FrameExtent.FrameSize;

    /// <summary>
    /// Most pages of text mapped around a touched one. A fault costs as much as bringing in some 20 pages, and programs
    /// use a part of their text only (measured with python3, whose start was slower with 16 and with 512).
    /// </summary>
    private const int FaultAround = 64;

    private const int RepeatedFaultLimit = 64;

    private readonly SpaceLock _lock = new();
    private readonly RegionList _regions = new();
    private readonly Dictionary<MemoryObject, ObjectMapping> _objects = [];
    private readonly CommitAccount _commit;
    private int _users = 1;
    private ulong _lastFault;
    private int _repeatedFaults;

    public AddressSpace(IMmu mmu, CommitAccount commit)
    {
        Mmu = mmu.CreateAddressSpace();
        _commit = commit;
        (ulong start, ulong end) = Mmu.HomeRange;
        Layout = new AddressLayout { ProgramBase = start, StackTop = end, MappingTop = end };
    }

    /// <summary>The platform's side.</summary>
    public IAddressSpace Mmu { get; }

    /// <summary>Where things are placed.</summary>
    public AddressLayout Layout { get; }

    /// <summary>Facts that /proc and prctl(PR_SET_MM) know.</summary>
    public ProgramLayout Program { get; } = new();

    /// <summary>Bytes in all regions.</summary>
    public ulong TotalBytes { get; private set; }

    /// <summary>Largest <see cref="TotalBytes"/> so far.</summary>
    public ulong PeakBytes { get; private set; }

    /// <summary>Adds a process that uses the space.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Adds a user unless the last one has left.</summary>
    public bool TryAddUser()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            if (users == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);
        return true;
    }

    /// <summary>Removes one; the last one's leaving frees everything.</summary>
    public void RemoveUser()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        using (_lock.Enter())
        {
            UnmapLocked(0, ulong.MaxValue);
            Mmu.Dispose();
        }
    }

    /// <summary>Whether other processes use the space too (vfork, CLONE_VM).</summary>
    public bool IsSharedWithOthers => Volatile.Read(ref _users) > 1;

    /// <summary>Maps at a free place.</summary>
    /// <param name="hint">Wanted address, or 0.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="attributes">What to map.</param>
    /// <param name="limit">Address below which it has to be (MAP_32BIT), or 0.</param>
    /// <param name="address">Where it is now.</param>
    public Errno Map(ulong hint, ulong length, in MappingAttributes attributes, ulong limit, out ulong address)
    {
        using (_lock.Enter())
        {
            Errno error = FindFree(hint, length, limit, out address);
            return error != Errno.Success ? error : MapLocked(address, length, attributes);
        }
    }

    /// <summary>Maps at an address, over what is there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="attributes">What to map.</param>
    /// <param name="replace">False for EEXIST where something is there (MAP_FIXED_NOREPLACE).</param>
    public Errno MapFixed(ulong address, ulong length, in MappingAttributes attributes, bool replace)
    {
        if (!Mmu.MayUse(address, length))
            return Errno.ENOMEM;
        using (_lock.Enter())
        {
            if (!_regions.IsFree(address, address + length))
            {
                if (!replace)
                    return Errno.EEXIST;
                Errno error = RemoveRegions(address, address + length, unmapInMmu: attributes.Memory is not null);
                if (error != Errno.Success)
                    return error;
            }

            return MapLocked(address, length, attributes);
        }
    }

    /// <summary>munmap(2).</summary>
    public Errno Unmap(ulong address, ulong length)
    {
        using (_lock.Enter())
            return UnmapLocked(address, address + length);
    }

    /// <summary>mprotect(2).</summary>
    public Errno Protect(ulong address, ulong length, Protection protection)
    {
        ulong end = address + length;
        using (_lock.Enter())
        {
            // All of the range must be mapped; Linux changes what comes before a hole and then reports ENOMEM.
            ulong at = address;
            while (at < end)
            {
                Region? region = _regions.Find(at);
                if (region is null || region.Kind == RegionKind.Hidden)
                    return Errno.ENOMEM;
                if ((protection & ~region.MostProtection) != 0)
                    return Errno.EACCES;
                ulong until = Math.Min(end, region.End);
                if (region.Protection != protection)
                {
                    bool becomesAccounted = !region.IsAccounted && !region.IsShared && !region.IsUnreserved &&
                        (protection & Protection.Write) != 0;
                    if (becomesAccounted && !_commit.TryTake(until - at))
                        return Errno.ENOMEM;
                    Split(at);
                    Split(until);
                    region = _regions.Find(at)!;
                    region.Protection = protection;
                    region.IsAccounted |= becomesAccounted;
                    Errno error = ProtectInMmu(region);
                    if (error != Errno.Success)
                        return error;
                }

                at = until;
            }

            _regions.MergeAround(address);
            _regions.MergeAround(end);
            return Errno.Success;
        }
    }

    /// <summary>
    /// Handles a touch of a page that isn't mapped or not with that right.
    /// </summary>
    /// <returns>Success: try again. Otherwise EFAULT for no mapping (SEGV_MAPERR), EACCES for no right (SEGV_ACCERR), EIO behind
    /// the end of a file (SIGBUS), ENOMEM.</returns>
    public Errno ResolveFault(ulong address, bool isWrite, bool isExecute)
    {
        LockOrder.AssertMayWait(WaitKinds.UserPage);
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            if (region is null || region.Kind == RegionKind.Hidden)
                return Errno.EFAULT;
            Protection needed = isExecute ? Protection.Execute : isWrite ? Protection.Write : Protection.None;
            if ((region.Protection & needed) != needed || region.Protection == Protection.None)
                return Errno.EACCES;
            if (!region.IsPaged)
                return NoteRepeatedFault(address);
            return MapPages(region, address);
        }
    }

    /// <summary>Calls back for every region in a range, in order, clipped to it.</summary>
    /// <returns>ENOMEM where part of the range is not mapped, as madvise and mlock report it.</returns>
    public Errno ForEach(ulong address, ulong length, RegionAction action)
    {
        ulong end = address + length;
        Errno result = Errno.Success;
        using (_lock.Enter())
        {
            ulong at = address;
            while (at < end)
            {
                int index = _regions.FirstEndingAfter(at);
                if (index == _regions.Count || _regions[index].Start >= end)
                    return Errno.ENOMEM;
                Region region = _regions[index];
                if (region.Start > at)
                    result = Errno.ENOMEM;
                at = Math.Max(at, region.Start);
                ulong until = Math.Min(end, region.End);
                Errno error = action(this, region, at, until - at);
                if (error != Errno.Success)
                    return error;
                at = until;
            }
        }

        return result;
    }

    /// <summary>What <see cref="ForEach"/> calls, with the lock held.</summary>
    public delegate Errno RegionAction(AddressSpace space, Region region, ulong address, ulong length);

    /// <summary>Forgets pages, so that they read as when first mapped (MADV_DONTNEED). With the lock held.</summary>
    public Errno DiscardPages(Region region, ulong address, ulong length)
    {
        if (!region.IsPaged)
            return Mmu.Discard(address, length);
        region.Mapped!.Clear(region.PageOf(address) - region.MappedBase, (long)(length / PageSize));
        return Mmu.Unmap(address, length);
    }

    /// <summary>Maps pages ahead of their use. With the lock held.</summary>
    public void PopulatePages(Region region, ulong address, ulong length)
    {
        if (!region.IsPaged)
        {
            if (region.Protection != Protection.None)
                Mmu.Prefault(address, length, (region.Protection & Protection.Write) != 0);
            return;
        }

        for (ulong at = address; at < address + length; at += PageSize)
        {
            if (region.Protection != Protection.None && !region.Mapped!.Contains(region.PageOf(at) - region.MappedBase) &&
                MapPages(region, at) != Errno.Success)
                return;
        }
    }

    /// <summary>MAP_POPULATE, mlock, MADV_POPULATE.</summary>
    public void Populate(ulong address, ulong length) =>
        ForEach(address, length, static (space, region, at, count) =>
        {
            space.PopulatePages(region, at, count);
            return Errno.Success;
        });

    /// <summary>mincore(2): bit 0 of a page's byte tells that it has memory.</summary>
    public Errno GetResidence(ulong address, ulong length, Span<byte> pages)
    {
        pages.Clear();
        using (_lock.Enter())
        {
            for (ulong at = address; at < address + length;)
            {
                Region? region = _regions.Find(at);
                if (region is null)
                    return Errno.ENOMEM;
                ulong until = Math.Min(address + length, region.End);
                int first = (int)((at - address) / PageSize);
                int count = (int)((until - at) / PageSize);
                if (!region.IsPaged)
                {
                    Mmu.GetResidence(at, until - at, pages.Slice(first, count));
                }
                else
                {
                    for (int i = 0; i < count; i++)
                        pages[first + i] = region.Memory!.IsResident(region.PageOf(at) + i) ? (byte)1 : (byte)0;
                }

                at = until;
            }
        }

        return Errno.Success;
    }

    /// <summary>What a shared futex word is: a place in shared memory, or in this space where the memory is private.</summary>
    public Errno GetFutexKey(ulong address, out FutexKey key)
    {
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            key = region is { IsShared: true, Memory: { } memory }
                ? new FutexKey(memory, (ulong)region.Offset + (address - region.Start))
                : new FutexKey(this, address | FutexKey.SharedOfSpace);
            return region is null || region.Kind == RegionKind.Hidden ? Errno.EFAULT : Errno.Success;
        }
    }

    /// <summary>Calls back for every region, in order, with the lock held: for /proc/self/maps.</summary>
    public void Visit(Action<Region> action)
    {
        using (_lock.Enter())
        {
            for (int i = 0; i < _regions.Count; i++)
            {
                if (_regions[i].Kind != RegionKind.Hidden)
                    action(_regions[i]);
            }
        }
    }
}
