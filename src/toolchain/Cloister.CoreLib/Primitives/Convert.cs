namespace System;

// Conversions between the other types; those to integers are a template.
public static partial class Convert
{
    // A boxed integer that fits into a long.
    private static long Signed(object value) => value switch
    {
        int number => number,
        long number => number,
        short number => number,
        sbyte number => number,
        byte number => number,
        ushort number => number,
        uint number => number,
        Enum constant => Enum.ValueOf(constant),
        _ => throw NotConvertible(value),
    };

    private static InvalidCastException NotConvertible(object value) =>
        new("Unable to cast object of type '" + value.GetType() + "' to type 'System.IConvertible'.");

    private static InvalidCastException InvalidCast(string from, string to) => new("Invalid cast from '" + from + "' to '" + to + "'.");

    public static bool ToBoolean(bool value) => value;

    public static bool ToBoolean(double value) => value != 0;

    public static bool ToBoolean(float value) => value != 0;

    public static bool ToBoolean(char value) => throw InvalidCast("Char", "Boolean");

    public static bool ToBoolean(string? value) => value is not null && bool.Parse(value);

    public static bool ToBoolean(string? value, IFormatProvider? provider) => ToBoolean(value);

    public static bool ToBoolean(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        string text => ToBoolean(text),
        char => throw InvalidCast("Char", "Boolean"),
        double number => ToBoolean(number),
        float number => ToBoolean(number),
        ulong number => ToBoolean(number),
        _ => ToBoolean(Signed(value)),
    };

    public static bool ToBoolean(object? value, IFormatProvider? provider) => ToBoolean(value);

    public static char ToChar(char value) => value;

    public static char ToChar(bool value) => throw InvalidCast("Boolean", "Char");

    public static char ToChar(double value) => throw InvalidCast("Double", "Char");

    public static char ToChar(float value) => throw InvalidCast("Single", "Char");

    public static char ToChar(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length == 1 ? value[0] : throw new FormatException("String must be exactly one character long.");
    }

    public static char ToChar(string value, IFormatProvider? provider) => ToChar(value);

    public static char ToChar(object? value) => value switch
    {
        null => '\0',
        char character => character,
        string text => ToChar(text),
        bool truth => ToChar(truth),
        double number => ToChar(number),
        float number => ToChar(number),
        ulong number => ToChar(number),
        _ => ToChar(Signed(value)),
    };

    public static char ToChar(object? value, IFormatProvider? provider) => ToChar(value);

    public static double ToDouble(double value) => value;

    public static double ToDouble(float value) => value;

    public static double ToDouble(bool value) => value ? 1 : 0;

    public static double ToDouble(char value) => throw InvalidCast("Char", "Double");

    public static double ToDouble(string? value) => value is null ? 0 : double.Parse(value);

    public static double ToDouble(string? value, IFormatProvider? provider) => ToDouble(value);

    public static double ToDouble(object? value) => value switch
    {
        null => 0,
        double number => number,
        float number => number,
        string text => ToDouble(text),
        bool truth => ToDouble(truth),
        char character => ToDouble(character),
        ulong number => number,
        _ => Signed(value),
    };

    public static double ToDouble(object? value, IFormatProvider? provider) => ToDouble(value);

    public static float ToSingle(float value) => value;

    public static float ToSingle(double value) => (float)value;

    public static float ToSingle(bool value) => value ? 1 : 0;

    public static float ToSingle(char value) => throw InvalidCast("Char", "Single");

    public static float ToSingle(string? value) => value is null ? 0 : float.Parse(value);

    public static float ToSingle(string? value, IFormatProvider? provider) => ToSingle(value);

    public static float ToSingle(object? value) => value switch
    {
        null => 0,
        float number => number,
        double number => (float)number,
        string text => ToSingle(text),
        bool truth => ToSingle(truth),
        char character => ToSingle(character),
        ulong number => number,
        _ => Signed(value),
    };

    public static float ToSingle(object? value, IFormatProvider? provider) => ToSingle(value);

    public static string ToString(bool value) => value.ToString();

