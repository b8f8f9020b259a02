using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace System;

// The integers of fixed width.

public readonly partial struct SByte : IComparable, IComparable<sbyte>, IEquatable<sbyte>, IFormattable
{
    private readonly sbyte _value;

    public const sbyte MinValue = -128;
    public const sbyte MaxValue = 127;

    public bool Equals(sbyte other) => _value == other;

    public override bool Equals(object? obj) => obj is sbyte other && _value == other;

    public override int GetHashCode() => _value;

    public int CompareTo(sbyte other) => _value - other;

    public int CompareTo(object? value) => value is null ? 1 : value is sbyte other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type SByte.");

    public override string ToString() => Number.Text((long)_value);

    public string ToString(string? format) => Number.Format((long)_value, format, 8);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((long)_value, format, 8);

    public static sbyte Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out sbyte value) ? value
        : throw Number.ParseError(s, "SByte");

    public static sbyte Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out sbyte result)
    {
        bool parsed = Number.TryParseSigned(s, -128, 127, out long wide);
        result = (sbyte)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out sbyte result) => TryParse(s.AsSpan(), out result);

    public static sbyte Max(sbyte a, sbyte b) => a > b ? a : b;

    public static sbyte Min(sbyte a, sbyte b) => a < b ? a : b;
}

public readonly partial struct Byte : IComparable, IComparable<byte>, IEquatable<byte>, IFormattable
{
    private readonly byte _value;

    public const byte MinValue = 0;
    public const byte MaxValue = 255;

    public bool Equals(byte other) => _value == other;

    public override bool Equals(object? obj) => obj is byte other && _value == other;

    public override int GetHashCode() => _value;

    public int CompareTo(byte other) => _value - other;

    public int CompareTo(object? value) => value is null ? 1 : value is byte other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Byte.");

    public override string ToString() => Number.Text((ulong)_value);

    public string ToString(string? format) => Number.Format((ulong)_value, format, 8);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((ulong)_value, format, 8);

    public static byte Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out byte value) ? value
        : throw Number.ParseError(s, "Byte");

    public static byte Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out byte result)
    {
        bool parsed = Number.TryParseUnsigned(s, 255, out ulong wide);
        result = (byte)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out byte result) => TryParse(s.AsSpan(), out result);

    public static byte Max(byte a, byte b) => a > b ? a : b;

    public static byte Min(byte a, byte b) => a < b ? a : b;
}

public readonly partial struct Int16 : IComparable, IComparable<short>, IEquatable<short>, IFormattable
{
    private readonly short _value;

    public const short MinValue = -32768;
    public const short MaxValue = 32767;

    public bool Equals(short other) => _value == other;

    public override bool Equals(object? obj) => obj is short other && _value == other;

    public override int GetHashCode() => _value;

    public int CompareTo(short other) => _value - other;

    public int CompareTo(object? value) => value is null ? 1 : value is short other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Int16.");

    public override string ToString() => Number.Text((long)_value);

    public string ToString(string? format) => Number.Format((long)_value, format, 16);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((long)_value, format, 16);

    public static short Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out short value) ? value
        : throw Number.ParseError(s, "Int16");

    public static short Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out short result)
    {
        bool parsed = Number.TryParseSigned(s, -32768, 32767, out long wide);
        result = (short)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out short result) => TryParse(s.AsSpan(), out result);

    public static short Max(short a, short b) => a > b ? a : b;

    public static short Min(short a, short b) => a < b ? a : b;
}

public readonly partial struct UInt16 : IComparable, IComparable<ushort>, IEquatable<ushort>, IFormattable
{
    private readonly ushort _value;

    public const ushort MinValue = 0;
    public const ushort MaxValue = 65535;

    public bool Equals(ushort other) => _value == other;

    public override bool Equals(object? obj) => obj is ushort other && _value == other;

    public override int GetHashCode() => _value;

    public int CompareTo(ushort other) => _value - other;

    public int CompareTo(object? value) => value is null ? 1 : value is ushort other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type UInt16.");

    public override string ToString() => Number.Text((ulong)_value);

    public string ToString(string? format) => Number.Format((ulong)_value, format, 16);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((ulong)_value, format, 16);

    public static ushort Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out ushort value) ? value
        : throw Number.ParseError(s, "UInt16");

    public static ushort Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out ushort result)
    {
        bool parsed = Number.TryParseUnsigned(s, 65535, out ulong wide);
        result = (ushort)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out ushort result) => TryParse(s.AsSpan(), out result);

    public static ushort Max(ushort a, ushort b) => a > b ? a : b;

    public static ushort Min(ushort a, ushort b) => a < b ? a : b;
}

