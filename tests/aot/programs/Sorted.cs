using System;
using System.Buffers;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Sorted collections, queues by priority, sorting itself, and the less used members of the others.</summary>
internal static class Sorted
{
    private static readonly string[] s_words = ["pear", "apple", "fig", "kiwi", "plum", "date", "lime", "nut", "olive", "berry"];

    private static IEnumerable<int> Random(int count, int seed, int limit)
    {
        uint state = (uint)seed;
        for (int i = 0; i < count; i++)
        {
            state = state * 1664525 + 1013904223;
            yield return (int)(state >> 8) % limit;
        }
    }

    public static void All()
    {
        Program.Run("sorted/dictionary", () =>
        {
            var d = new SortedDictionary<string, int>();
            foreach (string word in s_words)
                d[word] = word.Length;
            d.Remove("fig");
            d["apple"] = 99;
            foreach ((string key, int value) in d)
                Write(key + "=" + value + " ");
            WriteLine(d.Count + " " + d.ContainsKey("fig") + d.ContainsValue(99) + d.TryGetValue("nut", out int nut) + nut + " "
                + string.Join(",", d.Keys) + " " + string.Join(",", d.Values));
        });
        Program.Run("sorted/dictionary errors", () =>
        {
            var d = new SortedDictionary<int, string> { [1] = "a" };
            Try(() => d.Add(1, "b"));
            Try(() => WriteLine(d[7]));
            Try(() =>
            {
                foreach (int key in d.Keys)
                    d[key + 1] = "x";
            });
            Try(() => new SortedDictionary<string, int>().Add(null!, 1));
            Try(() => ((ICollection<int>)d.Keys).Add(4));
        });
        Program.Run("sorted/dictionary by comparer", () =>
        {
            var d = new SortedDictionary<int, string>(Comparer<int>.Create((a, b) => b.CompareTo(a)));
            foreach (int i in Random(40, 1, 100))
                d[i] = "v" + i;
            WriteLine(string.Join(" ", d));
        });
        Program.Run("sorted/dictionary churn", () =>
        {
            var d = new SortedDictionary<int, int>();
            long sum = 0;
            int step = 0;
            foreach (int i in Random(5000, 2, 700))
            {
                if (step++ % 3 == 0)
                    d.Remove(i);
                else
                    d[i] = step;
                sum += d.Count;
            }

            foreach (KeyValuePair<int, int> pair in d)
                sum = sum * 31 + pair.Key * 7 + pair.Value;
            WriteLine(sum);
        });
        Program.Run("sorted/set", () =>
        {
            var s = new SortedSet<int>(Random(30, 3, 50));
            WriteLine(string.Join(" ", s) + " min " + s.Min + " max " + s.Max + " " + s.Contains(7) + " reversed " + string.Join(" ", s.Reverse()));
            WriteLine(s.Add(1000) + " " + s.Add(1000) + " " + s.Remove(1000) + s.RemoveWhere(i => i % 2 == 0) + " " + string.Join(" ", s));
        });
        Program.Run("sorted/set algebra", () =>
        {
            SortedSet<int> a = [1, 2, 3, 4, 5], b = [4, 5, 6];
            var union = new SortedSet<int>(a);
            union.UnionWith(b);
            var both = new SortedSet<int>(a);
            both.IntersectWith(b);
            var less = new SortedSet<int>(a);
            less.ExceptWith(b);
            var one = new SortedSet<int>(a);
            one.SymmetricExceptWith(b);
            WriteLine(string.Join(",", union) + " " + string.Join(",", both) + " " + string.Join(",", less) + " " + string.Join(",", one));
            WriteLine(both.IsSubsetOf(a) + " " + a.IsProperSupersetOf(both) + " " + a.Overlaps(b) + " " + a.SetEquals([5, 4, 3, 2, 1]) + " "
                + both.IsProperSubsetOf(both));
        });
        Program.Run("sorted/hash set algebra", () =>
        {
            HashSet<string> a = ["a", "b", "c"], b = ["b", "c", "d"];
            var c = new HashSet<string>(a);
            c.SymmetricExceptWith(b);
            WriteLine(c.Count + " " + c.Contains("a") + c.Contains("d") + " " + a.IsSubsetOf(["a", "b", "c", "x"]) + a.IsProperSubsetOf(a)
                + a.Overlaps(b) + a.SetEquals(["c", "b", "a"]) + " " + a.RemoveWhere(x => x != "b") + a.Count + " "
                + a.TryGetValue("b", out string? found) + found);
        });
        Program.Run("sorted/priority queue", () =>
        {
            var q = new PriorityQueue<string, int>();
            foreach (string word in s_words)
                q.Enqueue(word, word.Length);
            WriteLine(q.Count + " " + q.Peek());
            while (q.TryDequeue(out string? word, out int priority))
                Write(word + priority + " ");
            WriteLine(q.Count);
        });
        Program.Run("sorted/priority queue ties", () =>
        {
            var q = new PriorityQueue<int, int>();
            int n = 0;
            foreach (int p in Random(200, 5, 8))
                q.Enqueue(n++, p);
            while (q.Count > 100)
                Write(q.Dequeue() + " ");
            for (int i = 0; i < 30; i++)
                Write(q.EnqueueDequeue(1000 + i, i % 9) + " ");
            for (int i = 0; i < 10; i++)
                Write(q.DequeueEnqueue(2000 + i, i % 3) + " ");
            while (q.Count > 0)
                Write(q.Dequeue() + " ");
            WriteLine();
        });
        Program.Run("sorted/priority queue ranges", () =>
        {
            var q = new PriorityQueue<char, int>([('c', 3), ('a', 1), ('b', 2), ('z', 0), ('y', 9), ('x', 5), ('w', 4)]);
            q.EnqueueRange(['p', 'q'], 2);
            WriteLine(q.Remove('b', out char removed, out int priority) + " " + removed + priority + q.Remove('!', out _, out _));
            foreach ((char c, int p) in q.UnorderedItems)
                Write(c + "" + p + " ");
            while (q.TryDequeue(out char c, out _))
                Write(c);
            Try(() => q.Dequeue());
            Try(() => q.Peek());
        });
        Program.Run("sorted/sort stability of equals", () =>
        {
            foreach (int count in (int[])[5, 16, 17, 40, 200, 1000])
            {
                (int Key, int Index)[] items = new (int, int)[count];
                int i = 0;
                foreach (int key in Random(count, count, 10))
                    items[i] = (key, i++);
                Array.Sort(items, (a, b) => a.Key.CompareTo(b.Key));
                int hash = 17;
                foreach ((int key, int index) in items)
                    hash = unchecked(hash * 31 + key * 1000 + index);
                WriteLine(count + ": " + hash);
            }
        });
        Program.Run("sorted/sort bad inputs", () =>
        {
            foreach (int kind in (int[])[0, 1, 2, 3])
            {
                int[] items = new int[300];
                for (int i = 0; i < items.Length; i++)
                    items[i] = kind switch { 0 => i, 1 => -i, 2 => i % 2, _ => i < 150 ? i : 300 - i };
                int compares = 0;
                Array.Sort(items, (a, b) =>
                {
                    compares++;
                    return a.CompareTo(b);
                });
                bool isSorted = true;
                for (int i = 1; i < items.Length; i++)
                    isSorted &= items[i - 1] <= items[i];
                WriteLine(isSorted + " " + compares);
            }
        });
        Program.Run("sorted/sort many kinds", () =>
        {
            double[] doubles = [3.5, double.NaN, -1, double.PositiveInfinity, 0, -0.0, double.NegativeInfinity];
            string[] words = (string[])s_words.Clone();
            Array.Sort(doubles);
            Array.Sort(words, StringComparer.Ordinal);
            char[] letters = "sorting".ToCharArray();
            Array.Sort(letters);
            bool[] flags = [true, false, true];
            Array.Sort(flags);
            WriteLine(string.Join(" ", doubles) + " " + string.Join(" ", words) + " " + new string(letters) + " " + string.Join(" ", flags));
        });
        Program.Run("sorted/sort keys and items", () =>
        {
            int[] keys = [3, 1, 2, 1, 5];
            string[] items = ["c", "a", "b", "a2", "e"];
            Array.Sort(keys, items);
            WriteLine(string.Join(",", keys) + " " + string.Join(",", items));
            Array.Sort(keys, 1, 3, Comparer<int>.Create((a, b) => b - a));
            WriteLine(string.Join(",", keys));
        });
        Program.Run("sorted/sort errors", () =>
        {
            Try(() => Array.Sort([1, 2, 3], (a, b) => throw new InvalidOperationException("in the comparison")));
            Try(() => Array.Sort(new object[] { 1, new object(), 2 }));
        });
        Program.Run("sorted/binary search", () =>
        {
            int[] items = [1, 3, 5, 7, 9];
            foreach (int wanted in (int[])[0, 1, 4, 9, 10])
                Write(Array.BinarySearch(items, wanted) + " " + new List<int>(items).BinarySearch(wanted) + " "
                    + items.AsSpan().BinarySearch(wanted) + "; ");
            WriteLine(Array.BinarySearch(["a", "c"], "b", StringComparer.Ordinal));
        });
        Program.Run("sorted/list members", () =>
        {
            List<int> a = [5, 3, 9, 3, 1];
            a.InsertRange(2, [7, 8]);
            WriteLine(string.Join(",", a) + " " + a.LastIndexOf(3) + a.FindLast(x => x > 5) + a.FindIndex(2, x => x == 3) + " " + a.IndexOf(3, 3));
            a.Sort(1, 4, null);
            a.Reverse(0, 3);
            WriteLine(string.Join(",", a) + " " + string.Join(",", a.GetRange(1, 2)) + " " + a.AsReadOnly().Count + " "
                + string.Join(",", a.Slice(0, 2)));
            IList untyped = a;
            untyped.Add(4);
            Try(() => untyped.Add("no"));
            WriteLine(untyped.Contains(4) + " " + untyped.IndexOf("x") + untyped[0]);
            a.TrimExcess();
            a.AddRange((ReadOnlySpan<int>)[1, 2]);
            WriteLine(a.Count + " " + CollectionsMarshal.AsSpan(a)[^1]);
        });
        Program.Run("sorted/list errors", () =>
        {
            List<int> a = [1, 2];
            Try(() => WriteLine(a[2]));
            Try(() => a.Insert(5, 1));
            Try(() => a.RemoveAt(-1));
            Try(() => a.RemoveRange(1, 5));
            Try(() => a.Capacity = 1);
            Try(() => new List<int>(-1));
            Try(() => a.AsReadOnly().GetEnumerator().Reset());
            Try(() => ((IList<int>)a.AsReadOnly()).Add(1));
        });
        Program.Run("sorted/dictionary members", () =>
        {
            var d = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1, ["b"] = 2 };
            WriteLine(d["a"] + " " + d.ContainsKey("B") + d.GetValueOrDefault("c", 9) + d.GetValueOrDefault("c") + " " + d.TryAdd("a", 5)
                + d.EnsureCapacity(10).CompareTo(9) + " " + d.Remove("A", out int removed) + removed);
            ref int slot = ref CollectionsMarshal.GetValueRefOrAddDefault(d, "new", out bool exists);
            slot += 5;
            WriteLine(exists + " " + d["NEW"] + " " + d.Keys.Contains("b") + " " + d.Values.Count);
            int[] values = new int[3];
            d.Values.CopyTo(values, 1);
            WriteLine(string.Join(",", values) + " " + new Dictionary<string, int>(d).Count);
        });
        Program.Run("sorted/dictionary versions", () =>
        {
            var d = new Dictionary<int, int> { [1] = 1, [2] = 2, [3] = 3 };
            foreach (int key in d.Keys)
                d.Remove(key);
            WriteLine(d.Count);
            d[5] = 5;
            Try(() =>
            {
                foreach (KeyValuePair<int, int> pair in d)
                    d[pair.Key + 1] = 0;
            });
            Try(() => d.Add(5, 1));
            Try(() => WriteLine(d[77]));
        });
        Program.Run("sorted/linked list members", () =>
        {
            var l = new LinkedList<int>([1, 2, 3]);
            LinkedListNode<int> two = l.Find(2)!;
            l.AddBefore(two, 10);
            l.AddAfter(two, 20);
            l.Remove(3);
            two.ValueRef++;
            WriteLine(string.Join(",", l) + " " + l.Contains(20) + l.First!.Value + l.Last!.Value + " " + two.Previous!.Value + two.Next!.Value
                + l.FindLast(9));
            Try(() => l.AddFirst(two));
            Try(() => new LinkedList<int>().RemoveFirst());
            l.Clear();
            l.AddLast(two);
            WriteLine(l.Count + " " + ReferenceEquals(two.List, l));
        });
        Program.Run("sorted/queue and stack members", () =>
        {
            var q = new Queue<int>([1, 2, 3]);
            var s = new Stack<int>([1, 2, 3]);
            int[] copy = new int[4];
            q.CopyTo(copy, 1);
            WriteLine(string.Join(",", copy) + " " + string.Join(",", s) + " " + string.Join(",", s.ToArray()) + q.Contains(2) + s.Contains(9) + " "
                + q.TryPeek(out int head) + head);
            Try(() => new Queue<int>().Dequeue());
            Try(() => new Stack<int>().Pop());
        });
        Program.Run("sorted/interfaces", () =>
        {
            IReadOnlyDictionary<string, int> d = new SortedDictionary<string, int> { ["x"] = 1 };
            IDictionary<string, int> e = new Dictionary<string, int> { ["y"] = 2 };
            ISet<int> s = new SortedSet<int> { 3 };
            IReadOnlySet<int> r = new HashSet<int> { 4 };
            WriteLine(d.GetValueOrDefault("x") + d.Count + " " + string.Join("", d.Keys) + string.Join("", e.Values) + e.Remove("y") + " "
                + s.Add(3) + r.Contains(4));
        });
        Program.Run("sorted/array segments", () =>
        {
            var segment = new ArraySegment<int>([1, 2, 3, 4, 5], 1, 3);
            WriteLine(segment.Count + " " + segment[0] + string.Join("", segment) + " " + segment.Slice(1).Count + " " + segment.AsSpan()[2]
                + ((IList<int>)segment).IndexOf(4));
            Try(() => new ArraySegment<int>([1], 1, 1));
            Try(() => WriteLine(segment[3]));
        });
        Program.Run("sorted/array pools", () =>
        {
            ArrayPool<byte> pool = ArrayPool<byte>.Create(1000, 2);
            byte[] a = pool.Rent(100);
            pool.Return(a);
            byte[] b = pool.Rent(120);
            WriteLine(a.Length + " " + ReferenceEquals(a, b) + " " + pool.Rent(0).Length + " " + (pool.Rent(5000).Length >= 5000));
            Try(() => pool.Return(new byte[33]));
        });
    }

    private static void Try(Action action)
    {
        try
        {
            action();
            WriteLine("nothing thrown");
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message + (exception.InnerException is { } inner ? " <- " + inner.Message : ""));
        }
    }
}
