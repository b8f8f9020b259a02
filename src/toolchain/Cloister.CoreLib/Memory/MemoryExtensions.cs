using System.Collections.Generic;

namespace System;

public static partial class MemoryExtensions
{
    private const int SearchedPiece = 64;

    public static Span<T> AsSpan<T>(this T[]? array) => new(array);

    public static Span<T> AsSpan<T>(this T[]? array, int start) => new(array, start, (array?.Length ?? 0) - start);

    public static Span<T> AsSpan<T>(this T[]? array, int start, int length) => new(array, start, length);

    public static ReadOnlySpan<char> AsSpan(this string? text) => text is null ? default : text.Writable;

    public static ReadOnlySpan<char> AsSpan(this string? text, int start) => text.AsSpan().Slice(start);

    public static ReadOnlySpan<char> AsSpan(this string? text, int start, int length) => text.AsSpan().Slice(start, length);

    public static void CopyTo<T>(this T[]? source, Span<T> destination) => new ReadOnlySpan<T>(source).CopyTo(destination);

    public static bool SequenceEqual<T>(this Span<T> span, ReadOnlySpan<T> other) => ((ReadOnlySpan<T>)span).SequenceEqual(other);

    // SAFETY: both spans have the length that was compared; values are compared as bytes only where equal values have equal bytes.
    public static unsafe bool SequenceEqual<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other)
    {
        if (span.Length != other.Length)
            return false;
        if (Runtime.CompilerServices.RuntimeHelpers.IsBitwiseEquatable<T>())
            return Cloister.Runtime.Words.AreEqual((byte*)Runtime.CompilerServices.Unsafe.AsPointer(ref span.Reference),
                (byte*)Runtime.CompilerServices.Unsafe.AsPointer(ref other.Reference), (ulong)span.Length * (ulong)sizeof(T));
        for (int i = 0; i < span.Length; i++)
            if (!EqualityComparer<T>.Default.Equals(span[i], other[i]))
                return false;
        return true;
    }

    public static int SequenceCompareTo<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other) where T : IComparable<T>
    {
        for (int i = 0; i < span.Length && i < other.Length; i++)
        {
            int order = Comparer<T>.Default.Compare(span[i], other[i]);
            if (order != 0)
                return order;
        }

        // As in .NET, which compares characters and bytes in its own way.
        return typeof(T) == typeof(char) || typeof(T) == typeof(byte) ? span.Length - other.Length : span.Length.CompareTo(other.Length);
    }

    public static int SequenceCompareTo<T>(this Span<T> span, ReadOnlySpan<T> other) where T : IComparable<T> =>
        ((ReadOnlySpan<T>)span).SequenceCompareTo(other);

    public static int IndexOf<T>(this Span<T> span, T value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).IndexOf(value);

    public static int IndexOf<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>? => IndexOfItem(span, value);

    // SAFETY: the span's items are read as integers of T's size, and only where equal values have equal bytes.
    internal static unsafe int IndexOfItem<T>(ReadOnlySpan<T> span, T value)
    {
        byte* place = (byte*)Runtime.CompilerServices.Unsafe.AsPointer(ref span.Reference);
        if (Runtime.CompilerServices.RuntimeHelpers.IsBitwiseEquatable<T>())
        {
            if (sizeof(T) == 1)
                return (int)Cloister.Runtime.Memory.IndexOf8(place, *(byte*)&value, span.Length);
            if (sizeof(T) == 2)
                return (int)Cloister.Runtime.Memory.IndexOf16(place, *(ushort*)&value, span.Length);
            if (sizeof(T) == 4)
                return (int)Cloister.Runtime.Memory.IndexOf32(place, *(uint*)&value, span.Length);
        }

        for (int i = 0; i < span.Length; i++)
            if (EqualityComparer<T>.Default.Equals(span[i], value))
                return i;
        return -1;
    }

    public static int IndexOf<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>?
    {
        if (value.Length == 0)
            return 0;
        // From one place with the first item to the next.
        for (int i = 0; i <= span.Length - value.Length; i++)
        {
            int distance = span.Slice(i, span.Length - value.Length - i + 1).IndexOf(value[0]);
            if (distance < 0)
                break;
            i += distance;
            if (span.Slice(i, value.Length).SequenceEqual(value))
                return i;
        }

        return -1;
    }

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
            if (values.IndexOf(span[i]) >= 0)
                return i;
        return -1;
    }

    public static int IndexOfAnyExcept<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
            if (!EqualityComparer<T>.Default.Equals(span[i], value))
                return i;
        return -1;
    }

    public static int LastIndexOf<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>?
    {
        int count = span.Length;
        // Pieces without the value are found faster from their beginning.
        while (count > SearchedPiece && span.Slice(count - SearchedPiece, SearchedPiece).IndexOf(value) < 0)
            count -= SearchedPiece;
        for (int i = count - 1; i >= 0; i--)
            if (EqualityComparer<T>.Default.Equals(span[i], value))
                return i;
        return -1;
    }

    public static bool Contains<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>? => span.IndexOf(value) >= 0;

    public static bool Contains<T>(this Span<T> span, T value) where T : IEquatable<T>? => span.IndexOf(value) >= 0;

    public static bool StartsWith<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>? =>
        span.Length >= value.Length && span.Slice(0, value.Length).SequenceEqual(value);

    public static bool EndsWith<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>? =>
        span.Length >= value.Length && span.Slice(span.Length - value.Length).SequenceEqual(value);

    public static void Reverse<T>(this Span<T> span)
    {
        for (int i = 0, j = span.Length - 1; i < j; i++, j--)
            (span[i], span[j]) = (span[j], span[i]);
    }

    public static void Sort<T>(this Span<T> span) => Sorting.Sort(span, Comparer<T>.Default);

    public static void Sort<T>(this Span<T> span, Comparison<T> comparison) =>
        Sorting.Sort(span, comparison ?? throw new ArgumentNullException(nameof(comparison)));

    public static ReadOnlySpan<char> Trim(this ReadOnlySpan<char> span) => span.TrimStart().TrimEnd();

    public static ReadOnlySpan<char> TrimStart(this ReadOnlySpan<char> span)
    {
        int start = 0;
        while (start < span.Length && char.IsWhiteSpace(span[start]))
            start++;
        return span.Slice(start);
    }

    public static ReadOnlySpan<char> TrimEnd(this ReadOnlySpan<char> span)
    {
        int end = span.Length;
        while (end > 0 && char.IsWhiteSpace(span[end - 1]))
            end--;
        return span.Slice(0, end);
    }
}
