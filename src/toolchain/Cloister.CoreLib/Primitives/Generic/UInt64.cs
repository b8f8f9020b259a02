using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct UInt64 : IBinaryInteger<ulong>, IMinMaxValue<ulong>, IUnsignedNumber<ulong>
{
    static ulong IAdditionOperators<ulong, ulong, ulong>.operator +(ulong left, ulong right) => unchecked(left + right);

    static ulong IAdditionOperators<ulong, ulong, ulong>.operator checked +(ulong left, ulong right) => checked(left + right);

    static ulong ISubtractionOperators<ulong, ulong, ulong>.operator -(ulong left, ulong right) => unchecked(left - right);

    static ulong ISubtractionOperators<ulong, ulong, ulong>.operator checked -(ulong left, ulong right) => checked(left - right);

    static ulong IMultiplyOperators<ulong, ulong, ulong>.operator *(ulong left, ulong right) => unchecked(left * right);

    static ulong IMultiplyOperators<ulong, ulong, ulong>.operator checked *(ulong left, ulong right) => checked(left * right);

    static ulong IDivisionOperators<ulong, ulong, ulong>.operator /(ulong left, ulong right) => left / right;

    static ulong IModulusOperators<ulong, ulong, ulong>.operator %(ulong left, ulong right) => left % right;

    static ulong IIncrementOperators<ulong>.operator ++(ulong value) => unchecked(value + 1);

    static ulong IIncrementOperators<ulong>.operator checked ++(ulong value) => checked(value + 1);

    static ulong IDecrementOperators<ulong>.operator --(ulong value) => unchecked(value - 1);

    static ulong IDecrementOperators<ulong>.operator checked --(ulong value) => checked(value - 1);

    static ulong IUnaryNegationOperators<ulong, ulong>.operator -(ulong value) => unchecked(0 - value);

    static ulong IUnaryNegationOperators<ulong, ulong>.operator checked -(ulong value) => checked(0 - value);

    static ulong IUnaryPlusOperators<ulong, ulong>.operator +(ulong value) => value;

    static ulong IBitwiseOperators<ulong, ulong, ulong>.operator &(ulong left, ulong right) => left & right;

    static ulong IBitwiseOperators<ulong, ulong, ulong>.operator |(ulong left, ulong right) => left | right;

    static ulong IBitwiseOperators<ulong, ulong, ulong>.operator ^(ulong left, ulong right) => left ^ right;

    static ulong IBitwiseOperators<ulong, ulong, ulong>.operator ~(ulong value) => ~value;

    static ulong IShiftOperators<ulong, int, ulong>.operator <<(ulong value, int shiftAmount) => value << shiftAmount;

    static ulong IShiftOperators<ulong, int, ulong>.operator >>(ulong value, int shiftAmount) => value >> shiftAmount;

    static ulong IShiftOperators<ulong, int, ulong>.operator >>>(ulong value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<ulong, ulong, bool>.operator ==(ulong left, ulong right) => left == right;

    static bool IEqualityOperators<ulong, ulong, bool>.operator !=(ulong left, ulong right) => left != right;

    static bool IComparisonOperators<ulong, ulong, bool>.operator <(ulong left, ulong right) => left < right;

    static bool IComparisonOperators<ulong, ulong, bool>.operator >(ulong left, ulong right) => left > right;

    static bool IComparisonOperators<ulong, ulong, bool>.operator <=(ulong left, ulong right) => left <= right;

    static bool IComparisonOperators<ulong, ulong, bool>.operator >=(ulong left, ulong right) => left >= right;

    static ulong IAdditiveIdentity<ulong, ulong>.AdditiveIdentity => 0;

    static ulong IMultiplicativeIdentity<ulong, ulong>.MultiplicativeIdentity => 1;

    static ulong IMinMaxValue<ulong>.MinValue => MinValue;

    static ulong IMinMaxValue<ulong>.MaxValue => MaxValue;

    static ulong INumberBase<ulong>.One => 1;

    static ulong INumberBase<ulong>.Zero => 0;

    static int INumberBase<ulong>.Radix => 2;

    static ulong INumberBase<ulong>.Abs(ulong value) => value;

    static bool INumberBase<ulong>.IsCanonical(ulong value) => true;

    static bool INumberBase<ulong>.IsComplexNumber(ulong value) => false;

    public static bool IsEvenInteger(ulong value) => (value & 1) == 0;

    static bool INumberBase<ulong>.IsFinite(ulong value) => true;

    static bool INumberBase<ulong>.IsImaginaryNumber(ulong value) => false;

    static bool INumberBase<ulong>.IsInfinity(ulong value) => false;

    static bool INumberBase<ulong>.IsInteger(ulong value) => true;

    static bool INumberBase<ulong>.IsNaN(ulong value) => false;

    static bool INumberBase<ulong>.IsNegative(ulong value) => false;

    static bool INumberBase<ulong>.IsNegativeInfinity(ulong value) => false;

    static bool INumberBase<ulong>.IsNormal(ulong value) => value != 0;

    public static bool IsOddInteger(ulong value) => (value & 1) != 0;

    static bool INumberBase<ulong>.IsPositive(ulong value) => true;

    static bool INumberBase<ulong>.IsPositiveInfinity(ulong value) => false;

    static bool INumberBase<ulong>.IsRealNumber(ulong value) => true;

    static bool INumberBase<ulong>.IsSubnormal(ulong value) => false;

    static bool INumberBase<ulong>.IsZero(ulong value) => value == 0;

    static ulong INumberBase<ulong>.MaxMagnitude(ulong x, ulong y) => x >= y ? x : y;

    static ulong INumberBase<ulong>.MaxMagnitudeNumber(ulong x, ulong y) => x >= y ? x : y;

    static ulong INumberBase<ulong>.MinMagnitude(ulong x, ulong y) => x <= y ? x : y;

    static ulong INumberBase<ulong>.MinMagnitudeNumber(ulong x, ulong y) => x <= y ? x : y;

    public static ulong Clamp(ulong value, ulong min, ulong max) => Math.Clamp(value, min, max);

    public static int Sign(ulong value) => value == 0 ? 0 : 1;

    static ulong IBinaryNumber<ulong>.AllBitsSet => unchecked((ulong)(-1));

    public static bool IsPow2(ulong value) => value != 0 && (value & (value - 1)) == 0;

    public static ulong Log2(ulong value) => (ulong)Numerics.BitOperations.Log2((ulong)value);

    public static ulong LeadingZeroCount(ulong value) => (ulong)(Numerics.BitOperations.LeadingZeroCount((ulong)value));

    public static ulong PopCount(ulong value) => (ulong)Numerics.BitOperations.PopCount((ulong)value);

    public static ulong TrailingZeroCount(ulong value) => (ulong)Numerics.BitOperations.TrailingZeroCount((ulong)value);

    public static ulong RotateLeft(ulong value, int rotateAmount) =>
        unchecked((ulong)((ulong)value << (rotateAmount & 63) | (ulong)value >> (-rotateAmount & 63)));

    public static ulong RotateRight(ulong value, int rotateAmount) =>
        unchecked((ulong)((ulong)value >> (rotateAmount & 63) | (ulong)value << (-rotateAmount & 63)));

    public static (ulong Quotient, ulong Remainder) DivRem(ulong left, ulong right) => Math.DivRem(left, right);

    int IBinaryInteger<ulong>.GetByteCount() => 8;

    int IBinaryInteger<ulong>.GetShortestBitLength() => 64 - (int)LeadingZeroCount(this);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ulong result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out ulong result) => TryParse(s.AsSpan(), provider, out result);

    public static ulong Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static ulong CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        ulong>(value);

    public static ulong CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        ulong>(value);

    public static ulong CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        ulong>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
