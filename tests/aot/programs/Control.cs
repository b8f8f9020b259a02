using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Flow of control: exceptions with filters in their order, iterators, switches, locks, checked operators.</summary>
internal static partial class Control
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
            foreach (Exception e in (Exception[])[new DivideByZeroException(), new OverflowException(), new ArithmeticException("a"),
                new ArgumentNullException("p"), new KeyNotFoundException(), new NotSupportedException()])
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
                Write(s switch { "alpha" => 1, "beta" => 2, "gamma" => 3, "delta" => 4, "epsilon" => 5, "zeta" => 6, "eta" => 7, "theta" => 8, "" =>
                    0, _ => -1 } + " ");
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
            WriteLine(Interlocked.Increment(ref i) + " " + Interlocked.Add(ref l, 5) + " " + Interlocked.Exchange(ref u, 4) + " "
                + Interlocked.CompareExchange(ref w, 8, 3) + " " + w + Interlocked.Exchange(ref o, "b") + o + Interlocked.Or(ref i, 8) + " " + i
                + " " + Interlocked.And(ref l, 4) + " " + l + Interlocked.Decrement(ref u) + Interlocked.Read(ref l));
            nint p = 1;
            WriteLine(Interlocked.CompareExchange(ref p, 5, 2) + " " + p + Interlocked.Exchange(ref p, 9) + p + Volatile.Read(ref p));
        });
        Program.Run("control/checked operators", () =>
        {
            var a = new Small(100);
            WriteLine(unchecked(a + new Small(50)) + " " + unchecked(-new Small(-128)) + " " + unchecked((byte)new Small(-1)));
            foreach (Func<object> run in (Func<object>[])[() => checked(a + new Small(50)), () => checked(-new Small(-128)), () =>
                checked((byte)new Small(-1)), () => checked(a + new Small(1))])
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
            WriteLine(a + " " + (a > new Small(5)) + (a == new Small(10)) + " " + (a ? "true" : "false") + (a && new Small(0) ? "both" : "not both")
                + (new Small(0) || a ? "either" : "none") + " " + (int)a + !a);
        });
        Program.Run("control/lifted operators", () =>
        {
            int? a = 5, b = null;
            Small? s = new Small(2);
            bool? t = true, n = null;
            WriteLine((a + b) + "|" + (a + 1) + "|" + (a > b) + "|" + (a == b) + "|" + (b == null) + "|" + (s + s) + "|" + (t & n) + "|" + (t | n)
                + "|" + (n | t) + "|" + (false & n) + "|" + -a + "|" + (b ?? 9) + "|" + a.GetValueOrDefault() + b.GetValueOrDefault(4) + "|"
                + (a?.ToString() ?? "none") + (b?.ToString() ?? "none"));
        });
        Program.Run("control/short circuits", () =>
        {
            WriteLine((Say("a", false) && Say("b", true)) + " " + (Say("c", true) || Say("d", true)) + " " + (Say("e", false) & Say("f", true))
                + " " + (Say("g", true) ? Say("h", 1) : Say("i", 2)));
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
            foreach (Action run in (Action[])[() => a![Say("index", 0)] = Say("value", 1), () => WriteLine(a!.Length), () =>
                ((string?)null)!.Trim(), () => ((Action?)null)!()])
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
}
