using System;
using System.Collections;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

// What the programs use.
internal static partial class Control
{
    private static int s_finallys;

    private static T Say<T>(string what, T value)
    {
        WriteLine(what);
        return value;
    }

    private static bool Throws() => throw new OverflowException("in the filter");

    private static bool Recovers(Exception e)
    {
        try
        {
            throw new FormatException("inner");
        }
        catch (FormatException f)
        {
            WriteLine(f.Message + " within " + e.Message);
            return true;
        }
        finally
        {
            WriteLine("filter's finally");
        }
    }

    private static void WithFinally(string name, Action action)
    {
        try
        {
            action();
        }
        finally
        {
            // Not printed: .NET runs filters before it, compiled programs after.
            s_finallys += name.Length;
        }
    }

    private static int Return(int how)
    {
        try
        {
            try
            {
                if (how == 1)
                    return 10;
                if (how == 2)
                    throw new FormatException();
            }
            catch (FormatException)
            {
                return 20;
            }
            finally
            {
                Write("inner ");
            }

            return 30;
        }
        finally
        {
            Write("outer ");
        }
    }

    private static int Unchanged()
    {
        int x = 1;
        try
        {
            return x;
        }
        finally
        {
            x = 5;
        }
    }

    private static IEnumerable<int> Failing()
    {
        yield return 1;
        yield return 2;
        throw new InvalidOperationException("third");
    }

    private static IEnumerable<int> Counting(string name)
    {
        try
        {
            for (int i = 0; ; i++)
                yield return i;
        }
        finally
        {
            WriteLine("disposed " + name);
        }
    }

    private static IEnumerable<int> Squares(int n)
    {
        for (int i = 1; i <= n; i++)
            yield return i * i;
    }

    private static IEnumerable<string> Permutations(string s)
    {
        if (s.Length == 0)
            yield return "";
        for (int i = 0; i < s.Length; i++)
            foreach (string rest in Permutations(s.Remove(i, 1)))
                yield return s[i] + rest;
    }

    private static IEnumerable<string> Guarded()
    {
        try
        {
            yield return "a";
            try
            {
                yield return "b";
            }
            finally
            {
                Write("inner ");
            }

            yield return "c";
        }
        finally
        {
            Write("outer ");
        }
    }

    private static IEnumerator Mixed()
    {
        yield return 1;
        yield return "two";
        yield return 3.5;
    }

    private static string Take(int a, int b, int c) => a + "" + b + c;

    private static int Depth(int n) => n == 0 ? 0 : 1 + Depth(n - 1);

    private static int Ackermann(int m, int n) => m == 0 ? n + 1 : n == 0 ? Ackermann(m - 1, 1) : Ackermann(m - 1, Ackermann(m, n - 1));

    private static string Ten(int a, long b, short c, byte d, string e, double f, float g, char h, bool i, decimal_like j) => a + " " + b + c + d
        + e + f + g + h + i + j.Value;

    private readonly struct decimal_like(int value)
    {
        public int Value => value;

        public static implicit operator decimal_like(int value) => new(value);
    }

    private readonly record struct Small(sbyte Value)
    {
        public static Small operator +(Small a, Small b) => new(unchecked((sbyte)(a.Value + b.Value)));

        public static Small operator checked +(Small a, Small b) => new(checked((sbyte)(a.Value + b.Value)));

        public static Small operator -(Small a) => new(unchecked((sbyte)-a.Value));

        public static Small operator checked -(Small a) => new(checked((sbyte)-a.Value));

        public static explicit operator byte(Small a) => unchecked((byte)a.Value);

        public static explicit operator checked byte(Small a) => checked((byte)a.Value);

        public static Small operator ++(Small a) => new((sbyte)(a.Value + 1));

        public static bool operator >(Small a, Small b) => a.Value > b.Value;

        public static bool operator <(Small a, Small b) => a.Value < b.Value;

        public static bool operator true(Small a) => a.Value != 0;

        public static bool operator false(Small a) => a.Value == 0;

        public static Small operator &(Small a, Small b) => new((sbyte)(a.Value & b.Value));

        public static Small operator |(Small a, Small b) => new((sbyte)(a.Value | b.Value));

        public static bool operator !(Small a) => a.Value == 0;

        public static implicit operator int(Small a) => a.Value;
    }

    private static class Broken
    {
        public static readonly int Value = Fail();

        static Broken()
        {
        }

        private static int Fail() => throw new FormatException("can't be made");
    }

    private static class First
    {
        public static int A = Say("First", Second.B + 1);

        static First()
        {
        }
    }

    private static class Second
    {
        public static int B = Say("Second", 10);

        static Second()
        {
        }
    }

    private static class Lazy
    {
        public static string Ready { get; } = Say("Lazy", "ready");

        static Lazy() => WriteLine("constructor");
    }

    private sealed class Noisy(string name) : IDisposable
    {
        public void Dispose() => WriteLine("dispose " + name);
    }

    private readonly struct Upto(int n)
    {
        public Enumerator GetEnumerator() => new(n);

        public struct Enumerator(int n)
        {
            private int _i = -1;

            public readonly int Current => _i;

            public bool MoveNext() => ++_i < n;
        }
    }

    private readonly struct RefUpto(int[] items)
    {
        public Span<int>.Enumerator GetEnumerator() => items.AsSpan().GetEnumerator();
    }
}
