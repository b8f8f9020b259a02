using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace System;

public static partial class MemoryExtensions
{
    public static Span<T> AsSpan<T>(this ArraySegment<T> segment) => new(segment.Array, segment.Offset, segment.Count);

    // Null has no length that a range could count from: only one that counts from the start and is empty is taken.
    private static void RefuseNull(object? source, Range range)
    {
        if (source is null && !(range.Start.Equals(Index.Start) && range.End.Equals(Index.Start)))
            throw new ArgumentNullException();
    }

    public static Span<T> AsSpan<T>(this T[]? array, Range range)
    {
        RefuseNull(array, range);
        (int start, int length) = range.GetOffsetAndLength(array?.Length ?? 0);
        return new Span<T>(array, start, length);
    }

    public static ReadOnlySpan<char> AsSpan(this string? text, Range range)
    {
        RefuseNull(text, range);
        (int start, int length) = range.GetOffsetAndLength(text?.Length ?? 0);
        return text.AsSpan(start, length);
    }

    public static Memory<T> AsMemory<T>(this T[]? array) => new(array);

    public static Memory<T> AsMemory<T>(this T[]? array, int start) => new(array, start, (array?.Length ?? 0) - start);

    public static Memory<T> AsMemory<T>(this T[]? array, int start, int length) => new(array, start, length);

    public static ReadOnlyMemory<char> AsMemory(this string? text) => new(text, 0, text?.Length ?? 0);

    public static ReadOnlyMemory<char> AsMemory(this string? text, int start) => text.AsMemory().Slice(start);

    public static ReadOnlyMemory<char> AsMemory(this string? text, int start, int length) => text.AsMemory().Slice(start, length);

    public static int IndexOf<T>(this Span<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).IndexOf(value);

    public static int LastIndexOf<T>(this Span<T> span, T value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).LastIndexOf(value);

