using System.Text;

namespace System;

/// <summary>Numbers as text, in the invariant culture.</summary>
internal static partial class Number
{
    public static Exception ParseError(string s, string type)
    {
        string digits = Trimmed(s).ToString();
        int start = digits.Length > 0 && digits[0] is '-' or '+' ? 1 : 0;
        bool isNumber = digits.Length > start;
        for (int i = start; i < digits.Length; i++)
            isNumber &= char.IsAsciiDigit(digits[i]);
        return isNumber ? TooLarge(type) : NoNumber(s);
    }

    public static FormatException NoNumber(ReadOnlySpan<char> s) => new("The input string '" + s.ToString() + "' was not in a correct format.");

    public static OverflowException TooLarge(string type) => new("Value was either too large or too small for " + type switch
    {
        "SByte" => "a signed byte",
        "Byte" => "an unsigned byte",
        "Int16" or "Int32" or "Int64" or "Int128" => "an " + type,
        _ => "a " + type,
    } + ".");

    // White space in the narrow sense of parsing, and the zeros behind a text of C.
    internal static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> s)
    {
        int start = 0, end = s.Length;
        while (end > 0 && s[end - 1] == '\0')
            end--;
        while (end > 0 && s[end - 1] is ' ' or >= '\t' and <= '\r')
            end--;
        while (start < end && s[start] is ' ' or >= '\t' and <= '\r')
            start++;
        return s.Slice(start, end - start);
    }

    // Most texts are digits and nothing else, and too few to overflow.
    private const int SafeDigits = 18;

    private static bool TryFewDigits(ReadOnlySpan<char> s, out long value)
    {
        value = 0;
        if ((uint)(s.Length - 1) >= SafeDigits)
            return false;
        for (int i = 0; i < s.Length; i++)
        {
            uint digit = s[i] - (uint)'0';
            if (digit > 9)
                return false;
            value = value * 10 + digit;
        }

        return true;
    }

    public static bool TryParseSigned(ReadOnlySpan<char> s, long minimum, long maximum, out long value)
    {
        if (TryFewDigits(s, out value) && value <= maximum)
            return true;
        s = Trimmed(s);
        bool isNegative = s.Length > 0 && s[0] == '-';
        value = 0;
        if (!TryDigits(s.Length > 0 && s[0] is '-' or '+' ? s.Slice(1) : s, out ulong magnitude)
            || magnitude > (isNegative ? 1ul << 63 : long.MaxValue))
            return false;
        long parsed = isNegative ? -(long)magnitude : (long)magnitude;
        if (parsed < minimum || parsed > maximum)
            return false;
        value = parsed;
        return true;
    }

    public static bool TryParseUnsigned(ReadOnlySpan<char> s, ulong maximum, out ulong value)
    {
        if (TryFewDigits(s, out long few) && (ulong)few <= maximum)
        {
            value = (ulong)few;
            return true;
        }

        s = Trimmed(s);
        bool isNegative = s.Length > 0 && s[0] == '-';
        if (TryDigits(s.Length > 0 && s[0] is '-' or '+' ? s.Slice(1) : s, out value) && value <= maximum && (!isNegative || value == 0))
            return true;
        value = 0;
        return false;
    }

    private static bool TryDigits(ReadOnlySpan<char> s, out ulong value)
    {
        value = 0;
        foreach (char c in s)
        {
            if (!char.IsAsciiDigit(c) || value > ulong.MaxValue / 10 || value * 10 > ulong.MaxValue - (ulong)(c - '0'))
                return false;
            value = value * 10 + (ulong)(c - '0');
        }

        return s.Length > 0;
    }

    /// <summary>The digits alone: programs that ask for no format don't contain the formats.</summary>
    public static string Text(long value) => new NumberText(value, null, 64).ToString();

    /// <inheritdoc cref="Text(long)"/>
    public static string Text(ulong value) => new NumberText(value, null).ToString();

    public static string Format(long value, string? format, int bits)
    {
        var text = new NumberText(value, format, bits);
        if (text.IsCommon)
            return text.ToString();
        if (IsBinary(format))
            return Radix(bits == 64 ? (ulong)value : (ulong)value & ((1ul << bits) - 1), format!);
        return Decimal(value < 0 ? (ulong)-value : (ulong)value, value < 0, format);
    }

    public static string Format(ulong value, string? format, int bits)
    {
        var text = new NumberText(value, format);
        return text.IsCommon ? text.ToString() : IsBinary(format) ? Radix(value, format!) : Decimal(value, false, format);
    }

    /// <summary>The value of a hexadecimal digit, or of a letter as a digit of a larger base.</summary>
    internal static int HexDigit(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static bool IsBinary(string? format) => Specifier(format, out _) is 'b' or 'B';

    private static string Radix(ulong value, string format)
    {
        int shift = format[0] is 'x' or 'X' ? 4 : 1;
        string digits = format[0] == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
        Span<char> text = stackalloc char[64];
        int at = 64;
        do
        {
            text[--at] = digits[(int)(value & ((1u << shift) - 1))];
            value >>= shift;
        }
        while (value != 0);
        Specifier(format, out int precision);
        return text.Slice(at).ToString().PadLeft(Math.Max(precision, 0), '0');
    }

    private static string Decimal(ulong magnitude, bool isNegative, string? format) => Decimal(Text(magnitude), isNegative, format);

    // value = mantissa * 2^exponent
    private static void Split(double value, int mantissaBits, out ulong mantissa, out int exponent, out bool isBoundary)
    {
        if (mantissaBits == 11)
        {
            ushort bits = BitConverter.HalfToUInt16Bits((Half)value);
            mantissa = bits & 0x3ffu;
            exponent = bits >> 10;
            isBoundary = mantissa == 0 && exponent > 1;
            if (exponent != 0)
                mantissa |= 1u << 10;
            exponent = Math.Max(exponent, 1) - 25;
        }
        else if (mantissaBits == 24)
        {
            uint bits = BitConverter.SingleToUInt32Bits((float)value);
            mantissa = bits & 0x7fffff;
            exponent = (int)(bits >> 23);
            isBoundary = mantissa == 0 && exponent > 1;
            if (exponent != 0)
                mantissa |= 1u << 23;
            exponent = Math.Max(exponent, 1) - 150;
        }
        else
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(value);
            mantissa = bits & 0xfffffffffffff;
            exponent = (int)(bits >> 52) & 0x7ff;
            isBoundary = mantissa == 0 && exponent > 1;
            if (exponent != 0)
                mantissa |= 1ul << 52;
            exponent = Math.Max(exponent, 1) - 1075;
        }
    }

    // The shortest digits that read back as the same number: Steele and White, "How to print floating-point numbers accurately", PLDI 1990,
    // with the fixed-up estimate of Burger and Dybvig, PLDI 1996, on integers of any size.
    private static string Shortest(double value, int mantissaBits, char exponentLetter)
    {
        if (value == 0)
            return "0";
        Split(value, mantissaBits, out ulong mantissa, out int exponent, out bool isBoundary);
        bool isEven = (mantissa & 1) == 0;
        Natural r = new(mantissa), s = new(1), up = new(1), down = new(1);
        int spare = isBoundary ? 2 : 1;
        r.ShiftLeft(spare + Math.Max(exponent, 0));
        s.ShiftLeft(spare + Math.Max(-exponent, 0));
        down.ShiftLeft(Math.Max(exponent, 0));
        up.ShiftLeft(Math.Max(exponent, 0) + (isBoundary ? 1 : 0));
        int scale = 0;
        while (Above(r, up, s, isEven))
        {
            s.Multiply(10);
            scale++;
        }

        while (true)
        {
            Natural scaled = r.Copy(), scaledUp = up.Copy();
            scaled.Multiply(10);
            scaledUp.Multiply(10);
            if (Above(scaled, scaledUp, s, isEven))
                break;
            r = scaled;
            up = scaledUp;
            down.Multiply(10);
            scale--;
        }

        var digits = new StringBuilder();
        while (true)
        {
            r.Multiply(10);
            up.Multiply(10);
            down.Multiply(10);
            int digit = 0;
            for (; r.CompareTo(s) >= 0; digit++)
                r.Subtract(s);
            int order = r.CompareTo(down);
            bool low = isEven ? order <= 0 : order < 0;
            bool high = Above(r, up, s, isEven);
            if (!low && !high)
            {
                digits.Append((char)('0' + digit));
                continue;
            }

            Natural twice = r.Copy();
            twice.ShiftLeft(1);
            // Half way between two digits the even one is as good, and what .NET takes.
            int half = twice.CompareTo(s);
            if (high && (!low || half > 0 || (half == 0 && (digit & 1) != 0)))
                digit++;
            digits.Append((char)('0' + digit));
            return Layout(digits.ToString(), scale, mantissaBits switch { 11 => 5, 24 => 9, _ => 17 }, exponentLetter);
        }
    }

    // r + up > s, or equal where the upper boundary belongs to the number.
    private static bool Above(Natural r, Natural up, Natural s, bool inclusive)
    {
        Natural sum = r.Copy();
        sum.Add(up);
        int order = sum.CompareTo(s);
        return inclusive ? order >= 0 : order > 0;
    }

    // 0.digits * 10^scale, in the way of .NET: an exponent where there are more digits before the point than limit, and below 0.0001.
    private static string Layout(string digits, int scale, int limit, char exponentLetter)
    {
        if (scale > limit || scale < -3)
        {
            string fraction = digits.Length > 1 ? "." + digits.Substring(1) : "";
            return digits.Substring(0, 1) + fraction + Exponent(exponentLetter, scale - 1, 2, true);
        }

        if (scale <= 0)
            return "0." + new string('0', -scale) + digits;
        return digits.Length <= scale ? digits.PadRight(scale, '0') : digits.Substring(0, scale) + "." + digits.Substring(scale);
    }

    // All digits before the place 10^-count and the one there, rounded on the exact value, ties to even.
    private static string Fixed(double value, int count)
    {
        Split(value, 53, out ulong mantissa, out int exponent, out _);
        Natural numerator = new(mantissa), denominator = new(1);
        numerator.ShiftLeft(Math.Max(exponent, 0) + 1);
        denominator.ShiftLeft(Math.Max(-exponent, 0));
        for (int i = 0; i < count; i++)
            numerator.Multiply(10);
        for (int i = count; i < 0; i++)
            denominator.Multiply(10);
        numerator.Add(denominator);
        denominator.ShiftLeft(1);
        // Long division, digit by digit from the largest power of ten.
        int length = 1;
        Natural power = denominator.Copy();
        while (true)
        {
            Natural next = power.Copy();
            next.Multiply(10);
            if (next.CompareTo(numerator) > 0)
                break;
            power = next;
            length++;
        }

        var digits = new StringBuilder();
        for (; length > 0; length--)
        {
            power = denominator.Copy();
            for (int i = 1; i < length; i++)
                power.Multiply(10);
            int digit = 0;
            for (; numerator.CompareTo(power) >= 0; digit++)
                numerator.Subtract(power);
            digits.Append((char)('0' + digit));
        }

        // Nothing is left only of a tie that was rounded up; an odd digit goes back to the even one below.
        if (numerator.CompareTo(new Natural(0)) == 0 && (digits[digits.Length - 1] & 1) != 0)
            digits[digits.Length - 1]--;
        return digits.ToString();
    }

    // The number of digits before the point; below 0.1, less zeros behind it.
    private static int Magnitude(double value)
    {
        Split(value, 53, out ulong mantissa, out int exponent, out _);
        Natural numerator = new(mantissa), denominator = new(1);
        numerator.ShiftLeft(Math.Max(exponent, 0));
        denominator.ShiftLeft(Math.Max(-exponent, 0));
        int count = 0;
        for (; numerator.CompareTo(denominator) >= 0; count++)
            denominator.Multiply(10);
        while (true)
        {
            numerator.Multiply(10);
            if (numerator.CompareTo(denominator) >= 0)
                return count;
            count--;
        }
    }
}
