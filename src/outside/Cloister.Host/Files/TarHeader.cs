using System;

namespace Cloister.Host.Files;

/// <summary>The fields of a header block (POSIX pax, "ustar Interchange Format"; GNU tar's manual, "Basic Tar Format").</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int BlockLength = 512;

    private readonly ReadOnlySpan<byte> _block = block;

    public byte Type => _block[156];

    /// <summary>Whether all is zero: two such blocks end an archive.</summary>
    public bool IsEnd => !_block.ContainsAnyExcept((byte)0);

    /// <summary>The sum of all bytes, those of the field itself as spaces; some old programs took them for signed.</summary>
    public bool HasRightSum
    {
        get
        {
            if (!TryReadNumber(148, 8, out long stored))
                return false;
            long unsigned = 0, signed = 0;
            for (int i = 0; i < BlockLength; i++)
            {
                byte value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
                unsigned += value;
                signed += (sbyte)value;
            }

            return stored == unsigned || stored == signed;
        }
    }

    public byte[] Name
    {
        get
        {
            ReadOnlySpan<byte> name = Text(0, 100);
            ReadOnlySpan<byte> prefix = IsPosix ? Text(345, 155) : default;
            return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        }
    }

    public byte[] LinkTarget => Text(157, 100).ToArray();

    /// <summary>"ustar" and a NUL; GNU's has a space there, and other things where the prefix is.</summary>
    public bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    /// <summary>A number in octal, or with the highest bit of the first byte in base 256, two's complement (GNU).</summary>
    public bool TryReadNumber(int offset, int length, out long value)
    {
        ReadOnlySpan<byte> field = _block.Slice(offset, length);
        value = 0;
        if ((field[0] & 0x80) != 0)
            return TryReadBinary(field, out value);
        field = field.Trim(" \0"u8);
        int end = field.IndexOfAny((byte)0, (byte)' ');
        foreach (byte digit in end < 0 ? field : field[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }

    /// <summary>Bytes up to the first NUL.</summary>
    public ReadOnlySpan<byte> Text(int offset, int length)
    {
        ReadOnlySpan<byte> field = _block.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    public byte At(int offset) => _block[offset];

    private static bool TryReadBinary(ReadOnlySpan<byte> field, out long value)
    {
        bool isNegative = field[0] == 0xFF;
        value = isNegative ? -1 : field[0] & 0x7F;
        for (int i = 1; i < field.Length; i++)
        {
            long shifted = value << 8;
            if (shifted >> 8 != value)
                return false;
            value = shifted | field[i];
        }

        return true;
    }
}
