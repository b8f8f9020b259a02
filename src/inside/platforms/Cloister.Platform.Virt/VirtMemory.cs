using System;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Memory;
using Cloister.Runtime.Boards;

namespace Cloister.Platform.Virt;

/// <summary>What the device tree says. It is read before there is a heap, and before frames are given out: it lies in memory that they are in.</summary>
// SAFETY: entry code keeps the tree's address, and maps all memory.
internal static unsafe class VirtMemory
{
    private const int MostRanges = 8;
    private const ulong Image = 0xffff_ffff_8020_0000;

    /// <summary>Where firmware loads the image.</summary>
    public const ulong ImagePlace = 0x8020_0000;

    // Entry code maps so much.
    private const ulong MappedEnd = 128UL << 30;

    /// <summary>The tree.</summary>
    public static DeviceTree Tree => new(LinearMemory.At(CpuInstructions.GetMachine()->Information));

    /// <summary>Finds heap and window.</summary>
    /// <returns>False where there is no tree, or too little memory.</returns>
    public static bool TryPlace()
    {
        Span<MemoryRange> ranges = stackalloc MemoryRange[MostRanges];
        return MemoryPlan.TryPlace(ranges[..Read(ranges)], (ulong)CpuInstructions.GetImageEnd() - Image + ImagePlace);
    }

    /// <summary>The frames that are left.</summary>
    public static FrameTable CreateFrames()
    {
        Span<MemoryRange> ranges = stackalloc MemoryRange[MostRanges];
        return MemoryPlan.CreateFrames(ranges[..Read(ranges)]);
    }

    private static int Read(Span<MemoryRange> ranges)
    {
        DeviceTree tree = Tree;
        if (!tree.IsValid)
            return 0;
        int count = 0;
        uint place = 0;
        while (count < ranges.Length && tree.NextMemory(ref place, out ulong start, out ulong size))
        {
            if (start < MappedEnd && size > 0)
                ranges[count++] = new MemoryRange(start, size > MappedEnd - start ? MappedEnd : start + size);
        }

        return count;
    }
}
