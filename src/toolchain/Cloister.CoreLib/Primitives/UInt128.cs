using System.Numerics;

namespace System;

/// <summary>128 bits in two words, the lower first. The unsigned type computes, the signed one lends its bits to it.</summary>
public readonly partial struct UInt128 : IComparable, IComparable<UInt128>, IEquatable<UInt128>, IFormattable
{
    private readonly ulong _lower;
    private readonly ulong _upper;

    public UInt128(ulong upper, ulong lower)
    {
        _lower = lower;
        _upper = upper;
    }

    public static UInt128 MinValue => default;

    public static UInt128 MaxValue => new(ulong.MaxValue, ulong.MaxValue);

    public static UInt128 Zero => default;

    public static UInt128 One => new(0, 1);

    internal ulong Upper => _upper;

    internal ulong Lower => _lower;

    public static implicit operator UInt128(byte value) => new(0, value);

    public static implicit operator UInt128(char value) => new(0, value);

    public static implicit operator UInt128(ushort value) => new(0, value);

    public static implicit operator UInt128(uint value) => new(0, value);

    public static implicit operator UInt128(ulong value) => new(0, value);

    public static implicit operator UInt128(nuint value) => new(0, value);

    public static explicit operator UInt128(sbyte value) => (UInt128)(long)value;

    public static explicit operator UInt128(short value) => (UInt128)(long)value;

    public static explicit operator UInt128(int value) => (UInt128)(long)value;

    public static explicit operator UInt128(long value) => new((ulong)(value >> 63), (ulong)value);

    public static explicit operator checked UInt128(int value) => new(0, checked((ulong)value));

    public static explicit operator checked UInt128(long value) => new(0, checked((ulong)value));

    public static explicit operator byte(UInt128 value) => (byte)value._lower;

    public static explicit operator sbyte(UInt128 value) => (sbyte)value._lower;

    public static explicit operator short(UInt128 value) => (short)value._lower;

    public static explicit operator ushort(UInt128 value) => (ushort)value._lower;

    public static explicit operator char(UInt128 value) => (char)value._lower;

    public static explicit operator int(UInt128 value) => (int)value._lower;

    public static explicit operator uint(UInt128 value) => (uint)value._lower;

    public static explicit operator long(UInt128 value) => (long)value._lower;

    public static explicit operator ulong(UInt128 value) => value._lower;

    public static explicit operator nint(UInt128 value) => (nint)value._lower;

    public static explicit operator nuint(UInt128 value) => (nuint)value._lower;

    public static explicit operator checked byte(UInt128 value) => value._upper == 0 ? checked((byte)value._lower) : throw new OverflowException();

    public static explicit operator checked int(UInt128 value) => value._upper == 0 ? checked((int)value._lower) : throw new OverflowException();

    public static explicit operator checked uint(UInt128 value) => value._upper == 0 ? checked((uint)value._lower) : throw new OverflowException();

    public static explicit operator checked long(UInt128 value) => value._upper == 0 ? checked((long)value._lower) : throw new OverflowException();

    public static explicit operator checked ulong(UInt128 value) => value._upper == 0 ? value._lower : throw new OverflowException();

    public static explicit operator double(UInt128 value)
    {
        if (value._upper == 0)
            return value._lower;
        // The top 64 bits, with a bit for all that is cut off, so that the one rounding is the right one.
        int shift = 64 - BitOperations.LeadingZeroCount(value._upper);
        ulong top = (ulong)(value >> shift);
        if ((value & ((One << shift) - One)) != Zero)
            top |= 1;
        return top * BitConverter.UInt64BitsToDouble((ulong)(1023 + shift) << 52);
    }

    public static UInt128 operator +(UInt128 left, UInt128 right)
    {
        ulong lower = left._lower + right._lower;
        return new(left._upper + right._upper + (lower < left._lower ? 1ul : 0), lower);
    }

    public static UInt128 operator checked +(UInt128 left, UInt128 right)
    {
        ulong lower = left._lower + right._lower;
        return new(checked(left._upper + right._upper + (lower < left._lower ? 1ul : 0)), lower);
    }

    public static UInt128 operator -(UInt128 left, UInt128 right) =>
        new(left._upper - right._upper - (left._lower < right._lower ? 1ul : 0), left._lower - right._lower);

    public static UInt128 operator checked -(UInt128 left, UInt128 right) => left < right ? throw new OverflowException() : left - right;

    public static UInt128 operator *(UInt128 left, UInt128 right)
    {
        ulong upper = Math.BigMul(left._lower, right._lower, out ulong lower);
        return new(upper + left._upper * right._lower + left._lower * right._upper, lower);
    }

    public static UInt128 operator checked *(UInt128 left, UInt128 right) =>
        left != Zero && right > MaxValue / left ? throw new OverflowException() : left * right;

    public static UInt128 operator /(UInt128 left, UInt128 right) => Divide(left, right, out _);

    public static UInt128 operator %(UInt128 left, UInt128 right)
    {
        Divide(left, right, out UInt128 remainder);
        return remainder;
    }

    public static (UInt128 Quotient, UInt128 Remainder) DivRem(UInt128 left, UInt128 right)
    {
        UInt128 quotient = Divide(left, right, out UInt128 remainder);
        return (quotient, remainder);
    }

    // Shift and subtract, a bit at a time from the first that can count.
    private static UInt128 Divide(UInt128 left, UInt128 right, out UInt128 remainder)
    {
        if (right == Zero)
            throw new DivideByZeroException();
        if ((left._upper | right._upper) == 0)
        {
            remainder = left._lower % right._lower;
            return left._lower / right._lower;
        }

        UInt128 quotient = Zero;
        remainder = left;
        for (int shift = (int)LeadingZeroCount(right) - (int)LeadingZeroCount(left); shift >= 0; shift--)
        {
            UInt128 part = right << shift;
            if (remainder < part)
                continue;
            remainder -= part;
            quotient |= One << shift;
        }

        return quotient;
    }

    public static UInt128 operator -(UInt128 value) => Zero - value;

    public static UInt128 operator +(UInt128 value) => value;

    public static UInt128 operator ++(UInt128 value) => value + One;

    public static UInt128 operator --(UInt128 value) => value - One;

    public static UInt128 operator ~(UInt128 value) => new(~value._upper, ~value._lower);

    public static UInt128 operator &(UInt128 left, UInt128 right) => new(left._upper & right._upper, left._lower & right._lower);

    public static UInt128 operator |(UInt128 left, UInt128 right) => new(left._upper | right._upper, left._lower | right._lower);

    public static UInt128 operator ^(UInt128 left, UInt128 right) => new(left._upper ^ right._upper, left._lower ^ right._lower);

    public static UInt128 operator <<(UInt128 value, int shiftAmount)
    {
        shiftAmount &= 127;
        if (shiftAmount == 0)
            return value;
        return shiftAmount >= 64 ? new(value._lower << shiftAmount, 0)
            : new(value._upper << shiftAmount | value._lower >> (64 - shiftAmount), value._lower << shiftAmount);
    }

    public static UInt128 operator >>(UInt128 value, int shiftAmount) => value >>> shiftAmount;

    public static UInt128 operator >>>(UInt128 value, int shiftAmount)
    {
        shiftAmount &= 127;
        if (shiftAmount == 0)
            return value;
        return shiftAmount >= 64 ? new(0, value._upper >> shiftAmount)
            : new(value._upper >> shiftAmount, value._lower >> shiftAmount | value._upper << (64 - shiftAmount));
    }

    public static bool operator ==(UInt128 left, UInt128 right) => left._lower == right._lower && left._upper == right._upper;

    public static bool operator !=(UInt128 left, UInt128 right) => !(left == right);

    public static bool operator <(UInt128 left, UInt128 right) => left._upper < right._upper
        || (left._upper == right._upper && left._lower < right._lower);

    public static bool operator >(UInt128 left, UInt128 right) => right < left;

    public static bool operator <=(UInt128 left, UInt128 right) => !(right < left);

    public static bool operator >=(UInt128 left, UInt128 right) => !(left < right);

    public static UInt128 LeadingZeroCount(UInt128 value) =>
        (UInt128)(value._upper != 0 ? BitOperations.LeadingZeroCount(value._upper) : 64 + BitOperations.LeadingZeroCount(value._lower));

    public static UInt128 TrailingZeroCount(UInt128 value) =>
        (UInt128)(value._lower != 0 ? BitOperations.TrailingZeroCount(value._lower) : 64 + BitOperations.TrailingZeroCount(value._upper));

    public static UInt128 PopCount(UInt128 value) => (UInt128)(BitOperations.PopCount(value._lower) + BitOperations.PopCount(value._upper));

    public static UInt128 Log2(UInt128 value) => (UInt128)(127 - (int)LeadingZeroCount(value | One));

    public static bool IsPow2(UInt128 value) => PopCount(value) == One;

    public static UInt128 RotateLeft(UInt128 value, int rotateAmount) => value << rotateAmount | value >>> (128 - rotateAmount);

    public static UInt128 RotateRight(UInt128 value, int rotateAmount) => value >>> rotateAmount | value << (128 - rotateAmount);

    public static UInt128 Max(UInt128 x, UInt128 y) => x >= y ? x : y;

    public static UInt128 Min(UInt128 x, UInt128 y) => x <= y ? x : y;

    public static UInt128 Clamp(UInt128 value, UInt128 min, UInt128 max) => min > max
        ? throw new ArgumentException("'" + min + "' cannot be greater than " + max + ".") : Min(Max(value, min), max);

    public static int Sign(UInt128 value) => value == Zero ? 0 : 1;

    public int CompareTo(UInt128 value) => this < value ? -1 : this > value ? 1 : 0;

    public int CompareTo(object? value) => value is null ? 1 : value is UInt128 other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type UInt128.");

    public bool Equals(UInt128 other) => this == other;

    public override bool Equals(object? obj) => obj is UInt128 other && this == other;

    public override int GetHashCode() => HashCode.Combine(_lower, _upper);

    public override string ToString() => ToString(null, null);

    public string ToString(IFormatProvider? provider) => ToString(null, null);

    public string ToString(string? format) => ToString(format, null);

    public string ToString(string? format, IFormatProvider? provider) => Number.Format(this, false, format);

    public static UInt128 Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out UInt128 value) ? value : throw Number.ParseError(s, "UInt128");

    public static bool TryParse(string? s, out UInt128 result)
    {
        ReadOnlySpan<char> digits = Number.Trimmed(s);
        result = Zero;
        if (digits.Length > 0 && digits[0] == '+')
            digits = digits.Slice(1);
        foreach (char c in digits)
        {
            UInt128 digit = (UInt128)(c - '0');
            if (!char.IsAsciiDigit(c) || result > (MaxValue - digit) / (UInt128)10u)
            {
                result = Zero;
                return false;
            }

            result = result * (UInt128)10u + digit;
        }

        return digits.Length > 0;
    }
}
