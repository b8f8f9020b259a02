using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Flow of control: exceptions with filters in their order, iterators, switches, locks, checked operators.</summary>
internal static class Control
{
    public static void All()
    {
        Program.Run("control/filter and finally", () =>
        {
            try
            {
                try
                {
                    throw new InvalidOperationException("x");
                }
                finally
                {
                    s_finallys++;
                }
            }
            catch (Exception e) when (Say("filter", true))
            {
                WriteLine("caught " + e.Message);
            }
        });
        Program.Run("control/filter across methods", () =>
        {
            try
            {
                WithFinally("outer", () => WithFinally("inner", () => throw new FormatException("f")));
            }
            catch (FormatException e) when (Say("filter sees " + e.Message, true))
            {
                WriteLine("caught");
            }
        });
        Program.Run("control/filters refuse then accept", () =>
        {
            try
            {
                try
                {
                    WithFinally("a", () => throw new ArgumentException("arg"));
                }
                catch (ArgumentException) when (Say("first refuses", false))
                {
                    WriteLine("never");
                }
                finally
                {
                    s_finallys++;
                }
            }
            catch (Exception) when (Say("second refuses", false))
            {
                WriteLine("never");
            }
            catch (ArgumentException e) when (Say("third accepts", true))
            {
                WriteLine("caught " + e.Message);
            }
        });
        Program.Run("control/filter with state", () =>
        {
            int depth = 0;
            for (int i = 0; i < 3; i++)
            {
                try
                {
                    depth++;
                    throw new InvalidOperationException(i.ToString());
                }
                catch (InvalidOperationException e) when (e.Message == "1" && depth == 2)
                {
                    WriteLine("one at " + depth);
                }
                catch (InvalidOperationException e)
                {
                    WriteLine("other " + e.Message);
                }
            }
        });
        Program.Run("control/filter that throws", () =>
        {
            try
            {
                WithFinally("f", () => throw new FormatException("first"));
            }
            catch (Exception) when (Throws())
            {
                WriteLine("never");
            }
            catch (FormatException e)
            {
                WriteLine("caught " + e.Message);
            }
        });
        Program.Run("control/exception in filter's callee", () =>
        {
            try
            {
                throw new ArgumentException("outer");
            }
            catch (ArgumentException e) when (Recovers(e))
            {
                WriteLine("caught " + e.Message);
            }
        });
        Program.Run("control/nested filters and rethrow", () =>
        {
            try
            {
                try
                {
                    WithFinally("1", () => throw new InvalidOperationException("again"));
                }
                catch (InvalidOperationException) when (Say("inner filter", true))
                {
                    WriteLine("rethrowing");
                    throw;
                }
            }
            catch (Exception e) when (Say("outer filter " + e.Message, true))
            {
                WriteLine("done");
            }
        });
        Program.Run("control/finally in a loop with filter", () =>
        {
            int caught = 0;
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    try
                    {
                        if (i == 3)
                            break;
                        if (i % 2 == 0)
                            continue;
                        throw new FormatException("i" + i);
                    }
                    finally
                    {
                        Write("f" + i + " ");
                    }
                }
                catch (FormatException) when (i > 0)
                {
                    caught++;
                }
            }

            WriteLine(caught);
        });
        Program.Run("control/catch selects by type", () =>
        {
            foreach (Exception e in (Exception[])[new DivideByZeroException(), new OverflowException(), new ArithmeticException("a"), new ArgumentNullException("p"), new KeyNotFoundException(), new NotSupportedException()])
            {
                try
                {
                    throw e;
                }
                catch (DivideByZeroException)
                {
                    WriteLine("divide");
                }
                catch (ArithmeticException x) when (x is not OverflowException)
                {
                    WriteLine("arithmetic");
                }
                catch (ArgumentException x)
                {
                    WriteLine("argument " + x.ParamName);
                }
                catch (SystemException x)
                {
                    WriteLine("system " + x.GetType().Name);
                }
            }
        });
        Program.Run("control/return through finallys", () => WriteLine(Return(1) + " " + Return(2) + " " + Return(3)));
        Program.Run("control/finally changes nothing", () => WriteLine(Unchanged()));
        Program.Run("control/throw expressions", () =>
        {
            foreach (string? s in (string?[])["a", null])
            {
                try
                {
                    string t = s ?? throw new ArgumentNullException(nameof(s));
                    WriteLine(t.Length > 0 ? t : throw new FormatException());
                }
                catch (ArgumentNullException e)
                {
                    WriteLine(e.ParamName);
                }
            }
        });
        Program.Run("control/exception in iterator", () =>
        {
            try
            {
                foreach (int i in Failing())
                    Write(i + " ");
            }
            catch (InvalidOperationException e)
            {
                WriteLine(e.Message);
            }
        });
        Program.Run("control/iterator disposal", () =>
        {
            foreach (int i in Counting("a"))
                if (i == 2)
                    break;
            using (IEnumerator<int> e = Counting("b").GetEnumerator())
                e.MoveNext();
            IEnumerator<int> unstarted = Counting("c").GetEnumerator();
            unstarted.Dispose();
            WriteLine("end");
        });
        Program.Run("control/iterator twice", () =>
        {
            IEnumerable<int> squares = Squares(4);
            int sum = 0;
            foreach (int a in squares)
                foreach (int b in squares)
                    sum += a * b;
            WriteLine(sum);
        });
        Program.Run("control/recursive iterator", () => WriteLine(string.Join(" ", Permutations("abc"))));
        Program.Run("control/yield in try", () =>
        {
            foreach (string s in Guarded())
                Write(s + " ");
            WriteLine();
        });
        Program.Run("control/untyped iterator", () =>
        {
            IEnumerator e = Mixed();
            while (e.MoveNext())
                Write(e.Current + ";");
            WriteLine();
        });
        Program.Run("control/goto", () =>
        {
            int i = 0;
        again:
            if (i < 3)
            {
                Write(i++ + " ");
                goto again;
            }

            for (int a = 0; a < 4; a++)
                for (int b = 0; b < 4; b++)
                    if (a * b == 6)
                    {
                        WriteLine(a + "*" + b);
                        goto done;
                    }
            done:
            WriteLine("done");
        });
        Program.Run("control/switch on strings", () =>
        {
            foreach (string s in (string[])["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", ""])
                Write(s switch { "alpha" => 1, "beta" => 2, "gamma" => 3, "delta" => 4, "epsilon" => 5, "zeta" => 6, "eta" => 7, "theta" => 8, "" => 0, _ => -1 } + " ");
            WriteLine();
        });
        Program.Run("control/switch on longs", () =>
        {
            foreach (long n in (long[])[0, 1, -1, long.MaxValue, long.MinValue, 1L << 40, 7])
            {
                switch (n)
                {
                    case 0:
                        Write("zero ");
                        goto case 1;
                    case 1:
                        Write("one ");
                        break;
                    case long.MaxValue or long.MinValue:
                        Write("end ");
                        break;
                    case 1L << 40:
                        Write("tera ");
                        goto default;
                    default:
                        Write("? ");
                        break;
                }
            }

            WriteLine();
        });
        Program.Run("control/switch with when", () =>
        {
            for (int i = -2; i < 12; i += 2)
                Write(i switch { < 0 => "neg", 0 => "0", var n when n % 4 == 0 => "four", > 5 and < 9 => "mid", not 2 => "big", _ => "two" } + " ");
            WriteLine();
        });
        Program.Run("control/locks", () =>
        {
            var o = new object();
            var l = new Lock();
            int n = 0;
            lock (o)
            {
                lock (o)
                    n++;
                lock (l)
                {
                    n += l.IsHeldByCurrentThread ? 10 : 0;
                    using (l.EnterScope())
                        n += 100;
                }
            }

            try
            {
                lock (l)
                    throw new FormatException();
            }
            catch (FormatException)
            {
                n += l.IsHeldByCurrentThread ? 0 : 1000;
            }

            WriteLine(n);
            try
            {
                l.Exit();
            }
            catch (SynchronizationLockException)
            {
                WriteLine("not held");
            }
        });
        Program.Run("control/interlocked", () =>
        {
            int i = 5;
            long l = 7;
            uint u = 9;
            ulong w = 3;
            object? o = "a";
            WriteLine(Interlocked.Increment(ref i) + " " + Interlocked.Add(ref l, 5) + " " + Interlocked.Exchange(ref u, 4) + " " + Interlocked.CompareExchange(ref w, 8, 3) + " " + w + Interlocked.Exchange(ref o, "b") + o + Interlocked.Or(ref i, 8) + " " + i + " " + Interlocked.And(ref l, 4) + " " + l + Interlocked.Decrement(ref u) + Interlocked.Read(ref l));
            nint p = 1;
            WriteLine(Interlocked.CompareExchange(ref p, 5, 2) + " " + p + Interlocked.Exchange(ref p, 9) + p + Volatile.Read(ref p));
        });
        Program.Run("control/checked operators", () =>
        {
            var a = new Small(100);
            WriteLine(unchecked(a + new Small(50)) + " " + unchecked(-new Small(-128)) + " " + unchecked((byte)new Small(-1)));
            foreach (Func<object> run in (Func<object>[])[() => checked(a + new Small(50)), () => checked(-new Small(-128)), () => checked((byte)new Small(-1)), () => checked(a + new Small(1))])
            {
                try
                {
                    WriteLine(run());
                }
                catch (OverflowException e)
                {
                    WriteLine(e.Message);
                }
            }
        });
        Program.Run("control/user operators", () =>
        {
            var a = new Small(6);
            a++;
            a += new Small(3);
            WriteLine(a + " " + (a > new Small(5)) + (a == new Small(10)) + " " + (a ? "true" : "false") + (a && new Small(0) ? "both" : "not both") + (new Small(0) || a ? "either" : "none") + " " + (int)a + !a);
        });
        Program.Run("control/lifted operators", () =>
        {
            int? a = 5, b = null;
            Small? s = new Small(2);
            bool? t = true, n = null;
            WriteLine((a + b) + "|" + (a + 1) + "|" + (a > b) + "|" + (a == b) + "|" + (b == null) + "|" + (s + s) + "|" + (t & n) + "|" + (t | n) + "|" + (n | t) + "|" + (false & n) + "|" + -a + "|" + (b ?? 9) + "|" + a.GetValueOrDefault() + b.GetValueOrDefault(4) + "|" + (a?.ToString() ?? "none") + (b?.ToString() ?? "none"));
        });
        Program.Run("control/short circuits", () =>
        {
            WriteLine((Say("a", false) && Say("b", true)) + " " + (Say("c", true) || Say("d", true)) + " " + (Say("e", false) & Say("f", true)) + " " + (Say("g", true) ? Say("h", 1) : Say("i", 2)));
        });
        Program.Run("control/evaluation order", () =>
        {
            int[] a = new int[3];
            int i = 0;
            a[i++] = i++ + i++;
            a[Say("index", 1)] += Say("value", 5);
            (a[0], a[2]) = (a[2], a[0]);
            WriteLine(string.Join(",", a) + " " + i + Take(Say("x", 1), c: Say("z", 3), b: Say("y", 2)));
        });
        Program.Run("control/null checks in order", () =>
        {
            int[]? a = null;
            foreach (Action run in (Action[])[() => a![Say("index", 0)] = Say("value", 1), () => WriteLine(a!.Length), () => ((string?)null)!.Trim(), () => ((Action?)null)!()])
            {
                try
                {
                    run();
                }
                catch (NullReferenceException)
                {
                    WriteLine("null");
                }
            }
        });
        Program.Run("control/static constructor failures", () =>
        {
            for (int i = 0; i < 2; i++)
            {
                try
                {
                    WriteLine(Broken.Value);
                }
                catch (TypeInitializationException e)
                {
                    WriteLine(e.TypeName + " <- " + e.InnerException!.Message);
                }
            }
        });
        Program.Run("control/static constructor order", () => WriteLine(First.A + " " + Second.B + " " + Lazy.Ready));
        Program.Run("control/deep recursion", () => WriteLine(Depth(20000) + " " + Ackermann(2, 9)));
        Program.Run("control/many arguments", () => WriteLine(Ten(1, 2L, 3, 4, "5", 6.5, 7.5f, '8', true, 10)));
        Program.Run("control/disposal order", () =>
        {
            using var a = new Noisy("a");
            using (var b = new Noisy("b"))
            using (new Noisy("c"))
                WriteLine("in");
            using Noisy? none = null;
            try
            {
                using var d = new Noisy("d");
                throw new FormatException();
            }
            catch (FormatException)
            {
                WriteLine("after d");
            }
        });
        Program.Run("control/custom enumerable", () =>
        {
            foreach (int i in new Upto(4))
                Write(i + " ");
            foreach (ref int i in new RefUpto(new int[] { 1, 2, 3 }))
                i *= 10;
            WriteLine();
        });
    }

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

    private static string Ten(int a, long b, short c, byte d, string e, double f, float g, char h, bool i, decimal_like j) => a + " " + b + c + d + e + f + g + h + i + j.Value;

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
