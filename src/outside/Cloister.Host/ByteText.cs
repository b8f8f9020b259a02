using System;
using System.Buffers;
using System.Text;

namespace Cloister.Host;

/// <summary>
/// Bytes of Linux - names, arguments, variables - as strings and back without loss. What is UTF-8 becomes what it says; each byte that
/// isn't becomes one unpaired surrogate from U+DC80 to U+DCFF, which no valid text holds.
/// </summary>
public static class ByteText
{
    private const char FirstEscape = '\uDC80';
    private const int FirstByte = 0x80;

    /// <summary>The string for bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
            return Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                foreach (byte value in bytes[..consumed])
                    text.Append((char)(FirstEscape + value - FirstByte));
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a string.</summary>
    public static byte[] Encode(string text) => Encode(text, terminated: false);

    /// <summary>The bytes of a string and a NUL, for calls of the C library.</summary>
    public static byte[] Terminated(string text) => Encode(text, terminated: true);

    private static byte[] Encode(string text, bool terminated)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length) + 1];
        int length = 0;
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int consumed) == OperationStatus.Done)
                length += rune.EncodeToUtf8(bytes.AsSpan(length));
            else if (text[i] is >= FirstEscape and <= '\uDCFF')
                bytes[length++] = (byte)(text[i] - FirstEscape + FirstByte);
            else
                length += Rune.ReplacementChar.EncodeToUtf8(bytes.AsSpan(length));
            i += consumed;
        }

        return bytes[..(terminated ? length + 1 : length)];
    }
}