    public static string ToString(bool value, IFormatProvider? provider) => value.ToString();

    public static string ToString(char value) => value.ToString();

    public static string ToString(char value, IFormatProvider? provider) => value.ToString();

    public static string ToString(double value) => value.ToString();

    public static string ToString(double value, IFormatProvider? provider) => value.ToString();

    public static string ToString(float value) => value.ToString();

    public static string ToString(float value, IFormatProvider? provider) => value.ToString();

    public static string? ToString(string? value) => value;

    public static string? ToString(string? value, IFormatProvider? provider) => value;

    public static string? ToString(object? value) => ToString(value, null);

    public static string? ToString(object? value, IFormatProvider? provider) =>
        value is IFormattable formattable ? formattable.ToString(null, provider) : value is null ? "" : value.ToString();

    /// <param name="toBase">2, 8, 10 or 16; negative numbers are in two's complement but in base 10.</param>
    public static string ToString(byte value, int toBase) => InBase(value, value, toBase);

    /// <inheritdoc cref="ToString(byte, int)"/>
    public static string ToString(short value, int toBase) => InBase(value, (ushort)value, toBase);

    /// <inheritdoc cref="ToString(byte, int)"/>
    public static string ToString(int value, int toBase) => InBase(value, (uint)value, toBase);

    /// <inheritdoc cref="ToString(byte, int)"/>
    public static string ToString(long value, int toBase) => InBase(value, (ulong)value, toBase);

    private static ArgumentException BaseError() => new("Invalid Base.");

    private static string InBase(long value, ulong bits, int toBase)
    {
        switch (toBase)
        {
            case 10: return value.ToString();
            case 16: return bits.ToString("x");
            case 2: return bits.ToString("B");
            case 8: break;
            default: throw BaseError();
        }

        string digits = "";
        do
        {
            digits = (char)('0' + (int)(bits & 7)) + digits;
            bits >>= 3;
        }
        while (bits != 0);
        return digits;
    }

    // A narrow number's own check follows, so that the first number above the range of int is let through, as in .NET.
    // Numbers of other bases than 10 are the bits of the result, so that a signed one may begin with its sign's.
    private static long FromDigits(string? value, int fromBase, int width, bool isSigned, bool isNarrow = false)
    {
        if (fromBase is not (2 or 8 or 10 or 16))
            throw BaseError();
        if (value is null)
            return 0;
        if (value.Length == 0)
            // The sentence is where .NET has the parameter's name.
            throw new ArgumentOutOfRangeException("Index was out of range. Must be non-negative and less than the size of the collection.");
        int at = 0;
        bool isNegative = value[0] == '-';
        if (isNegative && fromBase != 10)
            throw new ArgumentException("String cannot contain a minus sign if the base is not 10.");
        if (isNegative && !isSigned)
            throw new OverflowException("The string was being parsed as an unsigned number and could not have a negative sign.");
        if (value[0] is '-' or '+')
            at++;
        if (fromBase == 16 && at + 1 < value.Length && value[at] == '0' && value[at + 1] is 'x' or 'X')
            at += 2;
        ulong limit = fromBase != 10 || !isSigned ? ulong.MaxValue >> (64 - width) : (1ul << (width - 1)) - (isNegative || isNarrow ? 0u : 1u);
        ulong magnitude = 0;
        int first = at;
        for (; at < value.Length; at++)
        {
            char c = value[at];
            uint digit = (uint)Number.HexDigit(c);
            if (!char.IsAsciiLetterOrDigit(c) || digit >= fromBase)
                break;
            if (magnitude > (limit - digit) / (uint)fromBase)
                throw Number.TooLarge((isSigned && fromBase == 10 ? "Int" : "UInt") + width);
            magnitude = magnitude * (uint)fromBase + digit;
        }

        if (at == first)
            throw new FormatException("Could not find any recognizable digits.");
        if (at < value.Length)
            throw new FormatException("Additional non-parsable characters are at the end of the string.");
        return isNegative ? -(long)magnitude : (long)magnitude;
    }
}
