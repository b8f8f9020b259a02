using System.Collections.Generic;

namespace System;

public abstract partial class Array
{
    public static int MaxLength => 0x7fffffc7;

    public static int IndexOf<T>(T[] array, T value, int startIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        return IndexOf(array, value, startIndex, array.Length - startIndex);
    }

    public static int IndexOf<T>(T[] array, T value, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        CheckForward(array, startIndex, count);
        for (int i = startIndex; i < startIndex + count; i++)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    public static int LastIndexOf<T>(T[] array, T value)
    {
        ArgumentNullException.ThrowIfNull(array);
        for (int i = array.Length - 1; i >= 0; i--)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    public static int LastIndexOf<T>(T[] array, T value, int startIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        return LastIndexOf(array, value, startIndex, array.Length == 0 ? 0 : startIndex + 1);
    }

    /// <summary>Searches the count elements that end with the one at startIndex.</summary>
    public static int LastIndexOf<T>(T[] array, T value, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Length == 0 ? startIndex is not (-1 or 0) : (uint)startIndex >= (uint)array.Length)
            throw StartError(false);
        if (array.Length == 0 ? count != 0 : count < 0 || startIndex - count + 1 < 0)
            throw CountError();
        for (int i = startIndex; i > startIndex - count; i--)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    private static void CheckForward(Array array, int startIndex, int count)
    {
        if ((uint)startIndex > (uint)array.Length)
            throw StartError(true);
        if (count < 0 || startIndex > array.Length - count)
            throw CountError();
    }

    private static ArgumentOutOfRangeException StartError(bool isForward) => new("startIndex", isForward
        ? "Index was out of range. Must be non-negative and less than or equal to the size of the collection."
        : "Index was out of range. Must be non-negative and less than the size of the collection.");

    private static ArgumentOutOfRangeException CountError() =>
        new("count", "Count must be positive and count must refer to a location within the string/array/collection.");

    public static int FindIndex<T>(T[] array, int startIndex, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        return FindIndex(array, startIndex, array.Length - startIndex, match);
    }

    public static int FindIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        CheckForward(array, startIndex, count);
        ArgumentNullException.ThrowIfNull(match);
        for (int i = startIndex; i < startIndex + count; i++)
            if (match(array[i]))
                return i;
        return -1;
    }

    public static int FindLastIndex<T>(T[] array, int startIndex, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        return FindLastIndex(array, startIndex, startIndex + 1, match);
    }

    public static int FindLastIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        if (array.Length == 0 ? startIndex != -1 : (uint)startIndex >= (uint)array.Length)
            throw StartError(false);
        if (count < 0 || startIndex - count + 1 < 0)
            throw CountError();
        for (int i = startIndex; i > startIndex - count; i--)
            if (match(array[i]))
                return i;
        return -1;
    }

    public static T? FindLast<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        return FindLastIndex(array, match) is var index && index >= 0 ? array[index] : default;
    }

    public static int FindLastIndex<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        for (int i = array.Length - 1; i >= 0; i--)
            if (match(array[i]))
                return i;
        return -1;
    }

    public static void Fill<T>(T[] array, T value, int startIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        CheckForward(array, startIndex, count);
        array.AsSpan(startIndex, count).Fill(value);
    }

    public static void Reverse<T>(T[] array, int index, int length)
    {
        ArgumentNullException.ThrowIfNull(array);
        Bounds.CheckPart(index, length, array.Length, nameof(length));
        array.AsSpan(index, length).Reverse();
    }

    public static void Sort<T>(T[] array, int index, int length)
    {
        ArgumentNullException.ThrowIfNull(array);
        Sort(array, index, length, null);
    }

    public static void Sort<T>(T[] array, int index, int length, IComparer<T>? comparer)
    {
        ArgumentNullException.ThrowIfNull(array);
        Bounds.CheckPart(index, length, array.Length, nameof(length));
        Sorting.Sort(array.AsSpan(index, length), comparer ?? Comparer<T>.Default);
    }

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items) => Sort(keys, items, null);

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items, IComparer<TKey>? comparer)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Sort(keys, items, 0, keys.Length, comparer);
    }

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items, int index, int length) => Sort(keys, items, index, length, null);

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items, int index, int length, IComparer<TKey>? comparer)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (index < 0 || length < 0)
            throw new ArgumentOutOfRangeException(index < 0 ? nameof(index) : nameof(length), "Non-negative number required.");
        if (keys.Length - index < length || (items is not null && index > items.Length - length))
            throw new ArgumentException("Offset and length were out of bounds for the array or count is greater than the number of elements "
                + "from index to the end of the source collection.");
        comparer ??= Comparer<TKey>.Default;
        if (items is null)
            Sorting.Sort(keys.AsSpan(index, length), comparer);
        else
            Sorting.Sort(keys.AsSpan(index, length), items.AsSpan(index, length), comparer.Compare);
    }

    public static int BinarySearch<T>(T[] array, int index, int length, T value)
    {
        ArgumentNullException.ThrowIfNull(array);
        return BinarySearch(array, index, length, value, null);
    }

    public static int BinarySearch<T>(T[] array, T value, IComparer<T>? comparer)
    {
        ArgumentNullException.ThrowIfNull(array);
        return BinarySearch(array, 0, array.Length, value, comparer);
    }

    public static int BinarySearch<T>(T[] array, int index, int length, T value, IComparer<T>? comparer)
    {
        ArgumentNullException.ThrowIfNull(array);
        Bounds.CheckPart(index, length, array.Length, nameof(length));
        comparer ??= Comparer<T>.Default;
        int low = index;
        int high = index + length - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) >> 1);
            int order = comparer.Compare(array[middle], value);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    public static Collections.ObjectModel.ReadOnlyCollection<T> AsReadOnly<T>(T[] array) => new(array);
}
