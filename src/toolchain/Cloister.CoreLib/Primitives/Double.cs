namespace System;

public readonly partial struct Double : IComparable<double>, IEquatable<double>, IComparable, IFormattable
{
    private readonly double _value;

    public const double MaxValue = 1.7976931348623157E+308;
    public const double MinValue = -1.7976931348623157E+308;
    public const double Epsilon = 4.9406564584124654E-324;
    public const double NaN = (double)0.0 / (double)0.0;
    public const double PositiveInfinity = (double)1.0 / (double)0.0;
    public const double NegativeInfinity = (double)(-1.0) / (double)0.0;

    public static bool IsNaN(double d) => d != d;

    public static bool IsInfinity(double d) => d == PositiveInfinity || d == NegativeInfinity;

    public static bool IsPositiveInfinity(double d) => d == PositiveInfinity;

    public static bool IsNegativeInfinity(double d) => d == NegativeInfinity;

    public static bool IsFinite(double d) => !IsNaN(d) && !IsInfinity(d);

    public static bool IsNegative(double d) => BitConverter.DoubleToInt64Bits(d) < 0;

    public bool Equals(double obj) => _value == obj || (IsNaN(_value) && IsNaN(obj));

    public override bool Equals(object? obj) => obj is double other && Equals(other);

    public override int GetHashCode() => BitConverter.DoubleToInt64Bits(_value == 0 || IsNaN(_value) ? 0 : _value).GetHashCode();

    public int CompareTo(double value) => _value < value ? -1 : _value > value ? 1 : _value == value ? 0 : IsNaN(_value) ? IsNaN(value) ? 0 : -1 : 1;

    public int CompareTo(object? value) => value is null ? 1 : value is double other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Double.");

    public override string ToString() => Number.Format(_value, null, 53);

    public string ToString(string? format) => Number.Format(_value, format, 53);

    public string ToString(IFormatProvider? provider) => Number.Format(_value, null, 53);

    public string ToString(string? format, IFormatProvider? provider) => Number.Format(_value, format, 53);
}
