using System;
using System.Numerics;

namespace Cloister.Storage.Index;

/// <summary>Searches in ordered keys.</summary>
internal static class KeySearch
{
    // Fewer are halved as fast as guessed.
    private const int FewestToGuess = 8;

    // The product of a distance and a number of keys fits 64 bits.
    private const int CountBits = 16;

    /// <summary>Index of the last key that isn't above this one; -1 where all are.</summary>
    public static int Floor(ReadOnlySpan<IndexKey> keys, in IndexKey key)
    {
        int low = 0, high = keys.Length;
        if (high >= FewestToGuess)
        {
            // Extents of a file that was written in one go are as far apart as each other: the place can be computed. Halving meets a
            // branch that can't be foreseen at each step, and parts of the keys that the processor's cache has lost.
            int guess = Guess(keys, key);
            if (guess >= 0 && keys[guess] <= key)
            {
                low = guess + 1;
                if (key < keys[low])
                    return guess;
            }
            else if (guess > 0)
            {
                high = guess;
                if (keys[guess - 1] <= key)
                    return guess - 1;
            }
        }

        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (keys[middle] <= key)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>Index of the first key that isn't below this one.</summary>
    public static int LowerBound(ReadOnlySpan<IndexKey> keys, in IndexKey key)
    {
        int floor = Floor(keys, key);
        return floor >= 0 && keys[floor] == key ? floor : floor + 1;
    }

    // Where the key would be, were all as far apart: neither the last nor, where the key is above the first, anything below that; -1 where
    // the key isn't between them.
    private static int Guess(ReadOnlySpan<IndexKey> keys, in IndexKey key)
    {
        ref readonly IndexKey first = ref keys[0];
        ref readonly IndexKey last = ref keys[^1];
        if (first.Object != key.Object || last.Object != key.Object || key.Item < first.Item
            || key.Item >= last.Item || keys.Length >> CountBits != 0)
            return -1;
        ulong length = last.Item - first.Item;
        int shift = Math.Max(0, CountBits - BitOperations.LeadingZeroCount(length));
        ulong guess = ((key.Item - first.Item) >> shift) * (ulong)(keys.Length - 1) / (length >> shift);
        return (int)Math.Min(guess, (ulong)(keys.Length - 2));
    }
}
