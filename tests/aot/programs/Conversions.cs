using System;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Conversions
{
    private static readonly double[] s_doubles = [0, 1.9, -1.9, 127.5, 128, 255.9, 256, -128.9, -129, 32768, 65536, 2147483647.5, 2147483648,
        -2147483648.9, -2147483649, 4294967295.9,
        4294967296, 9.2e18, 9.3e18, -9.3e18, 1.8e19, 1.9e19, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.5];

    private static readonly long[] s_longs = [0, -1, 127, 128, 255, 256, -128, -129, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue, 1L
        + int.MaxValue, uint.MaxValue, 1L + uint.MaxValue, long.MaxValue, long.MinValue];

    public static void All()
    {
        Program.Run("conversions/truncation", Truncation);
        Program.Run("conversions/double to int", FromDouble);
        Program.Run("conversions/float to int", FromFloat);
        Program.Run("conversions/checked from long", CheckedLong);
        Program.Run("conversions/checked from ulong", CheckedULong);
        Program.Run("conversions/checked from int", CheckedInt);
        Program.Run("conversions/checked from double", CheckedDouble);
        Program.Run("conversions/to double", ToDouble);
        Program.Run("conversions/boxing", Boxing);
        Program.Run("conversions/unboxing", Unboxing);
        Program.Run("conversions/nullable", Nullables);
        Program.Run("conversions/enums", Enums);
        Program.Run("conversions/user defined", UserDefined);
        Program.Run("conversions/casts", Casts);
        Program.Run("conversions/parse", Parse);
        Program.Run("conversions/chars", Chars);
    }

    private static void Truncation()
    {
        foreach (long v in s_longs)
            WriteLine($"{(sbyte)v} {(byte)v} {(short)v} {(ushort)v} {(int)v} {(uint)v} {(ulong)v} {(int)(char)v}");
    }

    private static void FromDouble()
    {
        foreach (double d in s_doubles)
            WriteLine($"{(int)d} {(uint)d} {(long)d} {(ulong)d} {(float)d}");
    }

    private static void FromFloat()
    {
        foreach (double d in s_doubles)
            WriteLine($"{(int)(float)d} {(uint)(float)d} {(long)(float)d} {(ulong)(float)d}");
    }

    private static string Attempt(Func<object> body)
    {
        try
        {
            return body().ToString();
        }
        catch (OverflowException)
        {
            return "overflow";
        }
    }

    private static void CheckedLong()
    {
        foreach (long v in s_longs)
            WriteLine(Attempt(() => checked((sbyte)v)) + Attempt(() => checked((byte)v)) + Attempt(() => checked((short)v))
                + Attempt(() => checked((ushort)v)) +
                Attempt(() => checked((int)v)) + Attempt(() => checked((uint)v)) + Attempt(() => checked((ulong)v))
                    + Attempt(() => checked((nuint)v)));
    }

    private static void CheckedULong()
    {
        foreach (long w in s_longs)
        {
            ulong v = (ulong)w;
            WriteLine(Attempt(() => checked((sbyte)v)) + Attempt(() => checked((byte)v)) + Attempt(() => checked((short)v))
                + Attempt(() => checked((ushort)v)) +
                Attempt(() => checked((int)v)) + Attempt(() => checked((uint)v)) + Attempt(() => checked((long)v)));
        }
    }

    private static void CheckedInt()
    {
        foreach (long w in s_longs)
        {
            int v = (int)w;
            uint u = (uint)w;
            WriteLine(Attempt(() => checked((sbyte)v)) + Attempt(() => checked((byte)v)) + Attempt(() => checked((ushort)v))
                + Attempt(() => checked((uint)v)) + Attempt(() => checked((ulong)v)) +
                Attempt(() => checked((sbyte)u)) + Attempt(() => checked((byte)u)) + Attempt(() => checked((short)u))
                    + Attempt(() => checked((int)u)));
        }
    }

    private static void CheckedDouble()
    {
        foreach (double d in s_doubles)
            WriteLine(Attempt(() => checked((sbyte)d)) + " " + Attempt(() => checked((byte)d)) + " " + Attempt(() => checked((short)d)) + " "
                + Attempt(() => checked((ushort)d)) + " " +
                Attempt(() => checked((int)d)) + " " + Attempt(() => checked((uint)d)) + " " + Attempt(() => checked((long)d)) + " "
                    + Attempt(() => checked((ulong)d)));
    }

    private static void ToDouble()
    {
        foreach (long v in s_longs)
            WriteLine($"{(double)v} {(float)v} {(double)(ulong)v} {(float)(uint)v} {(double)(int)v}");
    }

    private static void Boxing()
    {
        object[] boxes = [1, 2L, (byte)3, 'c', true, 1.5, 2.5f, DayOfWeekLike.Two, (1, "x"), (short)-4];
        foreach (object box in boxes)
            WriteLine(box + " " + box.GetType() + " " + box.Equals(1) + " " + (box is int) + " " + (box is IComparable) + " " + (box is ValueType));
        WriteLine(((object)5).Equals(5) + " " + ((object)5).Equals(5L));
    }

    private enum DayOfWeekLike { One, Two }

    private static void Unboxing()
    {
        object box = 42;
        WriteLine((int)box);
        try
        {
            WriteLine((long)box);
        }
        catch (InvalidCastException)
        {
            WriteLine("invalid cast");
        }

        try
        {
            WriteLine((int)(object)null);
        }
        catch (NullReferenceException e)
        {
            WriteLine(e.Message);
        }

        object e2 = DayOfWeekLike.Two;
        WriteLine((int)e2);
        WriteLine((DayOfWeekLike)(object)1);
        WriteLine((int?)box + " " + ((int?)(object)null is null));
    }

    private static void Nullables()
    {
        int? a = 5, b = null;
        WriteLine($"{a + 1} {b + 1} {a > b} {a == 5} {b == null} {a ?? 7} {b ?? 7} {a.HasValue} {b.HasValue} {a.GetValueOrDefault()} [{b}]");
        object box = a, none = b;
        WriteLine(box.GetType() + " " + (none is null));
        try
        {
            WriteLine(b.Value);
        }
        catch (InvalidOperationException e)
        {
            WriteLine(e.Message);
        }

        bool? x = null, y = true, z = false;
        WriteLine($"[{x & y}] [{x & z}] [{x | y}] [{x | z}]");
        long? wide = a;
        WriteLine(wide * 2);
        (int, int?)? pair = (1, null);
        WriteLine(pair.Value.Item2.HasValue + " " + pair?.Item1);
        WriteLine(a.Equals(5) + " " + b.Equals(null) + " " + a.GetHashCode() + " " + b.GetHashCode());
    }

    [Flags]
    private enum Access : byte { None = 0, Read = 1, Write = 2, Execute = 4, ReadWrite = 3, All = 7 }

    private enum Signed : long { Low = long.MinValue, Zero = 0, High = long.MaxValue }

    private static void Enums()
    {
        for (int i = 0; i < 10; i++)
            WriteLine((Access)i + " " + (DayOfWeekLike)i + " " + ((Access)i).HasFlag(Access.Write));
        WriteLine($"{Signed.Low} {(Signed)5} {(long)Signed.High} {Access.All:D} {Access.Execute:X}");
        WriteLine(string.Join(",", Enum.GetNames<Access>()) + " " + string.Join(",", Enum.GetValues<Access>()));
        WriteLine(Enum.IsDefined((Access)5) + " " + Enum.IsDefined(Access.Read) + " " + Enum.Parse<Access>("Write") + " "
            + Enum.TryParse("none", out Access none));
        WriteLine(Access.Read.CompareTo(Access.Write) + " " + Access.Read.Equals(Access.Read) + " " + Access.Read.Equals(1) + " "
            + Access.Write.GetHashCode());
        Access a = Access.Read;
        a |= Access.Execute;
        a &= ~Access.Read;
        WriteLine(a);
    }

    private readonly struct Metres(double value)
    {
        public double Value { get; } = value;

        public static implicit operator Metres(int value) => new(value);

        public static explicit operator int(Metres value) => (int)value.Value;

        public static Metres operator +(Metres a, Metres b) => new(a.Value + b.Value);

        public static bool operator true(Metres value) => value.Value != 0;

        public static bool operator false(Metres value) => value.Value == 0;
    }

    private static void UserDefined()
    {
        Metres m = 3;
        m += 4;
        WriteLine((int)m);
        if (m)
            WriteLine("true");
        Metres? n = null;
        WriteLine((n + m).HasValue);
    }

    private class Animal;

    private sealed class Dog : Animal;

    private static void Casts()
    {
        Animal animal = new Dog();
        WriteLine((animal is Dog) + " " + (animal as Dog != null) + " " + (new Animal() is Dog));
        try
        {
            WriteLine((Dog)new Animal());
        }
        catch (InvalidCastException e)
        {
            WriteLine(e.GetType());
        }

        object o = "text";
        WriteLine(o is string { Length: 4 });
        WriteLine(o is IComparable<string>);
        WriteLine((Dog)null is null);
    }

    private static void Parse()
    {
        string[] texts = ["0", "-12", "+7", " 42 ", "2147483648", "-2147483648", "", "x", "1.5", "99999999999999999999", "-", "255", "-1"];
        foreach (string text in texts)
        {
            WriteLine($"{int.TryParse(text, out int i)} {i} {byte.TryParse(text, out byte b)} {b} {long.TryParse(text, out long l)} {l} {uint.TryParse(text, out uint u)} {u}");
            try
            {
                WriteLine(int.Parse(text));
            }
            catch (Exception e)
            {
                WriteLine(e.GetType().Name + ": " + e.Message);
            }
        }
    }

    private static void Chars()
    {
        for (char c = '\0'; c < 256; c++)
            Write((char.IsLetter(c) ? "L" : "") + (char.IsDigit(c) ? "D" : "") + (char.IsUpper(c) ? "U" : "") + (char.IsLower(c) ? "l" : "")
                + (char.IsWhiteSpace(c) ? "W" : "") +
                (char.IsControl(c) ? "C" : "") + (int)char.ToUpperInvariant(c) + "," + (int)char.ToLowerInvariant(c) + " ");
        WriteLine();
    }
}
