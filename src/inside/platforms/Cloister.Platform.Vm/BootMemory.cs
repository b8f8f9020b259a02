using System;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu.X64;

namespace Cloister.Platform.Vm;

/// <summary>
/// The memory map of the start structure (Xen's hvm_start_info, version 1), and what of the memory is used for what: the image, the kernel's heap
/// behind it, the window at the end of all, frames.
/// </summary>
// SAFETY: entry code has copied the structure and at most MostRanges ranges into the image.
internal static unsafe class BootMemory
{
    private const uint Magic = 0x336e_c578;
    private const uint Usable = 1;
    private const int MostRanges = 128;
    private const int RangesOffset = 56;
    private const ulong ImageBase = 0xffff_ffff_8000_0000;

    // What entry code maps in large pages. What is above is mapped here in still larger ones, where the processor has them.
    private const ulong MappedEnd = 4UL << 30;
    private const int GigabyteShift = 30;
    private const int MostGigabytes = 512;
    private const uint ExtendedLeaf = 0x8000_0001;
    private const uint HasGigabytePages = 1 << 26;
    private const ulong LargePage = 1UL << 63 | 0x83; // not executable; present, writable, large

    private const ulong LeastHeap = 24 << 20;
    private const ulong MostHeap = 768 << 20;
    private const int HeapShare = 5;
    private const ulong LeastRange = 1 << 20;

    /// <summary>Finds heap and window. Runs before there is a heap.</summary>
    /// <returns>False where the boot loader has left no map, or too little memory.</returns>
    public static bool TryPlace(X64Machine* machine, ulong imageEnd)
    {
        byte* information = (byte*)machine->Information;
        if (*(uint*)information != Magic || *(uint*)(information + 4) == 0)
            return false;
        imageEnd = (imageEnd - ImageBase + FrameExtent.FrameSize - 1) & ~(ulong)(FrameExtent.FrameSize - 1);
        ulong total = 0, imageRangeEnd = 0;
        machine->Window = 0;
        machine->WindowSize = MachineWindow.Length;
        for (int i = 0; TryGet(machine, i, out ulong start, out ulong end); i++)
        {
            Map(end);
            total += end - start;
            if (start <= imageEnd && imageEnd < end)
                imageRangeEnd = end;
            if (end > machine->Window)
                machine->Window = end;
        }

        if (machine->Window < MachineWindow.Length || total < MachineWindow.Length + LeastHeap)
            return false;
        if (imageRangeEnd == machine->Window)
            imageRangeEnd -= MachineWindow.Length;
        machine->Window -= MachineWindow.Length;
        ulong heap = Math.Clamp((total - MachineWindow.Length) / HeapShare, LeastHeap, MostHeap) & ~(ulong)(FrameExtent.FrameSize - 1);
        if (imageRangeEnd < imageEnd + heap)
            return false;
        machine->HeapStart = (ulong)LinearMemory.At(imageEnd);
        machine->HeapSize = heap;
        return true;
    }

    /// <summary>The frames that are left.</summary>
    public static int Frames(X64Machine* machine, Span<FrameExtent> ranges)
    {
        ulong heapEnd = machine->HeapStart - LinearMemory.Start + machine->HeapSize;
        int count = 0;
        for (int i = 0; count < ranges.Length && TryGet(machine, i, out ulong start, out ulong end); i++)
        {
            if (start < heapEnd && end > heapEnd)
                start = heapEnd;
            if (end > machine->Window)
                end = machine->Window;
            if (end < heapEnd || end <= start || end - start < LeastRange)
                continue;
            start = (start + FrameExtent.FrameSize - 1) >> FrameExtent.FrameShift;
            end >>= FrameExtent.FrameShift;
            ranges[count++] = new FrameExtent((int)start, (int)(end - start));
        }

        return count;
    }

    private static bool TryGet(X64Machine* machine, int index, out ulong start, out ulong end)
    {
        byte* information = (byte*)machine->Information;
        uint count = Math.Min(*(uint*)(information + 48), MostRanges);
        start = end = 0;
        if (index >= count)
            return false;
        byte* entry = information + RangesOffset + index * 24;
        if (*(uint*)(entry + 16) != Usable)
            return true;
        start = *(ulong*)entry;
        ulong length = *(ulong*)(entry + 8);
        ulong limit = CanMapAll() ? (ulong)MostGigabytes << GigabyteShift : MappedEnd;
        if (start >= limit)
        {
            start = 0;
            return true;
        }

        end = length > limit - start ? limit : start + length;
        return true;
    }

    private static bool CanMapAll()
    {
        uint* words = stackalloc uint[4];
        X64Instructions.Identify(ExtendedLeaf, 0, (byte*)words);
        return (words[3] & HasGigabytePages) != 0;
    }

    /// <summary>Sees that memory up to an address is in the linear map, whose second level is the one that the first level's entry names.</summary>
    private static void Map(ulong end)
    {
        const int linearIndex = 256;
        const ulong tableMask = ~(ulong)(FrameExtent.FrameSize - 1);
        ulong* root = (ulong*)LinearMemory.At(X64Instructions.ReadRoot() & tableMask);
        ulong* table = (ulong*)LinearMemory.At(root[linearIndex] & tableMask);
        for (ulong at = MappedEnd; at < end; at += 1UL << GigabyteShift)
            table[at >> GigabyteShift] = at | LargePage;
    }
}
