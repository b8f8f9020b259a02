using System;
using System.Buffers.Binary;

namespace Cloister.Crypto;

/// <summary>Numbers as bytes and as words of 64 bits, the lowest word first.</summary>
internal static class Scalars
{
    /// <summary>Reads big-endian bytes, eight for each word.</summary>
    public static void ReadBigEndian(ReadOnlySpan<byte> bytes, Span<Word64> words)
    {
        for (int i = 0; i < words.Length; i++)
            words[i] = new Word64(BinaryPrimitives.ReadUInt64BigEndian(bytes[(8 * (words.Length - 1 - i))..]));
    }

    public static void WriteBigEndian(ReadOnlySpan<Word64> words, Span<byte> bytes)
    {
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes[(8 * (words.Length - 1 - i))..], words[i].Value);
    }

    public static void ReadLittleEndian(ReadOnlySpan<byte> bytes, Span<Word64> words)
    {
        for (int i = 0; i < words.Length; i++)
            words[i] = new Word64(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]));
    }

    public static void WriteLittleEndian(ReadOnlySpan<Word64> words, Span<byte> bytes)
    {
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(8 * i)..], words[i].Value);
    }

    /// <summary>All ones where the number is below the modulus, else 0; looks at all words.</summary>
    public static TWord IsBelow<TWord>(ReadOnlySpan<TWord> words, ReadOnlySpan<ulong> modulus)
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord borrow = TWord.Constant(0);
        for (int i = 0; i < words.Length; i++)
            TWord.Subtract(words[i], TWord.Constant(modulus[i]), borrow, out borrow);
        return TWord.Constant(0) - borrow;
    }

    /// <summary>All ones where the number is zero, else 0.</summary>
    public static TWord IsZero<TWord>(ReadOnlySpan<TWord> words)
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord any = TWord.Constant(0);
        foreach (TWord word in words)
            any |= word;
        return ((any | (TWord.Constant(0) - any)) >>> 63) - TWord.Constant(1);
    }
}
