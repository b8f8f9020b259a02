using System.Collections.Generic;
using System.Numerics;

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
        if (items.Length < 2)
            return;
        try
        {
            SortPart(items, 2 * (BitOperations.Log2((uint)items.Length) + 1), comparer);
        }
        catch (IndexOutOfRangeException)
        {
            throw new ArgumentException("Unable to sort because the IComparer.Compare() method returns inconsistent results. " +
                "Either a value does not compare equal to itself, or one value repeatedly compared to another value yields different results. IComparer: '" + comparer + "'.");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException("Failed to compare two elements in the array.", exception);
        }
    }

    private static void SortPart<T>(Span<T> items, int depth, IComparer<T> comparer)
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

    private static int Partition<T>(Span<T> items, IComparer<T> comparer)
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

    private static void Order<T>(Span<T> items, int first, int second, IComparer<T> comparer)
    {
        if (comparer.Compare(items[first], items[second]) > 0)
            Swap(items, first, second);
    }

    private static void Swap<T>(Span<T> items, int one, int other) => (items[one], items[other]) = (items[other], items[one]);

    private static void SortByInsertion<T>(Span<T> items, IComparer<T> comparer)
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

    private static void SortByHeap<T>(Span<T> items, IComparer<T> comparer)
    {
        for (int root = items.Length / 2 - 1; root >= 0; root--)
            Sift(items, root, comparer);
        for (int end = items.Length - 1; end > 0; end--)
        {
            Swap(items, 0, end);
            Sift(items.Slice(0, end), 0, comparer);
        }
    }

    private static void Sift<T>(Span<T> items, int root, IComparer<T> comparer)
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
