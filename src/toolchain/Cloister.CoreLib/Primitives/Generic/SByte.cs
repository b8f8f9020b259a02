using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct SByte : IBinaryInteger<sbyte>, IMinMaxValue<sbyte>, ISignedNumber<sbyte>
{
    static sbyte IAdditionOperators<sbyte, sbyte, sbyte>.operator +(sbyte left, sbyte right) => unchecked((sbyte)(left + right));

    static sbyte IAdditionOperators<sbyte, sbyte, sbyte>.operator checked +(sbyte left, sbyte right) => checked((sbyte)(left + right));

    static sbyte ISubtractionOperators<sbyte, sbyte, sbyte>.operator -(sbyte left, sbyte right) => unchecked((sbyte)(left - right));

    static sbyte ISubtractionOperators<sbyte, sbyte, sbyte>.operator checked -(sbyte left, sbyte right) => checked((sbyte)(left - right));

    static sbyte IMultiplyOperators<sbyte, sbyte, sbyte>.operator *(sbyte left, sbyte right) => unchecked((sbyte)(left * right));

    static sbyte IMultiplyOperators<sbyte, sbyte, sbyte>.operator checked *(sbyte left, sbyte right) => checked((sbyte)(left * right));

    static sbyte IDivisionOperators<sbyte, sbyte, sbyte>.operator /(sbyte left, sbyte right) => unchecked((sbyte)(left / right));

    static sbyte IModulusOperators<sbyte, sbyte, sbyte>.operator %(sbyte left, sbyte right) => unchecked((sbyte)(left % right));

    static sbyte IIncrementOperators<sbyte>.operator ++(sbyte value) => unchecked((sbyte)(value + 1));

    static sbyte IIncrementOperators<sbyte>.operator checked ++(sbyte value) => checked((sbyte)(value + 1));

    static sbyte IDecrementOperators<sbyte>.operator --(sbyte value) => unchecked((sbyte)(value - 1));

    static sbyte IDecrementOperators<sbyte>.operator checked --(sbyte value) => checked((sbyte)(value - 1));

    static sbyte IUnaryNegationOperators<sbyte, sbyte>.operator -(sbyte value) => unchecked((sbyte)(-value));

    static sbyte IUnaryNegationOperators<sbyte, sbyte>.operator checked -(sbyte value) => checked((sbyte)(-value));

    static sbyte IUnaryPlusOperators<sbyte, sbyte>.operator +(sbyte value) => value;

    static sbyte IBitwiseOperators<sbyte, sbyte, sbyte>.operator &(sbyte left, sbyte right) => (sbyte)(left & right);

    static sbyte IBitwiseOperators<sbyte, sbyte, sbyte>.operator |(sbyte left, sbyte right) => (sbyte)(left | right);

    static sbyte IBitwiseOperators<sbyte, sbyte, sbyte>.operator ^(sbyte left, sbyte right) => (sbyte)(left ^ right);

    static sbyte IBitwiseOperators<sbyte, sbyte, sbyte>.operator ~(sbyte value) => unchecked((sbyte)~value);

    static sbyte IShiftOperators<sbyte, int, sbyte>.operator <<(sbyte value, int shiftAmount) => unchecked((sbyte)(value << (shiftAmount & 7)));

    static sbyte IShiftOperators<sbyte, int, sbyte>.operator >>(sbyte value, int shiftAmount) => unchecked((sbyte)(value >> (shiftAmount & 7)));

    static sbyte IShiftOperators<sbyte, int, sbyte>.operator >>>(sbyte value, int shiftAmount) =>
        unchecked((sbyte)((byte)value >>> (shiftAmount & 7)));

    static bool IEqualityOperators<sbyte, sbyte, bool>.operator ==(sbyte left, sbyte right) => left == right;

    static bool IEqualityOperators<sbyte, sbyte, bool>.operator !=(sbyte left, sbyte right) => left != right;

    static bool IComparisonOperators<sbyte, sbyte, bool>.operator <(sbyte left, sbyte right) => left < right;

    static bool IComparisonOperators<sbyte, sbyte, bool>.operator >(sbyte left, sbyte right) => left > right;

    static bool IComparisonOperators<sbyte, sbyte, bool>.operator <=(sbyte left, sbyte right) => left <= right;

    static bool IComparisonOperators<sbyte, sbyte, bool>.operator >=(sbyte left, sbyte right) => left >= right;

    static sbyte IAdditiveIdentity<sbyte, sbyte>.AdditiveIdentity => 0;

    static sbyte IMultiplicativeIdentity<sbyte, sbyte>.MultiplicativeIdentity => 1;

    static sbyte IMinMaxValue<sbyte>.MinValue => MinValue;

    static sbyte IMinMaxValue<sbyte>.MaxValue => MaxValue;

    static sbyte INumberBase<sbyte>.One => 1;

    static sbyte INumberBase<sbyte>.Zero => 0;

    static int INumberBase<sbyte>.Radix => 2;

    static sbyte ISignedNumber<sbyte>.NegativeOne => -1;

    public static sbyte Abs(sbyte value) => Math.Abs(value);

    static bool INumberBase<sbyte>.IsCanonical(sbyte value) => true;

    static bool INumberBase<sbyte>.IsComplexNumber(sbyte value) => false;

    public static bool IsEvenInteger(sbyte value) => (value & 1) == 0;

    static bool INumberBase<sbyte>.IsFinite(sbyte value) => true;

    static bool INumberBase<sbyte>.IsImaginaryNumber(sbyte value) => false;

    static bool INumberBase<sbyte>.IsInfinity(sbyte value) => false;

    static bool INumberBase<sbyte>.IsInteger(sbyte value) => true;

    static bool INumberBase<sbyte>.IsNaN(sbyte value) => false;

    public static bool IsNegative(sbyte value) => value < 0;

    static bool INumberBase<sbyte>.IsNegativeInfinity(sbyte value) => false;

    static bool INumberBase<sbyte>.IsNormal(sbyte value) => value != 0;

    public static bool IsOddInteger(sbyte value) => (value & 1) != 0;

    public static bool IsPositive(sbyte value) => value >= 0;

    static bool INumberBase<sbyte>.IsPositiveInfinity(sbyte value) => false;

    static bool INumberBase<sbyte>.IsRealNumber(sbyte value) => true;

    static bool INumberBase<sbyte>.IsSubnormal(sbyte value) => false;

    static bool INumberBase<sbyte>.IsZero(sbyte value) => value == 0;

    public static sbyte MaxMagnitude(sbyte x, sbyte y) => x == MinValue
        || (y != MinValue && (Math.Abs(x) > Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x >= 0))) ? x : y;

    static sbyte INumberBase<sbyte>.MaxMagnitudeNumber(sbyte x, sbyte y) => MaxMagnitude(x, y);

    public static sbyte MinMagnitude(sbyte x, sbyte y) => y == MinValue
        || (x != MinValue && (Math.Abs(x) < Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x < 0))) ? x : y;

    static sbyte INumberBase<sbyte>.MinMagnitudeNumber(sbyte x, sbyte y) => MinMagnitude(x, y);

    public static sbyte Clamp(sbyte value, sbyte min, sbyte max) => Math.Clamp(value, min, max);

    public static sbyte CopySign(sbyte value, sbyte sign) => (value < 0) == (sign < 0) ? value : checked((sbyte)(-value));

    public static int Sign(sbyte value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    static sbyte IBinaryNumber<sbyte>.AllBitsSet => unchecked((sbyte)(-1));

    public static bool IsPow2(sbyte value) => value > 0 && (value & (value - 1)) == 0;

    public static sbyte Log2(sbyte value) => value < 0 ? throw new ArgumentOutOfRangeException(nameof(value), "Non-negative number required.")
        : (sbyte)Numerics.BitOperations.Log2((uint)value);

    public static sbyte LeadingZeroCount(sbyte value) => (sbyte)(Numerics.BitOperations.LeadingZeroCount((uint)(byte)value) - 24);

    public static sbyte PopCount(sbyte value) => (sbyte)Numerics.BitOperations.PopCount((uint)(byte)value);

    public static sbyte TrailingZeroCount(sbyte value) => (sbyte)Math.Min(Numerics.BitOperations.TrailingZeroCount((uint)(byte)value), 8);

    public static sbyte RotateLeft(sbyte value, int rotateAmount) =>
        unchecked((sbyte)((byte)value << (rotateAmount & 7) | (byte)value >> (-rotateAmount & 7)));

    public static sbyte RotateRight(sbyte value, int rotateAmount) =>
        unchecked((sbyte)((byte)value >> (rotateAmount & 7) | (byte)value << (-rotateAmount & 7)));

    public static (sbyte Quotient, sbyte Remainder) DivRem(sbyte left, sbyte right) => Math.DivRem(left, right);

    int IBinaryInteger<sbyte>.GetByteCount() => 1;

    int IBinaryInteger<sbyte>.GetShortestBitLength() => ((sbyte)this) >= 0 ? 8 - (int)LeadingZeroCount(this)
        : 9 - (int)LeadingZeroCount(unchecked((sbyte)~((sbyte)this)));

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out sbyte result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out sbyte result) => TryParse(s.AsSpan(), provider, out result);

    public static sbyte Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static sbyte CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        sbyte>(value);

    public static sbyte CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        sbyte>(value);

    public static sbyte CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        sbyte>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
