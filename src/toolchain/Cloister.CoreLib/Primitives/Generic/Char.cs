using System.Numerics;

namespace System;

// What generic code may ask of this number.

public readonly partial struct Char : IBinaryInteger<char>, IMinMaxValue<char>, IUnsignedNumber<char>
{
    static char IAdditionOperators<char, char, char>.operator +(char left, char right) => unchecked((char)(left + right));

    static char IAdditionOperators<char, char, char>.operator checked +(char left, char right) => checked((char)(left + right));

    static char ISubtractionOperators<char, char, char>.operator -(char left, char right) => unchecked((char)(left - right));

    static char ISubtractionOperators<char, char, char>.operator checked -(char left, char right) => checked((char)(left - right));

    static char IMultiplyOperators<char, char, char>.operator *(char left, char right) => unchecked((char)(left * right));

    static char IMultiplyOperators<char, char, char>.operator checked *(char left, char right) => checked((char)(left * right));

    static char IDivisionOperators<char, char, char>.operator /(char left, char right) => unchecked((char)(left / right));

    static char IModulusOperators<char, char, char>.operator %(char left, char right) => unchecked((char)(left % right));

    static char IIncrementOperators<char>.operator ++(char value) => unchecked((char)(value + 1));

    static char IIncrementOperators<char>.operator checked ++(char value) => checked((char)(value + 1));

    static char IDecrementOperators<char>.operator --(char value) => unchecked((char)(value - 1));

    static char IDecrementOperators<char>.operator checked --(char value) => checked((char)(value - 1));

    static char IUnaryNegationOperators<char, char>.operator -(char value) => unchecked((char)(0 - value));

    static char IUnaryNegationOperators<char, char>.operator checked -(char value) => checked((char)(0 - value));

    static char IUnaryPlusOperators<char, char>.operator +(char value) => value;

    static char IBitwiseOperators<char, char, char>.operator &(char left, char right) => (char)(left & right);

    static char IBitwiseOperators<char, char, char>.operator |(char left, char right) => (char)(left | right);

    static char IBitwiseOperators<char, char, char>.operator ^(char left, char right) => (char)(left ^ right);

    static char IBitwiseOperators<char, char, char>.operator ~(char value) => unchecked((char)~value);

    static char IShiftOperators<char, int, char>.operator <<(char value, int shiftAmount) => unchecked((char)(value << (shiftAmount & 15)));

    static char IShiftOperators<char, int, char>.operator >>(char value, int shiftAmount) => unchecked((char)(value >> (shiftAmount & 15)));

    static char IShiftOperators<char, int, char>.operator >>>(char value, int shiftAmount) => unchecked((char)((char)value >>> (shiftAmount & 15)));

    static bool IEqualityOperators<char, char, bool>.operator ==(char left, char right) => left == right;

    static bool IEqualityOperators<char, char, bool>.operator !=(char left, char right) => left != right;

    static bool IComparisonOperators<char, char, bool>.operator <(char left, char right) => left < right;

    static bool IComparisonOperators<char, char, bool>.operator >(char left, char right) => left > right;

    static bool IComparisonOperators<char, char, bool>.operator <=(char left, char right) => left <= right;

    static bool IComparisonOperators<char, char, bool>.operator >=(char left, char right) => left >= right;

    static char IAdditiveIdentity<char, char>.AdditiveIdentity => (char)0;

    static char IMultiplicativeIdentity<char, char>.MultiplicativeIdentity => (char)1;

    static char IMinMaxValue<char>.MinValue => MinValue;

    static char IMinMaxValue<char>.MaxValue => MaxValue;

    static char INumberBase<char>.One => (char)1;

    static char INumberBase<char>.Zero => (char)0;

    static int INumberBase<char>.Radix => 2;

    static char INumberBase<char>.Abs(char value) => value;

    static bool INumberBase<char>.IsCanonical(char value) => true;

    static bool INumberBase<char>.IsComplexNumber(char value) => false;

    static bool INumberBase<char>.IsEvenInteger(char value) => (value & 1) == 0;

    static bool INumberBase<char>.IsFinite(char value) => true;

    static bool INumberBase<char>.IsImaginaryNumber(char value) => false;

    static bool INumberBase<char>.IsInfinity(char value) => false;

    static bool INumberBase<char>.IsInteger(char value) => true;

    static bool INumberBase<char>.IsNaN(char value) => false;

    static bool INumberBase<char>.IsNegative(char value) => false;

    static bool INumberBase<char>.IsNegativeInfinity(char value) => false;

    static bool INumberBase<char>.IsNormal(char value) => value != 0;

    static bool INumberBase<char>.IsOddInteger(char value) => (value & 1) != 0;

    static bool INumberBase<char>.IsPositive(char value) => true;

    static bool INumberBase<char>.IsPositiveInfinity(char value) => false;

    static bool INumberBase<char>.IsRealNumber(char value) => true;

    static bool INumberBase<char>.IsSubnormal(char value) => false;

    static bool INumberBase<char>.IsZero(char value) => value == 0;

    static char INumberBase<char>.MaxMagnitude(char x, char y) => x >= y ? x : y;

    static char INumberBase<char>.MaxMagnitudeNumber(char x, char y) => x >= y ? x : y;

    static char INumberBase<char>.MinMagnitude(char x, char y) => x <= y ? x : y;

    static char INumberBase<char>.MinMagnitudeNumber(char x, char y) => x <= y ? x : y;

    static char IBinaryNumber<char>.AllBitsSet => unchecked((char)(-1));

    static bool IBinaryNumber<char>.IsPow2(char value) => value != 0 && (value & (value - 1)) == 0;

    static char IBinaryNumber<char>.Log2(char value) => (char)Numerics.BitOperations.Log2((uint)value);

    static char IBinaryInteger<char>.LeadingZeroCount(char value) => (char)(Numerics.BitOperations.LeadingZeroCount((uint)(char)value) - 16);

    static char IBinaryInteger<char>.PopCount(char value) => (char)Numerics.BitOperations.PopCount((uint)(char)value);

    static char IBinaryInteger<char>.TrailingZeroCount(char value) => (char)Math.Min(Numerics.BitOperations.TrailingZeroCount((uint)(char)value), 16);

    static char IBinaryInteger<char>.RotateLeft(char value, int rotateAmount) =>
        unchecked((char)((char)value << (rotateAmount & 15) | (char)value >> (-rotateAmount & 15)));

    static char IBinaryInteger<char>.RotateRight(char value, int rotateAmount) =>
        unchecked((char)((char)value >> (rotateAmount & 15) | (char)value << (-rotateAmount & 15)));

    int IBinaryInteger<char>.GetByteCount() => 2;

    int IBinaryInteger<char>.GetShortestBitLength() => 16 - (int)Numerics.BitOperations.LeadingZeroCount((uint)this) + 16;

    static char IParsable<char>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static char ISpanParsable<char>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    static bool IParsable<char>.TryParse(string? s, IFormatProvider? provider, out char result) => TryParse(s, out result);

    static bool ISpanParsable<char>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out char result) => TryParse(s.ToString(), out result);

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Number.TryWrite(ToString(), destination, out charsWritten);
}
