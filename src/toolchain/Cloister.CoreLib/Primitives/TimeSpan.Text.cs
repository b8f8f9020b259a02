using System.Text;

namespace System;

public readonly partial struct TimeSpan
{
    public override string ToString() => ToString(null);

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default,
        IFormatProvider? formatProvider = null) =>
        Number.TryWrite(ToString(format.ToString()), destination, out charsWritten);

    /// <param name="format">c, t or T (the default), g, G, or a custom format of d, h, m, s, f and F.</param>
    public string ToString(string? format)
    {
        char letter = string.IsNullOrEmpty(format) ? 'c' : format.Length == 1 ? format[0] : '\0';
        switch (letter)
        {
            case '\0': return Custom(format!);
            case 'c' or 't' or 'T' or 'g' or 'G': break;
            default: throw FormatError();
        }

        ulong ticks = Magnitude;
        ulong days = ticks / (ulong)TicksPerDay;
        var text = new StringBuilder();
        if (_ticks < 0)
            text.Append('-');
        bool isCommon = letter is not ('g' or 'G');
        if (days != 0 || letter == 'G')
            text.Append(days).Append(isCommon ? '.' : ':');
        text.Append(Two(Math.Abs(Hours), letter == 'g' ? 1 : 2)).Append(':');
        text.Append(Two(Math.Abs(Minutes), 2)).Append(':').Append(Two(Math.Abs(Seconds), 2));
        string fraction = Fraction(7);
        if (letter == 'g')
            fraction = fraction.TrimEnd('0');
        if (letter == 'G' || (fraction.Length > 0 && ticks % (ulong)TicksPerSecond != 0))
            text.Append('.').Append(fraction);
        return text.ToString();
    }

    // MinValue has a magnitude too.
    private ulong Magnitude => _ticks < 0 ? (ulong)-_ticks : (ulong)_ticks;

    private static string Two(long value, int digits) => value.ToString().PadLeft(digits, '0');

    // So many digits of the seven behind the point.
    private string Fraction(int digits) => (Magnitude % (ulong)TicksPerSecond).ToString().PadLeft(7, '0').Substring(0, digits);

    private static FormatException FormatError() => new("Input string was not in a correct format.");

    private string Custom(string format)
    {
        var text = new StringBuilder();
        for (int at = 0; at < format.Length;)
        {
            char c = format[at];
            switch (c)
            {
                case '\\':
                    if (at + 1 >= format.Length)
                        throw FormatError();
                    text.Append(format[at + 1]);
                    at += 2;
                    break;
                case '\'' or '"':
                    int close = format.IndexOf(c, at + 1);
                    if (close < 0)
                        throw new FormatException("Cannot find a matching quote character for the character '" + c + "'.");
                    text.Append(format.AsSpan(at + 1, close - at - 1));
                    at = close + 1;
                    break;
                case '%':
                    // A letter alone, which would otherwise be a standard format.
                    at++;
                    if (at >= format.Length || format[at] == '%')
                        throw FormatError();
                    at += Field(text, format[at], 1);
                    break;
                default:
                    int end = at;
                    while (end < format.Length && format[end] == c)
                        end++;
                    at += Field(text, c, end - at);
                    break;
            }
        }

        return text.ToString();
    }

    private int Field(StringBuilder text, char letter, int count)
    {
        long limit = letter switch { 'd' => 8, 'f' or 'F' => 7, _ => 2 };
        if (count > limit)
            throw FormatError();
        switch (letter)
        {
            case 'd': text.Append(Two((long)(Magnitude / (ulong)TicksPerDay), count)); break;
            case 'h': text.Append(Two(Math.Abs(Hours), count)); break;
            case 'm': text.Append(Two(Math.Abs(Minutes), count)); break;
            case 's': text.Append(Two(Math.Abs(Seconds), count)); break;
            case 'f': text.Append(Fraction(count)); break;
            case 'F': text.Append(Fraction(count).TrimEnd('0')); break;
            default: throw FormatError();
        }

        return count;
    }
}
