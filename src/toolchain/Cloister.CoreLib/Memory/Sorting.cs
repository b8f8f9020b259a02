using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace System;

/// <summary>
/// Introspective sort (D. Musser, 1997): quick sort by the median of first, middle and last, insertion sort for short parts, heap sort where the
/// recursion gets too deep. Which of several equal elements comes first is visible to programs, so the steps are those of .NET.
/// </summary>
internal static class Sorting
{
    private const int ShortPart = 16;

    public static void Sort<T>(Span<T> items, IComparer<T> comparer)
    {
        if (NaturalOrder<T>.Exists && ReferenceEquals(comparer, Comparer<T>.Default))
            SortBy(items, default(NaturalOrder<T>));
        else
            SortBy(items, new ComparerOrder<T>(comparer));
    }

    public static void Sort<T>(Span<T> items, Comparison<T> comparison) => SortBy(items, new ComparisonOrder<T>(comparison));

    /// <summary>Sorts the items by their keys: pairs move in one piece, in the same steps as the keys alone.</summary>
    public static void Sort<TKey, TValue>(Span<TKey> keys, Span<TValue> items, Comparison<TKey> comparison)
    {
        (TKey Key, TValue Item)[] pairs = new (TKey, TValue)[keys.Length];
        for (int i = 0; i < pairs.Length; i++)
            pairs[i] = (keys[i], items[i]);
        Sort(pairs.AsSpan(), (x, y) => comparison(x.Key, y.Key));
        for (int i = 0; i < pairs.Length; i++)
            (keys[i], items[i]) = pairs[i];
    }

    private static void SortBy<T, TOrder>(Span<T> items, TOrder comparer) where TOrder : IComparer<T>
    {
        if (items.Length < 2)
            return;
        try
        {
            SortPart(items, 2 * (BitOperations.Log2((uint)items.Length) + 1), comparer);
        }
        catch (IndexOutOfRangeException)
        {
            throw new ArgumentException("Unable to sort because the IComparer.Compare() method returns inconsistent results. " +
                "Either a value does not compare equal to itself, or one value repeatedly compared to another value yields different results. " +
                "IComparer: '" + comparer + "'.");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException("Failed to compare two elements in the array.", exception);
        }
    }

    private static void SortPart<T, TOrder>(Span<T> items, int depth, TOrder comparer) where TOrder : IComparer<T>
    {
        while (items.Length > ShortPart)
        {
            if (depth-- == 0)
            {
                SortByHeap(items, comparer);
                return;
            }

            int middle = Partition(items, comparer);
            SortPart(items.Slice(middle + 1), depth, comparer);
            items = items.Slice(0, middle);
        }

        switch (items.Length)
        {
            case 2:
                Order(items, 0, 1, comparer);
                break;
            case 3:
                Order(items, 0, 1, comparer);
                Order(items, 0, 2, comparer);
                Order(items, 1, 2, comparer);
                break;
            default:
                SortByInsertion(items, comparer);
                break;
        }
    }

    private static int Partition<T, TOrder>(Span<T> items, TOrder comparer) where TOrder : IComparer<T>
    {
        int last = items.Length - 1;
        int middle = last >> 1;
        Order(items, 0, middle, comparer);
        Order(items, 0, last, comparer);
        Order(items, middle, last, comparer);
        T pivot = items[middle];
        Swap(items, middle, last - 1);
        int left = 0;
        int right = last - 1;
        while (left < right)
        {
            do
                left++;
            while (comparer.Compare(items[left], pivot) < 0);
            do
                right--;
            while (comparer.Compare(pivot, items[right]) < 0);
            if (left < right)
                Swap(items, left, right);
        }

        if (left != last - 1)
            Swap(items, left, last - 1);
        return left;
    }

    private static void Order<T, TOrder>(Span<T> items, int first, int second, TOrder comparer) where TOrder : IComparer<T>
    {
        if (comparer.Compare(items[first], items[second]) > 0)
            Swap(items, first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap<T>(Span<T> items, int one, int other) => (items[one], items[other]) = (items[other], items[one]);

    private static void SortByInsertion<T, TOrder>(Span<T> items, TOrder comparer) where TOrder : IComparer<T>
    {
        for (int i = 1; i < items.Length; i++)
        {
            T item = items[i];
            int at = i;
            for (; at > 0 && comparer.Compare(item, items[at - 1]) < 0; at--)
                items[at] = items[at - 1];
            items[at] = item;
        }
    }

    private static void SortByHeap<T, TOrder>(Span<T> items, TOrder comparer) where TOrder : IComparer<T>
    {
        for (int root = items.Length / 2 - 1; root >= 0; root--)
            Sift(items, root, comparer);
        for (int end = items.Length - 1; end > 0; end--)
        {
            Swap(items, 0, end);
            Sift(items.Slice(0, end), 0, comparer);
        }
    }

    private static void Sift<T, TOrder>(Span<T> items, int root, TOrder comparer) where TOrder : IComparer<T>
    {
        T item = items[root];
        for (int child; (child = 2 * root + 1) < items.Length; root = child)
        {
            if (child + 1 < items.Length && comparer.Compare(items[child], items[child + 1]) < 0)
                child++;
            if (comparer.Compare(item, items[child]) >= 0)
                break;
            items[root] = items[child];
        }

        items[root] = item;
    }
}

// Orders are structures, so that sorting is compiled for each and its comparison is no call of an interface.
file readonly struct NaturalOrder<T> : IComparer<T>
{
    /// <summary>Whether T is an integer.</summary>
    public static bool Exists => typeof(T) == typeof(byte) || typeof(T) == typeof(sbyte) || typeof(T) == typeof(short)
        || typeof(T) == typeof(ushort) || typeof(T) == typeof(char) || typeof(T) == typeof(int) || typeof(T) == typeof(uint)
        || typeof(T) == typeof(long) || typeof(T) == typeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Compare(T? x, T? y)
    {
        if (typeof(T) == typeof(byte))
            return Unsafe.As<T, byte>(ref x!).CompareTo(Unsafe.As<T, byte>(ref y!));
        if (typeof(T) == typeof(sbyte))
            return Unsafe.As<T, sbyte>(ref x!).CompareTo(Unsafe.As<T, sbyte>(ref y!));
        if (typeof(T) == typeof(short))
            return Unsafe.As<T, short>(ref x!).CompareTo(Unsafe.As<T, short>(ref y!));
        if (typeof(T) == typeof(ushort) || typeof(T) == typeof(char))
            return Unsafe.As<T, ushort>(ref x!).CompareTo(Unsafe.As<T, ushort>(ref y!));
        if (typeof(T) == typeof(int))
            return Unsafe.As<T, int>(ref x!).CompareTo(Unsafe.As<T, int>(ref y!));
        if (typeof(T) == typeof(uint))
            return Unsafe.As<T, uint>(ref x!).CompareTo(Unsafe.As<T, uint>(ref y!));
        return typeof(T) == typeof(long) ? Unsafe.As<T, long>(ref x!).CompareTo(Unsafe.As<T, long>(ref y!))
            : Unsafe.As<T, ulong>(ref x!).CompareTo(Unsafe.As<T, ulong>(ref y!));
    }
}

file readonly struct ComparerOrder<T>(IComparer<T> comparer) : IComparer<T>
{
    public int Compare(T? x, T? y) => comparer.Compare(x, y);

    public override string? ToString() => comparer.ToString();
}

file readonly struct ComparisonOrder<T>(Comparison<T> comparison) : IComparer<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Compare(T? x, T? y) => comparison(x!, y!);

    public override string? ToString() => Comparer<T>.Create(comparison).ToString();
}
