using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Int64 : IBinaryInteger<long>, IMinMaxValue<long>, ISignedNumber<long>
{
    static long IAdditionOperators<long, long, long>.operator +(long left, long right) => unchecked(left + right);

    static long IAdditionOperators<long, long, long>.operator checked +(long left, long right) => checked(left + right);

    static long ISubtractionOperators<long, long, long>.operator -(long left, long right) => unchecked(left - right);

    static long ISubtractionOperators<long, long, long>.operator checked -(long left, long right) => checked(left - right);

    static long IMultiplyOperators<long, long, long>.operator *(long left, long right) => unchecked(left * right);

    static long IMultiplyOperators<long, long, long>.operator checked *(long left, long right) => checked(left * right);

    static long IDivisionOperators<long, long, long>.operator /(long left, long right) => left / right;

    static long IModulusOperators<long, long, long>.operator %(long left, long right) => left % right;

    static long IIncrementOperators<long>.operator ++(long value) => unchecked(value + 1);

    static long IIncrementOperators<long>.operator checked ++(long value) => checked(value + 1);

    static long IDecrementOperators<long>.operator --(long value) => unchecked(value - 1);

    static long IDecrementOperators<long>.operator checked --(long value) => checked(value - 1);

    static long IUnaryNegationOperators<long, long>.operator -(long value) => unchecked(-value);

    static long IUnaryNegationOperators<long, long>.operator checked -(long value) => checked(-value);

    static long IUnaryPlusOperators<long, long>.operator +(long value) => value;

    static long IBitwiseOperators<long, long, long>.operator &(long left, long right) => left & right;

    static long IBitwiseOperators<long, long, long>.operator |(long left, long right) => left | right;

    static long IBitwiseOperators<long, long, long>.operator ^(long left, long right) => left ^ right;

    static long IBitwiseOperators<long, long, long>.operator ~(long value) => ~value;

    static long IShiftOperators<long, int, long>.operator <<(long value, int shiftAmount) => value << shiftAmount;

    static long IShiftOperators<long, int, long>.operator >>(long value, int shiftAmount) => value >> shiftAmount;

    static long IShiftOperators<long, int, long>.operator >>>(long value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<long, long, bool>.operator ==(long left, long right) => left == right;

    static bool IEqualityOperators<long, long, bool>.operator !=(long left, long right) => left != right;

    static bool IComparisonOperators<long, long, bool>.operator <(long left, long right) => left < right;

    static bool IComparisonOperators<long, long, bool>.operator >(long left, long right) => left > right;

    static bool IComparisonOperators<long, long, bool>.operator <=(long left, long right) => left <= right;

    static bool IComparisonOperators<long, long, bool>.operator >=(long left, long right) => left >= right;

    static long IAdditiveIdentity<long, long>.AdditiveIdentity => 0;

    static long IMultiplicativeIdentity<long, long>.MultiplicativeIdentity => 1;

    static long IMinMaxValue<long>.MinValue => MinValue;

    static long IMinMaxValue<long>.MaxValue => MaxValue;

    static long INumberBase<long>.One => 1;

    static long INumberBase<long>.Zero => 0;

    static int INumberBase<long>.Radix => 2;

    static long ISignedNumber<long>.NegativeOne => -1;

    public static long Abs(long value) => Math.Abs(value);

    static bool INumberBase<long>.IsCanonical(long value) => true;

    static bool INumberBase<long>.IsComplexNumber(long value) => false;

    public static bool IsEvenInteger(long value) => (value & 1) == 0;

    static bool INumberBase<long>.IsFinite(long value) => true;

    static bool INumberBase<long>.IsImaginaryNumber(long value) => false;

    static bool INumberBase<long>.IsInfinity(long value) => false;

    static bool INumberBase<long>.IsInteger(long value) => true;

    static bool INumberBase<long>.IsNaN(long value) => false;

    public static bool IsNegative(long value) => value < 0;

    static bool INumberBase<long>.IsNegativeInfinity(long value) => false;

    static bool INumberBase<long>.IsNormal(long value) => value != 0;

    public static bool IsOddInteger(long value) => (value & 1) != 0;

    public static bool IsPositive(long value) => value >= 0;

    static bool INumberBase<long>.IsPositiveInfinity(long value) => false;

    static bool INumberBase<long>.IsRealNumber(long value) => true;

    static bool INumberBase<long>.IsSubnormal(long value) => false;

    static bool INumberBase<long>.IsZero(long value) => value == 0;

    public static long MaxMagnitude(long x, long y) => x == MinValue || (y != MinValue
        && (Math.Abs(x) > Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x >= 0))) ? x : y;

    static long INumberBase<long>.MaxMagnitudeNumber(long x, long y) => MaxMagnitude(x, y);

    public static long MinMagnitude(long x, long y) => y == MinValue || (x != MinValue
        && (Math.Abs(x) < Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x < 0))) ? x : y;

    static long INumberBase<long>.MinMagnitudeNumber(long x, long y) => MinMagnitude(x, y);

    public static long Clamp(long value, long min, long max) => Math.Clamp(value, min, max);

    public static long CopySign(long value, long sign) => (value < 0) == (sign < 0) ? value : checked(-value);

    public static int Sign(long value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    static long IBinaryNumber<long>.AllBitsSet => unchecked((long)(-1));

    public static bool IsPow2(long value) => value > 0 && (value & (value - 1)) == 0;

    public static long Log2(long value) => value < 0 ? throw new ArgumentOutOfRangeException(nameof(value), "Non-negative number required.")
        : (long)Numerics.BitOperations.Log2((ulong)value);

    public static long LeadingZeroCount(long value) => (long)(Numerics.BitOperations.LeadingZeroCount((ulong)value));

    public static long PopCount(long value) => (long)Numerics.BitOperations.PopCount((ulong)value);

    public static long TrailingZeroCount(long value) => (long)Numerics.BitOperations.TrailingZeroCount((ulong)value);

    public static long RotateLeft(long value, int rotateAmount) =>
        unchecked((long)((ulong)value << (rotateAmount & 63) | (ulong)value >> (-rotateAmount & 63)));

    public static long RotateRight(long value, int rotateAmount) =>
        unchecked((long)((ulong)value >> (rotateAmount & 63) | (ulong)value << (-rotateAmount & 63)));

    public static (long Quotient, long Remainder) DivRem(long left, long right) => Math.DivRem(left, right);

    int IBinaryInteger<long>.GetByteCount() => 8;

    int IBinaryInteger<long>.GetShortestBitLength() => ((long)this) >= 0 ? 64 - (int)LeadingZeroCount(this)
        : 65 - (int)LeadingZeroCount(unchecked((long)~((long)this)));

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out long result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out long result) => TryParse(s.AsSpan(), provider, out result);

    public static long Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static long CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        long>(value);

    public static long CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        long>(value);

    public static long CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        long>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
