using System;
using System.Numerics;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>128 bits, Half, generic numbers, and text of all of them.</summary>
internal static class Numbers
{
    private static readonly UInt128[] s_wide = [0, 1, 10, ulong.MaxValue, (UInt128)ulong.MaxValue + 1, UInt128.MaxValue,
        new UInt128(0x0123456789abcdef, 0xfedcba9876543210), UInt128.MaxValue - 5];
    private static readonly double[] s_doubles = [0, -0.0, 1, -1, 0.1, 0.5, 1.5, 2.5, -2.5, 65504, 65520, 1e-8, 5.9604644775390625e-8, 2.98e-8,
        1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 3.14159, 2047.5];

    public static void All()
    {
        Program.Run("numbers/uint128 arithmetic", () =>
        {
            foreach (UInt128 a in s_wide)
                foreach (UInt128 b in s_wide)
                    WriteLine(unchecked(a + b) + " " + unchecked(a - b) + " " + unchecked(a * b) + " " + (b == 0 ? 0 : a / b) + " "
                        + (b == 0 ? 0 : a % b) + " " + (a < b) + (a >= b) + (a == b));
        });
        Program.Run("numbers/uint128 bits", () =>
        {
            foreach (UInt128 a in s_wide)
                for (int i = 0; i < 130; i += 13)
                    WriteLine((a << i) + " " + (a >> i) + " " + (a >>> i) + " " + UInt128.RotateLeft(a, i) + " " + ~a + " "
                        + UInt128.LeadingZeroCount(a) + UInt128.TrailingZeroCount(a) + UInt128.PopCount(a));
        });
        Program.Run("numbers/uint128 text", () =>
        {
            foreach (UInt128 a in s_wide)
            {
                WriteLine(a.ToString() + " " + a.ToString("x") + " " + a.ToString("X32") + " " + a.ToString("D40") + " " + a.ToString("N0"));
                WriteLine(UInt128.Parse(a.ToString()) == a);
            }

            WriteLine(UInt128.TryParse("340282366920938463463374607431768211456", out _) + " " + UInt128.TryParse("-1", out _) + " "
                + UInt128.TryParse("", out _));
        });
        Program.Run("numbers/uint128 conversions", () =>
        {
            foreach (UInt128 a in s_wide)
                WriteLine((byte)a + " " + (int)a + " " + (long)a + " " + (ulong)a + " " + ((double)a).ToString("R"));
            WriteLine((UInt128)(-1) + " " + (UInt128)(-5L) + " " + (UInt128)7u + " " + (UInt128)'x');
            Try(() => checked((ulong)UInt128.MaxValue).ToString());
            Try(() => checked(UInt128.MaxValue + UInt128.One).ToString());
            Try(() => checked(UInt128.Zero - UInt128.One).ToString());
            Try(() => checked(UInt128.MaxValue * 2u).ToString());
            Try(() => (UInt128.One / UInt128.Zero).ToString());
        });
        Program.Run("numbers/uint128 comparisons", () =>
        {
            foreach (UInt128 a in s_wide)
                WriteLine(a.CompareTo(s_wide[3]) + " " + a.Equals((object)s_wide[5]) + " " + UInt128.Max(a, 10) + " " + UInt128.Min(a, 10) + " "
                    + UInt128.IsPow2(a) + " " + UInt128.Log2(a | 1));
        });
        Program.Run("numbers/big products", () =>
        {
            ulong[] values = [0, 1, ulong.MaxValue, 0x123456789abcdef0, 1ul << 63];
            foreach (ulong a in values)
                foreach (ulong b in values)
                    WriteLine(Math.BigMul(a, b, out ulong low) + ":" + low + " " + Math.BigMul((long)a, (long)b, out long signedLow) + ":"
                        + signedLow + " " + Math.BigMul((int)a, (int)b));
        });
        Program.Run("numbers/half conversions", () =>
        {
            // The sign of a NaN that a conversion makes is the processor's business (IEEE 754, 6.3).
            foreach (double d in s_doubles)
                WriteLine(double.IsNaN(d) ? ((Half)d).ToString() : BitConverter.HalfToUInt16Bits((Half)d).ToString("x4") + " " + (double)(Half)d + " "
                    + BitConverter.HalfToUInt16Bits((Half)(float)d).ToString("x4"));
        });
        Program.Run("numbers/half arithmetic", () =>
        {
            foreach (double d in s_doubles)
            {
                Half a = (Half)d, b = (Half)1.7;
                WriteLine(a + b + " " + (a - b) + " " + a * b + " " + a / b + " " + -a + " " + (a < b) + (a == a) + (a >= b) + Half.IsNaN(a)
                    + Half.IsInfinity(a) + Half.IsNegative(a) + Half.IsSubnormal(a));
            }
        });
        Program.Run("numbers/half text", () =>
        {
            for (int bits = 0; bits < 65536; bits += 211)
            {
                Half value = BitConverter.UInt16BitsToHalf((ushort)bits);
                string text = value.ToString();
                WriteLine(text + " " + (Half.IsNaN(value) || Half.Parse(text) == value));
            }
        });
        Program.Run("numbers/parse doubles", () =>
        {
            foreach (string text in (string[])["0", "-0", "1", "1.5", "  2.25 ", "1e3", "1E-3", ".5", "5.", "1e400", "-1e400", "4.9e-324",
                "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308", "9007199254740993",
                "9007199254740992.5",
                "123456789012345678901234567890", "0.1", "0.30000000000000004", "NaN", "Infinity", "-Infinity", "1,234.5", "+7", "1e", "", "x",
                    "1.2.3", "--1", "2.2250738585072011e-308"])
                WriteLine(text + " -> " + (double.TryParse(text, out double value) ? BitConverter.DoubleToInt64Bits(value).ToString("x") + " "
                    + value : "no"));
        });
        Program.Run("numbers/parse floats", () =>
        {
            foreach (string text in (string[])["0.1", "16777217", "16777219", "3.4028235e38", "3.4028236e38", "1e-45", "7e-46", "1.17549435E-38",
                "0.333333333333333333", "1e39", "-5"])
                WriteLine(text + " -> " + (float.TryParse(text, out float value) ? BitConverter.SingleToInt32Bits(value).ToString("x") + " " + value
                    : "no"));
        });
        Program.Run("numbers/double round trips", () =>
        {
            ulong state = 88172645463325252;
            for (int i = 0; i < 200; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                double value = BitConverter.UInt64BitsToDouble(state);
                string text = value.ToString();
                WriteLine(text + " " + (double.IsNaN(value) || double.Parse(text) == value) + " " + (float)value);
            }
        });
        Program.Run("numbers/generic sum", () => WriteLine(Sum<int>([1, 2, 3]) + " " + Sum<double>([0.5, 0.25]) + " " + Sum<byte>([200, 100]) + " "
            + Sum<ulong>([ulong.MaxValue, 2]) + " " + Sum<nint>([5, -7]) + " " + Sum<float>([1.5f, 2])));
        Program.Run("numbers/generic checked", () =>
        {
            Try(() => CheckedSum<byte>([200, 100]).ToString());
            Try(() => CheckedSum<int>([int.MaxValue, 1]).ToString());
            Try(() => CheckedSum<long>([1, 2]).ToString());
            Try(() => CheckedSum<short>([32767, 1]).ToString());
        });
        Program.Run("numbers/generic power", () => WriteLine(Power(3, 20) + " " + Power(3u, 20) + " " + Power(3L, 39) + " " + Power(1.5, 10) + " "
            + Power((byte)3, 6) + " " + Power((short)-3, 9)));
        Program.Run("numbers/create checked", () =>
        {
            Try(() => byte.CreateChecked(300).ToString());
            Try(() => byte.CreateChecked(255L).ToString());
            Try(() => int.CreateChecked(3e9).ToString());
            Try(() => int.CreateChecked(-1.9).ToString());
            Try(() => uint.CreateChecked(-1).ToString());
            Try(() => ulong.CreateChecked(int.MaxValue).ToString());
            Try(() => sbyte.CreateChecked((ulong)128).ToString());
            Try(() => ((int)char.MaxValue + int.CreateChecked('a')).ToString());
        });
        Program.Run("numbers/create saturating", () => WriteLine(byte.CreateSaturating(300) + " " + byte.CreateSaturating(-5) + " "
            + int.CreateSaturating(long.MaxValue) + " " + int.CreateSaturating(long.MinValue) + " " + sbyte.CreateSaturating(200u) + " " +
            ulong.CreateSaturating(-1) + " " + uint.CreateSaturating(1e20) + " " + short.CreateSaturating(double.NaN) + " "
                + long.CreateSaturating(ulong.MaxValue) + " " + byte.CreateSaturating(254.9f)));
        Program.Run("numbers/create truncating", () => WriteLine(byte.CreateTruncating(300) + " " + byte.CreateTruncating(-5) + " "
            + int.CreateTruncating(long.MaxValue) + " " + sbyte.CreateTruncating(200u) + " " + ulong.CreateTruncating(-1) + " " +
            double.CreateTruncating(5) + " " + float.CreateTruncating(ulong.MaxValue) + " " + short.CreateTruncating(70000) + " "
                + int.CreateTruncating(-7.9)));
        Program.Run("numbers/integer functions", () =>
        {
            Bits<int>([0, 1, -1, 5, int.MinValue, int.MaxValue]);
            Bits<byte>([0, 1, 255, 128, 77]);
            Bits<ulong>([0, 1, ulong.MaxValue, 1ul << 40]);
            Bits<short>([0, -1, 1000, short.MinValue]);
            Bits<sbyte>([0, -1, 100, sbyte.MinValue]);
            Bits<nuint>([0, 3, nuint.MaxValue]);
        });
        Program.Run("numbers/generic predicates", () =>
        {
            Predicates<int>([0, -3, 4]);
            Predicates<double>([0, -0.0, 2.5, 3, double.NaN, double.NegativeInfinity, double.Epsilon]);
            Predicates<byte>([0, 7]);
            Predicates<float>([1e-40f, -4]);
        });
        Program.Run("numbers/generic order", () =>
        {
            Order(3, 5, 4);
            Order(-3.5, 2.5, double.NaN);
            Order<byte>(3, 200, 100);
            Order(-0.0, 0.0, 1.0);
            Order(long.MinValue, long.MaxValue, 0);
        });
        Program.Run("numbers/generic parse", () => WriteLine(Parsed<int>("42") + " " + Parsed<double>("2.5") + " " + Parsed<byte>("256") + " "
            + Parsed<ulong>("18446744073709551615") + " " + Parsed<long>("-9") + " " + Parsed<uint>("-9")));
        Program.Run("numbers/generic constants", () => WriteLine(Constants<int>() + Constants<byte>() + Constants<double>() + Constants<long>()
            + Constants<nuint>()));
        Program.Run("numbers/own number", () =>
        {
            var a = new Modular(10);
            var b = new Modular(9);
            WriteLine(Fold([a, b, a]) + " " + a * b + " " + (a + b) + " " + Modular.AdditiveIdentity);
        });
        Program.Run("numbers/try format", () =>
        {
            Span<char> chars = stackalloc char[6];
            Span<byte> bytes = stackalloc byte[4];
            WriteLine(12345.TryFormat(chars, out int written) + " " + written + new string(chars[..written]) + " "
                + 1234567.TryFormat(chars, out written) + written);
            WriteLine(255.TryFormat(bytes, out written, "x") + " " + written + (char)bytes[0] + (char)bytes[1] + " "
                + (-99999).TryFormat(bytes, out written) + written + " " + 1.5.TryFormat(chars, out written) + written);
        });
        Program.Run("numbers/formats", () =>
        {
            foreach (int i in (int[])[0, 7, -7, 1234567, int.MinValue])
                WriteLine(i.ToString("D5") + " " + i.ToString("N2") + " " + i.ToString("x8") + " " + i.ToString("X") + " " + i.ToString("F1") + " "
                    + i.ToString("B") + " " + i.ToString("G"));
            foreach (double d in (double[])[0, 1.005, -2.5, 1234567.891, 1e21, 0.000123])
                WriteLine(d.ToString("F3") + " " + d.ToString("N1") + " " + d.ToString("F0") + " " + d.ToString("R") + " " + d.ToString("G"));
        });
    }

