using System.Text;

namespace System;

/// <summary>Numbers as text, in the invariant culture.</summary>
internal static partial class Number
{
    public static Exception ParseError(string s, string type)
    {
        string digits = s.Trim();
        int start = digits.Length > 0 && digits[0] is '-' or '+' ? 1 : 0;
        bool isNumber = digits.Length > start;
        for (int i = start; i < digits.Length; i++)
            isNumber &= char.IsAsciiDigit(digits[i]);
        return isNumber ? new OverflowException("Value was either too large or too small for a"
            + (type[0] is 'I' or 'U' && type[1] != 'I' ? type[0] == 'I' ? "n " : " " : " ") + type + ".")
            : new FormatException("The input string '" + s + "' was not in a correct format.");
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
        s = s.Trim();
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

        s = s.Trim();
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

    public static string Format(long value, string? format, int bits)
    {
        var text = new NumberText(value, format, bits);
        if (text.IsCommon)
            return text.ToString();
        if (IsHex(format))
            return Radix(bits == 64 ? (ulong)value : (ulong)value & ((1ul << bits) - 1), format!);
        return Decimal(value < 0 ? (ulong)-value : (ulong)value, value < 0, format);
    }

    public static string Format(ulong value, string? format, int bits)
    {
        var text = new NumberText(value, format);
        return text.IsCommon ? text.ToString() : IsHex(format) ? Radix(value, format!) : Decimal(value, false, format);
    }

    private static bool IsHex(string? format) => !string.IsNullOrEmpty(format) && format[0] is 'x' or 'X' or 'b' or 'B';

    internal static int Precision(string format, int standard)
    {
        if (format.Length == 1)
            return standard;
        if (format.Length == 2 && char.IsAsciiDigit(format[1]))
            return format[1] - '0';
        return TryDigits(format.AsSpan(1), out ulong precision) && precision < 1000 ? (int)precision
            : throw new FormatException("Format specifier was invalid.");
    }

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
        return text.Slice(at).ToString().PadLeft(Precision(format, 1), '0');
    }

    private static string Digits(ulong value) => new NumberText(value, null).ToString();

    private static string Decimal(ulong magnitude, bool isNegative, string? format) => Decimal(Digits(magnitude), isNegative, format);

    private static string Decimal(string digits, bool isNegative, string? format)
    {
        string sign = isNegative ? "-" : "";
        if (string.IsNullOrEmpty(format))
            return isNegative ? sign + digits : digits;
        switch (format[0])
        {
            case 'D' or 'd': return sign + digits.PadLeft(Precision(format, 1), '0');
            case 'G' or 'g' when format.Length == 1: return sign + digits;
            case 'F' or 'f': return sign + digits + Fraction("", Precision(format, 2));
            case 'N' or 'n': return sign + Grouped(digits) + Fraction("", Precision(format, 2));
            default: throw new NotSupportedException("The number format '" + format + "'.");
        }
    }

    private static string Grouped(string digits)
    {
        for (int at = digits.Length - 3; at > 0; at -= 3)
            digits = digits.Insert(at, ",");
        return digits;
    }

    private static string Fraction(string digits, int count) => count == 0 ? "" : "." + digits.PadRight(count, '0');

    /// <param name="mantissaBits">53 for double, 24 for float, 11 for Half.</param>
    public static string Format(double value, string? format, int mantissaBits)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "Infinity" : "-Infinity";
        bool isNegative = BitConverter.DoubleToInt64Bits(value) < 0;
        string sign = isNegative ? "-" : "";
        double magnitude = isNegative ? -value : value;
        if (string.IsNullOrEmpty(format) || format is "G" or "R" or "r" or "g")
            return sign + Shortest(magnitude, mantissaBits);
        switch (format[0])
        {
            case 'F' or 'f' or 'N' or 'n':
            {
                int count = Precision(format, 2);
                string digits = Fixed(magnitude, count);
                string whole = digits.Substring(0, digits.Length - count);
                return sign + (format[0] is 'N' or 'n' ? Grouped(whole) : whole) + Fraction(digits.Substring(digits.Length - count), count);
            }

            default:
                throw new NotSupportedException("The number format '" + format + "'.");
        }
    }

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
    private static string Shortest(double value, int mantissaBits)
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
            return Layout(digits.ToString(), scale, mantissaBits switch { 11 => 5, 24 => 9, _ => 17 });
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
    private static string Layout(string digits, int scale, int limit)
    {
        if (scale > limit || scale < -3)
        {
            string fraction = digits.Length > 1 ? "." + digits.Substring(1) : "";
            int exponent = scale - 1;
            return digits.Substring(0, 1) + fraction + (exponent < 0 ? "E-" : "E+") + Digits((ulong)Math.Abs(exponent)).PadLeft(2, '0');
        }

        if (scale <= 0)
            return "0." + new string('0', -scale) + digits;
        return digits.Length <= scale ? digits.PadRight(scale, '0') : digits.Substring(0, scale) + "." + digits.Substring(scale);
    }

    // All digits before the point and so many after it, rounded on the exact value, ties to even.
    private static string Fixed(double value, int count)
    {
        Split(value, 53, out ulong mantissa, out int exponent, out _);
        Natural numerator = new(mantissa), denominator = new(1);
        numerator.ShiftLeft(Math.Max(exponent, 0) + 1);
        denominator.ShiftLeft(Math.Max(-exponent, 0));
        for (int i = 0; i < count; i++)
            numerator.Multiply(10);
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
        return digits.ToString().PadLeft(count + 1, '0');
    }
}
