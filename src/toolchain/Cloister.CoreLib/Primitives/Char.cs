namespace System;

public readonly partial struct Char : IComparable<char>, IEquatable<char>, IComparable, IFormattable
{
    private readonly char _value;

    public const char MaxValue = '\uffff';
    public const char MinValue = '\0';

    public bool Equals(char obj) => _value == obj;

    public override bool Equals(object? obj) => obj is char other && _value == other;

    public override int GetHashCode() => _value | _value << 16;

    public int CompareTo(char value) => _value - value;

    public int CompareTo(object? value) => value is null ? 1 : value is char other ? _value - other
        : throw new ArgumentException("Object must be of type Char.");

    public override string ToString() => new(_value, 1);

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public static string ToString(char c) => new(c, 1);

    public static char Parse(string s) => TryParse(s ?? throw new ArgumentNullException(nameof(s)), out char value) ? value
        : throw new FormatException("String must be exactly one character long.");

    public static bool TryParse(string? s, out char result)
    {
        result = s is { Length: 1 } ? s[0] : '\0';
        return s is { Length: 1 };
    }

    public static bool IsDigit(char c) => c is >= '0' and <= '9';

    public static bool IsAsciiDigit(char c) => c is >= '0' and <= '9';

    public static bool IsAsciiLetter(char c) => (uint)((c | 0x20) - 'a') <= 25;

    public static bool IsAsciiLetterOrDigit(char c) => IsAsciiDigit(c) || IsAsciiLetter(c);

    public static bool IsAsciiLetterLower(char c) => c is >= 'a' and <= 'z';

    public static bool IsAsciiLetterUpper(char c) => c is >= 'A' and <= 'Z';

    public static bool IsAsciiHexDigit(char c) => IsAsciiDigit(c) || (uint)((c | 0x20) - 'a') <= 5;

    public static bool IsBetween(char c, char minInclusive, char maxInclusive) =>
        (uint)(c - minInclusive) <= (uint)(maxInclusive - minInclusive);

    public static bool IsAscii(char c) => c < 128;

    // Latin letters without tables of Unicode: what lies above U+00FF is refused rather than guessed.
    public static bool IsLetter(char c) => IsAsciiLetter(c) || (c >= 0xaa && Latin(c)
        && c is 'ª' or 'µ' or 'º' or (>= 'À' and <= 'ÿ' and not '×' and not '÷'));

    public static bool IsLetterOrDigit(char c) => IsLetter(c) || IsDigit(c);

    public static bool IsUpper(char c) => IsAsciiLetterUpper(c) || (c >= 'À' && Latin(c) && c <= 'Þ' && c != '×');

    public static bool IsLower(char c) => IsAsciiLetterLower(c) || (c >= 0xaa && Latin(c) && c is 'µ' or (>= 'ß' and not '÷'));

    public static bool IsWhiteSpace(char c) => c is ' ' or (>= '\t' and <= '\r') or '\x85' or '\xa0' or '\u1680' or (>= '\u2000' and <= '\u200a') or
        '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';

    public static bool IsControl(char c) => c < 32 || c is >= '\x7f' and <= '\x9f';

    public static bool IsSurrogate(char c) => c is >= '\ud800' and <= '\udfff';

    public static bool IsHighSurrogate(char c) => c is >= '\ud800' and <= '\udbff';

    public static bool IsLowSurrogate(char c) => c is >= '\udc00' and <= '\udfff';

    public static bool IsSurrogatePair(char highSurrogate, char lowSurrogate) => IsHighSurrogate(highSurrogate) && IsLowSurrogate(lowSurrogate);

    public static int ConvertToUtf32(char highSurrogate, char lowSurrogate) => new Text.Rune(highSurrogate, lowSurrogate).Value;

    public static string ConvertFromUtf32(int utf32) => new Text.Rune(utf32).ToString();

    public static bool IsSymbol(char c) => c < 128 ? c is '$' or '+' or '<' or '=' or '>' or '^' or '`' or '|' or '~'
        : throw new NotSupportedException("Character classes above ASCII.");

    public static bool IsSeparator(char c) =>
        c is ' ' or '\xa0' or '\u1680' or (>= '\u2000' and <= '\u200a') or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';

    public static bool IsNumber(char c) => IsDigit(c) || (c >= 128 && Latin(c) && c is '²' or '³' or '¹' or (>= '¼' and <= '¾'));

    public static bool IsAsciiHexDigitLower(char c) => IsAsciiDigit(c) || c is >= 'a' and <= 'f';

    public static bool IsAsciiHexDigitUpper(char c) => IsAsciiDigit(c) || c is >= 'A' and <= 'F';

    public static bool IsPunctuation(char c) => c < 128
        ? c is >= '!' and <= '/' and not '$' and not '+' or ':' or ';' or '?' or '@' or '[' or '\\' or ']' or '_' or '{' or '}'
        : throw new NotSupportedException("Character classes above ASCII.");

    public static char ToUpperInvariant(char c) => IsAsciiLetterLower(c) ? (char)(c - 32) : c < 128 ? c : !Latin(c) ? c
        : c is >= 'à' and <= 'þ' and not '÷' ? (char)(c - 32) : c == 'ÿ' ? '\u0178' : c == 'µ' ? '\u039c' : c;

    public static char ToLowerInvariant(char c) => IsAsciiLetterUpper(c) ? (char)(c + 32) : c < 128 ? c : Latin(c)
        && c is >= 'À' and <= 'Þ' and not '×' ? (char)(c + 32) : c;

    public static char ToUpper(char c) => ToUpperInvariant(c);

    public static char ToLower(char c) => ToLowerInvariant(c);

    public static double GetNumericValue(char c) => IsAsciiDigit(c) ? c - '0' : c < 128 ? -1
        : throw new NotSupportedException("Character classes above ASCII.");

    private static bool Latin(char c) => c < 256 ? true : throw new NotSupportedException("Character classes above U+00FF.");
}
