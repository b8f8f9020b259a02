using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Double : IBinaryFloatingPointIeee754<double>, IMinMaxValue<double>
{
    static double IAdditionOperators<double, double, double>.operator +(double left, double right) => left + right;

    static double ISubtractionOperators<double, double, double>.operator -(double left, double right) => left - right;

    static double IMultiplyOperators<double, double, double>.operator *(double left, double right) => left * right;

    static double IDivisionOperators<double, double, double>.operator /(double left, double right) => left / right;

    static double IModulusOperators<double, double, double>.operator %(double left, double right) => left % right;

    static double IIncrementOperators<double>.operator ++(double value) => value + 1;

    static double IDecrementOperators<double>.operator --(double value) => value - 1;

    static double IUnaryNegationOperators<double, double>.operator -(double value) => -value;

    static double IUnaryPlusOperators<double, double>.operator +(double value) => value;

    static double IBitwiseOperators<double, double, double>.operator &(double left, double right) =>
        BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(left) & BitConverter.DoubleToUInt64Bits(right));

    static double IBitwiseOperators<double, double, double>.operator |(double left, double right) =>
        BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(left) | BitConverter.DoubleToUInt64Bits(right));

    static double IBitwiseOperators<double, double, double>.operator ^(double left, double right) =>
        BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(left) ^ BitConverter.DoubleToUInt64Bits(right));

    static double IBitwiseOperators<double, double, double>.operator ~(double value) =>
        BitConverter.UInt64BitsToDouble(~BitConverter.DoubleToUInt64Bits(value));

    static bool IEqualityOperators<double, double, bool>.operator ==(double left, double right) => left == right;

    static bool IEqualityOperators<double, double, bool>.operator !=(double left, double right) => left != right;

    static bool IComparisonOperators<double, double, bool>.operator <(double left, double right) => left < right;

    static bool IComparisonOperators<double, double, bool>.operator >(double left, double right) => left > right;

    static bool IComparisonOperators<double, double, bool>.operator <=(double left, double right) => left <= right;

    static bool IComparisonOperators<double, double, bool>.operator >=(double left, double right) => left >= right;

    static double IAdditiveIdentity<double, double>.AdditiveIdentity => 0;

    static double IMultiplicativeIdentity<double, double>.MultiplicativeIdentity => 1;

    static double IMinMaxValue<double>.MinValue => MinValue;

    static double IMinMaxValue<double>.MaxValue => MaxValue;

    static double INumberBase<double>.One => 1;

    static double INumberBase<double>.Zero => 0;

    static double ISignedNumber<double>.NegativeOne => -1;

    static double IFloatingPointIeee754<double>.Epsilon => Epsilon;

    static double IFloatingPointIeee754<double>.NaN => NaN;

    static double IFloatingPointIeee754<double>.NegativeInfinity => NegativeInfinity;

    static double IFloatingPointIeee754<double>.PositiveInfinity => PositiveInfinity;

    static double IFloatingPointIeee754<double>.NegativeZero => NegativeZero;

    static int INumberBase<double>.Radix => 2;

    public const double NegativeZero = -0.0;

    public static double Abs(double x) => Math.Abs(x);

    public static double Ceiling(double x) => Math.Ceiling(x);

    public static double Floor(double x) => Math.Floor(x);

    public static double Round(double x) => Math.Round(x);

    public static double Truncate(double x) => Math.Truncate(x);

    public static double Sqrt(double x) => Math.Sqrt(x);

    public static bool IsEvenInteger(double value) => IsInteger(value) && Abs(value % 2) == 0;

    public static bool IsOddInteger(double value) => IsInteger(value) && Abs(value % 2) == 1;

    public static bool IsInteger(double value) => IsFinite(value) && value == Truncate(value);

    public static bool IsPositive(double value) => !IsNegative(value);

    public static bool IsRealNumber(double value) => !IsNaN(value);

    public static bool IsNormal(double value) => IsFinite(value) && Abs(value) >= 2.2250738585072014E-308;

    public static bool IsSubnormal(double value) => value != 0 && Abs(value) < 2.2250738585072014E-308;

    static bool INumberBase<double>.IsCanonical(double value) => true;

    static bool INumberBase<double>.IsComplexNumber(double value) => false;

    static bool INumberBase<double>.IsImaginaryNumber(double value) => false;

    static bool INumberBase<double>.IsZero(double value) => value == 0;

    public static double Max(double x, double y) => Math.Max(x, y);

    public static double MaxNumber(double x, double y) => IsNaN(y) ? x : IsNaN(x) ? y : Math.Max(x, y);

    public static double MaxMagnitude(double x, double y) => IsNaN(x) || Abs(x) > Abs(y) || (Abs(x) == Abs(y) && !IsNegative(x)) ? x : y;

    public static double MaxMagnitudeNumber(double x, double y) => IsNaN(y) || Abs(x) > Abs(y) || (Abs(x) == Abs(y) && !IsNegative(x)) ? x : y;

    public static double Min(double x, double y) => Math.Min(x, y);

    public static double MinNumber(double x, double y) => IsNaN(y) ? x : IsNaN(x) ? y : Math.Min(x, y);

    public static double MinMagnitude(double x, double y) => IsNaN(x) || Abs(x) < Abs(y) || (Abs(x) == Abs(y) && IsNegative(x)) ? x : y;

    public static double MinMagnitudeNumber(double x, double y) => IsNaN(y) || Abs(x) < Abs(y) || (Abs(x) == Abs(y) && IsNegative(x)) ? x : y;

    public static double Clamp(double value, double min, double max) => Math.Clamp(value, min, max);

    public static double CopySign(double value, double sign) => IsNegative(value) == IsNegative(sign) ? value : -value;

    public static int Sign(double value) => Math.Sign(value);

    public static bool IsPow2(double value) => IsNormal(value) && value > 0 && (BitConverter.DoubleToUInt64Bits(value) & 0xfffffffffffff) == 0;

    static double IBinaryNumber<double>.Log2(double value) => throw new NotSupportedException("Logarithms aren't in the core library.");

    public static double Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, out double value) ? value
        : throw new FormatException("The input string '" + s.ToString() + "' was not in a correct format.");

    public static double Parse(string s, IFormatProvider? provider) => Parse(s);

    public static double Parse(string s) => Parse((s ?? throw new ArgumentNullException(nameof(s))).AsSpan());

    public static bool TryParse(string? s, out double result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out double result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out double result) => TryParse(s, out result);

    public static bool TryParse(ReadOnlySpan<char> s, out double result)
    {
        bool parsed = Number.TryParseFloat(s, 53, out double wide);
        result = wide;
        return parsed;
    }

    public static double CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        double>(value);

    public static double CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        Cloister.Runtime.Conversions.Saturating<TOther, double>(value);

    public static double CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        Cloister.Runtime.Conversions.Truncating<TOther, double>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);
}
