using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Processes;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Memory;

// Pages come in when they are touched.
internal sealed partial class AddressSpace
{
    /// <summary>
    /// Most pages of text mapped around a touched one. A fault costs as much as bringing in some 20 pages, and programs
    /// use a part of their text only (measured with python3, whose start was slower with 16 and with 512).
    /// </summary>
    private const int FaultAround = 64;

    /// <summary>Most runs of adjacent frames that are mapped ahead.</summary>
    private const int RunsAhead = 2;

    /// <summary>stack_guard_gap of Linux: a stack doesn't grow closer to what is below it.</summary>
    private const ulong StackGap = 256 * PageSize;

    /// <summary>What a stack grows by, where it may: a page at a time, each would cost a trap.</summary>
    private const ulong StackStep = 256 * PageSize;

    private ulong _stackLimit = 8 << 20;
    private ulong _sizeLimit = ulong.MaxValue;

    /// <summary>Sets what stacks may grow to: a touch has no caller whose limits could be asked.</summary>
    public void SetLimits(ResourceLimits limits)
    {
        using (_lock.Enter())
        {
            _stackLimit = limits[ResourceLimits.Stack].Soft;
            _sizeLimit = limits[ResourceLimits.AddressSpace].Soft;
        }
    }

    /// <summary>
    /// Handles a touch of a page that isn't mapped or not with that right.
    /// </summary>
    /// <returns>Success: try again. Otherwise EFAULT for no mapping (SEGV_MAPERR), EACCES for no right (SEGV_ACCERR), EIO behind
    /// the end of a file (SIGBUS), ENOMEM where no frame is left, ENOBUFS where the platform can hold no more mappings.</returns>
    public Errno ResolveFault(ulong address, bool isWrite, bool isExecute)
    {
        LockOrder.AssertMayWait(WaitKinds.UserPage);
        FaultWindow window;
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address) ?? GrowStack(address);
            if (region is null || region.Kind == RegionKind.Hidden)
                return Errno.EFAULT;
            // What can be written or executed can be read on most machines; where not, the MMU says so.
            Protection allowed = isExecute ? Protection.Execute : isWrite ? Protection.Write : AllRights;
            if ((region.Protection & allowed) == 0)
                return Errno.EACCES;
            Errno error = Mmu.ResolveFault(address, isWrite, isExecute);
            if (error == Errno.EACCES && region.Protection != Protection.Execute)
                return Mmu.Protect(address & ~(PageSize - 1), PageSize, region.Protection); // left behind by a call that failed half-way
            if (error != Errno.EFAULT || !region.IsPaged)
                return error;
            error = FindWindow(region, address, out window);
            if (error != Errno.Success)
                return error;
            Hold(window);
        }

        return BringIn(window, address);
    }

    /// <summary>Brings pages of a range in ahead of their use: MAP_POPULATE, mlock, MADV_POPULATE_*.</summary>
    /// <returns>ENOMEM where a part isn't mapped or no frame is left, EFAULT where there is no right, EIO behind the end of a file.</returns>
    public Errno Populate(ulong address, ulong length, bool write)
    {
        ulong end = address + length;
        ulong at = address;
        while (at < end)
        {
            FaultWindow window;
            using (_lock.Enter())
            {
                Region? region = _regions.Find(at);
                if (region is null)
                    return Errno.ENOMEM;
                if (region.Protection == Protection.None || (write && (region.Protection & Protection.Write) == 0))
                    return Errno.EFAULT;
                ulong until = Math.Min(end, region.End);
                bool isMapped = Mmu.TryFindMapped(at, until, out PageRun run) && run.Start == at;
                if (isMapped || !region.IsPaged)
                {
                    ulong next = isMapped ? run.End : until;
                    Errno prefaulted = Mmu.Prefault(at, next - at, write || region.IsData);
                    if (prefaulted != Errno.Success)
                        return prefaulted;
                    at = next;
                    continue;
                }

                Errno found = FindWindow(region, at, out window);
                if (found != Errno.Success)
                    return found;
                Hold(window);
            }

            Errno error = BringIn(window, at);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Pages to be mapped together.</summary>
    private readonly record struct FaultWindow(MemoryObject Memory, FileBacking? File, long First, long End, bool IsShared, bool IsWholeText = false);

    /// <summary>The pages around a touched one that are not mapped, as many as are worth it.</summary>
    private Errno FindWindow(Region region, ulong address, out FaultWindow window)
    {
        window = default;
        long touched = region.PageOf(address);
        long regionFirst = region.PageOf(region.Start);
        long limit = PageLimit(region);
        if (touched >= limit)
            return Errno.EIO;
        bool isText = IsText(region);
        long first = Math.Max(regionFirst, touched - (isText ? FaultAround / 4 : FaultAround / 8));
        ulong touchedStart = address & ~(PageSize - 1);
        for (ulong at = AddressOf(region, first); Mmu.TryFindMapped(at, touchedStart, out PageRun before); at = before.End)
            first = region.PageOf(before.End);
        long end = Math.Min(limit, first + (isText ? FaultAround : FaultAround / 2));
        end = Math.Max(end, touched + 1);
        if (Mmu.TryFindMapped(touchedStart + PageSize, AddressOf(region, end), out PageRun after))
            end = region.PageOf(after.Start);
        window = new FaultWindow(region.Memory!, region.File, first, end, region.IsShared);
        return Errno.Success;
    }

    private static bool IsText(Region region) =>
        (region.Protection & (Protection.Execute | Protection.Write)) == Protection.Execute && !region.IsShared;

    private static ulong AddressOf(Region region, long page) => region.Start + (ulong)(page - region.PageOf(region.Start)) * PageSize;

    /// <summary>First page behind what a region shows of its object.</summary>
    private static long PageLimit(Region region)
    {
        long limit = region.PageOf(region.End);
        long end = Math.Min(limit, region.Memory!.MostPages);
        return region.File is null ? end : Math.Min(end, (region.File.File.Length + (long)PageSize - 1) / (long)PageSize);
    }

    /// <summary>Keeps what a window needs, while the lock isn't held.</summary>
    private static void Hold(in FaultWindow window)
    {
        window.Memory.AddUser();
        window.File?.Hold();
    }

    /// <summary>Reads the pages of a window, without the lock since that may take long, and maps them.</summary>
    private Errno BringIn(in FaultWindow window, ulong address)
    {
        Errno filled = Errno.Success;
        for (long page = window.First; filled == Errno.Success && page < window.End;)
        {
            filled = window.Memory.Populate(page, (int)(window.End - page), out int count);
            page += count;
        }

        // Where the space has changed meanwhile, or another thread was faster, the next touch tells.
        Errno error = Errno.Success;
        FaultWindow wholeText = default;
        using (_lock.Enter())
        {
            Region? region = _regions.Find(address);
            bool isSame = region is not null && region.Memory == window.Memory && region.IsShared == window.IsShared && region.Protection != Protection.None;
            if (isSame && !IsMapped(address))
            {
                error = MapWindow(region!, address, window, out wholeText);
                if (wholeText.IsWholeText)
                    Hold(wholeText);
                else if (error == Errno.Success && !IsMapped(address))
                    error = filled;
            }
        }

        window.Memory.RemoveUser();
        window.File?.Release();
        return wholeText.IsWholeText ? BringIn(wholeText, address) : error;
    }

    private bool IsMapped(ulong address)
    {
        ulong page = address & ~(PageSize - 1);
        return Mmu.TryFindMapped(page, page + PageSize, out _);
    }

    /// <summary>Maps the pages around a touched one; most of them are resident.</summary>
    /// <param name="region">The region.</param>
    /// <param name="address">What was touched.</param>
    /// <param name="window">What has been brought in.</param>
    /// <param name="wholeText">What is to be brought in and mapped instead, where there are system calls to be made cheap.</param>
    private Errno MapWindow(Region region, ulong address, in FaultWindow window, out FaultWindow wholeText)
    {
        wholeText = default;
        Errno error = FindWindow(region, address, out FaultWindow now);
        if (error != Errno.Success)
            return error;
        bool isText = IsText(region) && !region.IsAccelerated && !KeepsText && Mmu.CallSites is not null;
        bool isFirstTouch = isText && !Mmu.TryFindMapped(region.Start, region.End, out _);
        bool isWhole = isFirstTouch && window.IsWholeText;
        long touched = region.PageOf(address);
        long first = isWhole ? Math.Max(region.PageOf(region.Start), window.First) : Math.Max(now.First, window.First);
        long end = Math.Min(isWhole ? PageLimit(region) : now.End, window.End);
        if (touched < first || touched >= end)
            return Errno.Success;
        error = MapPages(region, first, end, out long mappedEnd);
        if (error != Errno.Success)
            return mappedEnd > touched ? Errno.Success : error;
        if (isText && mappedEnd > first)
            AccelerateSystemCalls(Mmu.CallSites!, region, first, mappedEnd, isFirstTouch && !isWhole, out wholeText);
        return Errno.Success;
    }

    /// <summary>
    /// Maps what a program is about to touch, where that is cheap: a fault costs more than the host's mapping of some pages
    /// that are there already. What isn't mapped here comes in by faults.
    /// </summary>
    private void MapAhead(Region region)
    {
        if (Mmu.CallSites is { } sites && IsText(region) && !KeepsText)
            TryMapPatched(sites, region);
        else
            MapResident(region);
    }

    private void MapResident(Region region)
    {
        long first = region.PageOf(region.Start);
        long end = Math.Min(PageLimit(region), first + FaultAround);
        for (int runs = 0; runs < RunsAhead && first < end; runs++)
        {
            if (MapRun(region, ref first, end, mayStore: false) != Errno.Success)
                return;
        }
    }

    /// <summary>
    /// Maps pages of the object that are resident and not mapped. One that has left again, for lack of memory, ends it: the
    /// next touch brings it in.
    /// </summary>
    private Errno MapPages(Region region, long first, long end, out long mappedEnd)
    {
        bool mayStore = region.IsShared && (region.MostProtection & Protection.Write) != 0;
        mappedEnd = first;
        while (mappedEnd < end)
        {
            Errno error = MapRun(region, ref mappedEnd, end, mayStore);
            if (error == Errno.ENODATA)
                break;
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Maps resident pages whose frames are adjacent.</summary>
    /// <returns>ENODATA where the first isn't resident.</returns>
    private Errno MapRun(Region region, ref long first, long end, bool mayStore)
    {
        MemoryObject memory = region.Memory!;
        if (!memory.TryPin(first, (int)(end - first), mayStore, out FrameExtent run, out int pin))
            return Errno.ENODATA;
        Errno error = Mmu.MapFrames(AddressOf(region, first), run, region.Protection, copyOnWrite: !region.IsShared);
        memory.Unpin(pin);
        if (error == Errno.Success)
            first += run.Count;
        return error;
    }

    /// <summary>Makes the stack above an address larger (expand_stack of Linux).</summary>
    /// <returns>The stack, if the address is now within it.</returns>
    private Region? GrowStack(ulong address)
    {
        int index = _regions.FirstEndingAfter(address);
        if (index == _regions.Count || !_regions[index].GrowsDown)
            return null;
        Region stack = _regions[index];
        ulong needed = address & ~(PageSize - 1);
        ulong lowest = stack.End > _stackLimit ? stack.End - (_stackLimit & ~(PageSize - 1)) : 0;
        ulong below = index == 0 ? Mmu.Lowest : _regions[index - 1].End + (_regions[index - 1].Protection == Protection.None ? 0 : StackGap);
        lowest = Math.Max(lowest, below);
        if (needed < lowest || TotalBytes + (stack.Start - needed) > _sizeLimit)
            return null;
        ulong start = Math.Max(lowest, Math.Min(needed, stack.Start - Math.Min(StackStep, stack.Start)));
        if (TotalBytes + (stack.Start - start) > _sizeLimit)
            start = needed;
        if (!MayUse(start, stack.Start - start) ||
            Mmu.MapAnonymous(start, stack.Start - start, stack.Protection, isPromised: !stack.IsUnreserved) != Errno.Success)
            return null;
        Count(stack, -1);
        stack.Start = start;
        Count(stack, 1);
        return stack;
    }
}
