using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>What C# 12 to 14 brought: extension members, the field keyword, params spans, user-defined compound assignment, and more.</summary>
internal static class Modern
{
    public static void All()
    {
        Program.Run("modern/field keyword", () =>
        {
            var o = new WithField { Name = "  padded ", Level = 50 };
            WriteLine("[" + o.Name + "] " + o.Level + " " + o.Lazy + o.Lazy + " " + WithField.Made);
            o.Level = -3;
            WriteLine(o.Level);
        });
        Program.Run("modern/extension methods", () => WriteLine(3.Doubled() + " " + "abc".Shout() + " " + new[] { 1, 2, 3 }.Second()));
        Program.Run("modern/extension properties", () => WriteLine("hello".Vowels + " " + "".IsBlank + " " + new List<int> { 4, 5 }.LastOne));
        Program.Run("modern/extension statics", () => WriteLine(int.Answer + " " + string.Repeat("ab", 3) + " " + List<int>.Of(1, 2).Count));
        Program.Run("modern/extension operators", () => WriteLine(string.Join(",", new List<int> { 1 } + new List<int> { 2, 3 })));
        Program.Run("modern/params spans", () => WriteLine(Total() + " " + Total(1) + " " + Total(1, 2, 3) + " " + Total([4, 5]) + " "
            + Joined("a", "b") + Count("x", 1, 2.5, null)));
        Program.Run("modern/params lists", () => WriteLine(Names("a", "b").Count + " " + Enumerated(1, 2, 3)));
        Program.Run("modern/compound assignment", () =>
        {
            var counter = new Counter();
            counter += 5;
            Counter same = counter;
            same += 7;
            same++;
            WriteLine(counter.Value + " " + ReferenceEquals(counter, same));
            var big = new Vector3(1, 2, 3);
            big *= 2;
            big -= new Vector3(1, 1, 1);
            WriteLine(big);
        });
        Program.Run("modern/null conditional assignment", () =>
        {
            Node? some = new Node(1), none = null;
            some?.Next = new Node(Say("evaluated", 2));
            none?.Next = new Node(Say("never", 3));
            some?.Value += 10;
            some?.Items?[Say("index", 0)] = 5;
            WriteLine(some!.Next!.Value + " " + some.Value);
        });
        Program.Run("modern/primary constructors", () => WriteLine(new Greeter("World", 2).Greet() + " " + new Derived(3).Text + " "
            + new Pair(1, 2).Sum()));
        Program.Run("modern/collection expressions", () =>
        {
            int[] a = [1, 2, 3];
            List<int> b = [0, .. a, 4];
            Span<int> c = [.. b, .. a];
            IReadOnlyList<int> d = [.. c, 9];
            IEnumerable<string> e = ["x", "y"];
            HashSet<int> f = [1, 1, 2];
            WriteLine(b.Count + " " + c.Length + " " + d[^1] + " " + string.Join("", e) + " " + f.Count + " " + ((int[])[]).Length);
        });
        Program.Run("modern/list patterns", () =>
        {
            foreach (int[] list in (int[][])[[], [1], [1, 2], [1, 5, 9], [2, 3, 4, 1]])
                WriteLine(list switch { [] => "empty", [var one] => "one " + one, [1, .. var rest, > 5] => "from 1 to more, " + rest.Length,
                    [var first, .., 1] => "ends " + first, [_, _] => "two", _ => "other" });
        });
        Program.Run("modern/raw strings", () =>
        {
            int x = 5;
            WriteLine("""
                A "quoted" line
                  indented {not a hole}
                """ + $$"""{{{x}}} and {x}""" + $"{(x > 3 ? "more" : "less")}");
        });
        Program.Run("modern/utf8 literals", () => WriteLine("grün"u8.Length + " " + "grün"u8[2] + " "
            + "abc"u8.SequenceEqual(new byte[] { 97, 98, 99 })));
        Program.Run("modern/with", () =>
        {
            var a = new Point(1, 2, "p");
            Point b = a with { Y = 5 }, c = b with { };
            WriteLine(a + " " + b + " " + (b == c) + ReferenceEquals(b, c) + " " + (new { X = 1, Y = 2 } with { X = 9 }));
        });
        Program.Run("modern/required and init", () => WriteLine(new Settings { Name = "n", Size = 3 } + " " + new Settings { Name = "m" }));
        Program.Run("modern/static local functions", () =>
        {
            int y = 3;
            static int Square(int v) => v * v;
            int WithY(int v) => v + y;
            WriteLine(Square(5) + WithY(1) + ((Func<int, int>)(static v => v - 1))(10));
        });
        Program.Run("modern/lambda defaults", () =>
        {
            var add = (int a, int b = 10) => a + b;
            var count = (params int[] all) => all.Length;
            WriteLine(add(1) + " " + add(1, 2) + " " + count(1, 2, 3) + " " + count());
        });
        Program.Run("modern/target typed", () =>
        {
            Point p = new(1, 2, "t");
            (int, string)[] pairs = [new(1, "a"), (2, "b")];
            int? n = pairs.Length > 5 ? 1 : null;
            WriteLine(p.X + pairs[1].Item2 + (n is null));
        });
        Program.Run("modern/deconstruction", () =>
        {
            var (x, y, name) = new Point(3, 4, "q");
            (x, y) = (y, x);
            (int a, (int b, _)) = (1, (2, 3));
            foreach ((string key, int value) in new Dictionary<string, int> { ["k"] = 7 })
                WriteLine(key + value);
            WriteLine(x + " " + y + name + a + b);
        });
        Program.Run("modern/indices and ranges", () =>
        {
            int[] a = [0, 1, 2, 3, 4, 5];
            Index last = ^1;
            Range middle = 1..^1;
            WriteLine(a[last] + " " + a[middle].Length + " " + "hello"[1..3] + "hello"[^2..] + " " + a[..2][1] + " " + last + " " + middle + " "
                + middle.GetOffsetAndLength(6) + " " + Range.All + Index.FromEnd(3).GetOffset(10));
        });
        Program.Run("modern/names of tuples", () =>
        {
            (int Min, int Max) r = (1, 9);
            WriteLine(r.Max + r.Min + " " + r + " " + (r == (1, 9)) + " " + (1, "x", 2.5).ToString());
        });
        Program.Run("modern/nameof and caller", () => WriteLine(nameof(List<int>) + nameof(Modern.All) + Where() + Argument(1 + 2)));
        Program.Run("modern/implicit span conversions", () =>
        {
            WriteLine(Head("span") + Head("text"u8.ToArray().Length > 3 ? "long" : "short") + First((int[])[7, 8]) + " "
                + ((ReadOnlySpan<object>)new string[] { "a" }).Length);
        });
        Program.Run("modern/ref readonly parameters", () =>
        {
            int value = 5;
            WriteLine(ReadOnly(ref value) + ReadOnly(in value));
        });
        Program.Run("modern/partial properties", () => WriteLine(new Partial { Number = 4 }.Number + " " + new Partial()[3]));
        Program.Run("modern/switch on types", () =>
        {
            foreach (object? o in (object?[])[1, "s", 2.5, null, new int[3], 'c', (1, 2), new List<int> { 1 }])
                WriteLine(o switch { int and > 0 => "positive", string { Length: 1 } s => s, double d and (< 0 or > 2) => "d" + d, null => "null",
                    Array a => "array " + a.Length, char c when char.IsLetter(c) => "letter", (int x, int y) => x + y + "",
                    System.Collections.ICollection => "collection", IEnumerable<int> => "ints", _ => "?" });
        });
    }

