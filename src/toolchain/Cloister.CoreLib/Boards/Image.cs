using System.Runtime.CompilerServices;

namespace Cloister.Runtime.Boards;

/// <summary>Where the program lies in memory.</summary>
// SAFETY: addresses are numbers here; the linker script defines the image's.
internal static unsafe class Image
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetStart();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetEnd();

    /// <summary>
    /// The larger part of a range of memory without the image and its stack. What the boot loader left is in it, and lost once the heap is in use.
    /// </summary>
    public static void HeapAfter(ulong address, ulong size, out byte* start, out nint length)
    {
        // Nothing lies at the start of memory: a reference to it would be null.
        ulong low = address < 1 << 21 ? 1 << 21 : address;
        ulong end = size > ulong.MaxValue - address ? ulong.MaxValue : address + size;
        Largest(low, end, (ulong)GetStart(), (ulong)GetEnd(), out ulong first, out ulong last);
        first = (first + 4095) & ~4095ul;
        start = (byte*)first;
        length = last > first ? (nint)(last - first) : 0;
    }

    // The larger part of a range without another range.
    private static void Largest(ulong first, ulong last, ulong without, ulong withoutEnd, out ulong resultFirst, out ulong resultLast)
    {
        resultFirst = first;
        resultLast = last;
        if (withoutEnd <= first || without >= last)
            return;
        if (last > withoutEnd && (without <= first || last - withoutEnd >= without - first))
            resultFirst = withoutEnd;
        else
            resultLast = without < first ? first : without;
    }
}
