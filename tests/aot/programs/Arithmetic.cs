using System;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Arithmetic
{
    private static readonly int[] s_ints = [0, 1, -1, 2, 7, -7, 100, int.MaxValue, int.MinValue, int.MaxValue - 1];
    private static readonly long[] s_longs = [0, 1, -1, 3, -10, long.MaxValue, long.MinValue, 1L << 32, -(1L << 33), 0x123456789abcdef];
    private static readonly double[] s_doubles = [0.0, -0.0, 1.0, -1.5, 1e300, 1e-300, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        0.1, 2147483648.0, -2147483649.0];

    public static void All()
    {
        Program.Run("arithmetic/int32", Int32Operators);
        Program.Run("arithmetic/int64", Int64Operators);
        Program.Run("arithmetic/uint", Unsigned);
        Program.Run("arithmetic/division", Division);
        Program.Run("arithmetic/divide by zero", DivideByZero);
        Program.Run("arithmetic/shifts", Shifts);
        Program.Run("arithmetic/checked add", CheckedAdd);
        Program.Run("arithmetic/checked mul", CheckedMul);
        Program.Run("arithmetic/checked unsigned", CheckedUnsigned);
        Program.Run("arithmetic/small types", SmallTypes);
        Program.Run("arithmetic/doubles", Doubles);
        Program.Run("arithmetic/comparisons", Comparisons);
        Program.Run("arithmetic/remainder", Remainder);
        Program.Run("arithmetic/floats", Floats);
        Program.Run("arithmetic/native ints", NativeInts);
        Program.Run("arithmetic/math", MathFunctions);
        Program.Run("arithmetic/bits", Bits);
        Program.Run("arithmetic/evaluation order", Order);
        Program.Run("arithmetic/increments", Increments);
        Program.Run("arithmetic/hash mixing", Mixing);
        Program.Run("arithmetic/primes", Primes);
        Program.Run("arithmetic/collatz", Collatz);
        Program.Run("arithmetic/matrix", Matrix);
        Program.Run("arithmetic/unary", Unary);
        Program.Run("arithmetic/constants", Constants);
    }

    private static void Int32Operators()
    {
        foreach (int a in s_ints)
            foreach (int b in s_ints)
                WriteLine(unchecked(a + b) + " " + unchecked(a - b) + " " + unchecked(a * b) + " " + (a & b) + " " + (a | b) + " " + (a ^ b));
    }

    private static void Int64Operators()
    {
        foreach (long a in s_longs)
            foreach (long b in s_longs)
                WriteLine(unchecked(a + b) + " " + unchecked(a - b) + " " + unchecked(a * b) + " " + (a & ~b) + " " + (a < b) + (a >= b));
    }

    private static void Unsigned()
    {
        foreach (int a in s_ints)
            foreach (int b in s_ints)
            {
                uint x = (uint)a, y = (uint)b;
                WriteLine($"{x + y} {x - y} {x * y} {x < y} {x >= y} {(y == 0 ? 0 : x / y)} {(y == 0 ? 0 : x % y)}");
            }
    }

    private static void Division()
    {
        foreach (long a in s_longs)
            foreach (long b in s_longs)
                if (b != 0 && !(a == long.MinValue && b == -1))
                    WriteLine(a / b + " " + a % b);
    }

    private static void DivideByZero()
    {
        int zero = s_ints[0];
        long wide = s_longs[0];
        Try(() => 1 / zero);
        Try(() => 1 % zero);
        Try(() => (int)(1L / wide));
        Try(() => (int)(1u / (uint)zero));
        Try(() => int.MinValue / s_ints[2]);
        Try(() => (int)(long.MinValue / s_longs[2]));
        WriteLine(1.0 / zero);
        WriteLine(0.0 / zero);
    }

    private static void Try(Func<int> body)
    {
        try
        {
            WriteLine(body());
        }
        catch (Exception e)
        {
            WriteLine(e.GetType().Name + ": " + e.Message);
        }
    }

    private static void Shifts()
    {
        int[] counts = [0, 1, 7, 31, 32, 33, 63, 64, -1];
        foreach (int count in counts)
            WriteLine($"{1 << count} {-8 >> count} {-8 >>> count} {0x80000001u >> count} {1L << count} {-8L >> count} {-8L >>> count} {(byte)200 << count}");
    }

    private static void CheckedAdd()
    {
        foreach (int a in s_ints)
            foreach (int b in s_ints)
            {
                Try(() => checked(a + b));
                Try(() => checked(a - b));
            }
    }

    private static void CheckedMul()
    {
        foreach (long a in s_longs)
            foreach (long b in s_longs)
                try
                {
                    WriteLine(checked(a * b));
                }
                catch (OverflowException)
                {
                    WriteLine("overflow");
                }
    }

    private static void CheckedUnsigned()
    {
        uint[] values = [0, 1, 2, uint.MaxValue, 0x80000000];
        foreach (uint a in values)
            foreach (uint b in values)
            {
                Try(() => (int)checked(a + b));
                Try(() => unchecked((int)checked(a - b)));
                Try(() => unchecked((int)checked(a * b)));
                Try(() => unchecked((int)checked((ulong)a * b * 0x100000000)));
            }
    }

    private static void SmallTypes()
    {
        byte b = 250;
        sbyte s = 120;
        short h = short.MaxValue;
        ushort u = 65535;
        char c = 'z';
        for (int i = 0; i < 10; i++)
        {
            b++;
            s++;
            h++;
            u++;
            c++;
            WriteLine($"{b} {s} {h} {u} {(int)c} {(byte)(b * 3)} {(sbyte)(s - 7)} {(short)(h * 5)}");
        }

        Try(() => checked((byte)(b + 255)));
        Try(() => checked((sbyte)s_ints[6] + (sbyte)s_ints[5]));
    }

    private static void Doubles()
    {
        foreach (double a in s_doubles)
            foreach (double b in s_doubles)
                WriteLine($"{a + b} {a - b} {a * b} {a / b}");
    }

    private static void Comparisons()
    {
        foreach (double a in s_doubles)
            foreach (double b in s_doubles)
                WriteLine($"{a < b} {a <= b} {a > b} {a >= b} {a == b} {a != b} {!(a < b)} {!(a >= b)} {a.CompareTo(b)} {a.Equals(b)}");
    }

    private static void Remainder()
    {
        double[] values = [5.5, -5.5, 2, -2, 0.3, 1e20, 7, 1e-310, double.PositiveInfinity, 0, -0.0, double.NaN, 3.75];
        foreach (double a in values)
            foreach (double b in values)
                WriteLine(a % b);
    }

    private static void Floats()
    {
        float[] values = [0f, 1.5f, 0.1f, 3.4e38f, 1e-40f, float.NaN, -2.25f, 16777216f, 1f / 3f];
        foreach (float a in values)
            foreach (float b in values)
                WriteLine($"{a + b} {a * b} {a / b} {a % b} {(double)a - b}");
    }

    private static void NativeInts()
    {
        nint a = 5;
        nuint b = 7;
        WriteLine(a * -3);
        WriteLine(b - 3);
        WriteLine((nint)long.MaxValue);
        WriteLine(nint.Size);
        WriteLine((int)(a << 3));
        WriteLine(a.CompareTo(6) + " " + b.Equals((nuint)7));
    }

    private static void MathFunctions()
    {
        foreach (double d in s_doubles)
            WriteLine($"{Math.Floor(d)} {Math.Ceiling(d)} {Math.Truncate(d)} {Math.Round(d)} {Math.Abs(d)} {Math.Sqrt(d)}");
        double[] halves = [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 4503599627370495.5];
        foreach (double d in halves)
            WriteLine(Math.Round(d));
        WriteLine(Math.Max(3, -4) + Math.Min(3L, -4) + " " + Math.Clamp(11, 0, 10) + " " + Math.Sign(-3.5));
        WriteLine(Math.DivRem(17, -5).ToString());
        WriteLine(Math.BigMul(0xfedcba9876543210, 0x123456789abcdef0, out ulong low) + " " + low);
        Try(() => Math.Abs(s_ints[8]));
        WriteLine(Math.Max(double.NaN, 1) + " " + Math.Min(0.0, -0.0) + " " + Math.Max(-0.0, 0.0));
    }

    private static void Bits()
    {
        foreach (long value in s_longs)
            WriteLine($"{System.Numerics.BitOperations.PopCount((ulong)value)} {System.Numerics.BitOperations.LeadingZeroCount((ulong)value)} " +
                $"{System.Numerics.BitOperations.TrailingZeroCount(value)} {System.Numerics.BitOperations.RotateLeft((ulong)value, 13)} " +
                $"{System.Numerics.BitOperations.Log2((uint)value)} {System.Numerics.BitOperations.RotateRight((uint)value, 5)}");
    }

    private static int s_step;

    private static int Step(int value)
    {
        Write(value + ";");
        return s_step += value;
    }

    private static void Order()
    {
        s_step = 0;
        int[] array = new int[20];
        array[Step(1)] = Step(2) + Step(3) * Step(4);
        array[Step(-5)] += Step(6) - array[1];
        WriteLine();
        WriteLine(string.Join(",", array));
        int i = 0;
        i = i++ + ++i + i--;
        WriteLine(i);
        int x = 5;
        x += x++ * 2 + (x = 10);
        WriteLine(x);
    }

    private static void Increments()
    {
        long n = 0;
        for (uint i = 0; i < 1000; i += 7)
            n += i % 3 == 0 ? i : -i;
        WriteLine(n);
        decimal_like();
        static void decimal_like()
        {
            double sum = 0;
            for (int i = 0; i < 10; i++)
                sum += 0.1;
            WriteLine(sum);
        }
    }

    private static void Mixing()
    {
        ulong h = 14695981039346656037;
        for (int i = 0; i < 1000; i++)
        {
            h ^= (byte)i;
            h *= 1099511628211;
        }

        WriteLine(h.ToString("x16"));
    }

    private static void Primes()
    {
        bool[] composite = new bool[2000];
        int count = 0;
        for (int i = 2; i < composite.Length; i++)
        {
            if (composite[i])
                continue;
            count++;
            for (int j = i * i; j < composite.Length; j += i)
                composite[j] = true;
        }

        WriteLine(count);
    }

    private static void Collatz()
    {
        int best = 0, at = 0;
        for (int i = 1; i < 5000; i++)
        {
            int steps = 0;
            for (long n = i; n != 1; steps++)
                n = (n & 1) == 0 ? n / 2 : 3 * n + 1;
            if (steps > best)
                (best, at) = (steps, i);
        }

        WriteLine(best + " at " + at);
    }

    private static void Matrix()
    {
        double[,] a = new double[8, 8], b = new double[8, 8];
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++)
                (a[i, j], b[i, j]) = (i * 1.5 - j, j / 3.0 + i);
        double trace = 0;
        for (int i = 0; i < 8; i++)
            for (int k = 0; k < 8; k++)
                trace += a[i, k] * b[k, i];
        WriteLine(trace);
    }

    private static void Unary()
    {
        foreach (int i in s_ints)
            WriteLine(unchecked(-i) + " " + ~i + " " + -(long)i + " " + ~(uint)i);
        foreach (double d in s_doubles)
            WriteLine(-d);
        Try(() => checked(-s_ints[8]));
    }

    private static void Constants()
    {
        WriteLine(int.MaxValue + " " + int.MinValue + " " + long.MaxValue + " " + long.MinValue + " " + ulong.MaxValue + " " + uint.MaxValue);
        WriteLine(double.MaxValue + " " + double.Epsilon + " " + double.MinValue + " " + float.MaxValue + " " + float.Epsilon);
        WriteLine(Math.PI + " " + Math.E + " " + 1e15 + " " + 1e16 + " " + 123456789012345680.0 + " " + 0.0001 + " " + 0.00001);
    }
}
