using System;
using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.X64;
using Cloister.Platform.Paged.Memory;

namespace Cloister.Platform.Vm;

/// <summary>The memory map of the start structure (Xen's hvm_start_info, version 1).</summary>
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

    /// <summary>Finds heap and window. Runs before there is a heap.</summary>
    /// <returns>False where the boot loader has left no map, or too little memory.</returns>
    public static bool TryPlace()
    {
        Span<MemoryRange> ranges = stackalloc MemoryRange[MostRanges];
        ranges = ranges[..Read(ranges)];
        foreach (MemoryRange range in ranges)
            Map(range.End);
        return MemoryPlan.TryPlace(ranges, (ulong)CpuInstructions.GetImageEnd() - ImageBase);
    }

    /// <summary>The frames that are left.</summary>
    public static FrameTable CreateFrames()
    {
        Span<MemoryRange> ranges = stackalloc MemoryRange[MostRanges];
        return MemoryPlan.CreateFrames(ranges[..Read(ranges)]);
    }

    private static int Read(Span<MemoryRange> ranges)
    {
        byte* information = (byte*)CpuInstructions.GetMachine()->Information;
        if (*(uint*)information != Magic || *(uint*)(information + 4) == 0)
            return 0;
        ulong limit = CanMapAll() ? (ulong)MostGigabytes << GigabyteShift : MappedEnd;
        uint listed = Math.Min(*(uint*)(information + 48), MostRanges);
        int count = 0;
        for (uint i = 0; i < listed; i++)
        {
            byte* entry = information + RangesOffset + i * 24;
            ulong start = *(ulong*)entry;
            ulong length = *(ulong*)(entry + 8);
            if (*(uint*)(entry + 16) == Usable && start < limit)
                ranges[count++] = new MemoryRange(start, length > limit - start ? limit : start + length);
        }

        return count;
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
        ulong* root = (ulong*)LinearMemory.At(CpuInstructions.ReadRoot() & tableMask);
        ulong* table = (ulong*)LinearMemory.At(root[linearIndex] & tableMask);
        for (ulong at = MappedEnd; at < end; at += 1UL << GigabyteShift)
            table[at >> GigabyteShift] = at | LargePage;
    }
}
