using System;
using Cloister.Abi;

namespace Cloister.Vfs.Memory;

/// <summary>Options of a tmpfs (tmpfs(5)). What is null was not said.</summary>
internal readonly record struct TmpfsOptions
{
    private const int BlockShift = 12;

    public uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Most pages; 0 for no limit.</summary>
    public long? Blocks { get; init; }

    /// <summary>Most files; 0 for no limit.</summary>
    public long? Inodes { get; init; }

    /// <summary>Takes the options of mount(2) apart. EINVAL.</summary>
    /// <param name="options">The text.</param>
    /// <param name="totalFrames">Memory that a size in per cent is of.</param>
    /// <param name="parsed">What they say.</param>
    public static Errno Parse(ReadOnlySpan<byte> options, long totalFrames, out TmpfsOptions parsed)
    {
        parsed = new TmpfsOptions { Mode = 0x3FF };
        while (!options.IsEmpty)
        {
            int comma = options.IndexOf((byte)',');
            ReadOnlySpan<byte> option = comma < 0 ? options : options[..comma];
            options = comma < 0 ? default : options[(comma + 1)..];
            int equals = option.IndexOf((byte)'=');
            ReadOnlySpan<byte> value = equals < 0 ? default : option[(equals + 1)..];
            if (!option.IsEmpty && !TrySet(ref parsed, equals < 0 ? option : option[..equals], value, totalFrames))
                return Errno.EINVAL;
        }

        return Errno.Success;
    }

    private static bool TrySet(ref TmpfsOptions parsed, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long totalFrames)
    {
        long number;
        if (name.SequenceEqual("mode"u8))
        {
            bool isMode = TryParse(value, 8, out number) && number <= 0xFFF;
            parsed = parsed with { Mode = (uint)number };
            return isMode;
        }

        if (name.SequenceEqual("uid"u8) || name.SequenceEqual("gid"u8))
        {
            bool isId = TryParse(value, 10, out number) && number < uint.MaxValue;
            parsed = name[0] == (byte)'u' ? parsed with { UserId = (uint)number } : parsed with { GroupId = (uint)number };
            return isId;
        }

        if (name.SequenceEqual("size"u8))
        {
            bool isShare = value.EndsWith("%"u8);
            if (isShare ? !TryParse(value[..^1], 10, out number) || number > 10_000 : !TryParseSize(value, out number))
                return false;
            long rest = number & ((1 << BlockShift) - 1);
            parsed = parsed with { Blocks = isShare ? totalFrames * number / 100 : (number >> BlockShift) + (rest == 0 ? 0 : 1) };
            return true;
        }

        if (name.SequenceEqual("nr_blocks"u8) || name.SequenceEqual("nr_inodes"u8))
        {
            bool isSize = TryParseSize(value, out number);
            parsed = name[3] == (byte)'b' ? parsed with { Blocks = number } : parsed with { Inodes = number };
            return isSize;
        }

        // Hints about huge pages, NUMA nodes, inode numbers and swap, which change nothing that a program sees.
        return name.SequenceEqual("huge"u8) || name.SequenceEqual("mpol"u8) || name.SequenceEqual("inode64"u8) || name.SequenceEqual("inode32"u8)
            || name.SequenceEqual("noswap"u8);
    }

    private static bool TryParseSize(ReadOnlySpan<byte> text, out long value)
    {
        int shift = text.IsEmpty ? 0 : (text[^1] | 0x20) switch
        {
            'k' => 10,
            'm' => 20,
            'g' => 30,
            't' => 40,
            _ => 0,
        };
        bool isNumber = TryParse(shift == 0 ? text : text[..^1], 10, out value) && value <= long.MaxValue >> shift;
        value <<= shift;
        return isNumber;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, int numberBase, out long value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if (digit < '0' || digit >= '0' + numberBase || value > (long.MaxValue - 9) / numberBase)
                return false;
            value = (value * numberBase) + digit - '0';
        }

        return !text.IsEmpty;
    }
}
