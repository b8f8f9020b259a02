using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct UIntPtr : IBinaryInteger<nuint>, IMinMaxValue<nuint>, IUnsignedNumber<nuint>
{
    static nuint IAdditionOperators<nuint, nuint, nuint>.operator +(nuint left, nuint right) => unchecked(left + right);

    static nuint IAdditionOperators<nuint, nuint, nuint>.operator checked +(nuint left, nuint right) => checked(left + right);

    static nuint ISubtractionOperators<nuint, nuint, nuint>.operator -(nuint left, nuint right) => unchecked(left - right);

    static nuint ISubtractionOperators<nuint, nuint, nuint>.operator checked -(nuint left, nuint right) => checked(left - right);

    static nuint IMultiplyOperators<nuint, nuint, nuint>.operator *(nuint left, nuint right) => unchecked(left * right);

    static nuint IMultiplyOperators<nuint, nuint, nuint>.operator checked *(nuint left, nuint right) => checked(left * right);

    static nuint IDivisionOperators<nuint, nuint, nuint>.operator /(nuint left, nuint right) => left / right;

    static nuint IModulusOperators<nuint, nuint, nuint>.operator %(nuint left, nuint right) => left % right;

    static nuint IIncrementOperators<nuint>.operator ++(nuint value) => unchecked(value + 1);

    static nuint IIncrementOperators<nuint>.operator checked ++(nuint value) => checked(value + 1);

    static nuint IDecrementOperators<nuint>.operator --(nuint value) => unchecked(value - 1);

    static nuint IDecrementOperators<nuint>.operator checked --(nuint value) => checked(value - 1);

    static nuint IUnaryNegationOperators<nuint, nuint>.operator -(nuint value) => unchecked(0 - value);

    static nuint IUnaryNegationOperators<nuint, nuint>.operator checked -(nuint value) => checked(0 - value);

    static nuint IUnaryPlusOperators<nuint, nuint>.operator +(nuint value) => value;

    static nuint IBitwiseOperators<nuint, nuint, nuint>.operator &(nuint left, nuint right) => left & right;

    static nuint IBitwiseOperators<nuint, nuint, nuint>.operator |(nuint left, nuint right) => left | right;

    static nuint IBitwiseOperators<nuint, nuint, nuint>.operator ^(nuint left, nuint right) => left ^ right;

    static nuint IBitwiseOperators<nuint, nuint, nuint>.operator ~(nuint value) => ~value;

    static nuint IShiftOperators<nuint, int, nuint>.operator <<(nuint value, int shiftAmount) => value << shiftAmount;

    static nuint IShiftOperators<nuint, int, nuint>.operator >>(nuint value, int shiftAmount) => value >> shiftAmount;

    static nuint IShiftOperators<nuint, int, nuint>.operator >>>(nuint value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<nuint, nuint, bool>.operator ==(nuint left, nuint right) => left == right;

    static bool IEqualityOperators<nuint, nuint, bool>.operator !=(nuint left, nuint right) => left != right;

    static bool IComparisonOperators<nuint, nuint, bool>.operator <(nuint left, nuint right) => left < right;

    static bool IComparisonOperators<nuint, nuint, bool>.operator >(nuint left, nuint right) => left > right;

    static bool IComparisonOperators<nuint, nuint, bool>.operator <=(nuint left, nuint right) => left <= right;

    static bool IComparisonOperators<nuint, nuint, bool>.operator >=(nuint left, nuint right) => left >= right;

    static nuint IAdditiveIdentity<nuint, nuint>.AdditiveIdentity => 0;

    static nuint IMultiplicativeIdentity<nuint, nuint>.MultiplicativeIdentity => 1;

    static nuint IMinMaxValue<nuint>.MinValue => MinValue;

    static nuint IMinMaxValue<nuint>.MaxValue => MaxValue;

    static nuint INumberBase<nuint>.One => 1;

    static nuint INumberBase<nuint>.Zero => 0;

    static int INumberBase<nuint>.Radix => 2;

    static nuint INumberBase<nuint>.Abs(nuint value) => value;

    static bool INumberBase<nuint>.IsCanonical(nuint value) => true;

    static bool INumberBase<nuint>.IsComplexNumber(nuint value) => false;

    public static bool IsEvenInteger(nuint value) => (value & 1) == 0;

    static bool INumberBase<nuint>.IsFinite(nuint value) => true;

    static bool INumberBase<nuint>.IsImaginaryNumber(nuint value) => false;

    static bool INumberBase<nuint>.IsInfinity(nuint value) => false;

    static bool INumberBase<nuint>.IsInteger(nuint value) => true;

    static bool INumberBase<nuint>.IsNaN(nuint value) => false;

    static bool INumberBase<nuint>.IsNegative(nuint value) => false;

    static bool INumberBase<nuint>.IsNegativeInfinity(nuint value) => false;

    static bool INumberBase<nuint>.IsNormal(nuint value) => value != 0;

    public static bool IsOddInteger(nuint value) => (value & 1) != 0;

    static bool INumberBase<nuint>.IsPositive(nuint value) => true;

    static bool INumberBase<nuint>.IsPositiveInfinity(nuint value) => false;

    static bool INumberBase<nuint>.IsRealNumber(nuint value) => true;

    static bool INumberBase<nuint>.IsSubnormal(nuint value) => false;

    static bool INumberBase<nuint>.IsZero(nuint value) => value == 0;

    static nuint INumberBase<nuint>.MaxMagnitude(nuint x, nuint y) => x >= y ? x : y;

    static nuint INumberBase<nuint>.MaxMagnitudeNumber(nuint x, nuint y) => x >= y ? x : y;

    static nuint INumberBase<nuint>.MinMagnitude(nuint x, nuint y) => x <= y ? x : y;

    static nuint INumberBase<nuint>.MinMagnitudeNumber(nuint x, nuint y) => x <= y ? x : y;

    public static nuint Clamp(nuint value, nuint min, nuint max) => Math.Clamp(value, min, max);

    public static nuint Max(nuint x, nuint y) => x >= y ? x : y;

    public static nuint Min(nuint x, nuint y) => x <= y ? x : y;

    public static int Sign(nuint value) => value == 0 ? 0 : 1;

    static nuint IBinaryNumber<nuint>.AllBitsSet => unchecked((nuint)(-1));

    public static bool IsPow2(nuint value) => value != 0 && (value & (value - 1)) == 0;

    public static nuint Log2(nuint value) => (nuint)Numerics.BitOperations.Log2((ulong)value);

    public static nuint LeadingZeroCount(nuint value) => (nuint)(Numerics.BitOperations.LeadingZeroCount((ulong)value));

    public static nuint PopCount(nuint value) => (nuint)Numerics.BitOperations.PopCount((ulong)value);

    public static nuint TrailingZeroCount(nuint value) => (nuint)Numerics.BitOperations.TrailingZeroCount((ulong)value);

    public static nuint RotateLeft(nuint value, int rotateAmount) =>
        unchecked((nuint)((nuint)value << (rotateAmount & 63) | (nuint)value >> (-rotateAmount & 63)));

    public static nuint RotateRight(nuint value, int rotateAmount) =>
        unchecked((nuint)((nuint)value >> (rotateAmount & 63) | (nuint)value << (-rotateAmount & 63)));

    public static (nuint Quotient, nuint Remainder) DivRem(nuint left, nuint right) => Math.DivRem(left, right);

    int IBinaryInteger<nuint>.GetByteCount() => 8;

    int IBinaryInteger<nuint>.GetShortestBitLength() => 64 - (int)LeadingZeroCount(this);

    public static nuint Parse(string s) => (nuint)ulong.Parse(s);

    public static nuint Parse(string s, IFormatProvider? provider) => (nuint)ulong.Parse(s);

    public static bool TryParse(string? s, out nuint result) => TryParse(s.AsSpan(), null, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out nuint result)
    {
        bool parsed = ulong.TryParse(s, out ulong wide);
        result = (nuint)wide;
        return parsed;
    }

    public static bool TryParse(string? s, IFormatProvider? provider, out nuint result) => TryParse(s.AsSpan(), provider, out result);

    public static nuint Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static nuint CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        nuint>(value);

    public static nuint CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        nuint>(value);

    public static nuint CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        nuint>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
