using System.Collections.Generic;

namespace System;

public abstract partial class Array
{
    public static int MaxLength => 0x7fffffc7;

    public static int IndexOf<T>(T[] array, T value, int startIndex) => IndexOf(array, value, startIndex, array.Length - startIndex);

    public static int IndexOf<T>(T[] array, T value, int startIndex, int count)
    {
        for (int i = startIndex; i < startIndex + count; i++)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    public static int LastIndexOf<T>(T[] array, T value)
    {
        for (int i = array.Length - 1; i >= 0; i--)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    public static T? FindLast<T>(T[] array, Predicate<T> match) => FindLastIndex(array, match) is var index && index >= 0 ? array[index] : default;

    public static int FindLastIndex<T>(T[] array, Predicate<T> match)
    {
        for (int i = array.Length - 1; i >= 0; i--)
            if (match(array[i]))
                return i;
        return -1;
    }

    public static void Fill<T>(T[] array, T value, int startIndex, int count) => array.AsSpan(startIndex, count).Fill(value);

    public static void Reverse<T>(T[] array, int index, int length) => array.AsSpan(index, length).Reverse();

    public static void Sort<T>(T[] array, int index, int length) => Sorting.Sort(array.AsSpan(index, length), Comparer<T>.Default);

    public static void Sort<T>(T[] array, int index, int length, IComparer<T>? comparer) =>
        Sorting.Sort(array.AsSpan(index, length), comparer ?? Comparer<T>.Default);

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items) => Sort(keys, items, null);

    public static void Sort<TKey, TValue>(TKey[] keys, TValue[]? items, IComparer<TKey>? comparer)
    {
        comparer ??= Comparer<TKey>.Default;
        if (items is null)
        {
            Sort(keys, comparer);
            return;
        }

        // Pairs move in one piece, in the same steps as the keys alone.
        (TKey Key, TValue Item)[] pairs = new (TKey, TValue)[keys.Length];
        for (int i = 0; i < pairs.Length; i++)
            pairs[i] = (keys[i], items[i]);
        Sort(pairs, (x, y) => comparer.Compare(x.Key, y.Key));
        for (int i = 0; i < pairs.Length; i++)
            (keys[i], items[i]) = pairs[i];
    }

    public static int BinarySearch<T>(T[] array, T value, IComparer<T>? comparer) => BinarySearch(array, 0, array.Length, value, comparer);

    public static int BinarySearch<T>(T[] array, int index, int length, T value, IComparer<T>? comparer = null)
    {
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
