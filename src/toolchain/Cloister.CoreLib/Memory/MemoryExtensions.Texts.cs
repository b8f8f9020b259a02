using System.Collections.Generic;

namespace System;

// Spans of characters as texts, and what else takes an index or a comparer.
public static partial class MemoryExtensions
{
    public static int CompareTo(this ReadOnlySpan<char> span, ReadOnlySpan<char> other, StringComparison comparisonType) =>
        string.Compare(span.ToString(), other.ToString(), comparisonType);

    public static bool Contains(this ReadOnlySpan<char> span, ReadOnlySpan<char> value, StringComparison comparisonType) =>
        span.IndexOf(value, comparisonType) >= 0;

    public static int IndexOf(this ReadOnlySpan<char> span, ReadOnlySpan<char> value, StringComparison comparisonType) =>
        span.ToString().IndexOf(value.ToString(), comparisonType);

    public static int LastIndexOf(this ReadOnlySpan<char> span, ReadOnlySpan<char> value, StringComparison comparisonType) =>
        span.ToString().LastIndexOf(value.ToString(), comparisonType);

    public static bool StartsWith(this ReadOnlySpan<char> span, ReadOnlySpan<char> value, StringComparison comparisonType) =>
        string.Known(comparisonType) && span.Length >= value.Length && span.Slice(0, value.Length).Equals(value, comparisonType);

    public static bool EndsWith(this ReadOnlySpan<char> span, ReadOnlySpan<char> value, StringComparison comparisonType) =>
        string.Known(comparisonType) && span.Length >= value.Length && span.Slice(span.Length - value.Length).Equals(value, comparisonType);

    /// <returns>The number of characters; -1 if there is no room for them.</returns>
    public static int ToUpperInvariant(this ReadOnlySpan<char> source, Span<char> destination) =>
        source.ToString().ToUpperInvariant().TryCopyTo(destination) ? source.Length : -1;

    /// <inheritdoc cref="ToUpperInvariant"/>
    public static int ToLowerInvariant(this ReadOnlySpan<char> source, Span<char> destination) =>
        source.ToString().ToLowerInvariant().TryCopyTo(destination) ? source.Length : -1;

    public static ReadOnlySpan<char> Trim(this ReadOnlySpan<char> span, char trimChar) => span.Trim<char>(trimChar);

    public static ReadOnlySpan<char> TrimStart(this ReadOnlySpan<char> span, char trimChar) => span.TrimStart<char>(trimChar);

    public static ReadOnlySpan<char> TrimEnd(this ReadOnlySpan<char> span, char trimChar) => span.TrimEnd<char>(trimChar);

    public static Span<T> AsSpan<T>(this T[]? array, Index startIndex) => array is null && !startIndex.Equals(Index.Start)
        ? throw new ArgumentNullException(nameof(array)) : array.AsSpan(startIndex.GetOffset(array?.Length ?? 0));

    public static ReadOnlySpan<char> AsSpan(this string? text, Index startIndex) => text is null && !startIndex.Equals(Index.Start)
        ? throw new ArgumentOutOfRangeException(nameof(startIndex)) : text.AsSpan(startIndex.GetOffset(text?.Length ?? 0));

    public static Memory<T> AsMemory<T>(this T[]? array, Range range)
    {
        RefuseNull(array, range);
        (int start, int length) = range.GetOffsetAndLength(array?.Length ?? 0);
        return new Memory<T>(array, start, length);
    }

    public static int Count<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value) where T : IEquatable<T>?
    {
        int count = 0;
        while (!value.IsEmpty && span.IndexOf(value) is var found && found >= 0)
        {
            count++;
            span = span.Slice(found + value.Length);
        }

        return count;
    }

    public static int IndexOfAnyExcept<T>(this ReadOnlySpan<T> span, T value0, T value1) where T : IEquatable<T>? =>
        span.IndexOfAnyExcept([value0, value1]);

    public static int LastIndexOfAny<T>(this ReadOnlySpan<T> span, T value0, T value1) where T : IEquatable<T>? =>
        span.LastIndexOfAny([value0, value1]);

    public static bool ContainsAny<T>(this Span<T> span, ReadOnlySpan<T> values) where T : IEquatable<T>? =>
        ((ReadOnlySpan<T>)span).ContainsAny(values);

    public static void Sort<TKey, TValue>(this Span<TKey> keys, Span<TValue> items) => keys.Sort(items, Comparer<TKey>.Default.Compare);

    public static void Sort<TKey, TValue>(this Span<TKey> keys, Span<TValue> items, Comparison<TKey> comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        if (keys.Length != items.Length)
            throw new ArgumentException("Length of items must be same as length of keys.");
        Sorting.Sort(keys, items, comparison);
    }
}
