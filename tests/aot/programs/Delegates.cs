using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Delegates
{
    public static void All()
    {
        Program.Run("delegates/kinds", Kinds);
        Program.Run("delegates/closures", Closures);
        Program.Run("delegates/loops", Loops);
        Program.Run("delegates/multicast", Multicast);
        Program.Run("delegates/events", Events);
        Program.Run("delegates/equality", Equality);
        Program.Run("delegates/recursion", Recursion);
        Program.Run("delegates/composition", Composition);
        Program.Run("delegates/iterators", Iterators);
        Program.Run("delegates/lazy iterators", LazyIterators);
        Program.Run("delegates/iterator with finally", IteratorFinally);
        Program.Run("delegates/local functions", LocalFunctions);
        Program.Run("delegates/exceptions", Throwing);
        Program.Run("delegates/virtual", VirtualTarget);
        Program.Run("delegates/ref parameters", RefParameters);
        Program.Run("delegates/function pointers", FunctionPointers);
    }

    private static int Double(int x) => x * 2;

    private sealed class Scale(int factor)
    {
        public int Apply(int x) => x * factor;
    }

    private struct Offset(int by)
    {
        public int Apply(int x) => x + by++;
    }

    private static string Shout(this string text, int times) => text + new string('!', times);

    private static void Kinds()
    {
        var offset = new Offset(10);
        Func<int, int>[] all = [Double, new Scale(3).Apply, offset.Apply, x => -x, int.Abs2];
        foreach (Func<int, int> f in all)
            Write(f(-7) + " " + f(1) + "; ");
        Func<int, string> extension = "hey".Shout;
        WriteLine(extension(2));
    }

    extension(int)
    {
        public static int Abs2(int x) => x < 0 ? -x : x;
    }

    private static void Closures()
    {
        int count = 0;
        Action increment = () => count++;
        Func<int> read = () => count;
        increment();
        increment();
        WriteLine(count + " " + read());
        Func<int, Func<int, int>> add = a => b => a + b + count;
        WriteLine(add(1)(2));
    }

    private static void Loops()
    {
        var actions = new List<Func<int>>();
        for (int i = 0; i < 3; i++)
        {
            int copy = i;
            actions.Add(() => i * 10 + copy);
        }

        foreach (int item in (int[])[7, 8])
            actions.Add(() => item);
        foreach (Func<int> action in actions)
            Write(action() + " ");
        WriteLine();
    }

    private static void Multicast()
    {
        Action<string> chain = null;
        chain += s => Write("1" + s);
        Action<string> second = s => Write("2" + s);
        chain += second;
        chain += s => WriteLine("3" + s);
        chain("x");
        chain -= second;
        chain("y");
        Func<int, int> last = x => x + 1;
        last += x => x * 100;
        WriteLine(last(3) + " " + last.GetInvocationList().Length);
        Action<string> none = second;
        none -= second;
        WriteLine(none is null);
    }

    private sealed class Publisher
    {
        public event Action<int> Changed;

        public event EventHandler Done
        {
            add => WriteLine("added");
            remove => WriteLine("removed");
        }

        public void Raise(int value) => Changed?.Invoke(value);
    }

    private static void Events()
    {
        var publisher = new Publisher();
        int sum = 0;
        void Handler(int v) => sum += v;
        publisher.Raise(1);
        publisher.Changed += Handler;
        publisher.Changed += Handler;
        publisher.Raise(10);
        publisher.Changed -= Handler;
        publisher.Raise(100);
        publisher.Done += null;
        publisher.Done -= null;
        WriteLine(sum);
    }

    private static void Equality()
    {
        Func<int, int> a = Double, b = Double;
        var scale = new Scale(2);
        Func<int, int> c = scale.Apply, d = scale.Apply, e = new Scale(2).Apply;
        WriteLine((a == b) + " " + (c == d) + " " + (c == e) + " " + a.Equals(c) + " " + (a + c == b + d) + " " + (c.Target == scale));
    }

    private static void Recursion()
    {
        Func<int, long> factorial = null;
        factorial = n => n <= 1 ? 1 : n * factorial(n - 1);
        WriteLine(factorial(20));
    }

    private static Func<A, C> Compose<A, B, C>(Func<A, B> f, Func<B, C> g) => x => g(f(x));

    private static void Composition() => WriteLine(Compose<int, string, int>(x => new string('a', x), s => s.Length * 2)(21));

    private static IEnumerable<int> Count(int n)
    {
        for (int i = 0; i < n; i++)
        {
            if (i == 3)
                yield break;
            yield return i;
        }
    }

    private static void Iterators()
    {
        foreach (int i in Count(10))
            Write(i + " ");
        IEnumerable<int> again = Count(2);
        foreach (int i in again)
            foreach (int j in again)
                Write(i + "" + j + " ");
        WriteLine();
    }

    private static IEnumerable<T> Where<T>(IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (T item in source)
            if (predicate(item))
                yield return item;
    }

    private static IEnumerable<U> Select<T, U>(IEnumerable<T> source, Func<T, U> map)
    {
        foreach (T item in source)
            yield return map(item);
    }

    private static IEnumerable<int> Naturals()
    {
        for (int i = 0; ; i++)
        {
            Write("(" + i + ")");
            yield return i;
        }
    }

    private static void LazyIterators()
    {
        foreach (string s in Select(Where(Naturals(), n => n % 3 == 1), n => "<" + n * n + ">"))
        {
            Write(s);
            if (s.Length > 4)
                break;
        }

        WriteLine();
    }

    private static IEnumerable<int> Guarded()
    {
        try
        {
            yield return 1;
            try
            {
                yield return 2;
            }
            finally
            {
                Write("inner ");
            }

            yield return 3;
        }
        finally
        {
            Write("outer ");
        }
    }

    private static void IteratorFinally()
    {
        foreach (int i in Guarded())
            Write(i + " ");
        foreach (int i in Guarded())
        {
            Write(i + " ");
            if (i == 2)
                break;
        }

        WriteLine();
    }

    private static void LocalFunctions()
    {
        int total = 0;
        Add(5);
        Add(6);
        WriteLine(total + Fib(15));

        void Add(int n) => total += n;

        static int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2);
    }

    private static void Throwing()
    {
        Action chain = () => Write("first ");
        chain += () => throw new InvalidOperationException("second");
        chain += () => Write("never");
        try
        {
            chain();
        }
        catch (InvalidOperationException e)
        {
            WriteLine(e.Message);
        }

        Action nothing = null;
        try
        {
            nothing();
        }
        catch (NullReferenceException)
        {
            WriteLine("null");
        }
    }

    private class Speaker
    {
        public virtual string Speak() => "base";
    }

    private sealed class Loud : Speaker
    {
        public override string Speak() => "loud";

        public Func<string> Base() => base.Speak;
    }

    private static void VirtualTarget()
    {
        Speaker speaker = new Loud();
        Func<string> speak = speaker.Speak;
        WriteLine(speak() + new Loud().Base()());
        IComparable<int> five = 5;
        Func<int, int> compare = five.CompareTo;
        WriteLine(compare(4));
        Func<string> text = 42.ToString;
        WriteLine(text());
    }

    private delegate bool Try<T>(string text, out T value);

    private static void RefParameters()
    {
        Try<int> parse = int.TryParse;
        WriteLine(parse("12", out int value) + " " + value);
    }

    private static unsafe void FunctionPointers()
    {
        delegate*<int, int> f = &Double;
        WriteLine(f(21));
    }
}
