using System.Buffers.Binary;

namespace System;

/// <summary>128 bits that name something; where random ones come from is up to who needs them.</summary>
public readonly struct Guid : IComparable, IComparable<Guid>, IEquatable<Guid>, IFormattable
{
    private readonly uint _a;
    private readonly ushort _b;
    private readonly ushort _c;
    private readonly ulong _rest;

    public Guid(ReadOnlySpan<byte> b) : this(b, bigEndian: false)
    {
    }

    public Guid(byte[] b) : this((ReadOnlySpan<byte>)(b ?? throw new ArgumentNullException(nameof(b))))
    {
    }

    public Guid(ReadOnlySpan<byte> b, bool bigEndian)
    {
        if (b.Length != 16)
            throw new ArgumentException("Byte array for Guid must be exactly 16 bytes long.", nameof(b));
        _a = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(b) : BinaryPrimitives.ReadUInt32LittleEndian(b);
        _b = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(b.Slice(4)) : BinaryPrimitives.ReadUInt16LittleEndian(b.Slice(4));
        _c = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(b.Slice(6)) : BinaryPrimitives.ReadUInt16LittleEndian(b.Slice(6));
        _rest = BinaryPrimitives.ReadUInt64BigEndian(b.Slice(8));
    }

    public Guid(int a, short b, short c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)
    {
        _a = (uint)a;
        _b = (ushort)b;
        _c = (ushort)c;
        _rest = BinaryPrimitives.ReadUInt64BigEndian([d, e, f, g, h, i, j, k]);
    }

    public Guid(string g) => this = Parse(g);

    public static readonly Guid Empty;

    public static Guid AllBitsSet => Parse("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public int Version => _c >> 12;

    public int Variant => (int)(_rest >> 60);

    public byte[] ToByteArray() => ToByteArray(bigEndian: false);

    public byte[] ToByteArray(bool bigEndian)
    {
        byte[] bytes = new byte[16];
        TryWriteBytes(bytes, bigEndian, out _);
        return bytes;
    }

    public bool TryWriteBytes(Span<byte> destination) => TryWriteBytes(destination, bigEndian: false, out _);

    public bool TryWriteBytes(Span<byte> destination, bool bigEndian, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.Length < 16)
            return false;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, bigEndian ? BinaryPrimitives.ReverseEndianness(_a) : _a);
        BinaryPrimitives.WriteUInt16LittleEndian(destination.Slice(4), bigEndian ? BinaryPrimitives.ReverseEndianness(_b) : _b);
        BinaryPrimitives.WriteUInt16LittleEndian(destination.Slice(6), bigEndian ? BinaryPrimitives.ReverseEndianness(_c) : _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination.Slice(8), _rest);
        bytesWritten = 16;
        return true;
    }

    public static Guid Parse(string input) => TryParse(input ?? throw new ArgumentNullException(nameof(input)), out Guid value) ? value
        : throw new FormatException("Unrecognized Guid format.");

    // 32 digits, with dashes after 8, 12, 16 and 20 of them or without, and braces or parentheses around the form with dashes.
    public static bool TryParse(string? input, out Guid result)
    {
        result = default;
        ReadOnlySpan<char> text = input.AsSpan().Trim();
        if (text.Length == 38 && ((text[0] == '{' && text[37] == '}') || (text[0] == '(' && text[37] == ')')))
            text = text.Slice(1, 36);
        if (text.Length is not (32 or 36))
            return false;
        UInt128 value = 0;
        int digits = 0;
        foreach (char c in text)
        {
            if (c == '-' && text.Length == 36 && digits is 8 or 12 or 16 or 20)
                continue;
            if (!char.IsAsciiHexDigit(c))
                return false;
            value = value << 4 | (uint)Number.HexDigit(c);
            digits++;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        result = digits == 32 ? new Guid(bytes, bigEndian: true) : default;
        return digits == 32;
    }

    public static bool operator ==(Guid left, Guid right) => left.Equals(right);

    public static bool operator !=(Guid left, Guid right) => !left.Equals(right);

    public static bool operator <(Guid left, Guid right) => left.CompareTo(right) < 0;

    public static bool operator >(Guid left, Guid right) => left.CompareTo(right) > 0;

    public static bool operator <=(Guid left, Guid right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Guid left, Guid right) => left.CompareTo(right) >= 0;

    public int CompareTo(Guid value) => _a != value._a ? _a < value._a ? -1 : 1 : _b != value._b ? _b < value._b ? -1 : 1
        : _c != value._c ? _c < value._c ? -1 : 1 : _rest == value._rest ? 0 : _rest < value._rest ? -1 : 1;

    public int CompareTo(object? value) => value is null ? 1 : value is Guid other ? CompareTo(other)
        : throw new ArgumentException("Object must be of type GUID.");

    public bool Equals(Guid g) => _a == g._a && _b == g._b && _c == g._c && _rest == g._rest;

    public override bool Equals(object? o) => o is Guid other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _rest);

    public override string ToString() => ToString("D");

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public string ToString(string? format)
    {
        string digits = Convert.ToHexStringLower(ToByteArray(bigEndian: true));
        string dashed = digits.Insert(20, "-").Insert(16, "-").Insert(12, "-").Insert(8, "-");
        return format switch
        {
            null or "" or "D" or "d" => dashed,
            "N" or "n" => digits,
            "B" or "b" => "{" + dashed + "}",
            "P" or "p" => "(" + dashed + ")",
            "X" or "x" => Hexadecimal(digits),
            _ => throw new FormatException("Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\"."),
        };
    }

    // {0x00000000,0x0000,0x0000,{0x00,0x00,...}}
    private static string Hexadecimal(string digits)
    {
        var text = new Text.StringBuilder("{0x").Append(digits, 0, 8).Append(",0x").Append(digits, 8, 4).Append(",0x").Append(digits, 12, 4);
        for (int i = 16; i < digits.Length; i += 2)
            text.Append(i == 16 ? ",{0x" : ",0x").Append(digits, i, 2);
        return text.Append("}}").ToString();
    }
}
