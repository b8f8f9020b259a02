using System;
using System.Numerics;

namespace Cloister.Runtime;

/// <summary>How long collections took. Pauses are counted in classes, four for each doubling, so that the median costs no memory.</summary>
// SAFETY: ClassOf gives an index below ClassCount, and loops end there.
internal static unsafe class CollectorStatistics
{
    private const int ClassCount = 160;

    private static Classes s_classes;
    private static long s_longest;
    private static long s_total;
    private static int s_count;

    private struct Classes
    {
        public fixed int Counts[ClassCount];
    }

    /// <summary>Nanoseconds of all collections.</summary>
    public static long TotalPause => s_total;

    /// <param name="pause">Nanoseconds.</param>
    public static void Add(long pause)
    {
        s_count++;
        s_total += pause;
        if (pause > s_longest)
            s_longest = pause;
        s_classes.Counts[ClassOf((ulong)pause)]++;
    }

    // The exponent and the two bits below the leading one; below 4 the value itself.
    private static int ClassOf(ulong pause)
    {
        if (pause < 4)
            return (int)pause;
        int exponent = BitOperations.Log2(pause);
        int index = exponent * 4 + (int)(pause >> exponent - 2 & 3);
        return index < ClassCount ? index : ClassCount - 1;
    }

    /// <summary>Nanoseconds that half of the pauses don't exceed, by less than a quarter too many.</summary>
    private static long Median()
    {
        int seen = 0;
        for (int i = 0; i < ClassCount; i++)
        {
            seen += s_classes.Counts[i];
            if (seen * 2 >= s_count)
                return Math.Min(s_longest, i < 4 ? i : ((long)(5 + i % 4) << i / 4 - 2) - 1);
        }

        return s_longest;
    }

    /// <summary>Collects once more and prints the figures to standard error.</summary>
    public static void Print()
    {
        Collector.Collect();
        Console.UseErrors();
        Console.WriteLine("Collections: " + s_count + ", " + Collector.TotalAllocatedBytes + " bytes allocated, " + Collector.LiveBytes +
            " bytes live in " + Collector.LiveObjects + " objects at the end.");
        Console.WriteLine("Pauses: longest " + s_longest / 1000 + " us, median " + Median() / 1000 + " us, all " + s_total / 1000 + " us.");
    }
}
