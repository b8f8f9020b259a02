using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Futexes;
using Cloister.Linux.Machine;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

/// <summary>What a new mapping shall be.</summary>
/// <param name="Protection">Rights.</param>
/// <param name="MostProtection">Rights that mprotect may give later.</param>
/// <param name="IsShared">Whether stores are seen by others.</param>
/// <param name="IsAccounted">Whether it counts against the enclave's memory.</param>
internal readonly record struct MappingAttributes(Protection Protection, Protection MostProtection, bool IsShared, bool IsAccounted)
{
    /// <summary>See <see cref="Region.ShowsZeros"/>.</summary>
    public bool ShowsZeros => Memory is null && !IsAccounted && !IsUnreserved && Protection != Protection.None;

    /// <summary>What a mapping of this length takes of the enclave's memory.</summary>
    public ulong CostOf(ulong length) => Region.Cost(length, IsAccounted, ShowsZeros);

    public RegionKind Kind { get; init; }

    public MemoryObject? Memory { get; init; }

    public long Offset { get; init; }

    public FileBacking? File { get; init; }

    public bool IsUnreserved { get; init; }

    public bool GrowsDown { get; init; }

    public bool IsLocked { get; init; }

    /// <summary>Whether it counts as data; see <see cref="Region.IsData"/>.</summary>
    public bool IsData => (Protection & Protection.Write) != 0 && !IsShared && !GrowsDown;
}

/// <summary>
/// A program's memory: the regions it has mapped, and the platform's MMU that follows. Shared by threads and by
/// children of vfork.
/// </summary>
/// <remarks>
/// Private anonymous memory is handed to the platform when it is mapped, which gives it pages on first touch. Pages of
/// files and shared memory are mapped when they are touched, in runs, so that files come in lazily and truncation can
/// take pages away again.
/// Nobody waits for the host with the lock: pages are brought in without it, and files are given back when it has been left.
/// </remarks>
internal sealed partial class AddressSpace
{
    public const ulong PageSize = FrameExtent.FrameSize;

    private readonly SpaceLock _lock = new();
    private readonly RegionList _regions = new();
    private readonly Dictionary<MemoryObject, ObjectMapping> _objects = [];
    private readonly CommitAccount _commit;
    private int _users = 1;
    private bool _isGone;

    private AddressSpace(IAddressSpace mmu, CommitAccount commit)
    {
        Mmu = mmu;
        _commit = commit;
        _placement = mmu.Placement;
        PageRange home = HomeRange;
        Layout = new AddressLayout { ProgramBase = home.Start, StackTop = home.End, MappingTop = home.End };
    }

    /// <summary>Makes an empty space; null where the platform has no room for another.</summary>
    public static AddressSpace? TryCreate(IMmu mmu, CommitAccount commit) =>
        mmu.CreateAddressSpace(commit) is { } space ? new AddressSpace(space, commit) : null;

    /// <summary>Makes a space that has ended already: of a process without a program.</summary>
    public static AddressSpace CreateGone(IMmu mmu, CommitAccount commit)
    {
        AddressSpace space = TryCreate(mmu, commit) ?? throw new InvalidOperationException("The platform has no room for a program.");
        space.RemoveUser();
        return space;
    }

    /// <summary>The platform's side.</summary>
    public IAddressSpace Mmu { get; }

    /// <summary>Where things are placed.</summary>
    public AddressLayout Layout { get; private init; }

    /// <summary>Facts that /proc and prctl(PR_SET_MM) know.</summary>
    public ProgramLayout Program { get; private init; } = new();

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
            EstimatePeakLocked();