public readonly partial struct Int32 : IComparable, IComparable<int>, IEquatable<int>, IFormattable
{
    private readonly int _value;

    public const int MinValue = -2147483648;
    public const int MaxValue = 2147483647;

    public bool Equals(int other) => _value == other;

    public override bool Equals(object? obj) => obj is int other && _value == other;

    public override int GetHashCode() => _value;

    public int CompareTo(int other) => _value < other ? -1 : _value > other ? 1 : 0;

    public int CompareTo(object? value) => value is null ? 1 : value is int other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Int32.");

    public override string ToString() => Number.Text((long)_value);

    public string ToString(string? format) => Number.Format((long)_value, format, 32);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((long)_value, format, 32);

    public static int Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out int value) ? value
        : throw Number.ParseError(s, "Int32");

    public static int Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out int result)
    {
        bool parsed = Number.TryParseSigned(s, -2147483648, 2147483647, out long wide);
        result = (int)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out int result) => TryParse(s.AsSpan(), out result);

    public static int Max(int a, int b) => a > b ? a : b;

    public static int Min(int a, int b) => a < b ? a : b;
}

public readonly partial struct UInt32 : IComparable, IComparable<uint>, IEquatable<uint>, IFormattable
{
    private readonly uint _value;

    public const uint MinValue = 0;
    public const uint MaxValue = 4294967295;

    public bool Equals(uint other) => _value == other;

    public override bool Equals(object? obj) => obj is uint other && _value == other;

    public override int GetHashCode() => (int)_value;

    public int CompareTo(uint other) => _value < other ? -1 : _value > other ? 1 : 0;

    public int CompareTo(object? value) => value is null ? 1 : value is uint other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type UInt32.");

    public override string ToString() => Number.Text((ulong)_value);

    public string ToString(string? format) => Number.Format((ulong)_value, format, 32);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((ulong)_value, format, 32);

    public static uint Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out uint value) ? value
        : throw Number.ParseError(s, "UInt32");

    public static uint Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out uint result)
    {
        bool parsed = Number.TryParseUnsigned(s, 4294967295, out ulong wide);
        result = (uint)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out uint result) => TryParse(s.AsSpan(), out result);

    public static uint Max(uint a, uint b) => a > b ? a : b;

    public static uint Min(uint a, uint b) => a < b ? a : b;
}

public readonly partial struct Int64 : IComparable, IComparable<long>, IEquatable<long>, IFormattable
{
    private readonly long _value;

    public const long MinValue = -9223372036854775808;
    public const long MaxValue = 9223372036854775807;

    public bool Equals(long other) => _value == other;

    public override bool Equals(object? obj) => obj is long other && _value == other;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(long other) => _value < other ? -1 : _value > other ? 1 : 0;

    public int CompareTo(object? value) => value is null ? 1 : value is long other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type Int64.");

    public override string ToString() => Number.Text((long)_value);

    public string ToString(string? format) => Number.Format((long)_value, format, 64);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((long)_value, format, 64);

    public static long Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out long value) ? value
        : throw Number.ParseError(s, "Int64");

    public static long Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out long result)
    {
        bool parsed = Number.TryParseSigned(s, -9223372036854775808, 9223372036854775807, out long wide);
        result = (long)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out long result) => TryParse(s.AsSpan(), out result);

    public static long Max(long a, long b) => a > b ? a : b;

    public static long Min(long a, long b) => a < b ? a : b;
}

public readonly partial struct UInt64 : IComparable, IComparable<ulong>, IEquatable<ulong>, IFormattable
{
    private readonly ulong _value;

    public const ulong MinValue = 0;
    public const ulong MaxValue = 18446744073709551615;

    public bool Equals(ulong other) => _value == other;

    public override bool Equals(object? obj) => obj is ulong other && _value == other;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(ulong other) => _value < other ? -1 : _value > other ? 1 : 0;

    public int CompareTo(object? value) => value is null ? 1 : value is ulong other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type UInt64.");

    public override string ToString() => Number.Text((ulong)_value);

    public string ToString(string? format) => Number.Format((ulong)_value, format, 64);

    public string ToString(IFormatProvider? provider) => ToString();

    public string ToString(string? format, IFormatProvider? provider) => Number.Format((ulong)_value, format, 64);

    public static ulong Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out ulong value) ? value
        : throw Number.ParseError(s, "UInt64");

    public static ulong Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(ReadOnlySpan<char> s, out ulong result)
    {
        bool parsed = Number.TryParseUnsigned(s, 18446744073709551615, out ulong wide);
        result = (ulong)wide;
        return parsed;
    }

    public static bool TryParse(string? s, out ulong result) => TryParse(s.AsSpan(), out result);

    public static ulong Max(ulong a, ulong b) => a > b ? a : b;

    public static ulong Min(ulong a, ulong b) => a < b ? a : b;
}
