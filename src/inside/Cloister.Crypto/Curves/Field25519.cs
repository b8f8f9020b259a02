using System;

namespace Cloister.Crypto;

/// <summary>Powers modulo 2^255 - 19.</summary>
internal static class Field25519
{
    /// <summary>A square root of -1.</summary>
    public static ReadOnlySpan<ulong> RootOfMinusOne => [0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b];

    /// <summary>The inverse; of zero, zero.</summary>
    public static Residue25519<TWord> Invert<TWord>(in Residue25519<TWord> value)
        where TWord : unmanaged, IWord64<TWord> => Residue.Power<Residue25519<TWord>, TWord>(value, [0xffffffffffffffeb, 0xffffffffffffffff, 0xffffffffffffffff, 0x7fffffffffffffff]);

    /// <summary>The power (p - 5) / 8, of which square roots are made (RFC 8032, 5.1.3).</summary>
    public static Residue25519<TWord> PowerForRoot<TWord>(in Residue25519<TWord> value)
        where TWord : unmanaged, IWord64<TWord> => Residue.Power<Residue25519<TWord>, TWord>(value, [0xfffffffffffffffd, 0xffffffffffffffff, 0xffffffffffffffff, 0x0fffffffffffffff]);
}
