using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Spans
{
    public static void All()
    {
        Program.Run("spans/slices", Slices);
        Program.Run("spans/stackalloc", StackAllocated);
        Program.Run("spans/search", Search);
        Program.Run("spans/copy", Copying);
        Program.Run("spans/bounds", Bounds);
        Program.Run("spans/literals", Literals);
        Program.Run("spans/binary primitives", Primitives);
        Program.Run("spans/marshal", Marshal);
        Program.Run("spans/ranges", Ranges);
        Program.Run("spans/collection expressions", Expressions);
        Program.Run("spans/sort", Sorting);
        Program.Run("spans/covariance check", Covariance);
    }

    private static void Slices()
    {
        int[] items = [1, 2, 3, 4, 5];
        Span<int> span = items;
        Span<int> part = span.Slice(1, 3);
        part[0] = 20;
        part.Reverse();
        ReadOnlySpan<int> view = span[^2..];
        WriteLine(string.Join(",", items) + " " + part.Length + " " + view[0] + view[1] + " " + span.IsEmpty + Span<int>.Empty.Length);
        int sum = 0;
        foreach (int item in view)
            sum += item;
        foreach (ref int item in span)
            item *= 2;
        WriteLine(sum + " " + string.Join(",", span.ToArray()));
    }

    private static void StackAllocated()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(7);
        bytes[3..5].Clear();
        int sum = 0;
        foreach (byte b in bytes)
            sum += b;
        Span<int> ints = stackalloc int[] { 3, 1, 2 };
        WriteLine(sum + " " + ints[0] + ints[^1]);
    }

    private static void Search()
    {
        ReadOnlySpan<char> text = "hello world";
        WriteLine(text.IndexOf('o') + " " + text.LastIndexOf('o') + " " + text.IndexOf("wor") + " " + text.Contains('z') + " "
            + text.StartsWith("hell") + " " + text.SequenceEqual("hello world"));
        ReadOnlySpan<int> numbers = [5, 3, 5];
        WriteLine(numbers.IndexOf(5) + " " + numbers.LastIndexOf(5) + " " + numbers.IndexOf(9) + " " + numbers.SequenceCompareTo([5, 4]));
        WriteLine("  trim ".AsSpan().Trim().ToString() + "|" + text[..5].ToString());
    }

    private static void Copying()
    {
        int[] items = [1, 2, 3, 4, 5];
        items.AsSpan(0, 4).CopyTo(items.AsSpan(1));
        WriteLine(string.Join(",", items));
        items.AsSpan(1).CopyTo(items);
        WriteLine(string.Join(",", items) + items.AsSpan().TryCopyTo(new int[2]));
        string[] names = ["a", "b", "c"];
        names.AsSpan(1, 2).CopyTo(names);
        WriteLine(string.Join(",", names));
    }

    private static void Bounds()
    {
        int[] items = [1, 2, 3];
        Action[] bodies = [() => items.AsSpan(4), () => items.AsSpan(1, 3), () => items.AsSpan()[3]++, () => items.AsSpan().Slice(-1), () =>
            items.AsSpan().CopyTo(new int[2]), () => WriteLine(new Span<int>(null).Length)];
        foreach (Action body in bodies)
            try
            {
                body();
            }
            catch (Exception e)
            {
                WriteLine(e.GetType().Name);
            }
    }

    private static ReadOnlySpan<byte> Data => [1, 2, 3, 250];

    private static ReadOnlySpan<int> Table => [10, 200, 3000, -4];

    private static void Literals()
    {
        int sum = 0;
        foreach (byte b in Data)
            sum += b;
        foreach (int i in Table)
            sum += i;
        ReadOnlySpan<byte> utf8 = "grüße"u8;
        WriteLine(sum + " " + utf8.Length + " " + utf8[2]);
        long[] longs = [1L << 40, -1, 0, 77];
        WriteLine(longs[0] + longs[3]);
        double[] doubles = [1.5, 2.5, -1e10];
        WriteLine(doubles[2]);
    }

    private static void Primitives()
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x01020304);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[5..], 0x1122334455667788);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[15..], -2);
        WriteLine(Convert.ToHexString(bytes));
        WriteLine(BinaryPrimitives.ReadUInt32BigEndian(bytes[3..]) + " " + BinaryPrimitives.ReadInt64BigEndian(bytes[7..]) + " "
            + BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]));
        WriteLine(BinaryPrimitives.ReverseEndianness(0x12345678).ToString("x") + Convert.ToHexString(Convert.FromHexString("c0ffee")));
    }

    private static void Marshal()
    {
        Span<int> ints = [0x01020304, -1];
        Span<byte> bytes = MemoryMarshal.AsBytes(ints);
        bytes[0] = 0xff;
        WriteLine(bytes.Length + " " + ints[0].ToString("x") + " " + MemoryMarshal.Cast<byte, ushort>(bytes)[1]);
        WriteLine(MemoryMarshal.Read<long>(bytes));
    }

    private static void Ranges()
    {
        int[] items = [0, 1, 2, 3, 4, 5];
        WriteLine(string.Join(",", items[2..4]) + " " + string.Join(",", items[^2..]) + " " + items[^1] + " " + "abcdef"[1..^1] + " " + (1..^3)
            + " " + ^4);
        try
        {
            WriteLine(items[5..3].Length);
        }
        catch (ArgumentOutOfRangeException)
        {
            WriteLine("range");
        }
    }

    private static void Expressions()
    {
        int[] a = [1, 2], b = [.. a, 3, .. a];
        System.Collections.Generic.List<int> list = [.. b, 9];
        Span<string> span = ["x", "y"];
        System.Collections.Generic.IEnumerable<int> sequence = [5, 6];
        WriteLine(string.Join(",", list) + span[1] + string.Join("", sequence));
    }

    private static void Sorting()
    {
        int[] items = new int[100];
        uint seed = 1;
        for (int i = 0; i < items.Length; i++)
            items[i] = (int)((seed = seed * 1664525 + 1013904223) >> 20);
        items.AsSpan(10, 80).Sort();
        Array.Sort(items);
        WriteLine(string.Join(",", items));
        Array.Sort(items, (x, y) => y.CompareTo(x));
        WriteLine(items[0] + " " + items[99] + " " + Array.BinarySearch([1, 3, 5], 3) + Array.BinarySearch([1, 3, 5], 4));
    }

    private static void Covariance()
    {
        object[] objects = new string[2];
        try
        {
            Span<object> span = objects;
        }
        catch (ArrayTypeMismatchException)
        {
            WriteLine("mismatch");
        }

        ReadOnlySpan<object> view = objects;
        WriteLine(view.Length);
    }
}