            // Frames are given back with the regions: nothing may be mapped by then.
            Mmu.Dispose();
            RemoveRegions(0, ulong.MaxValue, unmapInMmu: false);
            _isGone = true;
        }

        AsyncContexts?.EndAll();
    }

    /// <summary>Whether other processes use the space too (vfork, CLONE_VM).</summary>
    public bool IsSharedWithOthers => Volatile.Read(ref _users) > 1;

    /// <summary>Maps at a free place.</summary>
    /// <param name="hint">Wanted address, or 0.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="attributes">What to map.</param>
    /// <param name="below">Address below which it has to be (MAP_32BIT), or 0.</param>
    /// <param name="limits">ENOMEM beyond.</param>
    /// <param name="address">Where it is now.</param>
    public Errno Map(ulong hint, ulong length, in MappingAttributes attributes, ulong below, in MemoryLimits limits, out ulong address)
    {
        address = 0;
        _commit.MakeRoom(attributes.CostOf(length));
        using (_lock.Enter())
        {
            if (!MayGrow(length, attributes.IsData, limits))
                return Errno.ENOMEM;
            Errno error = FindFree(hint, length, below, attributes.IsUnreserved, out address);
            return error != Errno.Success ? error : MapLocked(address, length, attributes);
        }
    }

    /// <summary>Maps at an address, over what is there. Where it fails for lack of memory, what was there stays.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="attributes">What to map.</param>
    /// <param name="replace">False for EEXIST where something is there (MAP_FIXED_NOREPLACE).</param>
    /// <param name="limits">ENOMEM beyond.</param>
    public Errno MapFixed(ulong address, ulong length, in MappingAttributes attributes, bool replace, in MemoryLimits limits)
    {
        if (!MayUse(address, length))
            return Errno.ENOMEM;
        _commit.MakeRoom(attributes.CostOf(length));
        using (_lock.Enter())
        {
            bool isFree = _regions.IsFree(address, address + length);
            if (!isFree && !replace)
                return Errno.EEXIST;
            if (!MayReplace(address, address + length, attributes.IsData, limits))
                return Errno.ENOMEM;
            if (!_commit.TryTake(attributes.CostOf(length)))
                return Errno.ENOMEM;
            Errno error = isFree ? Errno.Success : RemoveRegions(address, address + length, unmapInMmu: attributes.Memory is not null);
            if (error == Errno.Success)
                error = MapTaken(address, length, attributes);
            else
                _commit.Give(attributes.CostOf(length));

            // The platform may have stopped in the middle: what no region says must not be there.
            if (error != Errno.Success && _regions.IsFree(address, address + length))
                Mmu.Unmap(address, length);
            return error;
        }
    }

    /// <summary>munmap(2).</summary>
    public Errno Unmap(ulong address, ulong length)
    {
        using (_lock.Enter())
            return UnmapLocked(address, address + length);
    }

    /// <summary>mprotect(2).</summary>
    public Errno Protect(ulong address, ulong length, Protection protection, in MemoryLimits limits)
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
                    bool becomesData = (protection & Protection.Write) != 0 && !region.IsShared && !region.GrowsDown && !region.IsData;
                    if (becomesData && DataBytes + (until - at) > limits.Data)
                        return Errno.ENOMEM;
                    bool becomesAccounted = !region.IsAccounted && !region.IsShared && !region.IsUnreserved &&
                        (protection & Protection.Write) != 0;
                    bool showsZeros = !region.IsPaged && !region.IsAccounted && !region.IsUnreserved && !becomesAccounted &&
                        (region.ShowsZeros || protection != Protection.None);
                    ulong before = region.CostOf(until - at);
                    ulong cost = Region.Cost(until - at, region.IsAccounted || becomesAccounted, showsZeros);
                    if (cost > before && !_commit.TryTake(cost - before))
                        return Errno.ENOMEM;
                    Errno error = Mmu.Protect(at, until - at, protection);
                    if (error != Errno.Success)
                    {
                        // What the platform changed before it stopped goes back.
                        Mmu.Protect(at, until - at, region.Protection);
                        if (cost > before)
                            _commit.Give(cost - before);
                        return error;
                    }

                    Split(at);
                    Split(until);
                    region = _regions.Find(at)!;
                    Count(region, -1);
                    region.Protection = protection;
                    region.IsAccounted |= becomesAccounted;
                    region.ShowsZeros = showsZeros;
                    Count(region, 1);
                }

                at = until;
            }

            _regions.MergeAround(address);
            _regions.MergeAround(end);
            return Errno.Success;
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
        NotePeak(length);
        return region.IsPaged ? Mmu.Unmap(address, length) : Mmu.Discard(address, length);
    }

    /// <summary>The next region that msync(2) looks at.</summary>
    /// <param name="address">Where to look from; then where to go on.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="invalidate">Whether locked memory is an error (MS_INVALIDATE).</param>
    /// <param name="file">The file of a shared mapping, to be released by the caller.</param>
    /// <returns>ENOMEM where a part isn't mapped, EBUSY.</returns>
    public Errno NextToSynchronize(ref ulong address, ulong end, bool invalidate, out FileBacking? file)
    {
        file = null;
        using (_lock.Enter())
        {
            int index = _regions.FirstEndingAfter(address);
            Region? region = index < _regions.Count && _regions[index].Start < end ? _regions[index] : null;
            bool isHole = region is null || region.Start > address;
            address = region?.End ?? end;
            if (region is null)
                return Errno.ENOMEM;
            if (invalidate && region.IsLocked)
                return Errno.EBUSY;
            if (region.IsShared && region.File is not null)
            {
                file = region.File;
                file.Hold();
            }

            return isHole ? Errno.ENOMEM : Errno.Success;
        }
    }

    /// <summary>Remembers what fork shall do with a range (MADV_DONTFORK, MADV_WIPEONFORK).</summary>
    public Errno SetInheritance(ulong address, ulong length, bool? isInherited, bool? isWiped)
    {
        using (_lock.Enter())
        {
            for (int i = _regions.FirstEndingAfter(address); isWiped == true && i < _regions.Count && _regions[i].Start < address + length; i++)
            {
                if (_regions[i].IsPaged || _regions[i].IsShared)
                    return Errno.EINVAL;
            }

            Errno error = Errno.Success;
            if (isInherited is bool inherited)
                error = Change(address, address + length, !inherited, static (region, value) => region.IsNotInherited = value);
            if (isWiped is bool wiped)
                error = Change(address, address + length, wiped, static (region, value) => region.IsWipedOnFork = value);
            return error;
        }
    }

    /// <summary>Remembers what mbind(2) asks for.</summary>
    /// <returns>EFAULT where part of the range isn't mapped: nothing is changed then, unless the policy is the default, which is taken
    /// where there is something.</returns>
    public Errno SetPolicy(ulong address, ulong length, MemoryPolicy? policy)
    {
        ulong end = address + length;
        using (_lock.Enter())
        {
            ulong at = address;
            bool isAny = false;
            for (int i = _regions.FirstEndingAfter(address); i < _regions.Count && _regions[i].Start < end; i++)
            {
                if (_regions[i].Start > at && policy is not null)
                    return Errno.EFAULT;
                at = _regions[i].End;
                isAny = true;
            }

            if (!isAny || (at < end && policy is not null))
                return Errno.EFAULT;
            Change(address, end, policy, static (region, value) => region.Policy = value);
            return Errno.Success;
        }
    }

    /// <summary>What mbind(2) was given for an address; null for nothing.</summary>
    /// <returns>EFAULT where nothing is mapped.</returns>
    public Errno GetPolicy(ulong address, out MemoryPolicy? policy)
    {
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            policy = region?.Policy;
            return region is null ? Errno.EFAULT : Errno.Success;
        }
    }

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
                    MarkPresent(at, until, pages.Slice(first, count));
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

    private void MarkPresent(ulong start, ulong end, Span<byte> pages)
    {
        Span<PageRun> runs = stackalloc PageRun[32];
        for (ulong at = start; at < end;)
        {
            int found = Mmu.FindPresent(at, end, runs);
            foreach (PageRun run in runs[..found])
            {
                pages.Slice((int)((run.Start - start) / PageSize), (int)(run.Length / PageSize)).Fill(1);
                at = run.End;
            }

            if (found < runs.Length)
                return;
        }
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
