using System;
using System.Collections.Generic;
using Cloister.Storage.Index;

namespace Cloister.Storage.Tests;

public sealed class KeySearchTests
{
    [Fact]
    public void FindsWhatGoingThroughTheKeysFinds()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            // Evenly spaced, anywhere, close together at both ends of what there can be, and of several objects.
            var set = new SortedSet<(ulong Object, ulong Item)>();
            int count = random.Next(40);
            for (int i = 0; i < count; i++)
            {
                set.Add((round % 5) switch
                {
                    0 => (7, (5UL << 60) | (ulong)i * 32),
                    1 => (7, (ulong)random.NextInt64(long.MinValue, long.MaxValue)),
                    2 => (7, i % 2 == 0 ? (ulong)i : ulong.MaxValue - (ulong)i),
                    3 => ((ulong)random.Next(3), (ulong)random.Next(20)),
                    _ => (7, (5UL << 60) | (1UL << random.Next(60))),
                });
            }

            var keys = new List<IndexKey>();
            foreach ((ulong number, ulong item) in set)
                keys.Add(new IndexKey(number, item));
            IndexKey[] all = [.. keys];
            AssertFound(all, default);
            AssertFound(all, IndexKey.Last);
            foreach (IndexKey key in all)
            {
                AssertFound(all, key);
                AssertFound(all, new IndexKey(key.Object, key.Item - 1));
                AssertFound(all, new IndexKey(key.Object, key.Item + 1));
                AssertFound(all, new IndexKey(key.Object, (ulong)random.NextInt64()));
            }
        }
    }

    private static void AssertFound(IndexKey[] keys, IndexKey key)
    {
        int below = Array.FindIndex(keys, each => each >= key), above = Array.FindIndex(keys, each => each > key);
        Assert.Equal(below < 0 ? keys.Length : below, KeySearch.LowerBound(keys, key));
        Assert.Equal((above < 0 ? keys.Length : above) - 1, KeySearch.Floor(keys, key));
    }
}
