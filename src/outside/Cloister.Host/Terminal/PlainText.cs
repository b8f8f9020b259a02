using System;
using System.Buffers;
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
        int length = Math.Min(text.Length, Longest);
        for (int i = 0, consumed; i < length; i += consumed)
        {
            bool isPlain = Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out consumed) == OperationStatus.Done && !IsActive(rune);
            if (isPlain)
            {
                escaped?.Append(text, i, consumed);
                continue;
            }

            escaped ??= new StringBuilder(text, 0, i, length + 64);
            char value = text[i];
            if (value is >= '\uDC80' and <= '\uDCFF')
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{value - 0xDC00:x2}"); // a byte that is no UTF-8; see ByteText
            else if (value <= 0xFF)
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)value:x2}");
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }

        string plain = escaped?.ToString() ?? text[..length];
        return length < text.Length ? plain + "..." : plain;
    }

    private static bool IsActive(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
