using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// The work behind the public calls; all of it with the lock held.
internal sealed partial class AddressSpace
{
    /// <summary>Distance that call-site stubs may have from the text: a jump's 32-bit displacement, with room to spare.</summary>
    private const ulong NearText = 0x6000_0000;

    private const ulong LowLimit = 1UL << 32;

    /// <summary>Most pages of text that are searched for system calls as a whole (4 MiB).</summary>
    private const long LargestWholeText = 1024;

    private Errno FindFree(ulong hint, ulong length, ulong limit, out ulong address)
    {
        hint &= ~(PageSize - 1);
        if (hint != 0 && hint + length > hint && (limit == 0 || hint + length <= limit) &&
            Mmu.ShouldUse(hint, length) && _regions.IsFree(hint, hint + length))
        {
            address = hint;
            return Errno.Success;
        }

        if (limit != 0)
            return _regions.TryFindFree(length, Mmu.Lowest, Math.Min(limit, LowLimit), PageSize, out address) && Mmu.MayUse(address, length)
                ? Errno.Success
                : Errno.ENOMEM;
        (ulong start, ulong end) = Mmu.HomeRange;
        ulong lowest = Math.Min(Math.Max(start, Layout.MappingBottom), end);
        if (_regions.TryFindFree(length, lowest, Layout.MappingTop, PageSize, out address))
            return Errno.Success;
        return Mmu.TryReserve(length, out address) ? Errno.Success : Errno.ENOMEM;
    }

