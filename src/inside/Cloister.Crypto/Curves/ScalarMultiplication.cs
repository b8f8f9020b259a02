using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>
/// Multiplication of points by secret scalars: signed windows of some bits, each looked up by reading its whole table.
/// </summary>
/// <remarks>
/// A. Booth, "A signed binary multiplication technique" (1951): with the bit below it, a window of five bits becomes a digit between
/// -16 and 16, so that a table needs the multiples 1 to 16 alone. Of base points, whose tables are made once, windows are a bit wider:
/// that saves every sixth addition, and reading twice as much costs less.
/// </remarks>
internal static class ScalarMultiplication
{
    private const int WindowBits = 5;
    private const int BaseWindowBits = 6;

    /// <summary>The point times the scalar, given as words, the lowest first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static TPoint Multiply<TPoint, TWord>(in TPoint point, ReadOnlySpan<TWord> scalar)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        Span<TPoint> table = stackalloc TPoint[WindowSize(WindowBits)];
        FillWindow<TPoint, TWord>(point, table);
        TPoint result = TPoint.Identity;
        for (int window = Windows(scalar.Length, WindowBits) - 1; window >= 0; window--)
        {
            for (int i = 0; i < WindowBits; i++)
                result = TPoint.Double(result);
            result += Look(table, scalar, window, WindowBits);
        }

        table.Clear();
        return result;
    }

    /// <summary>Multiples of a base point for all windows of scalars of a number of words: a public table.</summary>
    public static TPoint[] BaseTable<TPoint, TWord>(TPoint point, int words)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        int size = WindowSize(BaseWindowBits);
        var table = new TPoint[Windows(words, BaseWindowBits) * size];
        for (int at = 0; at < table.Length; at += size)
        {
            Span<TPoint> window = table.AsSpan(at, size);
            FillWindow<TPoint, TWord>(point, window);
            point = TPoint.Double(window[size - 1]);
        }

        return table;
    }

    /// <summary>The base point of a table times the scalar: additions alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static TPoint MultiplyBase<TPoint, TWord>(ReadOnlySpan<TPoint> table, ReadOnlySpan<TWord> scalar)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        TPoint result = TPoint.Identity;
        for (int window = 0; window < Windows(scalar.Length, BaseWindowBits); window++)
            result += Look(table.Slice(window * WindowSize(BaseWindowBits), WindowSize(BaseWindowBits)), scalar, window, BaseWindowBits);
        return result;
    }

    // One bit more than the scalar has, so that the last digit isn't negative.
    private static int Windows(int words, int bits) => (words * 64 + bits) / bits;

    private static int WindowSize(int bits) => 1 << (bits - 1);

    private static void FillWindow<TPoint, TWord>(in TPoint point, Span<TPoint> window)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        window[0] = point;
        for (int i = 1; i < window.Length; i++)
            window[i] = window[i - 1] + point;
    }

    // The window's bits with the one below.
    private static TWord Bits<TWord>(ReadOnlySpan<TWord> scalar, int window, int count)
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord mask = TWord.Constant((2UL << count) - 1);
        int position = window * count - 1;
        if (position < 0)
            return (scalar[0] << 1) & mask;
        int word = position / 64;
        int shift = position % 64;
        TWord bits = scalar[word] >>> shift;
        if (shift > 64 - count - 1 && word + 1 < scalar.Length)
            bits |= scalar[word + 1] << (64 - shift);
        return bits & mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TPoint Look<TPoint, TWord>(ReadOnlySpan<TPoint> table, ReadOnlySpan<TWord> scalar, int window, int count)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord bits = Bits(scalar, window, count);
        // The top bit is negative: -32 of five bits. Everything is rounded up to even and halved.
        TWord isNegative = TWord.Constant(0) - (bits >>> count);
        TWord magnitude = (bits & ~isNegative) | ((TWord.Constant((2UL << count) - 1) - bits) & isNegative);
        magnitude = (magnitude >>> 1) + (magnitude & TWord.Constant(1));

        TPoint found = TPoint.Identity;
        if (typeof(TWord) == typeof(Word64) && Vector128.IsHardwareAccelerated)
        {
            LookByVectors(table, magnitude, ref found);
        }
        else
        {
            for (int i = 0; i < table.Length; i++)
                found = TPoint.Select(Equal(magnitude, i + 1), table[i], found);
        }

        return TPoint.Select(isNegative, TPoint.Negate(found), found);
    }

    // The same with vectors, which the JIT doesn't make by itself: a point's size is a multiple of 16 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LookByVectors<TPoint, TWord>(ReadOnlySpan<TPoint> table, TWord magnitude, ref TPoint found)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        Span<Vector128<ulong>> result = MemoryMarshal.Cast<TPoint, Vector128<ulong>>(new Span<TPoint>(ref found));
        Vector128<ulong> digit = Vector128.Create(MemoryMarshal.Cast<TWord, ulong>(new ReadOnlySpan<TWord>(in magnitude))[0]);
        ReadOnlySpan<Vector128<ulong>> entries = MemoryMarshal.Cast<TPoint, Vector128<ulong>>(table);
        for (int part = 0; part < result.Length; part++)
        {
            Vector128<ulong> taken = result[part];
            Vector128<ulong> value = Vector128<ulong>.One;
            for (int at = part; at < entries.Length; at += result.Length)
            {
                taken = Vector128.ConditionalSelect(Vector128.Equals(digit, value), entries[at], taken);
                value += Vector128<ulong>.One;
            }

            result[part] = taken;
        }
    }

    // Zero less one borrows from the top bit; no other difference of digits does.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWord Equal<TWord>(TWord digit, int value)
        where TWord : unmanaged, IWord64<TWord> =>
        TWord.Constant(0) - (((digit ^ TWord.Constant((ulong)value)) - TWord.Constant(1)) >>> 63);
}
