using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct UInt32 : IBinaryInteger<uint>, IMinMaxValue<uint>, IUnsignedNumber<uint>
{
    static uint IAdditionOperators<uint, uint, uint>.operator +(uint left, uint right) => unchecked(left + right);

    static uint IAdditionOperators<uint, uint, uint>.operator checked +(uint left, uint right) => checked(left + right);

    static uint ISubtractionOperators<uint, uint, uint>.operator -(uint left, uint right) => unchecked(left - right);

    static uint ISubtractionOperators<uint, uint, uint>.operator checked -(uint left, uint right) => checked(left - right);

    static uint IMultiplyOperators<uint, uint, uint>.operator *(uint left, uint right) => unchecked(left * right);

    static uint IMultiplyOperators<uint, uint, uint>.operator checked *(uint left, uint right) => checked(left * right);

    static uint IDivisionOperators<uint, uint, uint>.operator /(uint left, uint right) => left / right;

    static uint IModulusOperators<uint, uint, uint>.operator %(uint left, uint right) => left % right;

    static uint IIncrementOperators<uint>.operator ++(uint value) => unchecked(value + 1);

    static uint IIncrementOperators<uint>.operator checked ++(uint value) => checked(value + 1);

    static uint IDecrementOperators<uint>.operator --(uint value) => unchecked(value - 1);

    static uint IDecrementOperators<uint>.operator checked --(uint value) => checked(value - 1);

    static uint IUnaryNegationOperators<uint, uint>.operator -(uint value) => unchecked(0 - value);

    static uint IUnaryNegationOperators<uint, uint>.operator checked -(uint value) => checked(0 - value);

    static uint IUnaryPlusOperators<uint, uint>.operator +(uint value) => value;

    static uint IBitwiseOperators<uint, uint, uint>.operator &(uint left, uint right) => left & right;

    static uint IBitwiseOperators<uint, uint, uint>.operator |(uint left, uint right) => left | right;

    static uint IBitwiseOperators<uint, uint, uint>.operator ^(uint left, uint right) => left ^ right;

    static uint IBitwiseOperators<uint, uint, uint>.operator ~(uint value) => ~value;

    static uint IShiftOperators<uint, int, uint>.operator <<(uint value, int shiftAmount) => value << shiftAmount;

    static uint IShiftOperators<uint, int, uint>.operator >>(uint value, int shiftAmount) => value >> shiftAmount;

    static uint IShiftOperators<uint, int, uint>.operator >>>(uint value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<uint, uint, bool>.operator ==(uint left, uint right) => left == right;

    static bool IEqualityOperators<uint, uint, bool>.operator !=(uint left, uint right) => left != right;

    static bool IComparisonOperators<uint, uint, bool>.operator <(uint left, uint right) => left < right;

    static bool IComparisonOperators<uint, uint, bool>.operator >(uint left, uint right) => left > right;

    static bool IComparisonOperators<uint, uint, bool>.operator <=(uint left, uint right) => left <= right;

    static bool IComparisonOperators<uint, uint, bool>.operator >=(uint left, uint right) => left >= right;

    static uint IAdditiveIdentity<uint, uint>.AdditiveIdentity => 0;

    static uint IMultiplicativeIdentity<uint, uint>.MultiplicativeIdentity => 1;

    static uint IMinMaxValue<uint>.MinValue => MinValue;

    static uint IMinMaxValue<uint>.MaxValue => MaxValue;

    static uint INumberBase<uint>.One => 1;

    static uint INumberBase<uint>.Zero => 0;

    static int INumberBase<uint>.Radix => 2;

    static uint INumberBase<uint>.Abs(uint value) => value;

    static bool INumberBase<uint>.IsCanonical(uint value) => true;

    static bool INumberBase<uint>.IsComplexNumber(uint value) => false;

    public static bool IsEvenInteger(uint value) => (value & 1) == 0;

    static bool INumberBase<uint>.IsFinite(uint value) => true;

    static bool INumberBase<uint>.IsImaginaryNumber(uint value) => false;

    static bool INumberBase<uint>.IsInfinity(uint value) => false;

    static bool INumberBase<uint>.IsInteger(uint value) => true;

    static bool INumberBase<uint>.IsNaN(uint value) => false;

    static bool INumberBase<uint>.IsNegative(uint value) => false;

    static bool INumberBase<uint>.IsNegativeInfinity(uint value) => false;

    static bool INumberBase<uint>.IsNormal(uint value) => value != 0;

    public static bool IsOddInteger(uint value) => (value & 1) != 0;

    static bool INumberBase<uint>.IsPositive(uint value) => true;

    static bool INumberBase<uint>.IsPositiveInfinity(uint value) => false;

    static bool INumberBase<uint>.IsRealNumber(uint value) => true;

    static bool INumberBase<uint>.IsSubnormal(uint value) => false;

    static bool INumberBase<uint>.IsZero(uint value) => value == 0;

    static uint INumberBase<uint>.MaxMagnitude(uint x, uint y) => x >= y ? x : y;

    static uint INumberBase<uint>.MaxMagnitudeNumber(uint x, uint y) => x >= y ? x : y;

    static uint INumberBase<uint>.MinMagnitude(uint x, uint y) => x <= y ? x : y;

    static uint INumberBase<uint>.MinMagnitudeNumber(uint x, uint y) => x <= y ? x : y;

    public static uint Clamp(uint value, uint min, uint max) => Math.Clamp(value, min, max);

    public static int Sign(uint value) => value == 0 ? 0 : 1;

    static uint IBinaryNumber<uint>.AllBitsSet => unchecked((uint)(-1));

    public static bool IsPow2(uint value) => value != 0 && (value & (value - 1)) == 0;

    public static uint Log2(uint value) => (uint)Numerics.BitOperations.Log2((uint)value);

    public static uint LeadingZeroCount(uint value) => (uint)(Numerics.BitOperations.LeadingZeroCount((uint)value));

    public static uint PopCount(uint value) => (uint)Numerics.BitOperations.PopCount((uint)value);

    public static uint TrailingZeroCount(uint value) => (uint)Numerics.BitOperations.TrailingZeroCount((uint)value);

    public static uint RotateLeft(uint value, int rotateAmount) =>
        unchecked((uint)((uint)value << (rotateAmount & 31) | (uint)value >> (-rotateAmount & 31)));

    public static uint RotateRight(uint value, int rotateAmount) =>
        unchecked((uint)((uint)value >> (rotateAmount & 31) | (uint)value << (-rotateAmount & 31)));

    public static (uint Quotient, uint Remainder) DivRem(uint left, uint right) => Math.DivRem(left, right);

    int IBinaryInteger<uint>.GetByteCount() => 4;

    int IBinaryInteger<uint>.GetShortestBitLength() => 32 - (int)LeadingZeroCount(this);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out uint result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out uint result) => TryParse(s.AsSpan(), provider, out result);

    public static uint Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static uint CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        uint>(value);

    public static uint CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        uint>(value);

    public static uint CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        uint>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
