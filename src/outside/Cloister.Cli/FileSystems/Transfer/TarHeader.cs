using System;
using System.Globalization;
using System.IO;
using System.Numerics;
using Cloister.Abi.Files;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>
/// A header block of a tar archive: fields that v7, ustar and GNU have in common (tar(5) of FreeBSD describes all of them). Numbers are
/// octal digits, or where the first bit is set, binary.
/// </summary>
internal static class TarHeader
{
    public const int BlockSize = 512;

    public static readonly Range Name = 0..100;
    public static readonly Range Mode = 100..108;
    public static readonly Range UserId = 108..116;
    public static readonly Range GroupId = 116..124;
    public static readonly Range Size = 124..136;
    public static readonly Range ModificationTime = 136..148;
    public static readonly Range Checksum = 148..156;
    public const int TypeOffset = 156;
    public static readonly Range LinkName = 157..257;
    public static readonly Range Magic = 257..265;
    public static readonly Range Major = 329..337;
    public static readonly Range Minor = 337..345;
    public static readonly Range Prefix = 345..500;

    // GNU's old way to store sparse files.
    public static readonly Range SparseMap = 386..482;
    public const int SparseIsExtended = 482;
    public static readonly Range SparseSize = 483..495;

    /// <summary>A field of text, up to its first NUL.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>A number.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // Two's complement without the first bit, highest byte first.
            var value = new BigInteger(field, isUnsigned: true, isBigEndian: true) - (BigInteger.One << (field.Length * 8 - 1));
            if ((field[0] & 0x40) != 0)
                value -= BigInteger.One << (field.Length * 8 - 1);
            return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new InvalidDataException("a number is too large.");
        }

        long number = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw new InvalidDataException("a field that should have a number has none.");
            number = (number << 3) | (long)(digit - '0');
        }

        return number;
    }

    /// <summary>Whether the checksum fits: the sum of all bytes, with its own field as spaces. Some sum up signed bytes.</summary>
    public static bool IsValid(ReadOnlySpan<byte> block)
    {
        int sum = 0, signedSum = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            byte value = i is >= 148 and < 156 ? (byte)' ' : block[i];
            sum += value;
            signedSum += (sbyte)value;
        }

        long stored = Number(block[Checksum]);
        return stored == sum || stored == signedSum;
    }

    /// <summary>Writes octal digits and a NUL.</summary>
    /// <returns>False where they don't fit; the field is zero then.</returns>
    public static bool TryWriteNumber(Span<byte> field, long value)
    {
        string digits = value < 0 ? "" : Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        bool fits = value >= 0 && digits.Length == field.Length - 1;
        System.Text.Encoding.ASCII.GetBytes(fits ? digits : new string('0', field.Length - 1), field);
        return fits;
    }

    public static void WriteChecksum(Span<byte> block)
    {
        block[Checksum].Fill((byte)' ');
        int sum = 0;
        foreach (byte value in block[..BlockSize])
            sum += value;
        TryWriteNumber(block[148..155], sum);
    }

    /// <summary>The type bits for the type of an entry; 0 for those that are no files.</summary>
    public static uint ModeOf(byte type) => (char)type switch
    {
        '\0' or '0' or '7' or 'S' => FileModes.S_IFREG,
        '2' => FileModes.S_IFLNK,
        '3' => FileModes.S_IFCHR,
        '4' => FileModes.S_IFBLK,
        '5' or 'D' => FileModes.S_IFDIR,
        '6' => FileModes.S_IFIFO,
        _ => 0,
    };

    /// <summary>Nanoseconds of a decimal number of seconds, as far as they can be told: from 1677 to 2262.</summary>
    public static long ParseTime(ReadOnlySpan<byte> text)
    {
        if (!decimal.TryParse(System.Text.Encoding.ASCII.GetString(text), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds))
            throw new InvalidDataException("a time is not a number.");
        return FromSeconds(seconds);
    }

    /// <inheritdoc cref="ParseTime"/>
    public static long FromSeconds(decimal seconds)
    {
        const decimal limit = long.MaxValue / 1_000_000_000;
        return (long)(decimal.Clamp(seconds, -limit, limit) * 1_000_000_000);
    }
}
