using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Single : IBinaryFloatingPointIeee754<float>, IMinMaxValue<float>
{
    static float IAdditionOperators<float, float, float>.operator +(float left, float right) => left + right;

    static float ISubtractionOperators<float, float, float>.operator -(float left, float right) => left - right;

    static float IMultiplyOperators<float, float, float>.operator *(float left, float right) => left * right;

    static float IDivisionOperators<float, float, float>.operator /(float left, float right) => left / right;

    static float IModulusOperators<float, float, float>.operator %(float left, float right) => left % right;

    static float IIncrementOperators<float>.operator ++(float value) => value + 1;

    static float IDecrementOperators<float>.operator --(float value) => value - 1;

    static float IUnaryNegationOperators<float, float>.operator -(float value) => -value;

    static float IUnaryPlusOperators<float, float>.operator +(float value) => value;

    static float IBitwiseOperators<float, float, float>.operator &(float left, float right) =>
        BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(left) & BitConverter.SingleToUInt32Bits(right));

    static float IBitwiseOperators<float, float, float>.operator |(float left, float right) =>
        BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(left) | BitConverter.SingleToUInt32Bits(right));

    static float IBitwiseOperators<float, float, float>.operator ^(float left, float right) =>
        BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(left) ^ BitConverter.SingleToUInt32Bits(right));

    static float IBitwiseOperators<float, float, float>.operator ~(float value) =>
        BitConverter.UInt32BitsToSingle(~BitConverter.SingleToUInt32Bits(value));

    static bool IEqualityOperators<float, float, bool>.operator ==(float left, float right) => left == right;

    static bool IEqualityOperators<float, float, bool>.operator !=(float left, float right) => left != right;

    static bool IComparisonOperators<float, float, bool>.operator <(float left, float right) => left < right;

    static bool IComparisonOperators<float, float, bool>.operator >(float left, float right) => left > right;

    static bool IComparisonOperators<float, float, bool>.operator <=(float left, float right) => left <= right;

    static bool IComparisonOperators<float, float, bool>.operator >=(float left, float right) => left >= right;

    static float IAdditiveIdentity<float, float>.AdditiveIdentity => 0;

    static float IMultiplicativeIdentity<float, float>.MultiplicativeIdentity => 1;

    static float IMinMaxValue<float>.MinValue => MinValue;

    static float IMinMaxValue<float>.MaxValue => MaxValue;

    static float INumberBase<float>.One => 1;

    static float INumberBase<float>.Zero => 0;

    static float ISignedNumber<float>.NegativeOne => -1;

    static float IFloatingPointIeee754<float>.Epsilon => Epsilon;

    static float IFloatingPointIeee754<float>.NaN => NaN;

    static float IFloatingPointIeee754<float>.NegativeInfinity => NegativeInfinity;

    static float IFloatingPointIeee754<float>.PositiveInfinity => PositiveInfinity;

    static float IFloatingPointIeee754<float>.NegativeZero => NegativeZero;

    static int INumberBase<float>.Radix => 2;

    public const float NegativeZero = -0.0f;

    public static float Abs(float x) => MathF.Abs(x);

    public static float Ceiling(float x) => MathF.Ceiling(x);

    public static float Floor(float x) => MathF.Floor(x);

    public static float Round(float x) => MathF.Round(x);

    public static float Truncate(float x) => MathF.Truncate(x);

    public static float Sqrt(float x) => MathF.Sqrt(x);

    public static bool IsEvenInteger(float value) => IsInteger(value) && Abs(value % 2) == 0;

    public static bool IsOddInteger(float value) => IsInteger(value) && Abs(value % 2) == 1;

    public static bool IsInteger(float value) => IsFinite(value) && value == Truncate(value);

    public static bool IsPositive(float value) => !IsNegative(value);

    public static bool IsRealNumber(float value) => !IsNaN(value);

    public static bool IsNormal(float value) => IsFinite(value) && Abs(value) >= 1.17549435E-38f;

    public static bool IsSubnormal(float value) => value != 0 && Abs(value) < 1.17549435E-38f;

    static bool INumberBase<float>.IsCanonical(float value) => true;

    static bool INumberBase<float>.IsComplexNumber(float value) => false;

    static bool INumberBase<float>.IsImaginaryNumber(float value) => false;

    static bool INumberBase<float>.IsZero(float value) => value == 0;

    public static float Max(float x, float y) => MathF.Max(x, y);

    public static float MaxNumber(float x, float y) => IsNaN(y) ? x : IsNaN(x) ? y : MathF.Max(x, y);

    public static float MaxMagnitude(float x, float y) => IsNaN(x) || Abs(x) > Abs(y) || (Abs(x) == Abs(y) && !IsNegative(x)) ? x : y;

    public static float MaxMagnitudeNumber(float x, float y) => IsNaN(y) || Abs(x) > Abs(y) || (Abs(x) == Abs(y) && !IsNegative(x)) ? x : y;

    public static float Min(float x, float y) => MathF.Min(x, y);

    public static float MinNumber(float x, float y) => IsNaN(y) ? x : IsNaN(x) ? y : MathF.Min(x, y);

    public static float MinMagnitude(float x, float y) => IsNaN(x) || Abs(x) < Abs(y) || (Abs(x) == Abs(y) && IsNegative(x)) ? x : y;

    public static float MinMagnitudeNumber(float x, float y) => IsNaN(y) || Abs(x) < Abs(y) || (Abs(x) == Abs(y) && IsNegative(x)) ? x : y;

    public static float Clamp(float value, float min, float max) => Math.Clamp(value, min, max);

    public static float CopySign(float value, float sign) => IsNegative(value) == IsNegative(sign) ? value : -value;

    public static int Sign(float value) => Math.Sign(value);

    public static bool IsPow2(float value) => IsNormal(value) && value > 0 && (BitConverter.SingleToUInt32Bits(value) & 0x7fffff) == 0;

    static float IBinaryNumber<float>.Log2(float value) => throw new NotSupportedException("Logarithms aren't in the core library.");

    public static float Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, out float value) ? value
        : throw new FormatException("The input string '" + s.ToString() + "' was not in a correct format.");

    public static float Parse(string s, IFormatProvider? provider) => Parse(s);

    public static float Parse(string s) => Parse((s ?? throw new ArgumentNullException(nameof(s))).AsSpan());

    public static bool TryParse(string? s, out float result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out float result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out float result) => TryParse(s, out result);

    public static bool TryParse(ReadOnlySpan<char> s, out float result)
    {
        bool parsed = Number.TryParseFloat(s, 24, out double wide);
        result = (float)wide;
        return parsed;
    }

    public static float CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        float>(value);

    public static float CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        float>(value);

    public static float CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        float>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);
}
