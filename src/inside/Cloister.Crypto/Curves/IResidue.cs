using System;

namespace Cloister.Crypto;

/// <summary>Constants of a prime modulus, as words of 64 bits, the lowest first.</summary>
internal interface IModulus
{
    /// <summary>The modulus.</summary>
    static abstract ReadOnlySpan<ulong> Modulus { get; }

    /// <summary>The radix, 2^64 for each word, modulo the modulus: the Montgomery form of 1.</summary>
    static abstract ReadOnlySpan<ulong> One { get; }

    /// <summary>The square of the radix: what brings a number into Montgomery form.</summary>
    static abstract ReadOnlySpan<ulong> RadixSquared { get; }

    /// <summary>The negated inverse of the modulus, modulo 2^64.</summary>
    static abstract ulong NegatedInverse { get; }
}

/// <summary>Arithmetic modulo a prime whose time depends on no value.</summary>
internal interface IResidue<TSelf, TWord>
    where TSelf : unmanaged, IResidue<TSelf, TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    /// <summary>Words of a number.</summary>
    static abstract int Words { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf One { get; }

    static abstract TSelf operator +(in TSelf left, in TSelf right);

    static abstract TSelf operator -(in TSelf left, in TSelf right);

    static abstract TSelf operator *(in TSelf left, in TSelf right);

    static abstract TSelf Square(in TSelf value);

    /// <summary>The inverse; 0 for 0.</summary>
    static abstract TSelf Invert(in TSelf value);

    /// <summary>One of two: where the mask is all ones, the first; where it is 0, the second.</summary>
    static abstract TSelf Select(TWord mask, in TSelf set, in TSelf clear);

    /// <summary>A public constant from the words that it has in memory, in Montgomery form where residues have it.</summary>
    static abstract TSelf FromForm(ReadOnlySpan<ulong> words);

    /// <summary>A number from words, the lowest first; it is reduced.</summary>
    static abstract TSelf FromWords(ReadOnlySpan<TWord> words);

    /// <summary>The number, below the modulus, as words, the lowest first.</summary>
    void ToWords(Span<TWord> words);

    /// <summary>All ones where the number is zero, else 0.</summary>
    TWord IsZero();
}

/// <summary>What all residues have in common.</summary>
internal static class Residue
{
    /// <summary>
    /// A power with a public exponent of words, the lowest first: windows of four bits. With the modulus less two it is the inverse (Fermat).
    /// </summary>
    public static TResidue Power<TResidue, TWord>(in TResidue value, ReadOnlySpan<ulong> exponent)
        where TResidue : unmanaged, IResidue<TResidue, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        Span<TResidue> powers = stackalloc TResidue[16];
        powers[0] = TResidue.One;
        for (int i = 1; i < 16; i++)
            powers[i] = powers[i - 1] * value;
        TResidue result = TResidue.One;
        for (int digit = exponent.Length * 16 - 1; digit >= 0; digit--)
        {
            result = TResidue.Square(result);
            result = TResidue.Square(result);
            result = TResidue.Square(result);
            result = TResidue.Square(result);
            int window = (int)(exponent[digit / 16] >>> (digit % 16 * 4)) & 15;
            if (window != 0)
                result *= powers[window];
        }

        return result;
    }

    /// <summary>The inverse as a power (Fermat).</summary>
    public static TResidue InverseByPower<TResidue, TWord>(in TResidue value, ReadOnlySpan<ulong> modulus)
        where TResidue : unmanaged, IResidue<TResidue, TWord>
        where TWord : unmanaged, IWord64<TWord>
    {
        Span<ulong> exponent = stackalloc ulong[modulus.Length];
        modulus.CopyTo(exponent);
        exponent[0] -= 2;
        return Power<TResidue, TWord>(value, exponent);
    }
}
