using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Generics
{
    public static void All()
    {
        Program.Run("generics/methods", Methods);
        Program.Run("generics/classes", Classes);
        Program.Run("generics/statics", StaticsPerInstance);
        Program.Run("generics/constraints", Constraints);
        Program.Run("generics/virtual", Virtual);
        Program.Run("generics/interface", InterfaceMethods);
        Program.Run("generics/static abstract", StaticAbstract);
        Program.Run("generics/variance", Variance);
        Program.Run("generics/nested", Nested);
        Program.Run("generics/typeof", TypeNames);
        Program.Run("generics/new", New);
        Program.Run("generics/default", Defaults);
        Program.Run("generics/comparers", Comparers);
        Program.Run("generics/recursive constraint", Recursive);
        Program.Run("generics/boxing free calls", Constrained);
        Program.Run("generics/polymorphic arithmetic", Polynomials);
    }

    private static T Identity<T>(T value) => value;

    private static string Describe<T>(T value) => typeof(T) + ":" + value;

    private static void Swap<T>(ref T a, ref T b) => (a, b) = (b, a);

    private static void Methods()
    {
        WriteLine(Identity(5) + Identity("x") + Identity(2.5) + Identity('c'));
        WriteLine(Describe(1) + Describe("s") + Describe((byte)2) + Describe(new int[0]) + Describe<object>(null));
        int a = 1, b = 2;
        Swap(ref a, ref b);
        string s = "s", t = "t";
        Swap(ref s, ref t);
        WriteLine(a + " " + b + s + t);
    }

    private class Pair<TFirst, TSecond>(TFirst first, TSecond second)
    {
        public TFirst First = first;
        public TSecond Second { get; set; } = second;

        public Pair<TSecond, TFirst> Flip() => new(Second, First);

        public override string ToString() => $"<{First}|{Second}>";
    }

    private sealed class Same<T>(T value) : Pair<T, T>(value, value);

    private static void Classes()
    {
        var pair = new Pair<int, string>(1, "one");
        WriteLine(pair + " " + pair.Flip() + " " + pair.Flip().Flip().First);
        WriteLine(new Same<long>(7));
        WriteLine(new Pair<Pair<byte, char>, double>(new(1, 'b'), 0.5));
    }

    private static class Counter<T>
    {
        public static int Count;
        public static readonly string Name = typeof(T).Name;
    }

    private static void StaticsPerInstance()
    {
        Counter<int>.Count++;
        Counter<string>.Count += 5;
        Counter<object>.Count += 7;
        WriteLine(Counter<int>.Count + Counter<int>.Name + Counter<string>.Count + Counter<string>.Name + Counter<object>.Count
            + Counter<object>.Name);
    }

    private static T Max<T>(T a, T b) where T : IComparable<T> => a.CompareTo(b) > 0 ? a : b;

    private static void Constraints()
    {
        WriteLine(Max(3, 9) + " " + Max("abc", "abd") + " " + Max(2.5, -1) + " " + Max('x', 'b') + " " + Max(5ul, 6ul));
    }

    private abstract class Shape
    {
        public abstract string Visit<T>(T argument);

        public virtual TResult Map<TResult>(Func<Shape, TResult> map) => map(this);
    }

    private sealed class Square : Shape
    {
        public override string Visit<T>(T argument) => "square " + argument + typeof(T).Name;
    }

    private class Circle : Shape
    {
        public override string Visit<T>(T argument) => "circle " + argument + typeof(T).Name;

        public override TResult Map<TResult>(Func<Shape, TResult> map)
        {
            Write("(circle)");
            return base.Map(map);
        }
    }

    private static void Virtual()
    {
        Shape[] shapes = [new Square(), new Circle()];
        foreach (Shape shape in shapes)
        {
            WriteLine(shape.Visit(1) + shape.Visit("x") + shape.Visit<object>(2.5));
            WriteLine(shape.Map(s => s.GetType().Name.Length) + shape.Map(s => "r"));
        }
    }

    private interface IVisitor
    {
        string Visit<T>(T value) where T : notnull;
    }

    private sealed class Printer : IVisitor
    {
        public string Visit<T>(T value) where T : notnull => "print " + value.ToString();
    }

    private struct Hasher : IVisitor
    {
        public string Visit<T>(T value) where T : notnull => "type " + typeof(T);
    }

    private static void InterfaceMethods()
    {
        IVisitor[] visitors = [new Printer(), new Hasher()];
        foreach (IVisitor visitor in visitors)
            WriteLine(visitor.Visit(1) + visitor.Visit("a") + visitor.Visit(new KeyValuePair<int, int>(1, 2)));
    }

    private interface IMonoid<T> where T : IMonoid<T>
    {
        static abstract T Zero { get; }

        static abstract T operator +(T a, T b);

        static virtual string Name => "monoid";
    }

    private readonly record struct Sum(int Value) : IMonoid<Sum>
    {
        public static Sum Zero => new(0);

        public static Sum operator +(Sum a, Sum b) => new(a.Value + b.Value);
    }

    private sealed record Text(string Value) : IMonoid<Text>
    {
        public static Text Zero => new("");

        public static Text operator +(Text a, Text b) => new(a.Value + b.Value);

        public static string Name => "text";
    }

    private static T Fold<T>(params T[] items) where T : IMonoid<T>
    {
        T total = T.Zero;
        foreach (T item in items)
            total += item;
        Write(T.Name + " ");
        return total;
    }

    private static void StaticAbstract()
    {
        WriteLine(Fold(new Sum(1), new Sum(2), new Sum(3)));
        WriteLine(Fold(new Text("a"), new Text("b")));
    }

    private class Base
    {
        public override string ToString() => "base";
    }

    private sealed class Derived : Base
    {
        public override string ToString() => "derived";
    }

    private sealed class Consumer : IConsumer<Base>
    {
        public string Consume(Base item) => "consumed " + item;
    }

    private interface IConsumer<in T>
    {
        string Consume(T item);
    }

    private static void Variance()
    {
        IEnumerable<Base> items = new List<Derived> { new(), new() };
        foreach (Base item in items)
            Write(item + " ");
        IEnumerable<object> strings = (string[])["a", "b"];
        foreach (object o in strings)
            Write(o);
        IConsumer<Derived> consumer = new Consumer();
        WriteLine(consumer.Consume(new Derived()));
        Func<Derived> make = () => new Derived();
        Func<Base> widened = make;
        Action<Base> print = b => WriteLine(b);
        Action<Derived> narrowed = print;
        narrowed(new Derived());
        WriteLine(widened());
        object list = new List<string>();
        WriteLine((list is IEnumerable<object>) + " " + (list is IList<object>) + " " + (list is IReadOnlyList<object>) + " "
            + (list is IEnumerable<int>));
        object ints = new List<int>();
        WriteLine(ints is IEnumerable<object>);
        object array = new string[1];
        WriteLine((array is object[]) + " " + (array is IList<object>) + " " + (array is IEnumerable<string>) + " " + (array is int[]));
        object func = make;
        WriteLine((func is Func<Base>) + " " + (func is Func<object>) + " " + (func is Func<string>));
    }

    private sealed class Outer<T>
    {
        public sealed class Inner<U>(T t, U u)
        {
            public override string ToString() => t + "/" + u;

            public Inner<Outer<U>> Deep() => new(t, null);
        }
    }

    private static void Nested()
    {
        var inner = new Outer<int>.Inner<string>(1, "x");
        WriteLine(inner);
        WriteLine(inner.Deep() + "" + inner.Deep().Deep());
    }

    private static void TypeNames()
    {
        WriteLine(typeof(int) + " " + typeof(string).Name + " " + typeof(List<int>).Name + " " + typeof(int[]) + " "
            + typeof(Dictionary<string, List<int>>));
        WriteLine((typeof(int) == typeof(uint)) + " " + (typeof(List<int>) == new List<int>().GetType()) + " " + typeof(int).IsValueType
            + typeof(string).IsValueType);
    }

    private sealed class Created
    {
        public int Value = 3;
    }

    private struct WithConstructor
    {
        public int Value;

        public WithConstructor() => Value = 9;
    }

    private static T Make<T>() where T : new() => new();

    private static void New() => WriteLine(Make<Created>().Value + " " + Make<int>() + " " + Make<WithConstructor>().Value + " "
        + default(WithConstructor).Value);

    private static void Defaults()
    {
        WriteLine(Default<int>() + "[" + Default<string>() + "]" + Default<(int, bool)>() + Default<double>() + (Default<int?>() is null));
        static T Default<T>() => default;
    }

    private sealed class Backwards : IComparer<int>, IEqualityComparer<string>
    {
        public int Compare(int x, int y) => y.CompareTo(x);

        public bool Equals(string x, string y) => x?.Length == y?.Length;

        public int GetHashCode(string obj) => obj.Length;
    }

    private static void Comparers()
    {
        WriteLine(EqualityComparer<int>.Default.Equals(1, 1) + " " + EqualityComparer<string>.Default.Equals("a", null) + " "
            + EqualityComparer<int?>.Default.Equals(null, null));
        WriteLine(Comparer<int>.Default.Compare(1, 2) + " " + Comparer<string>.Default.Compare("b", "a") + " "
            + EqualityComparer<DayOfWeek2>.Default.Equals(DayOfWeek2.A, DayOfWeek2.B));
        var sorted = new List<int> { 3, 1, 2 };
        sorted.Sort(new Backwards());
        WriteLine(string.Join(",", sorted));
        var byLength = new Dictionary<string, int>(new Backwards()) { ["aa"] = 1 };
        byLength["bb"] = 2;
        WriteLine(byLength.Count + " " + byLength["zz"]);
    }

    private enum DayOfWeek2 { A, B }

    private abstract class Node<TSelf> where TSelf : Node<TSelf>
    {
        public List<TSelf> Children = [];

        public TSelf With(TSelf child)
        {
            Children.Add(child);
            return (TSelf)this;
        }
    }

    private sealed class Tree(string name) : Node<Tree>
    {
        public override string ToString() => name + "(" + string.Join(",", Children) + ")";
    }

    private static void Recursive() => WriteLine(new Tree("a").With(new Tree("b").With(new Tree("c"))).With(new Tree("d")));

    private struct Accumulator : IDisposable
    {
        public int Value;

        public void Dispose() => Value++;

        public override string ToString() => "acc" + Value;
    }

    private static void DisposeTwice<T>(ref T item) where T : IDisposable
    {
        item.Dispose();
        item.Dispose();
        WriteLine(item.ToString() + item.GetType().Name);
    }

    private static void Constrained()
    {
        var accumulator = new Accumulator();
        DisposeTwice(ref accumulator);
        WriteLine(accumulator.Value);
        WriteLine(Hash(3) + " " + Text2(new Accumulator { Value = 4 }) + Text2("s"));
        static int Hash<T>(T v) => v.GetHashCode();
        static string Text2<T>(T v) => v.ToString();
    }

    private interface IRing<T>
    {
        T Add(T a, T b);

        T Multiply(T a, T b);
    }

    private readonly struct Modulo : IRing<int>
    {
        public int Add(int a, int b) => (a + b) % 97;

        public int Multiply(int a, int b) => a * b % 97;
    }

    private readonly struct Reals : IRing<double>
    {
        public double Add(double a, double b) => a + b;

        public double Multiply(double a, double b) => a * b;
    }

    private static T Evaluate<T, TRing>(T[] coefficients, T x) where TRing : struct, IRing<T>
    {
        TRing ring = default;
        T value = default;
        foreach (T coefficient in coefficients)
            value = ring.Add(ring.Multiply(value, x), coefficient);
        return value;
    }

    private static void Polynomials() => WriteLine(Evaluate<int, Modulo>([1, 2, 3, 4], 10) + " " + Evaluate<double, Reals>([1, -0.5, 2], 1.5));
}
