using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The collector keeps what is reachable, all of it and nothing else.</summary>
public sealed class CollectorTests
{
    private static bool IsNightly => Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    private static (string Output, string Errors, int Status) Run(string source, RuntimeOptions options, string optimization = "1")
    {
        using var toolbox = new Toolbox();
        string program = toolbox.Build(toolbox.CSharp(source), Target.All[0], new BuildOptions(optimization), options);
        return Toolbox.Run(program);
    }

    // Every so many allocations collect, and what is freed is poisoned, so that the use of an object that was lost is seen.
    [Theory]
    [InlineData(true, 500, false)]
    [InlineData(true, 11, true)]
    [InlineData(false, 11, true)]
    public void ProgramsPrintTheSameWhenMemoryIsAlwaysCollected(bool isPrecise, int every, bool isLong)
    {
        if (isLong && !IsNightly)
            Assert.Skip("Takes minutes; runs where CLOISTER_NIGHTLY is 1.");
        using var toolbox = new Toolbox();
        string program = toolbox.Build(Toolbox.Programs, Target.All[0], new BuildOptions("1"),
            new RuntimeOptions(PreciseRoots: isPrecise, CollectEvery: every, HeapLimit: 128 << 20));
        string expected = Toolbox.Run("dotnet", Toolbox.Programs).Output;
        (string actual, string errors, int status) = Toolbox.Run(program);
        foreach ((string one, string other) in expected.Split("== ").Zip(actual.Split("== ")))
            Assert.Equal(one, other);
        Assert.Equal((expected.Length, "", 0), (actual.Length, errors, status));
    }

    // An address that the collector can't know as one, in a program that is allowed to have it.
    [Fact]
    public void WhatIsFreedIsPoisonedWhereEveryAllocationCollects()
    {
        (string output, _, _) = Run("""
            using System;
            using System.Runtime.CompilerServices;
            nint hidden = Hide();
            GC.KeepAlive(new object());
            unsafe { Console.WriteLine(((byte*)~hidden)[24]); }
            [MethodImpl(MethodImplOptions.NoInlining)]
            static unsafe nint Hide() { object made = new long[] { 1, 2, 3 }; return ~*(nint*)&made; }
            """, new RuntimeOptions(PreciseRoots: true, CollectEvery: 1));
        Assert.Equal("219\n", output);
    }

    // All blocks of the heap are in use while more objects wait to be visited than one description of a block has words.
    [Theory]
    [InlineData(1 << 20)]
    [InlineData(1_100_000)]
    [InlineData(5_000_000)]
    public void AFullHeapKeepsItsObjects(long heap)
    {
        (string output, string errors, int status) = Run("""
            using System;
            var rows = new int[20_000][];
            int count = 0;
            try
            {
                for (; count < rows.Length; count++)
                    rows[count] = Row(count);
            }
            catch (OutOfMemoryException)
            {
            }

            Console.WriteLine(count < rows.Length ? "full" : "too large");
            // Room for new rows until the next collection.
            for (int i = 0; i < 10; i++)
                rows[--count] = null;
            int wrong = 0;
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < count; i++)
                {
                    wrong += IsRow(rows[i], i) ? 0 : 1;
                    rows[i] = null;
                    rows[i] = Row(i);
                }

                for (int i = 0; i < count; i++)
                    wrong += IsRow(rows[i], i) ? 0 : 1;
            }

            Console.WriteLine(wrong == 0 ? "kept" : "lost");
            static int[] Row(int number) { var row = new int[100]; Array.Fill(row, number); return row; }
            static bool IsRow(int[] row, int number)
            {
                foreach (int item in row)
                    if (item != number)
                        return false;
                return row.Length == 100;
            }
            """, new RuntimeOptions(HeapLimit: heap));
        Assert.Equal(("full\nkept\n", "", 0), (output, errors, status));
    }

    // Sizes of cells: a node has 32 bytes, an array of 100 references 816, which is a cell of 896.
    private const string Reachable = """
        using System;
        using System.Collections.Generic;
        using System.Runtime.CompilerServices;
        using System.Threading;
        Measure("list", 1000 * 32, () => List(1000));
        Measure("trees", 2047 * 32, () => Tree(10));
        Measure("array", 896 + 100 * 32, () => Nodes(100));
        Measure("cycle", 2 * 32, () => { var node = new Node(null, null); node.Left = new Node(node, node); return node; });
        Measure("threads", 5 * 32, () => ByThreads(5));
        Measure("exceptions", 10 * 32, () => { try { Fail(List(10)); return null; } catch (Failure failure) { return failure.Node; } });

        // Only the holder knows the objects: a variable of the method would keep them until it ends.
        static void Measure(string name, long expected, Func<object> make)
        {
            var holder = new object[1];
            Fill(holder, make);
            holder[0] = null;
            long before = GC.GetTotalMemory(true);
            Fill(holder, make);
            long with = GC.GetTotalMemory(true);
            holder[0] = null;
            long after = GC.GetTotalMemory(true);
            Console.WriteLine($"{with - before - expected} {after - before} {with} {after} {name}");
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Fill(object[] holder, Func<object> make) => holder[0] = make();
        static Node List(int count)
        {
            Node list = null;
            for (int i = 0; i < count; i++)
            {
                list = new Node(list, null);
                _ = new int[i];
            }

            return list;
        }
        static Node Tree(int depth) => depth == 0 ? new Node(null, null) : new Node(Tree(depth - 1), Tree(depth - 1));
        static object Nodes(int count)
        {
            var all = new object[count];
            for (int i = 0; i < count; i++)
                all[i] = new Node(null, null);
            return all;
        }
        static Node ByThreads(int count)
        {
            Node last = null;
            for (int i = 0; i < count; i++)
            {
                var thread = new Thread(() => last = List(i + 1));
                thread.Start();
                thread.Join();
            }

            return last;
        }
        static void Fail(Node node) => throw new Failure { Node = node };
        sealed class Failure : Exception { public Node Node; }
        sealed class Node(Node left, Node right) { public Node Left = left; public Node Right = right; public long Value; }
        """;

