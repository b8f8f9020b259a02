namespace System;

/// <summary>An integer in one of the common formats, so that it can be written where it belongs and needs no string of its own.</summary>
// SAFETY: the caller of Write has room for Length characters; ToString allocates just that.
internal readonly unsafe struct NumberText
{
    private readonly ulong _magnitude;
    private readonly int _digits;
    private readonly bool _isNegative;

    // The letter of the hexadecimal digit ten; nothing for decimal digits.
    private readonly char _ten;

    public NumberText(long value, string? format, int bits)
    {
        char letter = Letter(format, out int precision);
        bool isHex = letter is 'x' or 'X';
        _isNegative = value < 0 && !isHex;
        _magnitude = _isNegative ? (ulong)-value : isHex && bits < 64 ? (ulong)value & ((1ul << bits) - 1) : (ulong)value;
        _digits = Digits(_magnitude, letter, precision, out _ten);
    }

    public NumberText(ulong value, string? format)
    {
        _isNegative = false;
        _magnitude = value;
        _digits = Digits(value, Letter(format, out int precision), precision, out _ten);
    }

    /// <summary>Whether it can be written; other formats are those of <see cref="Number"/>.</summary>
    public bool IsCommon => _digits > 0;

    /// <summary>The number of characters.</summary>
    public int Length => _isNegative ? _digits + 1 : _digits;

    // No format is D.
    private static char Letter(string? format, out int precision)
    {
        precision = -1;
        return string.IsNullOrEmpty(format) ? 'D' : Number.Specifier(format, out precision);
    }

    private static int Digits(ulong magnitude, char letter, int precision, out char ten)
    {
        ten = '\0';
        if (letter is 'x' or 'X')
        {
            ten = (char)(letter - 'x' + 'a');
            return Math.Max((67 - Numerics.BitOperations.LeadingZeroCount(magnitude | 1)) / 4, precision);
        }

        return letter is 'd' or 'D' ? Math.Max(CountDecimal(magnitude), precision) : 0;
    }

    private static int CountDecimal(ulong value)
    {
        int count = 1;
        for (; value >= 10_000; value /= 10_000)
            count += 4;
        return value >= 1000 ? count + 3 : value >= 100 ? count + 2 : value >= 10 ? count + 1 : count;
    }

    /// <summary>Writes <see cref="Length"/> characters.</summary>
    public void Write(char* start)
    {
        if (_isNegative)
            *start++ = '-';
        char* at = start + _digits;
        ulong rest = _magnitude;
        if (_ten != 0)
        {
            // Without a branch, which couldn't be foreseen: the shift gives all bits for letters, and none for digits.
            for (int letters = _ten - '0' - 10; at > start; rest >>= 4)
            {
                int digit = (int)rest & 15;
                *--at = (char)('0' + digit + ((9 - digit) >> 31 & letters));
            }

            return;
        }

        // Divisions of 32 bits are shorter.
        for (; rest > uint.MaxValue; rest /= 10)
            *--at = (char)('0' + rest % 10);
        uint low = (uint)rest;
        for (; low >= 10; low /= 100)
        {
            uint pair = low % 100;
            *--at = (char)('0' + pair % 10);
            *--at = (char)('0' + pair / 10);
        }

        // What is left of an odd number of digits, and zeros before them.
        if (low != 0 && at > start)
            *--at = (char)('0' + low);
        while (at > start)
            *--at = '0';
    }

    public override string ToString()
    {
        string made = string.FastAllocate(Length);
        Write((char*)Runtime.CompilerServices.Unsafe.AsPointer(ref made.Writable.Reference));
        return made;
    }
}
