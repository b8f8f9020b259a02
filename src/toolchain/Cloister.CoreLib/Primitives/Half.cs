namespace System;

/// <summary>A floating-point number in 16 bits (IEEE 754 binary16): 5 bits of exponent, 10 of mantissa. It is computed with as float.</summary>
public readonly struct Half : IComparable, IComparable<Half>, IEquatable<Half>, IFormattable
{
    private readonly ushort _bits;

    private Half(ushort bits) => _bits = bits;

    public static Half Epsilon => new(1);

    public static Half MaxValue => new(0x7bff);

    public static Half MinValue => new(0xfbff);

    public static Half PositiveInfinity => new(0x7c00);

    public static Half NegativeInfinity => new(0xfc00);

    public static Half NaN => new(0xfe00);

    public static Half Zero => default;

    public static Half One => new(0x3c00);

    public static Half NegativeZero => new(0x8000);

    public static bool IsNaN(Half value) => (value._bits & 0x7fff) > 0x7c00;

    public static bool IsInfinity(Half value) => (value._bits & 0x7fff) == 0x7c00;

    public static bool IsPositiveInfinity(Half value) => value._bits == 0x7c00;

    public static bool IsNegativeInfinity(Half value) => value._bits == 0xfc00;

    public static bool IsFinite(Half value) => (value._bits & 0x7fff) < 0x7c00;

    public static bool IsNegative(Half value) => (value._bits & 0x8000) != 0;

    public static bool IsNormal(Half value) => (value._bits & 0x7fff) is >= 0x400 and < 0x7c00;

    public static bool IsSubnormal(Half value) => (value._bits & 0x7fff) is > 0 and < 0x400;

    public static Half Abs(Half value) => new((ushort)(value._bits & 0x7fff));

    public static explicit operator float(Half value) => (float)(double)value;

    // Every Half is a double, so that the other way round is exact.
    public static explicit operator double(Half value)
    {
        ulong sign = (ulong)(value._bits & 0x8000) << 48;
        int exponent = value._bits >> 10 & 31;
        ulong mantissa = value._bits & 0x3ffu;
        if (exponent == 31)
            return BitConverter.UInt64BitsToDouble(sign | 0x7ff0000000000000 | mantissa << 42);
        if (exponent != 0)
            return BitConverter.UInt64BitsToDouble(sign | (ulong)(exponent + 1008) << 52 | mantissa << 42);
        double small = mantissa * BitConverter.UInt64BitsToDouble(0x3e70000000000000);
        return sign == 0 ? small : -small;
    }

    public static explicit operator Half(float value) => (Half)(double)value;

    public static explicit operator Half(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ushort sign = (ushort)(bits >> 48 & 0x8000);
        int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
        ulong mantissa = bits & 0xfffffffffffff;
        if (exponent == 1024)
            return new Half((ushort)(sign | 0x7c00 | (mantissa == 0 ? 0 : 0x200 | (int)(mantissa >> 42))));
        if (exponent < -25)
            return new Half(sign);
        mantissa |= 1ul << 52;
        // Below the smallest normal number there are fewer bits; the mantissa's carry runs on into the exponent, as far as infinity.
        int shift = exponent < -14 ? 28 - exponent : 42;
        ulong rounded = mantissa >> shift;
        ulong rest = mantissa & ((1ul << shift) - 1);
        ulong half = 1ul << (shift - 1);
        if (rest > half || (rest == half && (rounded & 1) != 0))
            rounded++;
        uint result = exponent < -14 ? (uint)rounded : (uint)(exponent + 14 << 10) + (uint)rounded;
        return new Half((ushort)(sign | Math.Min(exponent > 15 ? 0x7c00u : result, 0x7c00u)));
    }

    public static explicit operator Half(int value) => (Half)(double)value;

    public static explicit operator int(Half value) => (int)(double)value;

    public static explicit operator long(Half value) => (long)(double)value;

    public static implicit operator Half(byte value) => (Half)(double)value;

    public static implicit operator Half(sbyte value) => (Half)(double)value;

    public static Half operator +(Half left, Half right) => (Half)((float)left + (float)right);

    public static Half operator -(Half left, Half right) => (Half)((float)left - (float)right);

    public static Half operator *(Half left, Half right) => (Half)((float)left * (float)right);

    public static Half operator /(Half left, Half right) => (Half)((float)left / (float)right);

    public static Half operator %(Half left, Half right) => (Half)((float)left % (float)right);

    public static Half operator -(Half value) => new((ushort)(value._bits ^ 0x8000));

    public static Half operator +(Half value) => value;

    public static Half operator ++(Half value) => value + One;

    public static Half operator --(Half value) => value - One;

    public static bool operator ==(Half left, Half right) => (double)left == (double)right;

    public static bool operator !=(Half left, Half right) => (double)left != (double)right;

    public static bool operator <(Half left, Half right) => (double)left < (double)right;

    public static bool operator >(Half left, Half right) => (double)left > (double)right;

    public static bool operator <=(Half left, Half right) => (double)left <= (double)right;

    public static bool operator >=(Half left, Half right) => (double)left >= (double)right;

    public static Half Sqrt(Half x) => (Half)MathF.Sqrt((float)x);

    public static Half Max(Half x, Half y) => (Half)Math.Max((double)x, (double)y);

    public static Half Min(Half x, Half y) => (Half)Math.Min((double)x, (double)y);

    public int CompareTo(Half other) => ((double)this).CompareTo((double)other);

    public int CompareTo(object? obj) => obj is null ? 1 : obj is Half other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Half.");

    public bool Equals(Half other) => this == other || (IsNaN(this) && IsNaN(other));

    public override bool Equals(object? obj) => obj is Half other && Equals(other);

    public override int GetHashCode() => IsNaN(this) ? 0x7e00 : (_bits & 0x7fff) == 0 ? 0 : _bits;

    public override string ToString() => Number.Format((double)this, null, 11);

    public string ToString(string? format) => Number.Format((double)this, format, 11);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public static Half Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out Half value) ? value
        : throw new FormatException("The input string '" + s + "' was not in a correct format.");

    public static bool TryParse(string? s, out Half result)
    {
        bool parsed = Number.TryParseFloat(s.AsSpan(), 11, out double wide);
        result = (Half)wide;
        return parsed;
    }
}