    private static T Say<T>(string what, T value)
    {
        WriteLine(what);
        return value;
    }

    private static int Total(params ReadOnlySpan<int> values)
    {
        int total = 0;
        foreach (int value in values)
            total += value;
        return total;
    }

    private static string Joined(params ReadOnlySpan<string> values) => string.Join("+", values.ToArray());

    private static int Count(params ReadOnlySpan<object?> values) => values.Length;

    private static List<string> Names(params List<string> names) => names;

    private static int Enumerated(params IEnumerable<int> values)
    {
        int n = 0;
        foreach (int v in values)
            n = n * 10 + v;
        return n;
    }

    private static string Where([CallerMemberName] string name = "") => name;

    private static string Argument(int value, [CallerArgumentExpression(nameof(value))] string text = "") => text + "=" + value;

    private static char Head(ReadOnlySpan<char> text) => text[0];

    private static int First(ReadOnlySpan<int> values) => values[0];

    private static int ReadOnly(ref readonly int value) => value * 2;

    private sealed class WithField
    {
        public string Name
        {
            get;
            set => field = value.Trim();
        } = "";

        public int Level
        {
            get => field;
            set => field = Math.Clamp(value, 0, 10);
        }

        public string Lazy => field ??= Say("made", "lazy");

        public static int Made { get => ++field; }
    }

    private sealed class Counter
    {
        public int Value;

        public void operator +=(int amount) => Value += amount;

        public void operator ++() => Value++;
    }

    private record struct Vector3(int X, int Y, int Z)
    {
        public void operator *=(int factor) => (X, Y, Z) = (X * factor, Y * factor, Z * factor);

        public static Vector3 operator -(Vector3 a, Vector3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
    }

    private sealed class Node(int value)
    {
        public int Value = value;
        public Node? Next;
        public int[]? Items;
    }

    private sealed class Greeter(string name, int times)
    {
        private int _count = times;

        public string Greet() => _count-- > 0 ? "Hello " + name + "; " + Greet() : name.Length.ToString();
    }

    private class Base(int x)
    {
        public string Text { get; } = "base " + x;
    }

    private sealed class Derived(int y) : Base(y * 2);

    private readonly struct Pair(int a, int b)
    {
        public int Sum() => a + b;
    }

    private sealed record Point(int X, int Y, string Name);

    private sealed record Settings
    {
        public required string Name { get; init; }

        public int Size { get; init; } = 1;
    }
}

internal sealed partial class Partial
{
    public partial int Number { get; set; }

    public partial int this[int index] { get; }
}

internal sealed partial class Partial
{
    private int _number;

    public partial int Number { get => _number * 2; set => _number = value + 1; }

    public partial int this[int index] => index * index;
}

internal static class Extensions
{
    extension(int value)
    {
        public int Doubled() => value * 2;

        public static int Answer => 42;
    }

    extension(string text)
    {
        public string Shout() => text.ToUpperInvariant() + "!";

        public bool IsBlank => text.Length == 0;

        public int Vowels
        {
            get
            {
                int count = 0;
                foreach (char c in text)
                    if (c is 'a' or 'e' or 'i' or 'o' or 'u')
                        count++;
                return count;
            }
        }

        public static string Repeat(string part, int count) => count == 0 ? "" : part + string.Repeat(part, count - 1);
    }

    extension<T>(IEnumerable<T> items)
    {
        public T Second()
        {
            int index = 0;
            foreach (T item in items)
                if (index++ == 1)
                    return item;
            throw new InvalidOperationException();
        }
    }

    extension<T>(List<T> list)
    {
        public T LastOne => list[^1];

        public static List<T> Of(params T[] items) => new(items);

        public static List<T> operator +(List<T> a, List<T> b) => [.. a, .. b];
    }
}
