using System.Runtime.CompilerServices;

namespace Cloister.Runtime.Boards;

/// <summary>Where the program lies in memory.</summary>
internal static unsafe class Image
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetStart();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetEnd();

    /// <summary>
    /// The largest part of a range of memory that neither the image with its stack nor the information of the boot loader takes.
    /// </summary>
    public static void HeapAfter(ulong address, ulong size, byte* information, ulong informationSize, out byte* start, out nint length)
    {
        // Nothing lies at the start of memory: a reference to it would be null.
        ulong low = address < 1 << 21 ? 1 << 21 : address;
        ulong end = address + size;
        Largest(low, end, (ulong)GetStart(), (ulong)GetEnd(), out ulong first, out ulong last);
        if (informationSize != 0)
            Largest(first, last, (ulong)information, (ulong)information + informationSize, out first, out last);
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