    private Errno MapLocked(ulong address, ulong length, in MappingAttributes attributes)
    {
        if (attributes.IsAccounted && !_commit.TryTake(length))
            return Errno.ENOMEM;
        if (attributes.Memory is null)
        {
            Errno error = Mmu.MapAnonymous(address, length, attributes.Protection);
            if (error != Errno.Success)
            {
                if (attributes.IsAccounted)
                    _commit.Give(length);
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
        region.IsAccelerated = false;
        region.IsLocked = false;
        region.Memory = attributes.Memory;
        region.Offset = attributes.Offset;
        region.File = attributes.File;
        if (attributes.Memory is not null)
        {
            region.Mapped = new PageSet();
            region.MappedBase = attributes.Offset >> FrameExtent.FrameShift;
            AddObjectUser(attributes.Memory);
        }

        region.File?.AddUser();
        _regions.Insert(region);
        AddTotal(length);
        if (attributes.Memory is null)
        {
            _regions.MergeAround(address);
            _regions.MergeAround(address + length);
        }

        return Errno.Success;
    }

    private Errno UnmapLocked(ulong start, ulong end) => RemoveRegions(start, end, unmapInMmu: true);

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
        if (region.IsAccounted)
            _commit.Give(region.Length);
        if (region.Memory is not null)
            RemoveObjectUser(region.Memory);
        if (region.File is not null)
            _lock.RemoveUser(region.File);
        TotalBytes -= region.Length;
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

    private Errno ProtectInMmu(Region region)
    {
        if (!region.IsPaged)
            return Mmu.Protect(region.Start, region.Length, region.Protection);
        ulong at = region.Start;
        while (at < region.End)
        {
            long limit = (long)((region.End - at) / PageSize);
            long run = region.Mapped!.RunLength(region.PageOf(at) - region.MappedBase, limit, out bool mapped);
            if (mapped)
            {
                Errno error = Mmu.Protect(at, (ulong)run * PageSize, region.Protection);
                if (error != Errno.Success)
                    return error;
            }

            at += (ulong)run * PageSize;
        }

        return Errno.Success;
    }

    /// <summary>Maps the pages of an object around a touched address.</summary>
    private Errno MapPages(Region region, ulong address)
    {
        PageSet mapped = region.Mapped!;
        long touched = region.PageOf(address);
        if (mapped.Contains(touched - region.MappedBase))
            return NoteRepeatedFault(address);

        long regionFirst = region.PageOf(region.Start);
        long limit = regionFirst + (long)(region.Length / PageSize);
        if (region.File is not null)
        {
            limit = Math.Min(limit, (region.File.File.Length + (long)PageSize - 1) / (long)PageSize);
            if (touched >= limit)
                return Errno.EIO;
        }

        bool isText = (region.Protection & (Protection.Execute | Protection.Write)) == Protection.Execute && !region.IsShared;
        int before = isText ? FaultAround / 4 : FaultAround / 8;
        long first = touched;
        while (first > regionFirst && touched - first < before && !mapped.Contains(first - 1 - region.MappedBase))
            first--;
        long end = Math.Min(limit, first + (isText ? FaultAround : FaultAround / 2));
        end = Math.Max(end, touched + 1);
        long free = first + 1;
        while (free < end && !mapped.Contains(free - region.MappedBase))
            free++;
        end = free;

        bool isFirstTouch = mapped.RunLength(regionFirst - region.MappedBase, limit - regionFirst, out bool isAnyMapped) == limit - regionFirst && !isAnyMapped;
        Errno error = MapPages(region, first, end, out long mappedEnd);
        if (error != Errno.Success)
            return mappedEnd > touched ? Errno.Success : error;
        if (isText && !region.IsAccelerated)
            AccelerateSystemCalls(region, first, end, isFirstTouch ? limit : end);
        return Errno.Success;
    }

    /// <summary>Maps pages of the object that are not mapped.</summary>
    private Errno MapPages(Region region, long first, long end, out long mappedEnd)
    {
        MemoryObject memory = region.Memory!;
        long regionFirst = region.PageOf(region.Start);
        memory.BeginCopy();
        mappedEnd = first;
        Errno error = Errno.Success;
        while (mappedEnd < end)
        {
            error = memory.Populate(mappedEnd, (int)(end - mappedEnd), out FrameExtent run);
            if (error == Errno.Success)
                error = Mmu.MapFrames(region.Start + (ulong)(mappedEnd - regionFirst) * PageSize, run, region.Protection, copyOnWrite: !region.IsShared);
            if (error != Errno.Success)
                break;
            region.Mapped!.Set(mappedEnd - region.MappedBase, run.Count);
            mappedEnd += run.Count;
        }

        memory.EndCopy();
        return error;
    }

    /// <summary>
    /// Makes the system calls of freshly mapped text cheap. A library's text that has some is mapped and searched as a
    /// whole at the first touch: so all branches in it are seen, and it is faulted in once.
    /// </summary>
    /// <param name="text">The region.</param>
    /// <param name="first">First page that was mapped.</param>
    /// <param name="end">Behind the last page that was mapped.</param>
    /// <param name="limit">Behind the last page of the text, at the first touch; else <paramref name="end"/>.</param>
    private void AccelerateSystemCalls(Region text, long first, long end, long limit)
    {
        long regionFirst = text.PageOf(text.Start);
        int stubsLength = Find(first, end);
        if (stubsLength == 0)
            return;
        if (limit > end && limit - regionFirst <= LargestWholeText
            && MapPages(text, regionFirst, first, out _) == Errno.Success && MapPages(text, end, limit, out _) == Errno.Success)
        {
            text.IsAccelerated = true;
            first = regionFirst;
            end = limit;
            stubsLength = Find(first, end);
        }

        PatchSystemCalls(text, AddressOf(first), (ulong)(end - first) * PageSize, stubsLength);

        int Find(long from, long to) => Mmu.FindSystemCalls(AddressOf(from), (ulong)(to - from) * PageSize);

        ulong AddressOf(long page) => text.Start + (ulong)(page - regionFirst) * PageSize;
    }

    private void PatchSystemCalls(Region text, ulong address, ulong length, int stubsLength)
    {
        ulong lowest = Math.Max(Mmu.Lowest, address > NearText ? address - NearText : 0);
        bool found = _regions.TryFindFree((ulong)stubsLength, lowest, text.Start, PageSize, out ulong stubs) && Mmu.MayUse(stubs, (ulong)stubsLength);
        if (!found)
            found = _regions.TryFindFree((ulong)stubsLength, text.End, text.End + NearText, PageSize, out stubs) && Mmu.MayUse(stubs, (ulong)stubsLength);

        // Without a place nearby the calls stay traps: slower, not wrong.
        if (!found || Mmu.PatchSystemCalls(address, length, text.Protection, stubs, (ulong)stubsLength) != Errno.Success)
            return;
        Region hidden = _regions.Rent();
        hidden.CopyAttributes(new Region { Protection = Protection.Read | Protection.Execute, Kind = RegionKind.Hidden });
        hidden.Start = stubs;
        hidden.End = stubs + (ulong)stubsLength;
        _regions.Insert(hidden);
        AddTotal((ulong)stubsLength);
    }

    /// <summary>A touch of a page that is mapped: another thread was faster, unless it happens again and again.</summary>
    private Errno NoteRepeatedFault(ulong address)
    {
        if (_lastFault == address && ++_repeatedFaults > RepeatedFaultLimit)
        {
            _repeatedFaults = 0;
            return Errno.EACCES;
        }

        if (_lastFault != address)
            _repeatedFaults = 0;
        _lastFault = address;
        return Errno.Success;
    }

    private void AddTotal(ulong length)
    {
        TotalBytes += length;
        PeakBytes = Math.Max(PeakBytes, TotalBytes);
    }

    private void AddObjectUser(MemoryObject memory)
    {
        if (!_objects.TryGetValue(memory, out ObjectMapping? mapping))
        {
            mapping = new ObjectMapping(this, memory);
            _objects.Add(memory, mapping);
            memory.AddMapping(mapping);
        }

        mapping.Users++;
    }

    private void RemoveObjectUser(MemoryObject memory)
    {
        ObjectMapping mapping = _objects[memory];
        if (--mapping.Users > 0)
            return;
        _objects.Remove(memory);
        memory.RemoveMapping(mapping);
    }

    /// <summary>Hears of pages that leave an object, and unmaps them here.</summary>
    private sealed class ObjectMapping(AddressSpace space, MemoryObject memory) : IMemoryObjectMapping
    {
        public int Users { get; set; }

        public void OnPagesRemoved(long firstPage, long count)
        {
            using (space._lock.Enter())
            {
                for (int i = 0; i < space._regions.Count; i++)
                {
                    Region region = space._regions[i];
                    if (region.Memory != memory)
                        continue;
                    long regionFirst = region.PageOf(region.Start);
                    long regionEnd = regionFirst + (long)(region.Length / PageSize);
                    long first = Math.Max(firstPage, regionFirst);
                    long end = count > regionEnd - firstPage ? regionEnd : firstPage + count;
                    if (first >= end)
                        continue;
                    region.Mapped!.Clear(first - region.MappedBase, end - first);
                    space.Mmu.Unmap(region.Start + (ulong)(first - regionFirst) * PageSize, (ulong)(end - first) * PageSize);
                }
            }
        }
    }
}
