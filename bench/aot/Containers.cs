using System;
using System.Collections.Generic;

namespace Cloister.Bench.AotPrograms;

/// <summary>Collections and generics over structures.</summary>
internal static class Containers
{
    private static readonly string[] s_names = Names();

    private static string[] Names()
    {
        string[] names = new string[1000];
        for (int i = 0; i < names.Length; i++)
            names[i] = "name of entry " + i * 7;
        return names;
    }

    public static long Integers()
    {
        var counts = new Dictionary<int, int>();
        uint state = 1;
        for (int i = 0; i < 20_000; i++)
        {
            int key = (int)((state = state * 1664525 + 1013904223) >> 19);
            counts.TryGetValue(key, out int count);
            counts[key] = count + 1;
        }

        long sum = counts.Count;
        foreach ((int key, int count) in counts)
            sum += key * (long)count;
        return sum;
    }

    public static long Strings()
    {
        var places = new Dictionary<string, int>();
        for (int i = 0; i < s_names.Length; i++)
            places.Add(s_names[i], i);
        long sum = 0;
        for (int round = 0; round < 5; round++)
            foreach (string name in s_names)
                sum += places[name];
        return sum;
    }

    public static long Items()
    {
        var items = new List<int>();
        for (int i = 0; i < 20_000; i++)
            items.Add(i ^ 5);
        long sum = 0;
        for (int i = 0; i < items.Count; i++)
            sum += items[i];
        foreach (int item in items)
            sum ^= item;
        items.RemoveAll(item => (item & 1) == 0);
        return sum + items.Count;
    }

    private interface IMeasured
    {
        int Measure { get; }
    }

    private readonly record struct Point(int X, int Y) : IMeasured
    {
        public int Measure => X * 3 + Y;
    }

    private readonly record struct Span(long Start, long End) : IMeasured
    {
        public int Measure => (int)(End - Start);
    }

    private static long Total<T>(List<T> items) where T : IMeasured, IEquatable<T>
    {
        long sum = 0;
        for (int i = 1; i < items.Count; i++)
            sum += items[i].Equals(items[i - 1]) ? 1 : items[i].Measure;
        return sum;
    }

    public static long Structures()
    {
        var points = new List<Point>();
        var spans = new List<Span>();
        for (int i = 0; i < 5000; i++)
        {
            points.Add(new Point(i / 2, i / 3));
            spans.Add(new Span(i, i * 2L));
        }

        return Total(points) + Total(spans) + points.IndexOf(new Point(2499, 1666));
    }
}
