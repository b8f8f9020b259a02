using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Structures
{
    public static void All()
    {
        Program.Run("structures/copies", Copies);
        Program.Run("structures/refs", Refs);
        Program.Run("structures/equality", DefaultEquality);
        Program.Run("structures/records", Records);
        Program.Run("structures/record classes", RecordClasses);
        Program.Run("structures/record structs", RecordStructs);
        Program.Run("structures/tuples", Tuples);
        Program.Run("structures/explicit layout", ExplicitLayout);
        Program.Run("structures/inline arrays", InlineArrays);
        Program.Run("structures/ref structs", RefStructs);
        Program.Run("structures/readonly", ReadOnly);
        Program.Run("structures/nested", Nested);
        Program.Run("structures/in parameters", InParameters);
        Program.Run("structures/ref locals", RefLocals);
        Program.Run("structures/sizes", Sizes);
        Program.Run("structures/operators", Operators);
        Program.Run("structures/pointers", Pointers);
        Program.Run("structures/packed", PackedLayout);
    }

    private struct Point(int x, int y)
    {
        public int X = x, Y = y;

        public void Move(int by)
        {
            X += by;
            Y += by;
        }

        public override readonly string ToString() => $"({X},{Y})";
    }

    private static void Copies()
    {
        var a = new Point(1, 2);
        Point b = a;
        b.Move(10);
        Point[] array = [a, b];
        array[0].Move(5);
        Point c = array[0];
        c.X = 100;
        object box = a;
        a.X = -1;
        WriteLine($"{a} {b} {c} {array[0]} {array[1]} {box} {default(Point)}");
    }

    private static void Bump(ref int value) => value++;

    private static void Refs()
    {
        var p = new Point(1, 2);
        Bump(ref p.X);
        int[] items = [5, 6];
        Bump(ref items[1]);
        ref int r = ref items[0];
        r = 50;
        Out(out int made);
        WriteLine(p + " " + items[0] + " " + items[1] + " " + made);
        static void Out(out int value) => value = 9;
    }

    private struct Plain
    {
        public int A;
        public string B;
        public double C;
    }

    private static void DefaultEquality()
    {
        var x = new Plain { A = 1, B = "b", C = 2 };
        var y = new Plain { A = 1, B = new string('b', 1), C = 2 };
        var z = new Plain { A = 1, B = "c", C = 2 };
        WriteLine(x.Equals(y) + " " + x.Equals(z) + " " + x.Equals(null) + " " + (x.GetHashCode() == y.GetHashCode()) + " " + x.ToString());
    }

    private record Person(string Name, int Age)
    {
        public string Nick { get; init; } = "none";
    }

    private sealed record Employee(string Name, int Age, decimal_ Salary) : Person(Name, Age);

    private readonly record struct decimal_(long Units);

    private static void Records()
    {
        var p = new Person("Ann", 30);
        Person q = p with { Age = 31, Nick = "A" };
        Person e = new Employee("Bob", 40, new(5));
        WriteLine(p + " " + q + " " + e);
        WriteLine((p == new Person("Ann", 30)) + " " + (p == q) + " " + p.Equals(e) + " " + (e == e with { }));
        (string name, int age) = q;
        WriteLine(name + age);
    }

    private abstract record Expression;

    private sealed record Number(double Value) : Expression;

    private sealed record Add(Expression Left, Expression Right) : Expression;

    private sealed record Multiply(Expression Left, Expression Right) : Expression;

    private static double Evaluate(Expression e) => e switch
    {
        Number n => n.Value,
        Add(var l, var r) => Evaluate(l) + Evaluate(r),
        Multiply(Number(0), _) => 0,
        Multiply(var l, var r) => Evaluate(l) * Evaluate(r),
        _ => throw new InvalidOperationException(),
    };

    private static void RecordClasses()
    {
        Expression e = new Add(new Number(2), new Multiply(new Number(3), new Number(4.5)));
        WriteLine(Evaluate(e));
        WriteLine(e);
    }

    private readonly record struct Vector(double X, double Y)
    {
        public double Length => Math.Sqrt(X * X + Y * Y);

        public static Vector operator -(Vector v) => new(-v.X, -v.Y);
    }

    private static void RecordStructs()
    {
        var v = new Vector(3, 4);
        WriteLine(v + " " + v.Length + " " + -v + " " + (v == new Vector(3, 4)) + " " + (v with { X = 0 }) + " " + v.Equals((object)-v));
    }

    private static (int Min, int Max) Range(int[] items)
    {
        (int min, int max) = (int.MaxValue, int.MinValue);
        foreach (int item in items)
            (min, max) = (Math.Min(min, item), Math.Max(max, item));
        return (min, max);
    }

    private static void Tuples()
    {
        WriteLine(Range([3, 1, 2]) + " " + Range([5]).Max);
        (int a, (string b, double c), _) = (1, ("x", 2.5), 'q');
        WriteLine(a + b + c);
        WriteLine(((1, "a") == (1, "a")) + " " + (1, 2).Equals((1, 3)) + " " + (1, 2).CompareTo((1, 3)) + " " + (1, 2, 3, 4, 5, 6, 7, 8, 9));
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Overlap
    {
        [FieldOffset(0)] public uint Whole;
        [FieldOffset(0)] public byte Low;
        [FieldOffset(2)] public ushort High;
        [FieldOffset(8)] public double Real;
        [FieldOffset(8)] public ulong Bits;
    }

    private static void ExplicitLayout()
    {
        var o = new Overlap { Whole = 0x12345678, Real = 1.5 };
        WriteLine($"{o.Low:x} {o.High:x} {o.Bits:x}");
        o.High = 0xffff;
        WriteLine(o.Whole.ToString("X8"));
    }

    [InlineArray(5)]
    private struct Five<T>
    {
        private T _first;
    }

    private static void InlineArrays()
    {
        var five = default(Five<int>);
        for (int i = 0; i < 5; i++)
            five[i] = i * i;
        Span<int> span = five;
        span[4]++;
        int sum = 0;
        foreach (int item in five)
            sum += item;
        var names = default(Five<string>);
        names[2] = "two";
        WriteLine(sum + " " + names[2] + (names[1] is null) + " " + five[^1]);
        try
        {
            WriteLine(span[int.Parse("5")]);
        }
        catch (IndexOutOfRangeException)
        {
            WriteLine("range");
        }
    }

    private ref struct Reader(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public int Read()
        {
            int value = 0;
            while (_rest.Length > 0 && char.IsDigit(_rest[0]))
            {
                value = value * 10 + _rest[0] - '0';
                _rest = _rest[1..];
            }

            if (_rest.Length > 0)
                _rest = _rest[1..];
            return value;
        }

        public readonly bool IsAtEnd => _rest.IsEmpty;
    }

    private static void RefStructs()
    {
        var reader = new Reader("12,345,6");
        while (!reader.IsAtEnd)
            Write(reader.Read() + " ");
        WriteLine();
    }

    private readonly struct Fixed
    {
        public readonly int Value;

        public Fixed(int value) => Value = value;

        public Fixed Next() => new(Value + 1);
    }

    private static void ReadOnly() => WriteLine(new Fixed(4).Next().Next().Value);

    private struct Line
    {
        public Point From, To;
        public string Label;
    }

    private static void Nested()
    {
        var line = new Line { From = new(1, 2), To = new(3, 4), Label = "l" };
        line.From.X = 10;
        line.To.Move(1);
        Line[] lines = new Line[2];
        lines[1] = line;
        lines[1].From.Y = 77;
        WriteLine($"{line.From}{line.To} {lines[1].From} {lines[0].From}{lines[0].Label}");
    }

    private static int Sum(in Point p) => p.X + p.Y;

    private static void InParameters() => WriteLine(Sum(new Point(3, 4)) + " " + Sum(default));

    private static ref int Largest(int[] items)
    {
        int at = 0;
        for (int i = 1; i < items.Length; i++)
            if (items[i] > items[at])
                at = i;
        return ref items[at];
    }

    private static void RefLocals()
    {
        int[] items = [1, 9, 3];
        Largest(items) = 0;
        ref int largest = ref Largest(items);
        largest += 10;
        largest = ref items[0];
        largest = -1;
        WriteLine(string.Join(",", items));
    }

    private struct Odd
    {
        public byte A;
        public long B;
        public byte C;
    }

    private static void Sizes() =>
        WriteLine(Unsafe.SizeOf<Point>() + " " + Unsafe.SizeOf<Odd>() + " " + Unsafe.SizeOf<int?>() + " " + Unsafe.SizeOf<Five<short>>() + " "
            + Unsafe.SizeOf<Overlap>() + " " + Unsafe.SizeOf<string>());

    private readonly struct Fraction(int n, int d) : IComparable<Fraction>
    {
        private readonly int _n = n, _d = d;

        public static Fraction operator *(Fraction a, Fraction b) => new(a._n * b._n, a._d * b._d);

        public static bool operator <(Fraction a, Fraction b) => a.CompareTo(b) < 0;

        public static bool operator >(Fraction a, Fraction b) => b < a;

        public int CompareTo(Fraction other) => (_n * other._d).CompareTo(other._n * _d);

        public static implicit operator Fraction(int n) => new(n, 1);

        public override string ToString() => _n + "/" + _d;
    }

    private static void Operators() => WriteLine(new Fraction(1, 2) * new Fraction(3, 4) * 5 + " " + (new Fraction(1, 2) < 1)
        + (new Fraction(3, 2) > 2));

    private static unsafe void Pointers()
    {
        int* stack = stackalloc int[4];
        for (int i = 0; i < 4; i++)
            stack[i] = i * 3;
        int* p = stack + 2;
        WriteLine(*p + p[-1] + " " + (p - stack));
        fixed (char* c = "pinned")
            WriteLine(c[2]);
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        fixed (byte* b = bytes)
            WriteLine((*(uint*)b).ToString("x") + " " + *(long*)b);
        var point = new Point(5, 6);
        Point* pp = &point;
        pp->X = 50;
        WriteLine(point);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        public byte A;
        public int B;
        public short C;
    }

    private static void PackedLayout()
    {
        var p = new Packed { A = 1, B = 0x01020304, C = -2 };
        WriteLine(Unsafe.SizeOf<Packed>() + " " + p.B + p.C);
    }
}
