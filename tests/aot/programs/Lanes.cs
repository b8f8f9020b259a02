using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Vectors, and instructions of the processor with what stands in for them.</summary>
internal static class Lanes
{
    public static void All()
    {
        Program.Run("vectors/create", () =>
        {
            WriteLine(Vector128.Create(1, 2, 3, 4) + " " + Vector128.Create((byte)7) + " " + Vector256.Create(1.5, 2, 3, 4) + " "
                + Vector64.Create((short)1, 2, 3, 4) + " " + Vector512.Create(9L));
            WriteLine(Vector128<int>.Zero + " " + Vector128<uint>.One + " " + Vector128<ushort>.AllBitsSet + " " + Vector256<uint>.Indices + " "
                + Vector128<float>.Indices + " " + Vector128.CreateScalar(5ul));
        });
        Program.Run("vectors/arithmetic", () =>
        {
            Vector128<int> a = Vector128.Create(1, -2, int.MaxValue, 4), b = Vector128.Create(10, 20, 30, -40);
            WriteLine((a + b) + " " + (a - b) + " " + a * b + " " + -a + " " + a * 3 + " " + b / 7 + " " + b / a);
            Vector256<byte> c = Vector256.Create((byte)200), d = Vector256<byte>.Indices;
            WriteLine((c + d) + " " + (d - c) + " " + c * d);
        });
        Program.Run("vectors/bits", () =>
        {
            Vector128<uint> a = Vector128.Create(0xf0f0f0f0u, 1, 2, 3), b = Vector128.Create(0xff00ff00u, 3, 3, 3);
            WriteLine((a & b) + " " + (a | b) + " " + (a ^ b) + " " + ~a + " " + Vector128.AndNot(a, b) + " " + Vector128.OnesComplement(b) + " "
                + Vector128.Xor(a, a));
        });
        Program.Run("vectors/shifts", () =>
        {
            for (int i = 0; i < 40; i += 5)
                WriteLine((Vector128.Create(-100) << i) + " " + (Vector128.Create(-100) >> i) + " " + (Vector128.Create(-100) >>> i) + " "
                    + (Vector256.Create((byte)0x81) << i) + " " + (Vector128.Create((short)-2) >> i) + " "
                    + (Vector512.Create(ulong.MaxValue) >>> i).GetElement(7));
        });
        Program.Run("vectors/comparisons", () =>
        {
            Vector128<int> a = Vector128.Create(1, 5, -3, 4), b = Vector128.Create(1, 4, 3, 5);
            WriteLine(Vector128.Equals(a, b) + " " + Vector128.LessThan(a, b) + " " + Vector128.GreaterThan(a, b) + " "
                + Vector128.LessThanOrEqual(a, b) + " " + Vector128.GreaterThanOrEqual(a, b));
            WriteLine(Vector128.EqualsAll(a, a) + " " + Vector128.EqualsAny(a, b) + " " + (a == b) + (a != b) + a.Equals(a) + " "
                + Vector128.LessThanAny(a, b) + Vector128.GreaterThanAll(a, b));
            Vector256<uint> c = Vector256.Create(uint.MaxValue), d = Vector256.Create(1u);
            WriteLine(Vector256.GreaterThan(c, d) + " " + Vector256.LessThanAll(d, c));
        });
        Program.Run("vectors/floats", () =>
        {
            Vector128<float> a = Vector128.Create(1.5f, -0f, float.NaN, float.PositiveInfinity), b = Vector128.Create(2f, 0, 1, -1);
            WriteLine((a + b) + " " + a * b + " " + a / b + " " + -a + " " + Vector128.Equals(a, a).AsInt32() + " "
                + Vector128.LessThan(a, b).AsInt32() + " " + (a == a) + a.Equals(a) + " " + (a & b).AsInt32());
            WriteLine(Vector128.Sqrt(Vector128.Create(4f, 2, 9, 0.25f)) + " " + Vector128.Abs(Vector128.Create(-1.5, 2)) + " "
                + Vector256.Sum(Vector256.Create(0.1f)));
        });
        Program.Run("vectors/select", () => WriteLine(Vector128.ConditionalSelect(Vector128.Create(-1, 0, -1, 0), Vector128.Create(1, 2, 3, 4),
            Vector128.Create(5, 6, 7, 8)) + " " + Vector128.ConditionalSelect(Vector128.Create((byte)0x0f), Vector128.Create((byte)0xaa),
            Vector128.Create((byte)0x55))));
        Program.Run("vectors/shuffle", () =>
        {
            WriteLine(Vector128.Shuffle(Vector128.Create(10, 20, 30, 40), Vector128.Create(3, 3, 0, 9)) + " "
                + Vector128.Shuffle(Vector128.Create(1ul, 2), Vector128.Create(1ul, 0)));
            WriteLine(Vector128.Shuffle(Vector128<byte>.Indices, Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 200, 16))
                + " " + Vector256.Shuffle(Vector256<uint>.Indices, Vector256.Create(7u, 6, 5, 4, 3, 2, 1, 8)));
            WriteLine(Vector256.Shuffle(Vector256.Create(1.0, 2, 3, 4), Vector256.Create(3L, 2, 1, -1)) + " "
                + Vector64.Shuffle(Vector64.Create(5, 6), Vector64.Create(1, 0)));
        });
        Program.Run("vectors/min and max", () => WriteLine(Vector128.Min(Vector128.Create(1, -2, 3, 4), Vector128.Create(2)) + " "
            + Vector128.Max(Vector128.Create((byte)200), Vector128.Create((byte)100)) + " "
            + Vector256.Clamp(Vector256.Create(1L, 20, 3, -4), Vector256.Create(0L), Vector256.Create(5L)) + " "
            + Vector128.Abs(Vector128.Create((sbyte)-7))));
        Program.Run("vectors/halves", () =>
        {
            Vector256<int> a = Vector256<int>.Indices;
            WriteLine(a.GetLower() + " " + a.GetUpper() + " " + a.WithLower(Vector128<int>.One) + " " + a.WithUpper(Vector128<int>.Zero) + " "
                + Vector256.Create(a.GetUpper(), a.GetLower()) + " " + a.GetLower().ToVector256() + " "
                + Vector512.Create(a, a).GetUpper().GetLower().GetLower());
        });
        Program.Run("vectors/elements", () =>
        {
            Vector128<short> a = Vector128<short>.Indices.WithElement(3, (short)99);
            WriteLine(a + " " + a.GetElement(3) + a[7] + a.ToScalar() + " " + Vector128<short>.Count + Vector512<byte>.Count
                + Vector64<double>.Count + " " + Vector128.Sum(a) + " " + Vector128.Dot(a, a));
            try
            {
                WriteLine(a.GetElement(8));
            }
            catch (ArgumentOutOfRangeException)
            {
                WriteLine("out of range");
            }
        });
        Program.Run("vectors/reinterpretation", () => WriteLine(Vector128.Create(1.0, -2).AsUInt64() + " " + Vector128.Create(0x01020304).AsByte()
            + " " + Vector256.Create((byte)1).AsUInt16() + " " + Vector128.Create(1f).As<float, int>() + " " + Vector128.Create(-1L).AsUInt32()));
        Program.Run("vectors/memory", () =>
        {
            byte[] bytes = new byte[80];
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(i * 3);
            Vector128<byte> a = Vector128.LoadUnsafe(ref bytes[5]);
            a.StoreUnsafe(ref bytes[0], 33);
            WriteLine(a + " " + Vector256.LoadUnsafe(ref bytes[0], 30) + " " + Vector128.Create<byte>(bytes.AsSpan(60)) + " "
                + Vector128.Create(new int[] { 1, 2, 3, 4 }));
            Span<int> target = stackalloc int[4];
            Vector128.Create(4, 3, 2, 1).CopyTo(target);
            WriteLine(target[0] + target[3] * 10);
        });
        Program.Run("vectors/masks", () => WriteLine(Vector128.ExtractMostSignificantBits(Vector128.Create(-1, 1, -5, 0)) + " "
            + Vector256.Create((byte)0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            255).ExtractMostSignificantBits() + " " + Vector512.Create(-1.0).ExtractMostSignificantBits()));
        Program.Run("vectors/generic", () => WriteLine(Twice(Vector128.Create(3)) + " " + Twice(Vector128.Create(1.5)) + " "
            + Twice(Vector128.Create((byte)150))));
        Program.Run("vectors/equality", () => WriteLine(Vector128.Create(1).GetHashCode() == Vector128.Create(1).GetHashCode()
            ? Vector128.Create(1).Equals((object)Vector128.Create(1)) : false));
        Program.Run("vectors/instructions with fallback", () =>
        {
            foreach (uint v in (uint[])[0, 1, 0x80000000, 0xf0f0, uint.MaxValue])
                WriteLine(Leading(v) + " " + Ones(v) + " " + Trailing(v) + " " + High(v, 0xdeadbeefcafef00d) + " " + Lowest(v));
        });
        Program.Run("vectors/sum of bytes", () =>
        {
            byte[] data = new byte[1000];
            for (int i = 0; i < data.Length; i++)
                data[i] = (byte)(i * i);
            WriteLine(SumOfBytes(data) + " " + Adler(data));
        });
    }

    private static Vector128<T> Twice<T>(Vector128<T> v) => v + v;

    private static int Leading(uint v) => Lzcnt.IsSupported ? (int)Lzcnt.LeadingZeroCount(v) : System.Numerics.BitOperations.LeadingZeroCount(v);

    private static int Ones(uint v) => Popcnt.IsSupported ? (int)Popcnt.PopCount(v) : System.Numerics.BitOperations.PopCount(v);

    private static int Trailing(uint v) => Bmi1.IsSupported ? (int)Bmi1.TrailingZeroCount(v) : System.Numerics.BitOperations.TrailingZeroCount(v);

    private static uint Lowest(uint v) => Bmi1.IsSupported ? Bmi1.ExtractLowestSetBit(v) : v & (0 - v);

    private static ulong High(ulong a, ulong b) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    private static ulong SumOfBytes(ReadOnlySpan<byte> data)
    {
        Vector128<ulong> sums = default;
        Vector128<ulong> low = Vector128.Create(0x00ff00ff00ff00fful);
        int at = 0;
        for (; at + 16 <= data.Length; at += 16)
        {
            Vector128<ulong> words = Vector128.Create(data.Slice(at, 16)).AsUInt64();
            Vector128<ulong> pairs = (words & low) + ((words >>> 8) & low);
            sums += (pairs & Vector128.Create(0x0000ffff0000fffful)) + ((pairs >>> 16) & Vector128.Create(0x0000ffff0000fffful));
        }

        Vector128<uint> parts = sums.AsUInt32();
        ulong sum = (ulong)parts[0] + parts[1] + parts[2] + parts[3];
        for (; at < data.Length; at++)
            sum += data[at];
        return sum;
    }

    private static uint Adler(ReadOnlySpan<byte> data)
    {
        uint a = 1, b = 0;
        foreach (byte value in data)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }

        return b << 16 | a;
    }
}
