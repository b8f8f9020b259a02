namespace System;

// What the letters of standard formats stand for.
internal static partial class Number
{
    internal static FormatException FormatError() => new("Format specifier was invalid.");

    /// <summary>The letter of a standard format; '\0' for a custom one.</summary>
    /// <param name="precision">What follows the letter, -1 for nothing.</param>
    internal static char Specifier(string? format, out int precision)
    {
        precision = -1;
        if (string.IsNullOrEmpty(format) || format[0] == '\0')
            return 'G';
        char letter = format[0];
        if (!char.IsAsciiLetter(letter))
            return '\0';
        if (format.Length == 1)
            return letter;
        int value = 0;
        for (int i = 1; i < format.Length && format[i] != '\0'; i++)
        {
            if (!char.IsAsciiDigit(format[i]))
                return '\0';
            if (value >= 100_000_000)
                throw FormatError();
            value = value * 10 + (format[i] - '0');
        }

        precision = value;
        return letter;
    }

    // An integer's digits.
    private static string Decimal(string digits, bool isNegative, string? format)
    {
        char letter = Specifier(format, out int precision);
        // Of integers R is another name of G.
        if (letter is 'R' or 'r')
            letter -= (char)('R' - 'G');
        if (letter is 'D' or 'd' || (letter is 'G' or 'g' && precision < 1))
            return (isNegative ? "-" : "") + digits.PadLeft(Math.Max(precision, 1), '0');
        var number = new NumberDigits(digits, digits.Length, isNegative, false);
        return letter == '\0' ? Custom(number, format!) : Standard(number, letter, precision);
    }

    /// <param name="mantissaBits">53 for double, 24 for float, 11 for Half.</param>
    public static string Format(double value, string? format, int mantissaBits)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "Infinity" : "-Infinity";
        char letter = Specifier(format, out int precision);
        bool isNegative = BitConverter.DoubleToInt64Bits(value) < 0;
        double magnitude = isNegative ? -value : value;
        if (letter is 'R' or 'r' || (letter is 'G' or 'g' && precision < 1))
            return (isNegative ? "-" : "") + Shortest(magnitude, mantissaBits, letter is 'R' or 'G' ? 'E' : 'e');
        // Digits are made to the place where the format ends, so that they are rounded once.
        return letter switch
        {
            '\0' => Custom(Significant(magnitude, mantissaBits switch { 11 => 5, 24 => 7, _ => 15 }, isNegative), format!),
            'E' or 'e' => Standard(Significant(magnitude, precision < 0 ? 7 : precision + 1, isNegative), letter, precision),
            'G' or 'g' => Standard(Significant(magnitude, precision, isNegative), letter, precision),
            'P' or 'p' => Standard(UpTo(magnitude, precision < 0 ? 4 : precision + 2, isNegative), letter, precision),
            _ => Standard(UpTo(magnitude, precision < 0 ? 2 : precision, isNegative), letter, precision),
        };
    }

    private static NumberDigits Significant(double magnitude, int count, bool isNegative) =>
        UpTo(magnitude, magnitude == 0 ? 0 : count - Magnitude(magnitude), isNegative);

    // So many digits behind the point; below zero, rounded to tens or hundreds before it.
    private static NumberDigits UpTo(double magnitude, int decimals, bool isNegative)
    {
        string digits = magnitude == 0 ? "" : Fixed(magnitude, decimals);
        return new NumberDigits(digits, digits.Length - decimals, isNegative, true);
    }

    private static string Standard(NumberDigits number, char letter, int precision)
    {
        switch (letter)
        {
            case 'F' or 'f' or 'N' or 'n' or 'P' or 'p':
            {
                int count = precision < 0 ? 2 : precision;
                bool isPercent = letter is 'P' or 'p';
                if (isPercent && !number.IsZero)
                    number.Scale += 2;
                number.Round(number.Scale + count);
                string whole = letter is 'F' or 'f' ? number.Whole : Grouped(number.Whole);
                return number.Sign + whole + Fraction(number.Fraction, count) + (isPercent ? " %" : "");
            }

            case 'E' or 'e':
            {
                int count = precision < 0 ? 6 : precision;
                number.Round(count + 1);
                string digits = number.Digits.PadRight(count + 1, '0');
                return number.Sign + digits.Substring(0, 1) + Fraction(digits.Substring(1), count)
                    + Exponent(letter, number.IsZero ? 0 : number.Scale - 1, 3, true);
            }

            case 'G' or 'g':
                number.Round(precision);
                return number.Sign + (number.IsZero ? "0" : Layout(number.Digits, number.Scale, precision, letter == 'G' ? 'E' : 'e'));
            case 'C' or 'c':
                throw new NotSupportedException("The number format 'C': the core library has no currency.");
            default:
                throw FormatError();
        }
    }

    private static string Exponent(char letter, int exponent, int minimum, bool hasPlus) =>
        letter + (exponent < 0 ? "-" : hasPlus ? "+" : "") + Text((ulong)Math.Abs(exponent)).PadLeft(minimum, '0');

    private static string Grouped(string digits)
    {
        for (int at = digits.Length - 3; at > 0; at -= 3)
            digits = digits.Insert(at, ",");
        return digits;
    }

    private static string Fraction(string digits, int count) => count == 0 ? "" : "." + digits.PadRight(count, '0');
}