    public static int LastIndexOf<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>?
    {
        for (int i = span.Length - value.Length; i >= 0; i--)
            if (span.Slice(i, value.Length).SequenceEqual(value))
                return i;
        return -1;
    }

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, T value0, T value1) where T : IEquatable<T>? => span.IndexOfAny([value0, value1]);

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, T value0, T value1, T value2) where T : IEquatable<T>? =>
        span.IndexOfAny([value0, value1, value2]);

    public static int IndexOfAny<T>(this Span<T> span, T value0, T value1) where T : IEquatable<T>? =>
        ((ReadOnlySpan<T>)span).IndexOfAny([value0, value1]);

    public static int IndexOfAny<T>(this Span<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).IndexOfAny(values);

    public static int LastIndexOfAny<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>?
    {
        for (int i = span.Length - 1; i >= 0; i--)
            if (values.Contains(span[i]))
                return i;
        return -1;
    }

    public static int IndexOfAnyExcept<T>(this Span<T> span, T value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).IndexOfAnyExcept(value);

    public static int IndexOfAnyExcept<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
            if (!values.Contains(span[i]))
                return i;
        return -1;
    }

    public static int LastIndexOfAnyExcept<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>?
    {
        for (int i = span.Length - 1; i >= 0; i--)
            if (!EqualityComparer<T>.Default.Equals(span[i], value))
                return i;
        return -1;
    }

    public static int IndexOfAnyInRange<T>(this ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T>
    {
        if (lowInclusive is null || highInclusive is null)
            throw new ArgumentNullException(lowInclusive is null ? nameof(lowInclusive) : nameof(highInclusive));
        for (int i = 0; i < span.Length; i++)
            if (lowInclusive.CompareTo(span[i]) <= 0 && highInclusive.CompareTo(span[i]) >= 0)
                return i;
        return -1;
    }

    public static bool ContainsAny<T>(this ReadOnlySpan<T> span, T value0, T value1) where T : IEquatable<T>? =>
        span.IndexOfAny([value0, value1]) >= 0;

    public static bool ContainsAny<T>(this ReadOnlySpan<T> span, T value0, T value1, T value2) where T : IEquatable<T>? =>
        span.IndexOfAny([value0, value1, value2]) >= 0;

    public static bool ContainsAny<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>? => span.IndexOfAny(values) >= 0;

    public static bool ContainsAnyExcept<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>? => span.IndexOfAnyExcept(value) >= 0;

    public static bool ContainsAnyExcept<T>(this Span<T> span, T value) where T : IEquatable<T>? =>
        ((ReadOnlySpan<T>)span).IndexOfAnyExcept(value) >= 0;

    public static bool ContainsAnyExcept<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>? =>
        span.IndexOfAnyExcept(values) >= 0;

    public static bool ContainsAnyInRange<T>(this ReadOnlySpan<T> span, T lowInclusive, T highInclusive) where T : IComparable<T> =>
        span.IndexOfAnyInRange(lowInclusive, highInclusive) >= 0;

    public static int Count<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>?
    {
        int count = 0;
        foreach (T item in span)
            if (EqualityComparer<T>.Default.Equals(item, value))
                count++;
        return count;
    }

    public static int Count<T>(this Span<T> span, T value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).Count(value);

    public static int CommonPrefixLength<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other)
    {
        int length = Math.Min(span.Length, other.Length);
        for (int i = 0; i < length; i++)
            if (!EqualityComparer<T>.Default.Equals(span[i], other[i]))
                return i;
        return length;
    }

    public static int CommonPrefixLength<T>(this Span<T> span, ReadOnlySpan<T> other) => ((ReadOnlySpan<T>)span).CommonPrefixLength(other);

    public static bool StartsWith<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>? => span.Length > 0
        && EqualityComparer<T>.Default.Equals(span[0], value);

    public static bool EndsWith<T>(this ReadOnlySpan<T> span, T value) where T : IEquatable<T>? => span.Length > 0
        && EqualityComparer<T>.Default.Equals(span[span.Length - 1], value);

    public static bool StartsWith<T>(this Span<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).StartsWith(value);

    public static bool EndsWith<T>(this Span<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>? => ((ReadOnlySpan<T>)span).EndsWith(value);

    public static void Replace<T>(this Span<T> span, T oldValue, T newValue) where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
            if (EqualityComparer<T>.Default.Equals(span[i], oldValue))
                span[i] = newValue;
    }

    public static bool Overlaps<T>(this Span<T> span, ReadOnlySpan<T> other) => ((ReadOnlySpan<T>)span).Overlaps(other, out _);

    public static bool Overlaps<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other) => span.Overlaps(other, out _);

    public static bool Overlaps<T>(this Span<T> span, ReadOnlySpan<T> other, out int elementOffset) =>
        ((ReadOnlySpan<T>)span).Overlaps(other, out elementOffset);

    /// <param name="elementOffset">How many elements the other starts after this.</param>
    public static bool Overlaps<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other, out int elementOffset)
    {
        elementOffset = 0;
        if (span.IsEmpty || other.IsEmpty)
            return false;
        nint distance = Unsafe.ByteOffset(ref span.Reference, ref other.Reference);
        int size = Unsafe.SizeOf<T>();
        if (distance >= (nint)span.Length * size || -distance >= (nint)other.Length * size)
            return false;
        if (distance % size != 0)
            throw new ArgumentException("Overlapping spans have mismatching alignment.");
        elementOffset = (int)(distance / size);
        return true;
    }

    public static ReadOnlySpan<T> Trim<T>(this ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T>? =>
        span.TrimStart(trimElement).TrimEnd(trimElement);

    public static ReadOnlySpan<T> TrimStart<T>(this ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T>? => span.TrimStart([trimElement]);

    public static ReadOnlySpan<T> TrimEnd<T>(this ReadOnlySpan<T> span, T trimElement) where T : IEquatable<T>? => span.TrimEnd([trimElement]);

    public static ReadOnlySpan<T> Trim<T>(this ReadOnlySpan<T> span, scoped ReadOnlySpan<T> trimElements) where T : IEquatable<T>? =>
        span.TrimStart(trimElements).TrimEnd(trimElements);

    public static ReadOnlySpan<T> TrimStart<T>(this ReadOnlySpan<T> span, scoped ReadOnlySpan<T> trimElements) where T : IEquatable<T>?
    {
        int start = 0;
        while (start < span.Length && trimElements.Contains(span[start]))
            start++;
        return span.Slice(start);
    }

    public static ReadOnlySpan<T> TrimEnd<T>(this ReadOnlySpan<T> span, scoped ReadOnlySpan<T> trimElements) where T : IEquatable<T>?
    {
        int end = span.Length;
        while (end > 0 && trimElements.Contains(span[end - 1]))
            end--;
        return span.Slice(0, end);
    }

    public static Span<T> Trim<T>(this Span<T> span, T trimElement) where T : IEquatable<T>? => span.Trim([trimElement]);

    public static Span<T> Trim<T>(this Span<T> span, scoped ReadOnlySpan<T> trimElements) where T : IEquatable<T>?
    {
        ReadOnlySpan<T> rest = ((ReadOnlySpan<T>)span).TrimStart(trimElements);
        int start = span.Length - rest.Length;
        return span.Slice(start, rest.TrimEnd(trimElements).Length);
    }

    public static Span<T> TrimEnd<T>(this Span<T> span, T trimElement) where T : IEquatable<T>? =>
        span.Slice(0, ((ReadOnlySpan<T>)span).TrimEnd([trimElement]).Length);

    public static bool Equals(this ReadOnlySpan<char> span, ReadOnlySpan<char> other, StringComparison comparisonType) =>
        span.ToString().Equals(other.ToString(), comparisonType);

    public static bool IsWhiteSpace(this ReadOnlySpan<char> span) => span.Trim().IsEmpty;

    public static Text.SpanRuneEnumerator EnumerateRunes(this ReadOnlySpan<char> span) => new(span);

    public static int BinarySearch<T, TComparable>(this ReadOnlySpan<T> span, TComparable comparable) where TComparable : IComparable<T>
    {
        if (comparable is null)
            throw new ArgumentNullException(nameof(comparable));
        int low = 0;
        int high = span.Length - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) >> 1);
            int order = comparable.CompareTo(span[middle]);
            if (order == 0)
                return middle;
            if (order > 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    public static int BinarySearch<T>(this ReadOnlySpan<T> span, IComparable<T> comparable) => span.BinarySearch<T, IComparable<T>>(comparable);

    public static int BinarySearch<T, TComparable>(this Span<T> span, TComparable comparable) where TComparable : IComparable<T> =>
        ((ReadOnlySpan<T>)span).BinarySearch(comparable);

    public static void Sort<T, TComparer>(this Span<T> span, TComparer comparer) where TComparer : IComparer<T>? =>
        Sorting.Sort(span, (IComparer<T>?)comparer ?? Comparer<T>.Default);
}
