using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Int32 : IBinaryInteger<int>, IMinMaxValue<int>, ISignedNumber<int>
{
    static int IAdditionOperators<int, int, int>.operator +(int left, int right) => unchecked(left + right);

    static int IAdditionOperators<int, int, int>.operator checked +(int left, int right) => checked(left + right);

    static int ISubtractionOperators<int, int, int>.operator -(int left, int right) => unchecked(left - right);

    static int ISubtractionOperators<int, int, int>.operator checked -(int left, int right) => checked(left - right);

    static int IMultiplyOperators<int, int, int>.operator *(int left, int right) => unchecked(left * right);

    static int IMultiplyOperators<int, int, int>.operator checked *(int left, int right) => checked(left * right);

    static int IDivisionOperators<int, int, int>.operator /(int left, int right) => left / right;

    static int IModulusOperators<int, int, int>.operator %(int left, int right) => left % right;

    static int IIncrementOperators<int>.operator ++(int value) => unchecked(value + 1);

    static int IIncrementOperators<int>.operator checked ++(int value) => checked(value + 1);

    static int IDecrementOperators<int>.operator --(int value) => unchecked(value - 1);

    static int IDecrementOperators<int>.operator checked --(int value) => checked(value - 1);

    static int IUnaryNegationOperators<int, int>.operator -(int value) => unchecked(-value);

    static int IUnaryNegationOperators<int, int>.operator checked -(int value) => checked(-value);

    static int IUnaryPlusOperators<int, int>.operator +(int value) => value;

    static int IBitwiseOperators<int, int, int>.operator &(int left, int right) => left & right;

    static int IBitwiseOperators<int, int, int>.operator |(int left, int right) => left | right;

    static int IBitwiseOperators<int, int, int>.operator ^(int left, int right) => left ^ right;

    static int IBitwiseOperators<int, int, int>.operator ~(int value) => ~value;

    static int IShiftOperators<int, int, int>.operator <<(int value, int shiftAmount) => value << shiftAmount;

    static int IShiftOperators<int, int, int>.operator >>(int value, int shiftAmount) => value >> shiftAmount;

    static int IShiftOperators<int, int, int>.operator >>>(int value, int shiftAmount) => value >>> shiftAmount;

    static bool IEqualityOperators<int, int, bool>.operator ==(int left, int right) => left == right;

    static bool IEqualityOperators<int, int, bool>.operator !=(int left, int right) => left != right;

    static bool IComparisonOperators<int, int, bool>.operator <(int left, int right) => left < right;

    static bool IComparisonOperators<int, int, bool>.operator >(int left, int right) => left > right;

    static bool IComparisonOperators<int, int, bool>.operator <=(int left, int right) => left <= right;

    static bool IComparisonOperators<int, int, bool>.operator >=(int left, int right) => left >= right;

    static int IAdditiveIdentity<int, int>.AdditiveIdentity => 0;

    static int IMultiplicativeIdentity<int, int>.MultiplicativeIdentity => 1;

    static int IMinMaxValue<int>.MinValue => MinValue;

    static int IMinMaxValue<int>.MaxValue => MaxValue;

    static int INumberBase<int>.One => 1;

    static int INumberBase<int>.Zero => 0;

    static int INumberBase<int>.Radix => 2;

    static int ISignedNumber<int>.NegativeOne => -1;

    public static int Abs(int value) => Math.Abs(value);

    static bool INumberBase<int>.IsCanonical(int value) => true;

    static bool INumberBase<int>.IsComplexNumber(int value) => false;

    public static bool IsEvenInteger(int value) => (value & 1) == 0;

    static bool INumberBase<int>.IsFinite(int value) => true;

    static bool INumberBase<int>.IsImaginaryNumber(int value) => false;

    static bool INumberBase<int>.IsInfinity(int value) => false;

    static bool INumberBase<int>.IsInteger(int value) => true;

    static bool INumberBase<int>.IsNaN(int value) => false;

    public static bool IsNegative(int value) => value < 0;

    static bool INumberBase<int>.IsNegativeInfinity(int value) => false;

    static bool INumberBase<int>.IsNormal(int value) => value != 0;

    public static bool IsOddInteger(int value) => (value & 1) != 0;

    public static bool IsPositive(int value) => value >= 0;

    static bool INumberBase<int>.IsPositiveInfinity(int value) => false;

    static bool INumberBase<int>.IsRealNumber(int value) => true;

    static bool INumberBase<int>.IsSubnormal(int value) => false;

    static bool INumberBase<int>.IsZero(int value) => value == 0;

    public static int MaxMagnitude(int x, int y) => x == MinValue || (y != MinValue
        && (Math.Abs(x) > Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x >= 0))) ? x : y;

    static int INumberBase<int>.MaxMagnitudeNumber(int x, int y) => MaxMagnitude(x, y);

    public static int MinMagnitude(int x, int y) => y == MinValue || (x != MinValue
        && (Math.Abs(x) < Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x < 0))) ? x : y;

    static int INumberBase<int>.MinMagnitudeNumber(int x, int y) => MinMagnitude(x, y);

    public static int Clamp(int value, int min, int max) => Math.Clamp(value, min, max);

    public static int CopySign(int value, int sign) => (value < 0) == (sign < 0) ? value : checked(-value);

    public static int Sign(int value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    static int IBinaryNumber<int>.AllBitsSet => unchecked((int)(-1));

    public static bool IsPow2(int value) => value > 0 && (value & (value - 1)) == 0;

    public static int Log2(int value) => value < 0 ? throw new ArgumentOutOfRangeException(nameof(value), "Non-negative number required.")
        : (int)Numerics.BitOperations.Log2((uint)value);

    public static int LeadingZeroCount(int value) => (int)(Numerics.BitOperations.LeadingZeroCount((uint)value));

    public static int PopCount(int value) => (int)Numerics.BitOperations.PopCount((uint)value);

    public static int TrailingZeroCount(int value) => (int)Numerics.BitOperations.TrailingZeroCount((uint)value);

    public static int RotateLeft(int value, int rotateAmount) =>
        unchecked((int)((uint)value << (rotateAmount & 31) | (uint)value >> (-rotateAmount & 31)));

    public static int RotateRight(int value, int rotateAmount) =>
        unchecked((int)((uint)value >> (rotateAmount & 31) | (uint)value << (-rotateAmount & 31)));

    public static (int Quotient, int Remainder) DivRem(int left, int right) => Math.DivRem(left, right);

    int IBinaryInteger<int>.GetByteCount() => 4;

    int IBinaryInteger<int>.GetShortestBitLength() => ((int)this) >= 0 ? 32 - (int)LeadingZeroCount(this)
        : 33 - (int)LeadingZeroCount(unchecked((int)~((int)this)));

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out int result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out int result) => TryParse(s.AsSpan(), provider, out result);

    public static int Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static int CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        int>(value);

    public static int CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        int>(value);

    public static int CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        int>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
