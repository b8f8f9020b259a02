using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Byte : IBinaryInteger<byte>, IMinMaxValue<byte>, IUnsignedNumber<byte>
{
    static byte IAdditionOperators<byte, byte, byte>.operator +(byte left, byte right) => unchecked((byte)(left + right));

    static byte IAdditionOperators<byte, byte, byte>.operator checked +(byte left, byte right) => checked((byte)(left + right));

    static byte ISubtractionOperators<byte, byte, byte>.operator -(byte left, byte right) => unchecked((byte)(left - right));

    static byte ISubtractionOperators<byte, byte, byte>.operator checked -(byte left, byte right) => checked((byte)(left - right));

    static byte IMultiplyOperators<byte, byte, byte>.operator *(byte left, byte right) => unchecked((byte)(left * right));

    static byte IMultiplyOperators<byte, byte, byte>.operator checked *(byte left, byte right) => checked((byte)(left * right));

    static byte IDivisionOperators<byte, byte, byte>.operator /(byte left, byte right) => unchecked((byte)(left / right));

    static byte IModulusOperators<byte, byte, byte>.operator %(byte left, byte right) => unchecked((byte)(left % right));

    static byte IIncrementOperators<byte>.operator ++(byte value) => unchecked((byte)(value + 1));

    static byte IIncrementOperators<byte>.operator checked ++(byte value) => checked((byte)(value + 1));

    static byte IDecrementOperators<byte>.operator --(byte value) => unchecked((byte)(value - 1));

    static byte IDecrementOperators<byte>.operator checked --(byte value) => checked((byte)(value - 1));

    static byte IUnaryNegationOperators<byte, byte>.operator -(byte value) => unchecked((byte)(0 - value));

    static byte IUnaryNegationOperators<byte, byte>.operator checked -(byte value) => checked((byte)(0 - value));

    static byte IUnaryPlusOperators<byte, byte>.operator +(byte value) => value;

    static byte IBitwiseOperators<byte, byte, byte>.operator &(byte left, byte right) => (byte)(left & right);

    static byte IBitwiseOperators<byte, byte, byte>.operator |(byte left, byte right) => (byte)(left | right);

    static byte IBitwiseOperators<byte, byte, byte>.operator ^(byte left, byte right) => (byte)(left ^ right);

    static byte IBitwiseOperators<byte, byte, byte>.operator ~(byte value) => unchecked((byte)~value);

    static byte IShiftOperators<byte, int, byte>.operator <<(byte value, int shiftAmount) => unchecked((byte)(value << (shiftAmount & 7)));

    static byte IShiftOperators<byte, int, byte>.operator >>(byte value, int shiftAmount) => unchecked((byte)(value >> (shiftAmount & 7)));

    static byte IShiftOperators<byte, int, byte>.operator >>>(byte value, int shiftAmount) => unchecked((byte)((byte)value >>> (shiftAmount & 7)));

    static bool IEqualityOperators<byte, byte, bool>.operator ==(byte left, byte right) => left == right;

    static bool IEqualityOperators<byte, byte, bool>.operator !=(byte left, byte right) => left != right;

    static bool IComparisonOperators<byte, byte, bool>.operator <(byte left, byte right) => left < right;

    static bool IComparisonOperators<byte, byte, bool>.operator >(byte left, byte right) => left > right;

    static bool IComparisonOperators<byte, byte, bool>.operator <=(byte left, byte right) => left <= right;

    static bool IComparisonOperators<byte, byte, bool>.operator >=(byte left, byte right) => left >= right;

    static byte IAdditiveIdentity<byte, byte>.AdditiveIdentity => 0;

    static byte IMultiplicativeIdentity<byte, byte>.MultiplicativeIdentity => 1;

    static byte IMinMaxValue<byte>.MinValue => MinValue;

    static byte IMinMaxValue<byte>.MaxValue => MaxValue;

    static byte INumberBase<byte>.One => 1;

    static byte INumberBase<byte>.Zero => 0;

    static int INumberBase<byte>.Radix => 2;

    static byte INumberBase<byte>.Abs(byte value) => value;

    static bool INumberBase<byte>.IsCanonical(byte value) => true;

    static bool INumberBase<byte>.IsComplexNumber(byte value) => false;

    public static bool IsEvenInteger(byte value) => (value & 1) == 0;

    static bool INumberBase<byte>.IsFinite(byte value) => true;

    static bool INumberBase<byte>.IsImaginaryNumber(byte value) => false;

    static bool INumberBase<byte>.IsInfinity(byte value) => false;

    static bool INumberBase<byte>.IsInteger(byte value) => true;

    static bool INumberBase<byte>.IsNaN(byte value) => false;

    static bool INumberBase<byte>.IsNegative(byte value) => false;

    static bool INumberBase<byte>.IsNegativeInfinity(byte value) => false;

    static bool INumberBase<byte>.IsNormal(byte value) => value != 0;

    public static bool IsOddInteger(byte value) => (value & 1) != 0;

    static bool INumberBase<byte>.IsPositive(byte value) => true;

    static bool INumberBase<byte>.IsPositiveInfinity(byte value) => false;

    static bool INumberBase<byte>.IsRealNumber(byte value) => true;

    static bool INumberBase<byte>.IsSubnormal(byte value) => false;

    static bool INumberBase<byte>.IsZero(byte value) => value == 0;

    static byte INumberBase<byte>.MaxMagnitude(byte x, byte y) => x >= y ? x : y;

    static byte INumberBase<byte>.MaxMagnitudeNumber(byte x, byte y) => x >= y ? x : y;

    static byte INumberBase<byte>.MinMagnitude(byte x, byte y) => x <= y ? x : y;

    static byte INumberBase<byte>.MinMagnitudeNumber(byte x, byte y) => x <= y ? x : y;

    public static byte Clamp(byte value, byte min, byte max) => Math.Clamp(value, min, max);

    public static int Sign(byte value) => value == 0 ? 0 : 1;

    static byte IBinaryNumber<byte>.AllBitsSet => unchecked((byte)(-1));

    public static bool IsPow2(byte value) => value != 0 && (value & (value - 1)) == 0;

    public static byte Log2(byte value) => (byte)Numerics.BitOperations.Log2((uint)value);

    public static byte LeadingZeroCount(byte value) => (byte)(Numerics.BitOperations.LeadingZeroCount((uint)(byte)value) - 24);

    public static byte PopCount(byte value) => (byte)Numerics.BitOperations.PopCount((uint)(byte)value);

    public static byte TrailingZeroCount(byte value) => (byte)Math.Min(Numerics.BitOperations.TrailingZeroCount((uint)(byte)value), 8);

    public static byte RotateLeft(byte value, int rotateAmount) =>
        unchecked((byte)((byte)value << (rotateAmount & 7) | (byte)value >> (-rotateAmount & 7)));

    public static byte RotateRight(byte value, int rotateAmount) =>
        unchecked((byte)((byte)value >> (rotateAmount & 7) | (byte)value << (-rotateAmount & 7)));

    public static (byte Quotient, byte Remainder) DivRem(byte left, byte right) => Math.DivRem(left, right);

    int IBinaryInteger<byte>.GetByteCount() => 1;

    int IBinaryInteger<byte>.GetShortestBitLength() => 8 - (int)LeadingZeroCount(this);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out byte result) => TryParse(s, out result);

    public static bool TryParse(string? s, IFormatProvider? provider, out byte result) => TryParse(s.AsSpan(), provider, out result);

    public static byte Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    public static byte CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Checked<TOther,
        byte>(value);

    public static byte CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Saturating<TOther,
        byte>(value);

    public static byte CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> => Cloister.Runtime.Conversions.Truncating<TOther,
        byte>(value);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), destination, out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryWrite(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);
}
