using System;

namespace Cloister.Crypto;

/// <summary>
/// Multiplication of points by secret scalars: windows of four bits, each looked up by reading its whole table.
/// </summary>
internal static class ScalarMultiplication
{
    private const int WindowSize = 16;
    private const int WindowsPerWord = 16;

    /// <summary>The point times the scalar, given as words, the lowest first.</summary>
    public static TPoint Multiply<TPoint, TWord>(in TPoint point, ReadOnlySpan<TWord> scalar)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        Span<TPoint> table = stackalloc TPoint[WindowSize];
        FillWindow<TPoint, TWord>(point, table);
        TPoint result = TPoint.Identity;
        for (int window = scalar.Length * WindowsPerWord - 1; window >= 0; window--)
        {
            result = TPoint.Double(result);
            result = TPoint.Double(result);
            result = TPoint.Double(result);
            result = TPoint.Double(result);
            result += Look(table, Digit(scalar, window));
        }

        table.Clear();
        return result;
    }

    /// <summary>Multiples of a base point for all windows of scalars of a number of words: a public table.</summary>
    public static TPoint[] BaseTable<TPoint, TWord>(TPoint point, int words)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        var table = new TPoint[words * WindowsPerWord * WindowSize];
        for (int at = 0; at < table.Length; at += WindowSize)
        {
            Span<TPoint> window = table.AsSpan(at, WindowSize);
            FillWindow<TPoint, TWord>(point, window);
            point = window[WindowSize - 1] + point;
        }

        return table;
    }

    /// <summary>The base point of a table times the scalar: additions alone.</summary>
    public static TPoint MultiplyBase<TPoint, TWord>(ReadOnlySpan<TPoint> table, ReadOnlySpan<TWord> scalar)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        TPoint result = TPoint.Identity;
        for (int window = 0; window < scalar.Length * WindowsPerWord; window++)
            result += Look(table.Slice(window * WindowSize, WindowSize), Digit(scalar, window));
        return result;
    }

    private static void FillWindow<TPoint, TWord>(in TPoint point, Span<TPoint> window)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        window[0] = TPoint.Identity;
        for (int i = 1; i < window.Length; i++)
            window[i] = window[i - 1] + point;
    }

    private static TWord Digit<TWord>(ReadOnlySpan<TWord> scalar, int window)
        where TWord : unmanaged, IWord64<TWord> =>
        (scalar[window / WindowsPerWord] >>> (window % WindowsPerWord * 4)) & TWord.Constant(WindowSize - 1);

    private static TPoint Look<TPoint, TWord>(ReadOnlySpan<TPoint> window, TWord digit)
        where TPoint : unmanaged, IGroupPoint<TPoint, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        TPoint found = window[0];
        for (int i = 1; i < window.Length; i++)
        {
            // Zero less one borrows from the top bit; no other difference of digits does.
            TWord isHere = TWord.Constant(0) - (((digit ^ TWord.Constant((ulong)i)) - TWord.Constant(1)) >>> 63);
            found = TPoint.Select(isHere, window[i], found);
        }

        return found;
    }
}
