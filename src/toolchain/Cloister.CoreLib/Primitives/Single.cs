namespace System;

public readonly partial struct Single : IComparable<float>, IEquatable<float>, IComparable, IFormattable
{
    private readonly float _value;

    public const float MaxValue = 3.40282346638528859e+38f;
    public const float MinValue = -3.40282346638528859e+38f;
    public const float Epsilon = 1.401298E-45f;
    public const float NaN = (float)0.0 / (float)0.0;
    public const float PositiveInfinity = (float)1.0 / (float)0.0;
    public const float NegativeInfinity = (float)(-1.0) / (float)0.0;

    public static bool IsNaN(float d) => d != d;

    public static bool IsInfinity(float d) => d == PositiveInfinity || d == NegativeInfinity;

    public static bool IsPositiveInfinity(float d) => d == PositiveInfinity;

    public static bool IsNegativeInfinity(float d) => d == NegativeInfinity;

    public static bool IsFinite(float d) => !IsNaN(d) && !IsInfinity(d);

    public static bool IsNegative(float d) => BitConverter.DoubleToInt64Bits(d) < 0;

    public bool Equals(float obj) => _value == obj || (IsNaN(_value) && IsNaN(obj));

    public override bool Equals(object? obj) => obj is float other && Equals(other);

    public override int GetHashCode() => BitConverter.DoubleToInt64Bits(_value == 0 || IsNaN(_value) ? 0 : _value).GetHashCode();

    public int CompareTo(float value) => _value < value ? -1 : _value > value ? 1 : _value == value ? 0 : IsNaN(_value) ? IsNaN(value) ? 0 : -1 : 1;

    public int CompareTo(object? value) => value is null ? 1 : value is float other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Single.");

    public override string ToString() => Number.Format(_value, null, 24);

    public string ToString(string? format) => Number.Format(_value, format, 24);

    public string ToString(IFormatProvider? provider) => Number.Format(_value, null, 24);

    public string ToString(string? format, IFormatProvider? provider) => Number.Format(_value, format, 24);
}
