using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct IntPtr : IBinaryInteger<nint>, IMinMaxValue<nint>, ISignedNumber<nint>
{
    static nint IAdditionOperators<nint, nint, nint>.operator +(nint left, nint right) => unchecked(left + right);

    static nint IAdditionOperators<nint, nint, nint>.operator checked +(nint left, nint right) => checked(left + right);

    static nint ISubtractionOperators<nint, nint, nint>.operator -(nint left, nint right) => unchecked(left - right);

    static nint ISubtractionOperators<nint, nint, nint>.operator checked -(nint left, nint right) => checked(left - right);

    static nint IMultiplyOperators<nint, nint, nint>.operator *(nint left, nint right) => unchecked(left * right);

    static nint IMultiplyOperators<nint, nint, nint>.operator checked *(nint left, nint right) => checked(left * right);

    static nint IDivisionOperators<nint, nint, nint>.operator /(nint left, nint right) => left / right;

    static nint IModulusOperators<nint, nint, nint>.operator %(nint left, nint right) => left % right;

    static nint IIncrementOperators<nint>.operator ++(nint value) => unchecked(value + 1);

    static nint IIncrementOperators<nint>.operator checked ++(nint value) => checked(value + 1);

    static nint IDecrementOperators<nint>.operator --(nint value) => unchecked(value - 1);

    static nint IDecrementOperators<nint>.operator checked --(nint value) => checked(value - 1);

    static nint IUnaryNegationOperators<nint, nint>.operator -(nint value) => unchecked(-value);

    static nint IUnaryNegationOperators<nint, nint>.operator checked -(nint value) => checked(-value);

    static nint IUnaryPlusOperators<nint, nint>.operator +(nint value) => value;

    static nint IBitwiseOperators<nint, nint, nint>.operator &(nint left, nint right) => left & right;

    static nint IBitwiseOperators<nint, nint, nint>.operator |(nint left, nint right) => left | right;

    static nint IBitwiseOperators<nint, nint, nint>.operator ^(nint left, nint right) => left ^ right;

    static nint IBitwiseOperators<nint, nint, nint>.operator ~(nint value) => ~value;

    static nint IShiftOperators<nint, int, nint>.operator <<(nint value, int shiftAmount) => value << shiftAmount;

    static nint IShiftOperators<nint, int, nint>.operator >>(nint value, int shiftAmount) => value >> shiftAmount;

    static nint IShiftOperators<nint, int, nint>.operator >>>(nint value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<nint, nint, bool>.operator ==(nint left, nint right) => left == right;

    static bool IEqualityOperators<nint, nint, bool>.operator !=(nint left, nint right) => left != right;

    static bool IComparisonOperators<nint, nint, bool>.operator <(nint left, nint right) => left < right;

    static bool IComparisonOperators<nint, nint, bool>.operator >(nint left, nint right) => left > right;

    static bool IComparisonOperators<nint, nint, bool>.operator <=(nint left, nint right) => left <= right;

    static bool IComparisonOperators<nint, nint, bool>.operator >=(nint left, nint right) => left >= right;

    static nint IAdditiveIdentity<nint, nint>.AdditiveIdentity => 0;

    static nint IMultiplicativeIdentity<nint, nint>.MultiplicativeIdentity => 1;

    static nint IMinMaxValue<nint>.MinValue => MinValue;

    static nint IMinMaxValue<nint>.MaxValue => MaxValue;

    static nint INumberBase<nint>.One => 1;

    static nint INumberBase<nint>.Zero => 0;

    static int INumberBase<nint>.Radix => 2;

    static nint ISignedNumber<nint>.NegativeOne => -1;

    public static nint Abs(nint value) => Math.Abs(value);

    static bool INumberBase<nint>.IsCanonical(nint value) => true;

    static bool INumberBase<nint>.IsComplexNumber(nint value) => false;

    public static bool IsEvenInteger(nint value) => (value & 1) == 0;

    static bool INumberBase<nint>.IsFinite(nint value) => true;

    static bool INumberBase<nint>.IsImaginaryNumber(nint value) => false;

    static bool INumberBase<nint>.IsInfinity(nint value) => false;

    static bool INumberBase<nint>.IsInteger(nint value) => true;

    static bool INumberBase<nint>.IsNaN(nint value) => false;

    public static bool IsNegative(nint value) => value < 0;

    static bool INumberBase<nint>.IsNegativeInfinity(nint value) => false;

    static bool INumberBase<nint>.IsNormal(nint value) => value != 0;

    public static bool IsOddInteger(nint value) => (value & 1) != 0;

    public static bool IsPositive(nint value) => value >= 0;

    static bool INumberBase<nint>.IsPositiveInfinity(nint value) => false;

    static bool INumberBase<nint>.IsRealNumber(nint value) => true;

    static bool INumberBase<nint>.IsSubnormal(nint value) => false;

    static bool INumberBase<nint>.IsZero(nint value) => value == 0;

    public static nint MaxMagnitude(nint x, nint y) => x == MinValue || (y != MinValue
        && (Math.Abs(x) > Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x >= 0))) ? x : y;

    static nint INumberBase<nint>.MaxMagnitudeNumber(nint x, nint y) => MaxMagnitude(x, y);

    public static nint MinMagnitude(nint x, nint y) => y == MinValue || (x != MinValue
        && (Math.Abs(x) < Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x < 0))) ? x : y;

    static nint INumberBase<nint>.MinMagnitudeNumber(nint x, nint y) => MinMagnitude(x, y);

    public static nint Clamp(nint value, nint min, nint max) => Math.Clamp(value, min, max);

    public static nint CopySign(nint value, nint sign) => (value < 0) == (sign < 0) ? value : checked(-value);

    public static nint Max(nint x, nint y) => x >= y ? x : y;

    public static nint Min(nint x, nint y) => x <= y ? x : y;

    public static int Sign(nint value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    static nint IBinaryNumber<nint>.AllBitsSet => unchecked((nint)(-1));

    public static bool IsPow2(nint value) => value > 0 && (value & (value - 1)) == 0;

    public static nint Log2(nint value) => value < 0 ? throw new ArgumentOutOfRangeException(nameof(value), "Non-negative number required.")
        : (nint)Numerics.BitOperations.Log2((ulong)value);

    public static nint LeadingZeroCount(nint value) => (nint)(Numerics.BitOperations.LeadingZeroCount((ulong)value));

    public static nint PopCount(nint value) => (nint)Numerics.BitOperations.PopCount((ulong)value);

    public static nint TrailingZeroCount(nint value) => (nint)Numerics.BitOperations.TrailingZeroCount((ulong)value);

    public static nint RotateLeft(nint value, int rotateAmount) =>
        unchecked((nint)((nuint)value << (rotateAmount & 63) | (nuint)value >> (-rotateAmount & 63)));

    public static nint RotateRight(nint value, int rotateAmount) =>
        unchecked((nint)((nuint)value >> (rotateAmount & 63) | (nuint)value << (-rotateAmount & 63)));

    public static (nint Quotient, nint Remainder) DivRem(nint left, nint right) => Math.DivRem(left, right);

    int IBinaryInteger<nint>.GetByteCount() => 8;

    int IBinaryInteger<nint>.GetShortestBitLength() => ((nint)this) >= 0 ? 64 - (int)LeadingZeroCount(this)
        : 65 - (int)LeadingZeroCount(unchecked((nint)~((nint)this)));

    public static nint Parse(string s) => (nint)long.Parse(s);

    public static nint Parse(string s, IFormatProvider? provider) => (nint)long.Parse(s);

    public static bool TryParse(string? s, out nint result) => TryParse(s.AsSpan(), null, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out nint result)
    {
        bool parsed = long.TryParse(s, out long wide);
        result = (nint)wide;
        return parsed;
    }

    public static bool TryParse(string? s, IFormatProvider? provider, out nint result) => TryParse(s.AsSpan(), provider, out result);

    public static nint Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static nint CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        nint>(value);

    public static nint CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        nint>(value);

    public static nint CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        nint>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
