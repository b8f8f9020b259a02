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
        Span<char> characters = stackalloc char[2];
        while (rest.Length > 0)
        {
            Rune.DecodeFromUtf8(rest, out Rune rune, out int consumed);
            text.Append(characters.Slice(0, rune.EncodeToUtf16(characters)));
            rest = rest.Slice(consumed);
        }
    }
}
