using System.Text;

namespace System;

// Formats like "#,##0.00;(0.00)": digits take the places of # and 0, everything else is copied.
internal static partial class Number
{
    /// <summary>What the characters of one section ask for.</summary>
    private struct Section
    {
        public int Start;

        // Places of digits: all, those before the point, and the first and the last zero's, as numbers of places to its left and including it.
        public int Places;
        public int Point;
        public int FirstZero;
        public int LastZero;
        public bool IsScientific;
        public bool IsGrouped;

        /// <summary>The power of ten by which percent signs and commas before the point multiply.</summary>
        public int Power;
    }

    private static string Custom(NumberDigits number, string format)
    {
        int start = number.IsZero ? SectionStart(format, 2) : number.IsNegative ? SectionStart(format, 1) : 0;
        Section section = Read(format, start);
        if (!number.IsZero)
        {
            NumberDigits exact = number;
            number = Rounded(exact, section);
            // What became zero has the section of zeros.
            if (number.IsZero && SectionStart(format, 2) is var zero && zero != start)
                section = Read(format, zero);
        }

        string text = Fill(number, section, format);
        return number.IsNegative && section.Start == 0 && text.Length > 0 ? "-" + text : text;
    }

    private static NumberDigits Rounded(NumberDigits number, Section section)
    {
        number.Scale += section.Power;
        number.Round(section.IsScientific ? section.Places : number.Scale + section.Places - section.Point);
        return number;
    }

    // The first section stands for those that are missing or empty.
    private static int SectionStart(string format, int wanted)
    {
        for (int i = 0; i < format.Length; i = Next(format, i))
            if (format[i] == ';' && --wanted == 0)
                return i + 1 < format.Length && format[i + 1] is not (';' or '\0') ? i + 1 : 0;
        return 0;
    }

    // Behind a character, what is quoted, or an escaped character.
    private static int Next(string format, int at)
    {
        char c = format[at];
        if (c == '\\')
            return Math.Min(at + 2, format.Length);
        if (c is not ('\'' or '"'))
            return at + 1;
        int end = format.IndexOf(c, at + 1);
        return end < 0 ? format.Length : end + 1;
    }

    private static Section Read(string format, int start)
    {
        var section = new Section { Start = start, Point = -1 };
        int comma = -1, commas = 0;
        for (int i = start; i < format.Length && format[i] is not (';' or '\0'); i = Next(format, i))
            switch (format[i])
            {
                case '#':
                    section.Places++;
                    break;
                case '0':
                    section.Places++;
                    if (section.FirstZero == 0)
                        section.FirstZero = section.Places;
                    section.LastZero = section.Places;
                    break;
                case '.' when section.Point < 0:
                    section.Point = section.Places;
                    break;
                case ',' when section.Places > 0 && section.Point < 0:
                    section.IsGrouped |= comma >= 0 && comma != section.Places;
                    commas = comma == section.Places ? commas + 1 : 1;
                    comma = section.Places;
                    break;
                case '%':
                    section.Power += 2;
                    break;
                case '\u2030':
                    section.Power += 3;
                    break;
                case 'E' or 'e' when ExponentEnd(format, i) is var end && end > 0:
                    section.IsScientific = true;
                    i = end - 1;
                    break;
            }

        if (section.Point < 0)
            section.Point = section.Places;
        // Commas right before the point divide by a thousand each; others ask for groups.
        if (comma == section.Point)
            section.Power -= 3 * commas;
        else
            section.IsGrouped |= comma >= 0;
        return section;
    }

    // The end of E0, E+0 or E-0 with any number of zeros; 0 if it is something else.
    private static int ExponentEnd(string format, int at)
    {
        int end = at + 1;
        if (end < format.Length && format[end] is '+' or '-')
            end++;
        int first = end;
        while (end < format.Length && format[end] == '0')
            end++;
        return end > first ? end : 0;
    }

    private static string Fill(NumberDigits number, Section section, string format)
    {
        int wholePlaces = section.Point;
        string whole, fraction;
        if (section.IsScientific)
        {
            string padded = number.Digits.PadRight(wholePlaces, '0');
            whole = padded.Substring(0, wholePlaces);
            fraction = padded.Substring(wholePlaces);
        }
        else
        {
            whole = number.Scale <= 0 ? "" : number.Whole;
            fraction = number.Fraction;
        }

        if (section.FirstZero > 0 && section.FirstZero <= wholePlaces)
            whole = whole.PadLeft(wholePlaces - section.FirstZero + 1, '0');
        if (section.LastZero > wholePlaces)
            fraction = fraction.PadRight(section.LastZero - wholePlaces, '0');
        var text = new StringBuilder();
        int place = 0;
        bool hasBegun = false, hasPoint = false, hasExponent = false;
        for (int i = section.Start; i < format.Length && format[i] is not (';' or '\0'); i = Next(format, i))
        {
            char c = format[i];
            // The first place, or the point, has the digits before it for which there are no places.
            if (!hasBegun && c is '#' or '0' or '.')
            {
                AppendWhole(text, whole, 0, whole.Length - wholePlaces, section.IsGrouped);
                hasBegun = true;
            }

            switch (c)
            {
                case '#' or '0':
                    int index = whole.Length - wholePlaces + place;
                    if (place < wholePlaces && index >= 0)
                        AppendWhole(text, whole, index, 1, section.IsGrouped);
                    else if (place >= wholePlaces && place - wholePlaces < fraction.Length)
                        text.Append(fraction[place - wholePlaces]);
                    place++;
                    break;
                case '.':
                    if (!hasPoint && place == wholePlaces && fraction.Length > 0 && section.Places > wholePlaces)
                    {
                        text.Append('.');
                        hasPoint = true;
                    }

                    break;
                case ',':
                    break;
                case '\'' or '"':
                    int end = Next(format, i);
                    text.Append(format.AsSpan(i + 1, Math.Max(0, (format.IndexOf(c, i + 1) is var close && close < 0 ? end : close) - i - 1)));
                    break;
                case '\\':
                    if (i + 1 < format.Length)
                        text.Append(format[i + 1]);
                    break;
                case 'E' or 'e' when ExponentEnd(format, i) is var behind && behind > 0:
                    int zeros = behind - i - (format[i + 1] == '0' ? 1 : 2);
                    text.Append(hasExponent ? format.Substring(i, behind - i)
                        : Exponent(c, number.IsZero ? 0 : number.Scale - wholePlaces, Math.Min(zeros, 10), format[i + 1] == '+'));
                    hasExponent = true;
                    i = behind - 1;
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        return text.ToString();
    }

    private static void AppendWhole(StringBuilder text, string whole, int start, int count, bool isGrouped)
    {
        for (int i = start; i < start + count; i++)
        {
            text.Append(whole[i]);
            int left = whole.Length - 1 - i;
            if (isGrouped && left > 0 && left % 3 == 0)
                text.Append(',');
        }
    }
}
