using System;
using System.Text;

namespace Cloister.Runtime;

/// <summary>Zero-terminated UTF-8, as the platform and the compiler have it; without the encodings, which small programs don't need.</summary>
internal static unsafe class Utf8Text
{
    /// <summary>Appends a text. What isn't UTF-8 becomes U+FFFD, as in .NET.</summary>
    public static void Append(StringBuilder text, byte* bytes)
    {
        int length = 0;
        // SAFETY: the caller's text ends with a zero byte.
        while (bytes[length] != 0)
            length++;
        var rest = new ReadOnlySpan<byte>(bytes, length);
        while (rest.Length > 0)
        {
            Rune.DecodeFromUtf8(rest, out Rune rune, out int consumed);
            if (rune.Value >= 0x10000)
                text.Append((char)(0xd800 + (rune.Value - 0x10000 >> 10))).Append((char)(0xdc00 + (rune.Value & 0x3ff)));
            else
                text.Append((char)rune.Value);
            rest = rest.Slice(consumed);
        }
    }
}
