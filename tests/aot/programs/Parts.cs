using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Members of arrays and collections that work on a part, and capacities.</summary>
internal static class Parts
{
    public static void All()
    {
        Program.Run("parts/array searches", () =>
        {
            int[] items = [5, 3, 8, 3, 9, 1, 3];
            for (int start = -1; start <= 8; start++)
                for (int count = -1; count <= 7; count += 2)
                {
                    Try(() => Array.LastIndexOf(items, 3, start, count).ToString());
                    Try(() => Array.FindIndex(items, start, count, x => x > 4).ToString());
                    Try(() => Array.FindLastIndex(items, start, count, x => x > 4).ToString());
                }

            Try(() => Array.LastIndexOf(items, 8, 5) + " " + Array.FindIndex(items, 3, x => x == 3) + " "
                + Array.FindLastIndex(items, 4, x => x == 8));
            Try(() => Array.LastIndexOf(new int[0], 8, 0) + " " + Array.FindLastIndex(new int[0], -1, x => true)
                + Array.LastIndexOf(new int[0], 8, -1, 0));
            int[] sorted = [1, 3, 5, 7, 9, 11];
            WriteLine(Array.BinarySearch(sorted, 1, 4, 7) + " " + Array.BinarySearch(sorted, 1, 3, 11) + " " + Array.BinarySearch(sorted, 0, 0, 1)
                + " "
                + Array.BinarySearch(sorted, 2, 3, 4, Comparer<int>.Default));
            Try(() => Array.BinarySearch(sorted, -1, 4, 7).ToString());
            Try(() => Array.BinarySearch(sorted, 1, -4, 7).ToString());
            Try(() => Array.BinarySearch(sorted, 4, 4, 7).ToString());
        });
        Program.Run("parts/array sorts", () =>
        {
            int[] keys = [9, 5, 7, 1, 3, 8];
            string[] names = ["nine", "five", "seven", "one", "three", "eight"];
            Array.Sort(keys, names, 1, 4);
            WriteLine(string.Join(",", keys) + " " + string.Join(",", names));
            Array.Sort(keys, names, 0, 6, Comparer<int>.Create((a, b) => b - a));
            WriteLine(string.Join(",", keys) + " " + string.Join(",", names));
            Try(() => { Array.Sort(keys, names, 3, 6); return ""; });
            Try(() => { Array.Sort(keys, names, -3, 6); return ""; });
            Try(() => { Array.Sort(keys, new string[2], 1, 3); return ""; });
            Try(() => { Array.Sort((int[])null!, names); return ""; });
        });
        Program.Run("parts/list", () =>
        {
            var list = new List<int> { 5, 3, 8, 3, 9, 1, 3 };
            for (int start = -1; start <= 8; start++)
                for (int count = -1; count <= 7; count += 2)
                {
                    Try(() => list.LastIndexOf(3, start, count).ToString());
                    Try(() => list.FindIndex(start, count, x => x > 4).ToString());
                    Try(() => list.FindLastIndex(start, count, x => x > 4).ToString());
                }

            Try(() => list.LastIndexOf(8, 5) + " " + list.FindIndex(3, x => x == 3) + " " + list.FindLastIndex(4, x => x == 8)
                + new List<int>().LastIndexOf(1, 0, 0));
            Try(() => list.LastIndexOf(8, 50).ToString());
            Try(() => list.FindLastIndex(null!).ToString());
            var sorted = new List<int> { 1, 3, 5, 7, 9, 11 };
            WriteLine(sorted.BinarySearch(1, 4, 7, null) + " " + sorted.BinarySearch(1, 3, 11, Comparer<int>.Default));
            Try(() => sorted.BinarySearch(4, 4, 7, null).ToString());
            Try(() => sorted.BinarySearch(-4, 4, 7, null).ToString());
        });
        Program.Run("parts/capacities", () =>
        {
            var queue = new Queue<int>();
            var stack = new Stack<int>();
            for (int i = 0; i < 20; i++)
            {
                Write(queue.Capacity + "/" + stack.Capacity + " ");
                queue.Enqueue(i);
                stack.Push(i);
            }

            for (int i = 0; i < 8; i++)
                Write(queue.Dequeue() + "-" + stack.Pop() + " ");
            queue.TrimExcess();
            stack.TrimExcess();
            WriteLine(queue.Capacity + " " + stack.Capacity + " " + queue.EnsureCapacity(50) + " " + stack.EnsureCapacity(50));
            queue.TrimExcess(15);
            stack.TrimExcess(15);
            queue.Enqueue(100);
            WriteLine(queue.Capacity + " " + stack.Capacity + " " + string.Join(",", queue) + " " + string.Join(",", stack));
            Try(() => { queue.TrimExcess(3); return ""; });
            Try(() => { queue.EnsureCapacity(-1); return ""; });
            Try(() => { stack.TrimExcess(-3); return ""; });
            Try(() => { stack.TrimExcess(2); return ""; });
            Try(() => new Queue<int>(-1).ToString());
            WriteLine(new Queue<int>(3).Capacity + " " + new Queue<int>(0).TryDequeue(out _) + new Queue<string>(["a", "b"]).Dequeue());
        });
        Program.Run("parts/dictionary and sets", () =>
        {
            var map = new Dictionary<string, int>(new Dictionary<string, int> { ["a"] = 1, ["B"] = 2 }, StringComparer.OrdinalIgnoreCase);
            var fromPairs = new Dictionary<string, int>(new List<KeyValuePair<string, int>> { new("x", 1), new("Y", 2) },
                StringComparer.OrdinalIgnoreCase);
            WriteLine(map["A"] + map["b"] + fromPairs["X"] + fromPairs["y"]);
            var large = new Dictionary<int, int>();
            for (int i = 0; i < 1000; i++)
                large.Add(i, -i);
            for (int i = 0; i < 1000; i++)
                if (i % 100 != 7)
                    large.Remove(i);
            int before = large.Capacity;
            large.TrimExcess();
            WriteLine((large.Capacity < before) + " " + string.Join(" ", large) + " " + large.ContainsKey(207) + large.ContainsKey(208));
            large.Add(5, 5);
            large.Remove(107);
            large.TrimExcess(100);
            large.Add(6, 6);
            WriteLine(string.Join(" ", large) + " " + large[6] + large.Count);
            Try(() => { large.TrimExcess(1); return ""; });
            var set = new HashSet<int> { 4, 5, 6, 7 };
            int[] target = new int[6];
            set.CopyTo(target, 1, 2);
            WriteLine(string.Join(",", target) + " " + (set.Capacity >= 4));
            set.TrimExcess();
            Try(() => { set.CopyTo(target, 3); return ""; });
            Try(() => { set.CopyTo(target, -3); return ""; });
            Try(() => { set.CopyTo(null!, 0); return ""; });
            Try(() => { set.CopyTo(target, 0, -1); return ""; });
            var sets = new HashSet<HashSet<int>>(HashSet<int>.CreateSetComparer()) { new() { 1, 2 }, new() { 2, 1 }, new() { 3 } };
            WriteLine(sets.Count);
            var ordered = new SortedSet<int> { 3, 1, 2 };
            ordered.CopyTo(target, 2, 2);
            WriteLine(string.Join(",", target));
            Try(() => { ordered.CopyTo(target, 5); return ""; });
            Try(() => { ordered.CopyTo(target, -1); return ""; });
        });
    }

    private static void Try(Func<string> function)
    {
        try
        {
            WriteLine(function());
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }
}