    private static long[][] Figures(RuntimeOptions options, string optimization)
    {
        (string output, string errors, int status) = Run(Reachable, options, optimization);
        Assert.Equal(("", 0), (errors, status));
        long[][] figures = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ').Take(4).Select(figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray())];
        Assert.Equal(6, figures.Length);
        return figures;
    }

    [Fact]
    public void PreciseRootsKeepExactlyWhatIsReachableAndConservativeOnesLittleMore()
    {
        long[][] precise = Figures(new RuntimeOptions(PreciseRoots: true), "1");
        Assert.All(precise, figures => Assert.Equal([0, 0], figures.Take(2)));
        // A word that the stack happens to hold keeps one structure of the program: the largest has 64 KiB.
        foreach (string optimization in (ReadOnlySpan<string>)["1", "2"])
            foreach ((long[] exact, long[] kept) in precise.Zip(Figures(new RuntimeOptions(), optimization)))
                for (int i = 2; i < 4; i++)
                    Assert.InRange(kept[i] - exact[i], 0, 70_000);
    }

    private const string Soak = """
        using System;
        using System.Collections.Generic;
        using System.Runtime.CompilerServices;
        using System.Threading;
        var table = new Dictionary<int, string>();
        var kept = new Node[64];
        long check = 0;
        for (int round = 1; round <= ROUNDS; round++)
        {
            check += Work(round, table, kept);
            if (round == ROUNDS / 10 || round == ROUNDS)
                Console.WriteLine(GC.GetTotalMemory(true));
        }

        Console.WriteLine(check);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static long Work(int round, Dictionary<int, string> table, Node[] kept)
        {
            long sum = Tree(12).Count();
            for (int i = 0; i < kept.Length; i++)
                kept[i] = Tree(5);
            table.Clear();
            for (int i = 0; i < 2000; i++)
                table[i * 7] = (10_000_000 + i).ToString();
            foreach (KeyValuePair<int, string> pair in table)
                sum += pair.Value.Length;
            string text = "";
            for (int i = 0; i < 200; i++)
                text += i % 10;
            for (int i = 0; i < 50; i++)
                try { Fail(i); } catch (InvalidOperationException exception) { sum += exception.Message.Length; }
            var threads = new Thread[4];
            object gate = new();
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = new Thread(() => { Node tree = Tree(8); Thread.Yield(); lock (gate) sum += tree.Count(); });
                threads[i].Start();
            }

            foreach (Thread thread in threads)
                thread.Join();
            byte[] large = new byte[300_000 + round % 7 * 10_000];
            return sum + text.Length + large[round % large.Length];
        }

        static Node Tree(int depth) => depth == 0 ? new Node(null, null) : new Node(Tree(depth - 1), Tree(depth - 1));
        static void Fail(int i) => throw new InvalidOperationException("failure " + i);
        sealed class Node(Node left, Node right) { public long Count() => 1 + (left?.Count() ?? 0) + (right?.Count() ?? 0); }
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MemoryIsTheSameAfterTenTimesAsManyRounds(bool isPrecise)
    {
        // About half an hour each.
        int rounds = !IsNightly ? 1000 : isPrecise ? 2_500_000 : 5_000_000;
        (string output, string errors, int status) = Run(Soak.Replace("ROUNDS", rounds.ToString(CultureInfo.InvariantCulture)),
            new RuntimeOptions(PreciseRoots: isPrecise, Statistics: true), "2");
        Assert.Equal(0, status);
        TestContext.Current.TestOutputHelper?.WriteLine(output + errors);
        long[] figures = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        if (isPrecise)
            Assert.Equal(figures[0], figures[1]);
        else
            // A stack of a thread, or the large array, may seem to be in use.
            Assert.InRange(figures[1], figures[0] - 600_000, figures[0] + 600_000);
        Assert.Matches("^Collections: [0-9]+, [0-9]+ bytes allocated, [0-9]+ bytes live in [0-9]+ objects at the end\\.\n" +
            "Pauses: longest [0-9]+ us, median [0-9]+ us, all [0-9]+ us\\.\n$", errors);
        Assert.True(int.Parse(Regex.Match(errors, "[0-9]+").Value, CultureInfo.InvariantCulture) > rounds / 20);
    }
}
