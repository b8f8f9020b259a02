using System;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>All physical memory, which entry code has mapped in one piece.</summary>
// SAFETY: a frame's number is that of its physical page; the callers' come from FrameTable, which has them from the memory map.
public static unsafe class LinearMemory
{
    /// <summary>Where physical address 0 is mapped.</summary>
    public static ulong Start => CpuInstructions.GetLinearStart();

    /// <summary>The address of a physical one.</summary>
    public static byte* At(ulong physical) => (byte*)(Start + physical);

    /// <summary>The first byte of a frame.</summary>
    public static byte* Frame(int frame) => (byte*)(Start + ((ulong)(uint)frame << FrameExtent.FrameShift));

    /// <summary>The physical address of a frame.</summary>
    public static ulong PhysicalOf(int frame) => (ulong)(uint)frame << FrameExtent.FrameShift;

    /// <summary>The bytes of frames.</summary>
    public static Span<byte> Bytes(FrameExtent extent) => new(Frame(extent.First), (int)extent.Length);

    /// <summary>Zeroes frames.</summary>
    public static void Clear(FrameExtent extent)
    {
        for (int i = 0; i < extent.Count; i++)
            CpuInstructions.ClearPage(Frame(extent.First + i));
    }

    /// <summary>Copies a frame.</summary>
    public static void Copy(int to, int from) => CpuInstructions.CopyPage(Frame(to), Frame(from));
}
