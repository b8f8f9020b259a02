using System;

namespace Cloister.Monitor.Boot;

/// <summary>Words of the host kernel's command line that the monitor looks for.</summary>
internal static class CommandLine
{
    public static bool Has(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word)
    {
        while (TryTake(ref line, out ReadOnlySpan<byte> candidate))
            if (candidate.SequenceEqual(word))
                return true;
        return false;
    }

    /// <summary>A number of bytes behind a word, with K, M or G; 0 where it isn't there or isn't a number.</summary>
    public static ulong Size(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word)
    {
        while (TryTake(ref line, out ReadOnlySpan<byte> candidate))
            if (candidate.Length > word.Length && candidate[..word.Length].SequenceEqual(word))
                return Number(candidate[word.Length..]);
        return 0;
    }

    private static ulong Number(ReadOnlySpan<byte> text)
    {
        ulong value = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte character = text[i];
            if (character is >= (byte)'0' and <= (byte)'9' && value < 1ul << 40)
                value = value * 10 + character - '0';
            else if (i == text.Length - 1 && i > 0)
                return character switch { (byte)'K' => value << 10, (byte)'M' => value << 20, (byte)'G' => value << 30, _ => 0 };
            else
                return 0;
        }

        return value;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        int start = 0;
        while (start < line.Length && line[start] is (byte)' ' or 0)
            start++;
        int end = start;
        while (end < line.Length && line[end] is not ((byte)' ' or 0))
            end++;
        word = line[start..end];
        line = line[end..];
        return !word.IsEmpty;
    }
}
