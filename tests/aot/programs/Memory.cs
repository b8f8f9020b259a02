using System;
using System.Collections.Generic;
using System.Text;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Programs that make the collector work: what is reachable has to stay, whatever else comes and goes.</summary>
internal static class Memory
{
    public static void All()
    {
        Program.Run("memory/garbage", Garbage);
        Program.Run("memory/trees", Trees);
        Program.Run("memory/long list", LongList);
        Program.Run("memory/large arrays", LargeArrays);
        Program.Run("memory/interior pointers", InteriorPointers);
        Program.Run("memory/random graph", RandomGraph);
        Program.Run("memory/structs with references", StructsWithReferences);
        Program.Run("memory/closures", Closures);
        Program.Run("memory/strings", Strings);
        Program.Run("memory/cycles", Cycles);
        Program.Run("memory/collect", Explicit);
    }

    private static void Garbage()
    {
        long sum = 0;
        for (int i = 0; i < 300000; i++)
        {
            byte[] junk = new byte[i % 500];
            sum += junk.Length;
        }

        WriteLine(sum);
    }

    private sealed class Tree
    {
        public Tree Left, Right;
        public int Value;

        public static Tree Make(int depth, int value) => depth == 0 ? null
            : new Tree { Value = value, Left = Make(depth - 1, 2 * value), Right = Make(depth - 1, 2 * value + 1) };

        public long Sum() => Value + (Left?.Sum() ?? 0) + (Right?.Sum() ?? 0);
    }

    private static void Trees()
    {
        Tree kept = Tree.Make(14, 1);
        long total = 0;
        for (int i = 0; i < 20; i++)
            total += Tree.Make(11, i).Sum();
        WriteLine(kept.Sum() + " " + total);
    }

    private sealed class Link(int value, Link next)
    {
        public int Value = value;
        public Link Next = next;
    }

    private static void LongList()
    {
        Link list = null;
        for (int i = 0; i < 200000; i++)
            list = new Link(i, list);
        Garbage();
        long sum = 0;
        for (Link l = list; l is not null; l = l.Next)
            sum += l.Value;
        WriteLine(sum);
    }

    private static void LargeArrays()
    {
        var kept = new List<int[]>();
        for (int i = 0; i < 60; i++)
        {
            int[] array = new int[50000 + i];
            array[^1] = i;
            if (i % 20 == 0)
                kept.Add(array);
        }

        int sum = 0;
        foreach (int[] array in kept)
            sum += array[^1] + array[0] + array.Length;
        WriteLine(sum);
    }

    private static void InteriorPointers()
    {
        Span<int> span = Make();
        ref int last = ref span[^1];
        for (int i = 0; i < 100000; i++)
            _ = new object[10];
        last += 5;
        long sum = 0;
        foreach (int item in span)
            sum += item;
        WriteLine(sum);

        static Span<int> Make()
        {
            int[] array = new int[1000];
            for (int i = 0; i < array.Length; i++)
                array[i] = i;
            return array.AsSpan(100);
        }
    }

    private sealed class Vertex(int id)
    {
        public readonly int Id = id;
        public readonly Vertex[] Edges = new Vertex[4];
        public string Name = "v" + id;
    }

    private static void RandomGraph()
    {
        var vertices = new Vertex[500];
        uint seed = 12345;
        for (int i = 0; i < vertices.Length; i++)
            vertices[i] = new Vertex(i);
        for (int step = 0; step < 200000; step++)
        {
            seed = seed * 1664525 + 1013904223;
            int at = (int)(seed >> 8) % 500;
            if (step % 7 == 0)
                vertices[at] = new Vertex(at);
            else
                vertices[at].Edges[(seed >> 4) & 3] = vertices[(int)(seed >> 16) % 500];
        }

        long hash = 17;
        foreach (Vertex vertex in vertices)
            foreach (Vertex edge in vertex.Edges)
                hash = hash * 31 + (edge is null ? 0 : edge.Id + edge.Name.Length);
        WriteLine(hash);
    }

    private struct Entry
    {
        public int Number;
        public string Text;
        public (object Boxed, int[] Items) Pair;
    }

    private static void StructsWithReferences()
    {
        Entry[] entries = new Entry[2000];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = new Entry { Number = i, Text = "t" + i, Pair = (i, [i, i + 1]) };
        Garbage();
        long sum = 0;
        foreach (Entry entry in entries)
            sum += entry.Number + entry.Text.Length + (int)entry.Pair.Boxed + entry.Pair.Items[1];
        WriteLine(sum);
    }

    private static void Closures()
    {
        var functions = new List<Func<int>>();
        for (int i = 0; i < 1000; i++)
        {
            int[] captured = [i, i * 2];
            functions.Add(() => captured[0] + captured[1]);
        }

        Garbage();
        int sum = 0;
        foreach (Func<int> function in functions)
            sum += function();
        WriteLine(sum);
    }

    private static void Strings()
    {
        var names = new Dictionary<string, string>();
        for (int i = 0; i < 20000; i++)
            names["key" + i % 1000] = new StringBuilder().Append("value").Append(i).ToString();
        WriteLine(names.Count + names["key7"] + names["key999"]);
    }

    private static void Cycles()
    {
        Link kept = null;
        for (int i = 0; i < 100000; i++)
        {
            var a = new Link(i, null);
            a.Next = new Link(-i, a);
            if (i == 50000)
                kept = a;
        }

        WriteLine(kept.Value + kept.Next.Next.Next.Value);
    }

    private static void Explicit()
    {
        object kept = new int[] { 1, 2, 3 };
        GC.Collect();
        GC.Collect();
        WriteLine(((int[])kept)[2]);
    }
}
