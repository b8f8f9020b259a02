using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct UInt16 : IBinaryInteger<ushort>, IMinMaxValue<ushort>, IUnsignedNumber<ushort>
{
    static ushort IAdditionOperators<ushort, ushort, ushort>.operator +(ushort left, ushort right) => unchecked((ushort)(left + right));

    static ushort IAdditionOperators<ushort, ushort, ushort>.operator checked +(ushort left, ushort right) => checked((ushort)(left + right));

    static ushort ISubtractionOperators<ushort, ushort, ushort>.operator -(ushort left, ushort right) => unchecked((ushort)(left - right));

    static ushort ISubtractionOperators<ushort, ushort, ushort>.operator checked -(ushort left, ushort right) => checked((ushort)(left - right));

    static ushort IMultiplyOperators<ushort, ushort, ushort>.operator *(ushort left, ushort right) => unchecked((ushort)(left * right));

    static ushort IMultiplyOperators<ushort, ushort, ushort>.operator checked *(ushort left, ushort right) => checked((ushort)(left * right));

    static ushort IDivisionOperators<ushort, ushort, ushort>.operator /(ushort left, ushort right) => unchecked((ushort)(left / right));

    static ushort IModulusOperators<ushort, ushort, ushort>.operator %(ushort left, ushort right) => unchecked((ushort)(left % right));

    static ushort IIncrementOperators<ushort>.operator ++(ushort value) => unchecked((ushort)(value + 1));

    static ushort IIncrementOperators<ushort>.operator checked ++(ushort value) => checked((ushort)(value + 1));

    static ushort IDecrementOperators<ushort>.operator --(ushort value) => unchecked((ushort)(value - 1));

    static ushort IDecrementOperators<ushort>.operator checked --(ushort value) => checked((ushort)(value - 1));

    static ushort IUnaryNegationOperators<ushort, ushort>.operator -(ushort value) => unchecked((ushort)(0 - value));

    static ushort IUnaryNegationOperators<ushort, ushort>.operator checked -(ushort value) => checked((ushort)(0 - value));

    static ushort IUnaryPlusOperators<ushort, ushort>.operator +(ushort value) => value;

    static ushort IBitwiseOperators<ushort, ushort, ushort>.operator &(ushort left, ushort right) => (ushort)(left & right);

    static ushort IBitwiseOperators<ushort, ushort, ushort>.operator |(ushort left, ushort right) => (ushort)(left | right);

    static ushort IBitwiseOperators<ushort, ushort, ushort>.operator ^(ushort left, ushort right) => (ushort)(left ^ right);

    static ushort IBitwiseOperators<ushort, ushort, ushort>.operator ~(ushort value) => unchecked((ushort)~value);

    static ushort IShiftOperators<ushort, int, ushort>.operator <<(ushort value, int shiftAmount) => unchecked((ushort)(value << (shiftAmount & 15)));

    static ushort IShiftOperators<ushort, int, ushort>.operator >>(ushort value, int shiftAmount) => unchecked((ushort)(value >> (shiftAmount & 15)));

    static ushort IShiftOperators<ushort, int, ushort>.operator >>>(ushort value, int shiftAmount) =>
        unchecked((ushort)((ushort)value >>> (shiftAmount & 15)));

    static bool IEqualityOperators<ushort, ushort, bool>.operator ==(ushort left, ushort right) => left == right;

    static bool IEqualityOperators<ushort, ushort, bool>.operator !=(ushort left, ushort right) => left != right;

    static bool IComparisonOperators<ushort, ushort, bool>.operator <(ushort left, ushort right) => left < right;

    static bool IComparisonOperators<ushort, ushort, bool>.operator >(ushort left, ushort right) => left > right;

    static bool IComparisonOperators<ushort, ushort, bool>.operator <=(ushort left, ushort right) => left <= right;

    static bool IComparisonOperators<ushort, ushort, bool>.operator >=(ushort left, ushort right) => left >= right;

    static ushort IAdditiveIdentity<ushort, ushort>.AdditiveIdentity => 0;

    static ushort IMultiplicativeIdentity<ushort, ushort>.MultiplicativeIdentity => 1;

    static ushort IMinMaxValue<ushort>.MinValue => MinValue;

    static ushort IMinMaxValue<ushort>.MaxValue => MaxValue;

    static ushort INumberBase<ushort>.One => 1;

    static ushort INumberBase<ushort>.Zero => 0;

    static int INumberBase<ushort>.Radix => 2;

    static ushort INumberBase<ushort>.Abs(ushort value) => value;

    static bool INumberBase<ushort>.IsCanonical(ushort value) => true;

    static bool INumberBase<ushort>.IsComplexNumber(ushort value) => false;

    public static bool IsEvenInteger(ushort value) => (value & 1) == 0;

    static bool INumberBase<ushort>.IsFinite(ushort value) => true;

    static bool INumberBase<ushort>.IsImaginaryNumber(ushort value) => false;

    static bool INumberBase<ushort>.IsInfinity(ushort value) => false;

    static bool INumberBase<ushort>.IsInteger(ushort value) => true;

    static bool INumberBase<ushort>.IsNaN(ushort value) => false;

    static bool INumberBase<ushort>.IsNegative(ushort value) => false;

    static bool INumberBase<ushort>.IsNegativeInfinity(ushort value) => false;

    static bool INumberBase<ushort>.IsNormal(ushort value) => value != 0;

    public static bool IsOddInteger(ushort value) => (value & 1) != 0;

    static bool INumberBase<ushort>.IsPositive(ushort value) => true;

    static bool INumberBase<ushort>.IsPositiveInfinity(ushort value) => false;

    static bool INumberBase<ushort>.IsRealNumber(ushort value) => true;

    static bool INumberBase<ushort>.IsSubnormal(ushort value) => false;

    static bool INumberBase<ushort>.IsZero(ushort value) => value == 0;

    static ushort INumberBase<ushort>.MaxMagnitude(ushort x, ushort y) => x >= y ? x : y;

    static ushort INumberBase<ushort>.MaxMagnitudeNumber(ushort x, ushort y) => x >= y ? x : y;

    static ushort INumberBase<ushort>.MinMagnitude(ushort x, ushort y) => x <= y ? x : y;

    static ushort INumberBase<ushort>.MinMagnitudeNumber(ushort x, ushort y) => x <= y ? x : y;

    public static ushort Clamp(ushort value, ushort min, ushort max) => Math.Clamp(value, min, max);

    public static int Sign(ushort value) => value == 0 ? 0 : 1;

    static ushort IBinaryNumber<ushort>.AllBitsSet => unchecked((ushort)(-1));

    public static bool IsPow2(ushort value) => value != 0 && (value & (value - 1)) == 0;

    public static ushort Log2(ushort value) => (ushort)Numerics.BitOperations.Log2((uint)value);

    public static ushort LeadingZeroCount(ushort value) => (ushort)(Numerics.BitOperations.LeadingZeroCount((uint)(ushort)value) - 16);

    public static ushort PopCount(ushort value) => (ushort)Numerics.BitOperations.PopCount((uint)(ushort)value);

    public static ushort TrailingZeroCount(ushort value) => (ushort)Math.Min(Numerics.BitOperations.TrailingZeroCount((uint)(ushort)value), 16);

    public static ushort RotateLeft(ushort value, int rotateAmount) =>
        unchecked((ushort)((ushort)value << (rotateAmount & 15) | (ushort)value >> (-rotateAmount & 15)));

    public static ushort RotateRight(ushort value, int rotateAmount) =>
        unchecked((ushort)((ushort)value >> (rotateAmount & 15) | (ushort)value << (-rotateAmount & 15)));

    public static (ushort Quotient, ushort Remainder) DivRem(ushort left, ushort right) => Math.DivRem(left, right);

    int IBinaryInteger<ushort>.GetByteCount() => 2;

    int IBinaryInteger<ushort>.GetShortestBitLength() => 16 - (int)LeadingZeroCount(this);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ushort result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out ushort result) => TryParse(s.AsSpan(), provider, out result);

    public static ushort Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static ushort CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        ushort>(value);

    public static ushort CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        Cloister.Runtime.Conversions.Saturating<TOther, ushort>(value);

    public static ushort CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        Cloister.Runtime.Conversions.Truncating<TOther, ushort>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
