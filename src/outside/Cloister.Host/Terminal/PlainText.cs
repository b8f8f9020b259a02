using System.Globalization;
using System.Text;

namespace Cloister.Host.Terminal;

/// <summary>
/// Text of programs and archives in messages: control characters, and what terminals or readers could take for something else than
/// it is, are written as escapes.
/// </summary>
public static class PlainText
{
    private const int Longest = 4096;

    /// <summary>The text on one line without anything that a terminal acts on, cut where it is longer than a path.</summary>
    public static string Escape(string text)
    {
        StringBuilder? escaped = null;
        int length = text.Length > Longest ? Longest : text.Length;
        for (int i = 0; i < length; i++)
        {
            char value = text[i];
            bool isPlain = value is >= ' ' and not '\x7F' && CharUnicodeInfo.GetUnicodeCategory(text, i) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
            if (isPlain && escaped is null)
                continue;
            escaped ??= new StringBuilder(text, 0, i, length + 64);
            if (isPlain)
            {
                escaped.Append(value);
                if (char.IsHighSurrogate(value) && i + 1 < length)
                    escaped.Append(text[++i]);
            }
            else if (value is >= '\uDC80' and <= '\uDCFF')
            {
                // A byte that is no UTF-8; see ByteText.
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{value - 0xDC00:x2}");
            }
            else
            {
                escaped.Append(value <= 0xFF ? $"\\x{(int)value:x2}" : $"\\u{(int)value:x4}");
            }
        }

        string plain = escaped?.ToString() ?? text[..length];
        return length < text.Length ? plain + "..." : plain;
    }
}
