using System.Runtime.CompilerServices;

namespace System;

internal static partial class Number
{
    /// <summary>Writes a number's text where there is room for it.</summary>
    public static bool TryWrite(string text, Span<char> destination, out int written)
    {
        written = text.Length <= destination.Length ? text.Length : 0;
        return text.AsSpan().TryCopyTo(destination);
    }

    /// <summary>The same in UTF-8; numbers are ASCII.</summary>
    public static bool TryWrite(string text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length > destination.Length)
            return false;
        for (; written < text.Length; written++)
            destination[written] = (byte)text[written];
        return true;
    }

    public static string Format(UInt128 magnitude, bool isNegative, string? format)
    {
        char letter = Specifier(format, out int precision);
        if (letter is 'x' or 'X' or 'b' or 'B')
        {
            string low = Radix(magnitude.Lower, format!.Substring(0, 1));
            int width = letter is 'x' or 'X' ? 16 : 64;
            string text = magnitude.Upper == 0 ? low : Radix(magnitude.Upper, format.Substring(0, 1)) + low.PadLeft(width, '0');
            return text.PadLeft(Math.Max(precision, 1), '0');
        }

        // Nineteen digits at a time fit a word.
        const ulong Group = 10_000_000_000_000_000_000;
        string digits = "";
        while (magnitude.Upper != 0)
        {
            (magnitude, UInt128 rest) = UInt128.DivRem(magnitude, Group);
            digits = Text(rest.Lower).PadLeft(19, '0') + digits;
        }

        return Decimal(digits.Length == 0 ? Text(magnitude.Lower) : (magnitude.Lower == 0 ? "" : Text(magnitude.Lower)) + digits, isNegative,
            format);
    }

    /// <summary>Reads a decimal number and rounds it once, to the nearest of the precision, ties to even.</summary>
    /// <param name="mantissaBits">53 for double, 24 for float, 11 for Half.</param>
    public static bool TryParseFloat(ReadOnlySpan<char> s, int mantissaBits, out double value)
    {
        s = Trimmed(s);
        value = 0;
        bool isNegative = s.Length > 0 && s[0] is '-' or '\u2212';
        ReadOnlySpan<char> rest = isNegative || (s.Length > 0 && s[0] == '+') ? s.Slice(1) : s;
        if (IsWord(rest, "Infinity"))
            value = double.PositiveInfinity;
        else if (IsWord(rest, "NaN"))
            value = double.NaN;
        else if (!TryDecimal(rest, mantissaBits, out value))
            return false;
        if (isNegative)
            value = -value;
        return true;
    }

    private static bool IsWord(ReadOnlySpan<char> text, string word)
    {
        if (text.Length != word.Length)
            return false;
        for (int i = 0; i < word.Length; i++)
            if (text[i] != word[i] && (!char.IsAsciiLetter(word[i]) || (text[i] | 0x20) != (word[i] | 0x20)))
                return false;
        return true;
    }

    private static bool TryDecimal(ReadOnlySpan<char> text, int mantissaBits, out double value)
    {
        var digits = new Natural(0);
        long exponent = 0;
        int count = 0, at = 0;
        bool hasPoint = false;
        value = 0;
        for (; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '.' && !hasPoint)
                hasPoint = true;
            else if (c == ',' && !hasPoint && count > 0)
                continue;
            else if (char.IsAsciiDigit(c))
            {
                count++;
                digits.Multiply(10);
                digits.Add((uint)(c - '0'));
                if (hasPoint)
                    exponent--;
            }
            else
                break;
        }

        if (count == 0)
            return false;
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            bool isMinus = at < text.Length && text[at] == '-';
            if (at < text.Length && text[at] is '-' or '+')
                at++;
            int first = at;
            long power = 0;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
                power = Math.Min(power * 10 + (text[at] - '0'), 100_000);
            if (at == first)
                return false;
            exponent += isMinus ? -power : power;
        }

        if (at != text.Length)
            return false;
        value = digits.IsZero ? 0 : Scale(digits, exponent, mantissaBits);
        return true;
    }

    // digits * 10^exponent as the nearest number of so many bits.
    private static double Scale(Natural numerator, long exponent, int mantissaBits)
    {
        (int lowest, int highest) = mantissaBits switch { 53 => (-1074, 971), 24 => (-149, 104), _ => (-24, 5) };
        // Far outside of the range nothing needs to be computed: a digit is at least three bits and less than four.
        if (exponent > 400)
            return double.PositiveInfinity;
        if (numerator.BitLength + exponent * 3 < -1100)
            return 0;
        var denominator = new Natural(1);
        for (long i = 0; i < exponent; i++)
            numerator.Multiply(10);
        for (long i = 0; i > exponent; i--)
            denominator.Multiply(10);
        return Rounded(numerator, denominator, mantissaBits, lowest, highest);
    }

    // numerator / denominator as the nearest number of so many bits, ties to even.
    private static double Rounded(Natural numerator, Natural denominator, int mantissaBits, int lowest, int highest)
    {
        int scale = Math.Max(numerator.BitLength - denominator.BitLength - mantissaBits, lowest);
        ulong mantissa = Quotient(numerator, denominator, scale, out int order);
        if (mantissa >> mantissaBits != 0)
            mantissa = Quotient(numerator, denominator, ++scale, out order);
        if (order > 0 || (order == 0 && (mantissa & 1) != 0))
            mantissa++;
        if (mantissa >> mantissaBits != 0)
        {
            mantissa >>= 1;
            scale++;
        }

        if (scale > highest)
            return double.PositiveInfinity;
        // Powers of two that double has itself, in two steps, neither of which rounds: the mantissa has no more bits than the result has room for.
        double value = mantissa;
        int half = scale / 2;
        return value * Power(half) * Power(scale - half);
    }

    /// <summary>x * y + z of finite numbers, rounded once; x and y aren't zero.</summary>
    public static double MultiplyAdd(double x, double y, double z)
    {
        Split(Math.Abs(x), 53, out ulong first, out int firstExponent, out _);
        Split(Math.Abs(y), 53, out ulong second, out int secondExponent, out _);
        Split(Math.Abs(z), 53, out ulong third, out int exponent, out _);
        int productExponent = firstExponent + secondExponent;
        ulong high = Math.BigMul(first, second, out ulong low);
        var product = new Natural(high);
        product.ShiftLeft(64);
        product.Add(new Natural(low));
        var sum = new Natural(third);
        int common = Math.Min(productExponent, exponent);
        product.ShiftLeft(productExponent - common);
        sum.ShiftLeft(exponent - common);
        bool isNegative = double.IsNegative(x) != double.IsNegative(y);
        if (isNegative == double.IsNegative(z))
            product.Add(sum);
        else if (product.CompareTo(sum) is var order && order >= 0)
        {
            product.Subtract(sum);
            // The sum of a number and its opposite is positive.
            if (order == 0)
                return 0;
        }
        else
        {
            sum.Subtract(product);
            product = sum;
            isNegative = !isNegative;
        }

        var denominator = new Natural(1);
        if (common < 0)
            denominator.ShiftLeft(-common);
        else
            product.ShiftLeft(common);
        double value = Rounded(product, denominator, 53, -1074, 971);
        return isNegative ? -value : value;
    }

    private static double Power(int exponent) => BitConverter.UInt64BitsToDouble((ulong)(1023 + exponent) << 52);

    // The whole part of numerator / (denominator * 2^scale); order says how the rest compares with a half.
    private static ulong Quotient(Natural numerator, Natural denominator, int scale, out int order)
    {
        Natural rest = numerator.Copy();
        Natural divisor = denominator.Copy();
        rest.ShiftLeft(Math.Max(-scale, 0));
        divisor.ShiftLeft(Math.Max(scale, 0));
        ulong quotient = 0;
        for (int bit = Math.Max(rest.BitLength - divisor.BitLength, 0); bit >= 0; bit--)
        {
            Natural part = divisor.Copy();
            part.ShiftLeft(bit);
            if (rest.CompareTo(part) < 0)
                continue;
            rest.Subtract(part);
            quotient |= 1ul << bit;
        }

        rest.ShiftLeft(1);
        order = rest.CompareTo(divisor);
        return quotient;
    }
}
