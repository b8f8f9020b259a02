using System;
using System.Collections;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Collections
{
    public static void All()
    {
        Program.Run("collections/list", Lists);
        Program.Run("collections/list versions", Versions);
        Program.Run("collections/dictionary", Dictionaries);
        Program.Run("collections/dictionary churn", Churn);
        Program.Run("collections/hash set", Sets);
        Program.Run("collections/queue", Queues);
        Program.Run("collections/stack", Stacks);
        Program.Run("collections/linked list", Linked);
        Program.Run("collections/interfaces", ThroughInterfaces);
        Program.Run("collections/custom", CustomEnumerable);
        Program.Run("collections/struct keys", StructKeys);
        Program.Run("collections/word count", WordCount);
        Program.Run("collections/graph", Graph);
        Program.Run("collections/memo", Memo);
        Program.Run("collections/untyped", Untyped);
    }

    private static void Lists()
    {
        var list = new List<int> { 5, 3, 8 };
        list.Add(1);
        list.Insert(1, 9);
        list.Remove(8);
        list.AddRange([7, 7, 2]);
        list.RemoveAt(0);
        list.RemoveAll(x => x == 7);
        WriteLine(string.Join(",", list) + " " + list.Count + list.Contains(9) + list.IndexOf(2) + list.Find(x => x > 2)
            + list.Exists(x => x == 100));
        list.Sort();
        list.Reverse();
        WriteLine(string.Join(",", list) + string.Join(",", list.ConvertAll(x => "<" + x + ">")) + list.BinarySearch(3)
            + string.Join(",", list.GetRange(1, 2)));
        list.Clear();
        WriteLine(list.Count);
    }

    private static void Versions()
    {
        var list = new List<int> { 1, 2, 3 };
        try
        {
            foreach (int item in list)
                list.Add(item);
        }
        catch (InvalidOperationException e)
        {
            WriteLine(e.Message);
        }
    }

    private static void Dictionaries()
    {
        var d = new Dictionary<string, int> { ["one"] = 1, ["two"] = 2 };
        d.Add("three", 3);
        d["two"] = 22;
        WriteLine(d["two"] + d.Count + " " + d.ContainsKey("four") + d.TryGetValue("one", out int one) + one + d.Remove("one") + d.Remove("one")
            + d.TryAdd("two", 0));
        foreach ((string key, int value) in d)
            Write(key + "=" + value + " ");
        WriteLine(string.Join(",", d.Keys) + string.Join(",", d.Values));
        try
        {
            d.Add("two", 1);
        }
        catch (ArgumentException e)
        {
            WriteLine(e.Message);
        }

        try
        {
            d[null] = 1;
        }
        catch (ArgumentNullException e)
        {
            WriteLine(e.ParamName);
        }
    }

    private static void Churn()
    {
        var d = new Dictionary<int, int>();
        for (int i = 0; i < 5000; i++)
        {
            d[i * 7919 % 1009] = i;
            if (i % 3 == 0)
                d.Remove(i * 31 % 1009);
        }

        long sum = 0;
        for (int i = 0; i < 1009; i++)
            if (d.TryGetValue(i, out int v))
                sum += v * (long)i;
        WriteLine(d.Count + " " + sum);
    }

    private static void Sets()
    {
        var a = new HashSet<int> { 1, 2, 3 };
        var b = new HashSet<int>([3, 4]);
        WriteLine(a.Add(3) + " " + a.Add(4) + a.Contains(2) + a.Count + a.Overlaps(b) + b.IsSubsetOf(a));
        a.ExceptWith(b);
        WriteLine(string.Join(",", a) + a.SetEquals([2, 1]));
        var names = new HashSet<string> { "x", null, "x" };
        WriteLine(names.Count);
    }

    private static void Queues()
    {
        var q = new Queue<string>();
        for (int i = 0; i < 10; i++)
        {
            q.Enqueue("q" + i);
            if (i % 3 == 2)
                Write(q.Dequeue() + " ");
        }

        WriteLine(q.Count + q.Peek() + string.Join(",", q));
    }

    private static void Stacks()
    {
        var s = new Stack<int>([1, 2, 3]);
        s.Push(4);
        WriteLine(s.Pop() + s.Peek() + " " + string.Join(",", s) + s.TryPop(out int top) + top);
    }

    private static void Linked()
    {
        var l = new LinkedList<int>();
        LinkedListNode<int> two = l.AddLast(2);
        l.AddFirst(1);
        l.AddAfter(two, 3);
        l.Remove(two);
        WriteLine(string.Join(",", l) + l.Count + l.First.Value + l.Last.Previous.Value);
    }

    private static void ThroughInterfaces()
    {
        IList<int> list = new List<int> { 1, 2 };
        IList<int> array = (int[])[3, 4];
        ICollection<string> set = new HashSet<string> { "a" };
        IReadOnlyList<string> names = ["n", "m"];
        list.Add(9);
        array[0] = 30;
        set.Add("b");
        WriteLine(list.Count + list[2] + " " + array[0] + array.Count + array.Contains(4) + set.Count + names[1] + names.Count);
        try
        {
            array.Add(1);
        }
        catch (NotSupportedException)
        {
            WriteLine("fixed");
        }

        IDictionary<int, string> d = new Dictionary<int, string> { [1] = "x" };
        WriteLine(d[1] + d.ContainsKey(2));
    }

    private sealed class Fibonacci(int count) : IEnumerable<long>
    {
        public IEnumerator<long> GetEnumerator() => new Enumerator(count);

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private sealed class Enumerator(int left) : IEnumerator<long>
        {
            private long _next = 1;

            public long Current { get; private set; }

            object IEnumerator.Current => Current;

            public bool MoveNext()
            {
                (Current, _next) = (_next, Current + _next);
                return left-- > 0;
            }

            public void Reset() => throw new NotSupportedException();

            public void Dispose() => Write("disposed ");
        }
    }

    private static void CustomEnumerable()
    {
        foreach (long f in new Fibonacci(10))
            Write(f + " ");
        WriteLine(string.Join(",", new Fibonacci(5)));
    }

    private readonly record struct Cell(int Row, int Column);

    private struct Raw
    {
        public int A;
        public string B;
    }

    private static void StructKeys()
    {
        var board = new Dictionary<Cell, string>();
        for (int i = 0; i < 50; i++)
            board[new Cell(i % 5, i % 7)] = "v" + i;
        var raw = new Dictionary<Raw, int> { [new Raw { A = 1, B = "x" }] = 5 };
        var tuples = new Dictionary<(int, string), int> { [(1, "a")] = 2 };
        WriteLine(board.Count + board[new(4, 6)] + raw[new Raw { A = 1, B = "x" }] + tuples[(1, "a")] + raw.ContainsKey(default));
    }

    private static void WordCount()
    {
        var counts = new Dictionary<string, int>();
        foreach (string word in "the cat and the dog and the bird".Split(' '))
            counts[word] = counts.TryGetValue(word, out int n) ? n + 1 : 1;
        var words = new List<string>(counts.Keys);
        words.Sort((a, b) => counts[a] != counts[b] ? counts[b] - counts[a] : string.CompareOrdinal(a, b));
        foreach (string word in words)
            Write(word + ":" + counts[word] + " ");
        WriteLine();
    }

    private static void Graph()
    {
        var edges = new Dictionary<int, List<int>>();
        for (int i = 0; i < 100; i++)
            edges[i] = [i * 3 % 100, (i + 17) % 100];
        var distance = new Dictionary<int, int> { [0] = 0 };
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out int at))
            foreach (int next in edges[at])
                if (distance.TryAdd(next, distance[at] + 1))
                    queue.Enqueue(next);
        int sum = 0;
        foreach (int d in distance.Values)
            sum += d;
        WriteLine(distance.Count + " " + sum);
    }

    private static void Memo()
    {
        var memo = new Dictionary<(int, int), long>();
        WriteLine(Paths(16, 16));

        long Paths(int x, int y)
        {
            if (x == 0 || y == 0)
                return 1;
            if (!memo.TryGetValue((x, y), out long known))
                memo[(x, y)] = known = Paths(x - 1, y) + Paths(x, y - 1);
            return known;
        }
    }

    private static void Untyped()
    {
        IEnumerable items = new List<int> { 1, 2 };
        foreach (object item in items)
            Write(item + " ");
        Array array = (double[])[1.5, 2.5];
        foreach (object item in array)
            Write(item + " ");
        WriteLine(array.Length + " " + array.GetValue(1) + array.Rank);
    }
}
