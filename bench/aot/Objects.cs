using System;

namespace Cloister.Bench.AotPrograms;

/// <summary>Allocation, calls, casts and exceptions.</summary>
internal static class Objects
{
    private sealed class Tree(Tree? left, Tree? right)
    {
        public int Count() => 1 + (left?.Count() ?? 0) + (right?.Count() ?? 0);

        public static Tree Make(int depth) => depth == 0 ? new Tree(null, null) : new Tree(Make(depth - 1), Make(depth - 1));
    }

    private static readonly Tree s_long = Tree.Make(15);

    public static long Trees()
    {
        long sum = s_long.Count();
        for (int i = 0; i < 50; i++)
            sum += Tree.Make(10).Count();
        return sum;
    }

    private abstract class Shape : ISized
    {
        public abstract int Area(int scale);

        public virtual int Size => Area(1);
    }

    private interface ISized
    {
        int Size { get; }
    }

    private class Square(int side) : Shape
    {
        public override int Area(int scale) => side * side * scale;
    }

    private sealed class Rectangle(int width, int height) : Shape
    {
        public override int Area(int scale) => width * height * scale;

        public override int Size => width;
    }

    private sealed class Bordered(int side) : Square(side)
    {
        public override int Area(int scale) => base.Area(scale) + 1;
    }

    private sealed class Dot : ISized
    {
        public int Size => 1;
    }

    private static readonly Shape[] s_shapes = [new Square(3), new Rectangle(2, 5), new Bordered(4), new Rectangle(1, 1), new Square(6)];
    private static readonly ISized[] s_sized = [new Dot(), new Rectangle(2, 5), new Bordered(4), new Square(3), new Dot()];
    private static readonly object[] s_mixed = ["text", new Square(2), 5, new Dot(), new Bordered(7), new int[3], new Rectangle(3, 4)];

    public static long Shapes()
    {
        long sum = 0;
        for (int i = 0; i < 20_000; i++)
            foreach (Shape shape in s_shapes)
                sum += shape.Area(i & 3);
        return sum;
    }

    public static long Interfaces()
    {
        long sum = 0;
        for (int i = 0; i < 20_000; i++)
            foreach (ISized item in s_sized)
                sum += item.Size;
        return sum;
    }

    public static long Casts()
    {
        long sum = 0;
        for (int i = 0; i < 10_000; i++)
            foreach (object item in s_mixed)
                sum += item switch
                {
                    string text => text.Length,
                    Square square => square.Area(1),
                    ISized sized => ((ISized)item).Size + sized.Size,
                    int number => number,
                    int[] numbers => numbers.Length,
                    _ => 0,
                };
        return sum;
    }

    public static long Delegates()
    {
        int offset = 3;
        Func<int, int> add = value => value + offset;
        Func<int, int> twice = static value => value * 2;
        Action<int>? both = null;
        long sum = 0;
        both += value => sum += value;
        both += value => sum ^= value;
        for (int i = 0; i < 20_000; i++)
        {
            sum += add(i) + twice(i);
            if (i % 4 == 0)
                both(i);
        }

        return sum;
    }

    private static int Deep(int depth, int value)
    {
        if (depth > 0)
            return Deep(depth - 1, value) + 1;
        return value % 2 == 0 ? throw new InvalidOperationException("even") : value;
    }

    public static long Exceptions()
    {
        long sum = 0;
        for (int i = 0; i < 200; i++)
        {
            try
            {
                sum += Deep(10, i);
            }
            catch (InvalidOperationException exception)
            {
                sum += exception.Message.Length;
            }
            finally
            {
                sum++;
            }
        }

        return sum;
    }
}
