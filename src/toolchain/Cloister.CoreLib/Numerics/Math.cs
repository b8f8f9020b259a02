using System.Runtime.CompilerServices;

namespace System;

public enum MidpointRounding { ToEven, AwayFromZero, ToZero, ToNegativeInfinity, ToPositiveInfinity }

public static partial class Math
{
    public const double PI = 3.14159265358979323846;
    public const double E = 2.7182818284590452354;

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern double Sqrt(double d);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong MultiplyHigh(ulong a, ulong b);

    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        low = a * b;
        return MultiplyHigh(a, b);
    }

    public static long BigMul(int a, int b) => (long)a * b;

    /// <summary>x * y + z, rounded once.</summary>
    public static double FusedMultiplyAdd(double x, double y, double z) =>
        // Where the product is infinite, zero or no number, one rounding is the same as two.
        x == 0 || y == 0 || !double.IsFinite(x) || !double.IsFinite(y) ? x * y + z : double.IsFinite(z) ? Number.MultiplyAdd(x, y, z) : z;

    public static double Floor(double d)
    {
        double whole = Truncate(d);
        return whole > d ? whole - 1 : whole;
    }

    public static double Ceiling(double a)
    {
        double whole = Truncate(a);
        return whole < a ? whole + 1 : whole;
    }

    // Clears the bits of the fraction, so that the sign of zero stays.
    public static double Truncate(double d)
    {
        long bits = BitConverter.DoubleToInt64Bits(d);
        int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
        if (exponent < 0)
            return BitConverter.Int64BitsToDouble(bits & long.MinValue);
        return exponent >= 52 ? d : BitConverter.Int64BitsToDouble(bits & ~(0xfffffffffffff >> exponent));
    }

    public static double Round(double a)
    {
        double whole = Truncate(a);
        double rest = Abs(a - whole);
        if (rest < 0.5 || (rest == 0.5 && whole % 2 == 0))
            return whole;
        return a < 0 ? whole - 1 : whole + 1;
    }

    public static double Abs(double value) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(value) & long.MaxValue);

    public static float Abs(float value) => (float)Abs((double)value);

    public static double Max(double a, double b) => double.IsNaN(a) ? a : a > b || (a == b && !double.IsNegative(a)) ? a : b;

    public static double Min(double a, double b) => double.IsNaN(a) ? a : a < b || (a == b && double.IsNegative(a)) ? a : b;

    public static float Max(float a, float b) => (float)Max((double)a, b);

    public static float Min(float a, float b) => (float)Min((double)a, b);

    public static int Sign(double value) => value < 0 ? -1 : value > 0 ? 1 : value == 0 ? 0
        : throw new ArithmeticException("Function does not accept floating point Not-a-Number values.");

    public static int DivRem(int a, int b, out int result)
    {
        int quotient = a / b;
        result = a - quotient * b;
        return quotient;
    }

    public static long DivRem(long a, long b, out long result)
    {
        long quotient = a / b;
        result = a - quotient * b;
        return quotient;
    }

    public static double Clamp(double value, double min, double max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static float Clamp(float value, float min, float max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static int Sign(float value) => Sign((double)value);

    public static (nint Quotient, nint Remainder) DivRem(nint left, nint right) => (left / right, left % right);

    public static (nuint Quotient, nuint Remainder) DivRem(nuint left, nuint right) => (left / right, left % right);

    public static UInt128 BigMul(ulong a, ulong b)
    {
        ulong high = BigMul(a, b, out ulong low);
        return new UInt128(high, low);
    }

    public static long BigMul(long a, long b, out long low)
    {
        low = a * b;
        return (long)MultiplyHigh((ulong)a, (ulong)b) - (a >> 63 & b) - (b >> 63 & a);
    }

    public static ulong BigMul(uint a, uint b) => (ulong)a * b;

    public static sbyte Max(sbyte val1, sbyte val2) => val1 >= val2 ? val1 : val2;

    public static sbyte Min(sbyte val1, sbyte val2) => val1 <= val2 ? val1 : val2;

    public static sbyte Clamp(sbyte value, sbyte min, sbyte max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (sbyte Quotient, sbyte Remainder) DivRem(sbyte left, sbyte right) => ((sbyte)(left / right), (sbyte)(left % right));

    public static sbyte Abs(sbyte value) => value >= 0 ? value : value == sbyte.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : (sbyte)-value;

    public static int Sign(sbyte value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static byte Max(byte val1, byte val2) => val1 >= val2 ? val1 : val2;

    public static byte Min(byte val1, byte val2) => val1 <= val2 ? val1 : val2;

    public static byte Clamp(byte value, byte min, byte max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (byte Quotient, byte Remainder) DivRem(byte left, byte right) => ((byte)(left / right), (byte)(left % right));

    public static short Max(short val1, short val2) => val1 >= val2 ? val1 : val2;

    public static short Min(short val1, short val2) => val1 <= val2 ? val1 : val2;

    public static short Clamp(short value, short min, short max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (short Quotient, short Remainder) DivRem(short left, short right) => ((short)(left / right), (short)(left % right));

    public static short Abs(short value) => value >= 0 ? value : value == short.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : (short)-value;

    public static int Sign(short value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static ushort Max(ushort val1, ushort val2) => val1 >= val2 ? val1 : val2;

    public static ushort Min(ushort val1, ushort val2) => val1 <= val2 ? val1 : val2;

    public static ushort Clamp(ushort value, ushort min, ushort max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (ushort Quotient, ushort Remainder) DivRem(ushort left, ushort right) => ((ushort)(left / right), (ushort)(left % right));

    public static int Max(int val1, int val2) => val1 >= val2 ? val1 : val2;

    public static int Min(int val1, int val2) => val1 <= val2 ? val1 : val2;

    public static int Clamp(int value, int min, int max) => min > max ? throw new ArgumentException("'" + min + "' cannot be greater than " + max
        + ".") : value < min ? min : value > max ? max : value;

    public static (int Quotient, int Remainder) DivRem(int left, int right) => ((int)(left / right), (int)(left % right));

    public static int Abs(int value) => value >= 0 ? value : value == int.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : (int)-value;

    public static int Sign(int value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static uint Max(uint val1, uint val2) => val1 >= val2 ? val1 : val2;

    public static uint Min(uint val1, uint val2) => val1 <= val2 ? val1 : val2;

    public static uint Clamp(uint value, uint min, uint max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (uint Quotient, uint Remainder) DivRem(uint left, uint right) => ((uint)(left / right), (uint)(left % right));

    public static long Max(long val1, long val2) => val1 >= val2 ? val1 : val2;

    public static long Min(long val1, long val2) => val1 <= val2 ? val1 : val2;

    public static long Clamp(long value, long min, long max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (long Quotient, long Remainder) DivRem(long left, long right) => ((long)(left / right), (long)(left % right));

    public static long Abs(long value) => value >= 0 ? value : value == long.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : (long)-value;

    public static int Sign(long value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static ulong Max(ulong val1, ulong val2) => val1 >= val2 ? val1 : val2;

    public static ulong Min(ulong val1, ulong val2) => val1 <= val2 ? val1 : val2;

    public static ulong Clamp(ulong value, ulong min, ulong max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static (ulong Quotient, ulong Remainder) DivRem(ulong left, ulong right) => ((ulong)(left / right), (ulong)(left % right));

    public static nint Max(nint val1, nint val2) => val1 >= val2 ? val1 : val2;

    public static nint Min(nint val1, nint val2) => val1 <= val2 ? val1 : val2;

    public static nint Clamp(nint value, nint min, nint max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;

    public static nint Abs(nint value) => value >= 0 ? value : value == nint.MinValue
        ? throw new OverflowException("Negating the minimum value of a twos complement number is invalid.") : (nint)(-value);

    public static int Sign(nint value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static nuint Max(nuint val1, nuint val2) => val1 >= val2 ? val1 : val2;

    public static nuint Min(nuint val1, nuint val2) => val1 <= val2 ? val1 : val2;

    public static nuint Clamp(nuint value, nuint min, nuint max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : value < min ? min : value > max ? max : value;
}

public static partial class MathF
{
    public static float Abs(float x) => Math.Abs(x);

    public static float Ceiling(float x) => (float)Math.Ceiling(x);

    public static float Floor(float x) => (float)Math.Floor(x);

    public static float Round(float x) => (float)Math.Round(x);

    public static float Truncate(float x) => (float)Math.Truncate(x);

    public static float Max(float x, float y) => Math.Max(x, y);

    public static float Min(float x, float y) => Math.Min(x, y);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern float Sqrt(float x);
}
