using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Memory;

// Cheap system calls, where the platform can make them so.
internal sealed partial class AddressSpace
{
    /// <summary>Distance that call-site stubs may have from the text: a jump's 32-bit displacement, with room to spare.</summary>
    private const ulong NearText = 0x6000_0000;

    /// <summary>How far below their text stubs are, where that place is free: beyond most of what a program maps in a row.</summary>
    private const ulong UsualDistance = 256 << 20;

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
        long version = text.Memory!.Version;
        int stubsLength = sites.FindSystemCalls(start, length);
        long regionFirst = text.PageOf(text.Start);
        long limit = PageLimit(text);
        bool isAll = first == regionFirst && end == limit;
        if (stubsLength == 0)
        {
            if (isAll)
                text.Memory.SetDerived(new PatchedText(text.Memory.CreateDerived(), regionFirst, length), version);
            return;
        }

        if (isFirstTouch && !isAll && limit - regionFirst <= LargestWholeText && Mmu.Unmap(start, length) == Errno.Success)
        {
            wholeText = new FaultWindow(text.Memory!, text.File, regionFirst, limit, IsShared: false, IsWholeText: true);
            return;
        }

        text.IsAccelerated = isAll;
        PatchSystemCalls(sites, text, start, length, stubsLength, version);
    }

    private void PatchSystemCalls(ICallSites sites, Region text, ulong address, ulong length, int stubsLength, long version)
    {
        // Without a place nearby the calls stay traps: slower, not wrong.
        if (!TryPlaceStubs(text, address, (ulong)stubsLength, out ulong stubs) ||
            sites.PatchSystemCalls(address, length, text.Protection, stubs, (ulong)stubsLength, out IPatchedSites? patched) != Errno.Success)
            return;
        AddStubs(stubs, (ulong)stubsLength, null);
        if (text.IsAccelerated)
            KeepPatched(text, address, length, stubs, (ulong)stubsLength, patched!, version);
    }

    /// <summary>
    /// Finds a place for stubs: for all texts at one distance where that is free, so that other spaces can use what is patched
    /// here (<see cref="PatchedText"/>).
    /// </summary>
    private bool TryPlaceStubs(Region text, ulong address, ulong length, out ulong stubs)
    {
        stubs = address - UsualDistance;
        if (length <= text.Length && _regions.IsFree(stubs, stubs + length) && MayUse(stubs, length))
            return true;
        ulong lowest = Math.Max(Mmu.Lowest, address > NearText ? address - NearText : 0);
        return (_regions.TryFindFree(length, lowest, text.Start, PageSize, out stubs) && MayUse(stubs, length)) ||
            (_regions.TryFindFree(length, text.End, text.End + NearText, PageSize, out stubs) && MayUse(stubs, length));
    }

    private void AddStubs(ulong stubs, ulong length, MemoryObject? pages)
    {
        Region hidden = _regions.Rent();
        hidden.CopyAttributes(new Region { Protection = Protection.Read | Protection.Execute, Kind = RegionKind.Hidden, Memory = pages });
        hidden.Start = stubs;
        hidden.End = stubs + length;
        if (pages is not null)
            AddObjectUser(pages);
        _regions.Insert(hidden);
        Count(hidden, 1);
    }

    /// <summary>Keeps a text that has been patched here for other spaces, from the second time on: most programs run alone.</summary>
    private void KeepPatched(Region text, ulong address, ulong length, ulong stubs, ulong stubsLength, IPatchedSites sites, long version)
    {
        MemoryObject memory = text.Memory!;
        if (version < 0)
            return;
        if (memory.UseDerived() is not PatchedText seen)
        {
            memory.SetDerived(new PatchedText(memory.CreateDerived()), version);
            return;
        }

        bool isKept = seen.IsComplete;
        seen.RemoveUser();
        if (isKept)
            return;
        var copy = new PatchedText(memory.CreateDerived());
        if (copy.TryFill(Mmu, text.PageOf(address), address, length, stubs, stubsLength, sites))
            memory.SetDerived(copy, version);
        else
            copy.RemoveUser();
    }

    /// <summary>Maps a text and its stubs from what another space has patched: two mappings instead of a search and many copies.</summary>
    private void TryMapPatched(ICallSites sites, Region text)
    {
        if (text.Memory!.UseDerived() is not PatchedText patched)
            return;
        if (patched.IsPlain && patched.FirstPage == text.PageOf(text.Start) && patched.TextLength == text.Length)
            MapResident(text);
        ulong stubs = text.Start + (ulong)patched.Distance;
        ulong stubsLength = patched.StubsLength;
        bool fits = patched.IsComplete && patched.FirstPage == text.PageOf(text.Start) && patched.TextLength <= text.Length &&
            patched.FirstPage + (long)(patched.TextLength / PageSize) == PageLimit(text) &&
            _regions.IsFree(stubs, stubs + stubsLength) && MayUse(stubs, stubsLength);
        if (fits && MapPatched(patched, text, stubs) == Errno.Success)
        {
            text.IsAccelerated = true;
            text.IsPatchedCopy = true;
            AddStubs(stubs, stubsLength, patched.Pages);
            sites.AddPatched(patched.Sites!, text.Start, stubs);
        }

        patched.RemoveUser();
    }

    private Errno MapPatched(PatchedText patched, Region text, ulong stubs)
    {
        Errno error = patched.Map(Mmu, 0, text.Start, patched.TextLength, text.Protection);
        if (error == Errno.Success)
            error = patched.Map(Mmu, patched.TextLength, stubs, patched.StubsLength, Protection.Read | Protection.Execute);
        if (error != Errno.Success)
        {
            Mmu.Unmap(text.Start, text.Length);
            Mmu.Unmap(stubs, patched.StubsLength);
        }

        return error;
    }

    /// <summary>Call-site stubs go with their text (dlclose).</summary>
    private void RemoveUnusedStubs()
    {
        while (Mmu.CallSites is { } sites && sites.TryTakeUnused(out ulong stubs, out ulong length))
            RemoveRegions(stubs, stubs + length, unmapInMmu: true);
    }
}