    private static void Try(Func<string> run)
    {
        try
        {
            WriteLine(run());
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }

    private static T Sum<T>(T[] values) where T : INumber<T>
    {
        T sum = T.Zero;
        foreach (T value in values)
            sum += value;
        return sum;
    }

    private static T CheckedSum<T>(T[] values) where T : INumber<T>
    {
        T sum = T.Zero;
        foreach (T value in values)
            sum = checked(sum + value);
        return sum;
    }

    private static T Power<T>(T value, int exponent) where T : INumberBase<T>
    {
        T result = T.One;
        for (; exponent > 0; exponent >>= 1, value *= value)
            if ((exponent & 1) != 0)
                result *= value;
        return result;
    }

    private static void Bits<T>(T[] values) where T : IBinaryInteger<T>
    {
        foreach (T v in values)
            WriteLine(v + ": " + T.LeadingZeroCount(v) + " " + T.TrailingZeroCount(v) + " " + T.PopCount(v) + " " + T.RotateLeft(v, 3) + " "
                + T.RotateRight(v, 5) + " " + (v << 2) + " " + (v >> 1) + " " + (v >>> 1) + " " + ~v + " " + (v & T.One) + (v | T.One) + (v ^ T.One) +
                " " + T.IsPow2(v) + " " + v.GetByteCount() + " " + v.GetShortestBitLength() + " " + T.IsEvenInteger(v));
    }

    private static void Predicates<T>(T[] values) where T : INumberBase<T>
    {
        foreach (T v in values)
            WriteLine(v + ": " + T.IsZero(v) + T.IsNegative(v) + T.IsPositive(v) + T.IsEvenInteger(v) + T.IsOddInteger(v) + T.IsInteger(v)
                + T.IsNaN(v) + T.IsFinite(v) + T.IsInfinity(v) + T.IsNormal(v) + T.IsSubnormal(v) + T.IsRealNumber(v));
    }

    private static void Order<T>(T a, T b, T c) where T : INumber<T> =>
        WriteLine(T.Max(a, b) + " " + T.Min(a, b) + " " + T.MaxMagnitude(a, b) + " " + T.MinMagnitude(a, b) + " " + T.Clamp(c, a, b) + " "
        + T.Abs(T.Max(a, b)) + " " +
        (a < b) + (a > b) + (a <= c) + (a >= c) + (a == b) + (a != c) + " " + T.MaxNumber(a, c) + " " + T.MinNumber(c, b) + " " + a.CompareTo(b));

    private static string Parsed<T>(string text) where T : IParsable<T> => T.TryParse(text, null, out T? value) ? value.ToString()! : "no";

    private static string Constants<T>() where T : INumber<T>, IMinMaxValue<T> => T.Zero + " " + T.One + " " + T.MinValue + " " + T.MaxValue + " "
        + T.Radix + " " + T.AdditiveIdentity + T.MultiplicativeIdentity + "; ";

    private static T Fold<T>(T[] values) where T : IAdditionOperators<T, T, T>, IAdditiveIdentity<T, T>
    {
        T sum = T.AdditiveIdentity;
        foreach (T value in values)
            sum += value;
        return sum;
    }

    private readonly record struct Modular(int Value) : IAdditionOperators<Modular, Modular, Modular>, IMultiplyOperators<Modular, Modular,
        Modular>, IAdditiveIdentity<Modular, Modular>
    {
        public static Modular AdditiveIdentity => new(0);

        public static Modular operator +(Modular left, Modular right) => new((left.Value + right.Value) % 17);

        public static Modular operator *(Modular left, Modular right) => new(left.Value * right.Value % 17);
    }
}
