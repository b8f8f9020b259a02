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
    /// <param name="limit">Behind the last page of the text, at the first touch; else <paramref name="end"/>.</param>
    private void AccelerateSystemCalls(ICallSites sites, Region text, long first, long end, long limit)
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

        PatchSystemCalls(sites, text, AddressOf(first), (ulong)(end - first) * PageSize, stubsLength);

        int Find(long from, long to) => sites.FindSystemCalls(AddressOf(from), (ulong)(to - from) * PageSize);

        ulong AddressOf(long page) => text.Start + (ulong)(page - regionFirst) * PageSize;
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
