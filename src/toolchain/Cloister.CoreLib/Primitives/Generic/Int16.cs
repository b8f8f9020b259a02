using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Int16 : IBinaryInteger<short>, IMinMaxValue<short>, ISignedNumber<short>
{
    static short IAdditionOperators<short, short, short>.operator +(short left, short right) => unchecked((short)(left + right));

    static short IAdditionOperators<short, short, short>.operator checked +(short left, short right) => checked((short)(left + right));

    static short ISubtractionOperators<short, short, short>.operator -(short left, short right) => unchecked((short)(left - right));

    static short ISubtractionOperators<short, short, short>.operator checked -(short left, short right) => checked((short)(left - right));

    static short IMultiplyOperators<short, short, short>.operator *(short left, short right) => unchecked((short)(left * right));

    static short IMultiplyOperators<short, short, short>.operator checked *(short left, short right) => checked((short)(left * right));

    static short IDivisionOperators<short, short, short>.operator /(short left, short right) => unchecked((short)(left / right));

    static short IModulusOperators<short, short, short>.operator %(short left, short right) => unchecked((short)(left % right));

    static short IIncrementOperators<short>.operator ++(short value) => unchecked((short)(value + 1));

    static short IIncrementOperators<short>.operator checked ++(short value) => checked((short)(value + 1));

    static short IDecrementOperators<short>.operator --(short value) => unchecked((short)(value - 1));

    static short IDecrementOperators<short>.operator checked --(short value) => checked((short)(value - 1));

    static short IUnaryNegationOperators<short, short>.operator -(short value) => unchecked((short)(-value));

    static short IUnaryNegationOperators<short, short>.operator checked -(short value) => checked((short)(-value));

    static short IUnaryPlusOperators<short, short>.operator +(short value) => value;

    static short IBitwiseOperators<short, short, short>.operator &(short left, short right) => (short)(left & right);

    static short IBitwiseOperators<short, short, short>.operator |(short left, short right) => (short)(left | right);

    static short IBitwiseOperators<short, short, short>.operator ^(short left, short right) => (short)(left ^ right);

    static short IBitwiseOperators<short, short, short>.operator ~(short value) => unchecked((short)~value);

    static short IShiftOperators<short, int, short>.operator <<(short value, int shiftAmount) => unchecked((short)(value << (shiftAmount & 15)));

    static short IShiftOperators<short, int, short>.operator >>(short value, int shiftAmount) => unchecked((short)(value >> (shiftAmount & 15)));

    static short IShiftOperators<short, int, short>.operator >>>(short value, int shiftAmount) =>
        unchecked((short)((ushort)value >>> (shiftAmount & 15)));

    static bool IEqualityOperators<short, short, bool>.operator ==(short left, short right) => left == right;

    static bool IEqualityOperators<short, short, bool>.operator !=(short left, short right) => left != right;

    static bool IComparisonOperators<short, short, bool>.operator <(short left, short right) => left < right;

    static bool IComparisonOperators<short, short, bool>.operator >(short left, short right) => left > right;

    static bool IComparisonOperators<short, short, bool>.operator <=(short left, short right) => left <= right;

    static bool IComparisonOperators<short, short, bool>.operator >=(short left, short right) => left >= right;

    static short IAdditiveIdentity<short, short>.AdditiveIdentity => 0;

    static short IMultiplicativeIdentity<short, short>.MultiplicativeIdentity => 1;

    static short IMinMaxValue<short>.MinValue => MinValue;

    static short IMinMaxValue<short>.MaxValue => MaxValue;

    static short INumberBase<short>.One => 1;

    static short INumberBase<short>.Zero => 0;

    static int INumberBase<short>.Radix => 2;

    static short ISignedNumber<short>.NegativeOne => -1;

    public static short Abs(short value) => Math.Abs(value);

    static bool INumberBase<short>.IsCanonical(short value) => true;

    static bool INumberBase<short>.IsComplexNumber(short value) => false;

    public static bool IsEvenInteger(short value) => (value & 1) == 0;

    static bool INumberBase<short>.IsFinite(short value) => true;

    static bool INumberBase<short>.IsImaginaryNumber(short value) => false;

    static bool INumberBase<short>.IsInfinity(short value) => false;

    static bool INumberBase<short>.IsInteger(short value) => true;

    static bool INumberBase<short>.IsNaN(short value) => false;

    public static bool IsNegative(short value) => value < 0;

    static bool INumberBase<short>.IsNegativeInfinity(short value) => false;

    static bool INumberBase<short>.IsNormal(short value) => value != 0;

    public static bool IsOddInteger(short value) => (value & 1) != 0;

    public static bool IsPositive(short value) => value >= 0;

    static bool INumberBase<short>.IsPositiveInfinity(short value) => false;

    static bool INumberBase<short>.IsRealNumber(short value) => true;

    static bool INumberBase<short>.IsSubnormal(short value) => false;

    static bool INumberBase<short>.IsZero(short value) => value == 0;

    public static short MaxMagnitude(short x, short y) => x == MinValue
        || (y != MinValue && (Math.Abs(x) > Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x >= 0))) ? x : y;

    static short INumberBase<short>.MaxMagnitudeNumber(short x, short y) => MaxMagnitude(x, y);

    public static short MinMagnitude(short x, short y) => y == MinValue
        || (x != MinValue && (Math.Abs(x) < Math.Abs(y) || (Math.Abs(x) == Math.Abs(y) && x < 0))) ? x : y;

    static short INumberBase<short>.MinMagnitudeNumber(short x, short y) => MinMagnitude(x, y);

    public static short Clamp(short value, short min, short max) => Math.Clamp(value, min, max);

    public static short CopySign(short value, short sign) => (value < 0) == (sign < 0) ? value : checked((short)(-value));

    public static int Sign(short value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    static short IBinaryNumber<short>.AllBitsSet => unchecked((short)(-1));

    public static bool IsPow2(short value) => value > 0 && (value & (value - 1)) == 0;

    public static short Log2(short value) => value < 0 ? throw new ArgumentOutOfRangeException(nameof(value), "Non-negative number required.")
        : (short)Numerics.BitOperations.Log2((uint)value);

    public static short LeadingZeroCount(short value) => (short)(Numerics.BitOperations.LeadingZeroCount((uint)(ushort)value) - 16);

    public static short PopCount(short value) => (short)Numerics.BitOperations.PopCount((uint)(ushort)value);

    public static short TrailingZeroCount(short value) => (short)Math.Min(Numerics.BitOperations.TrailingZeroCount((uint)(ushort)value), 16);

    public static short RotateLeft(short value, int rotateAmount) =>
        unchecked((short)((ushort)value << (rotateAmount & 15) | (ushort)value >> (-rotateAmount & 15)));

    public static short RotateRight(short value, int rotateAmount) =>
        unchecked((short)((ushort)value >> (rotateAmount & 15) | (ushort)value << (-rotateAmount & 15)));

    public static (short Quotient, short Remainder) DivRem(short left, short right) => Math.DivRem(left, right);

    int IBinaryInteger<short>.GetByteCount() => 2;

    int IBinaryInteger<short>.GetShortestBitLength() => ((short)this) >= 0 ? 16 - (int)LeadingZeroCount(this)
        : 17 - (int)LeadingZeroCount(unchecked((short)~((short)this)));

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out short result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out short result) => TryParse(s.AsSpan(), provider, out result);

    public static short Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static short CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        short>(value);

    public static short CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        short>(value);

    public static short CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        short>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
