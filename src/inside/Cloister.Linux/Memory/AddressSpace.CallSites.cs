using System;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// Cheap system calls, where the platform can make them so.
internal sealed partial class AddressSpace
{
    /// <summary>Distance that call-site stubs may have from the text: a jump's 32-bit displacement, with room to spare.</summary>
    private const ulong NearText = 0x6000_0000;

    /// <summary>Most pages of text that are searched for system calls as a whole (4 MiB).</summary>
    private const long LargestWholeText = 1024;

    /// <summary>
    /// Makes the system calls of freshly mapped text cheap. A library's text that has some is mapped and searched as a
    /// whole at the first touch: so all branches in it are seen, and it is faulted in once.
    /// </summary>
    /// <param name="sites">The platform's part.</param>
    /// <param name="text">The region.</param>
    /// <param name="first">First page that was mapped.</param>
    /// <param name="end">Behind the last page that was mapped.</param>
    /// <param name="isFirstTouch">Whether nothing else of it is mapped.</param>
    /// <param name="wholeText">What is to be brought in and mapped instead; then nothing of the text is mapped any more.</param>
    private void AccelerateSystemCalls(ICallSites sites, Region text, long first, long end, bool isFirstTouch, out FaultWindow wholeText)
    {
        wholeText = default;
        ulong start = AddressOf(text, first);
        ulong length = (ulong)(end - first) * PageSize;
        int stubsLength = sites.FindSystemCalls(start, length);
        if (stubsLength == 0)
            return;
        long regionFirst = text.PageOf(text.Start);
        long limit = PageLimit(text);
        bool isAll = first == regionFirst && end == limit;
        if (isFirstTouch && !isAll && limit - regionFirst <= LargestWholeText && Mmu.Unmap(start, length) == Errno.Success)
        {
            wholeText = new FaultWindow(text.Memory!, text.File, regionFirst, limit, IsShared: false, IsWholeText: true);
            return;
        }

        text.IsAccelerated = isAll;
        PatchSystemCalls(sites, text, start, length, stubsLength);
    }

    private void PatchSystemCalls(ICallSites sites, Region text, ulong address, ulong length, int stubsLength)
    {
        ulong lowest = Math.Max(Mmu.Lowest, address > NearText ? address - NearText : 0);
        bool found = _regions.TryFindFree((ulong)stubsLength, lowest, text.Start, PageSize, out ulong stubs) && MayUse(stubs, (ulong)stubsLength);
        if (!found)
            found = _regions.TryFindFree((ulong)stubsLength, text.End, text.End + NearText, PageSize, out stubs) && MayUse(stubs, (ulong)stubsLength);

        // Without a place nearby the calls stay traps: slower, not wrong.
        if (!found || sites.PatchSystemCalls(address, length, text.Protection, stubs, (ulong)stubsLength) != Errno.Success)
            return;
        Region hidden = _regions.Rent();
        hidden.CopyAttributes(new Region { Protection = Protection.Read | Protection.Execute, Kind = RegionKind.Hidden });
        hidden.Start = stubs;
        hidden.End = stubs + (ulong)stubsLength;
        _regions.Insert(hidden);
        Count(hidden, 1);
    }

    /// <summary>Call-site stubs go with their text (dlclose).</summary>
    private void RemoveUnusedStubs()
    {
        while (Mmu.CallSites is { } sites && sites.TryTakeUnused(out ulong stubs, out ulong length))
            RemoveRegions(stubs, stubs + length, unmapInMmu: true);
    }
}
