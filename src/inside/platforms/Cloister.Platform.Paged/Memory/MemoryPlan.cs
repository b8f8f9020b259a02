using System;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

/// <summary>A range of the machine's memory.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
public readonly record struct MemoryRange(ulong Start, ulong End);

/// <summary>What of a machine's memory is used for what: the image, the kernel's heap behind it, the window at the end of all, frames.</summary>
// SAFETY: the machine's block is a variable of the image.
public static unsafe class MemoryPlan
{
    /// <summary>Bytes of the smallest heap that the kernel works with.</summary>
    public const ulong LeastHeap = 24 << 20;

    private const ulong MostHeap = 768 << 20;
    private const int HeapShare = 5;
    private const ulong LeastRange = 1 << 20;
    private const ulong PageMask = FrameExtent.FrameSize - 1;

    /// <summary>Finds heap and window. Runs before there is a heap.</summary>
    /// <param name="ranges">The memory.</param>
    /// <param name="imageEnd">Where the image ends in it.</param>
    /// <returns>False where there is too little.</returns>
    public static bool TryPlace(ReadOnlySpan<MemoryRange> ranges, ulong imageEnd)
    {
        MachineState* machine = CpuInstructions.GetMachine();
        imageEnd = (imageEnd + PageMask) & ~PageMask;
        ulong total = 0, imageRangeEnd = 0;
        machine->Window = 0;
        machine->WindowSize = MachineWindow.Length;
        foreach (MemoryRange range in ranges)
        {
            total += range.End - range.Start;
            if (range.Start <= imageEnd && imageEnd < range.End)
                imageRangeEnd = range.End;
            if (range.End > machine->Window)
                machine->Window = range.End;
        }

        if (machine->Window < MachineWindow.Length || total < MachineWindow.Length + LeastHeap)
            return false;
        if (imageRangeEnd == machine->Window)
            imageRangeEnd -= MachineWindow.Length;
        machine->Window -= MachineWindow.Length;
        ulong heap = HeapOf(total - MachineWindow.Length);
        if (imageRangeEnd < imageEnd + heap)
            return false;
        machine->HeapStart = (ulong)LinearMemory.At(imageEnd);
        machine->HeapSize = heap;
        return true;
    }

    /// <summary>Bytes of the kernel's heap where it has so much memory: a fifth, within bounds, in whole pages.</summary>
    public static ulong HeapOf(ulong memory) => Math.Clamp(memory / HeapShare, LeastHeap, MostHeap) & ~PageMask;

    /// <summary>The frames that are left.</summary>
    public static FrameTable CreateFrames(ReadOnlySpan<MemoryRange> ranges)
    {
        const int most = 8;
        Span<FrameExtent> extents = stackalloc FrameExtent[most];
        MachineState* machine = CpuInstructions.GetMachine();
        ulong heapEnd = machine->HeapStart - LinearMemory.Start + machine->HeapSize;
        int count = 0;
        foreach (MemoryRange range in ranges)
        {
            (ulong start, ulong end) = (range.Start, range.End);
            if (start < heapEnd && end > heapEnd)
                start = heapEnd;
            if (end > machine->Window)
                end = machine->Window;
            if (end < heapEnd || end <= start || end - start < LeastRange || count == most)
                continue;
            start = (start + PageMask) >> FrameExtent.FrameShift;
            end >>= FrameExtent.FrameShift;
            extents[count++] = new FrameExtent((int)start, (int)(end - start));
        }

        return new FrameTable(extents[..count]);
    }
}
