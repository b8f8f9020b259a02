using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>The permutation Keccak-p[1600, 24] (FIPS 202, 3.3) over 25 words; word x + 5 y is lane (x, y).</summary>
internal static class Keccak
{
    public const int Words = 25;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Permute<TWord>(Span<TWord> state)
        where TWord : unmanaged, IWord<TWord>
    {
        Span<TWord> a = state[..Words];
        foreach (ulong constant in RoundConstants)
        {
            // Theta: each lane gets the parity of two columns.
            TWord c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
            TWord c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
            TWord c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
            TWord c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
            TWord c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
            TWord d0 = c4 ^ TWord.RotateLeft(c1, 1);
            TWord d1 = c0 ^ TWord.RotateLeft(c2, 1);
            TWord d2 = c1 ^ TWord.RotateLeft(c3, 1);
            TWord d3 = c2 ^ TWord.RotateLeft(c4, 1);
            TWord d4 = c3 ^ TWord.RotateLeft(c0, 1);

            // Rho and pi: each lane rotates and moves.
            TWord b0 = a[0] ^ d0;
            TWord b1 = TWord.RotateLeft(a[6] ^ d1, 44);
            TWord b2 = TWord.RotateLeft(a[12] ^ d2, 43);
            TWord b3 = TWord.RotateLeft(a[18] ^ d3, 21);
            TWord b4 = TWord.RotateLeft(a[24] ^ d4, 14);
            TWord b5 = TWord.RotateLeft(a[3] ^ d3, 28);
            TWord b6 = TWord.RotateLeft(a[9] ^ d4, 20);
            TWord b7 = TWord.RotateLeft(a[10] ^ d0, 3);
            TWord b8 = TWord.RotateLeft(a[16] ^ d1, 45);
            TWord b9 = TWord.RotateLeft(a[22] ^ d2, 61);
            TWord b10 = TWord.RotateLeft(a[1] ^ d1, 1);
            TWord b11 = TWord.RotateLeft(a[7] ^ d2, 6);
            TWord b12 = TWord.RotateLeft(a[13] ^ d3, 25);
            TWord b13 = TWord.RotateLeft(a[19] ^ d4, 8);
            TWord b14 = TWord.RotateLeft(a[20] ^ d0, 18);
            TWord b15 = TWord.RotateLeft(a[4] ^ d4, 27);
            TWord b16 = TWord.RotateLeft(a[5] ^ d0, 36);
            TWord b17 = TWord.RotateLeft(a[11] ^ d1, 10);
            TWord b18 = TWord.RotateLeft(a[17] ^ d2, 15);
            TWord b19 = TWord.RotateLeft(a[23] ^ d3, 56);
            TWord b20 = TWord.RotateLeft(a[2] ^ d2, 62);
            TWord b21 = TWord.RotateLeft(a[8] ^ d3, 55);
            TWord b22 = TWord.RotateLeft(a[14] ^ d4, 39);
            TWord b23 = TWord.RotateLeft(a[15] ^ d0, 41);
            TWord b24 = TWord.RotateLeft(a[21] ^ d1, 2);

            // Chi and iota.
            a[0] = b0 ^ (~b1 & b2) ^ TWord.Constant(constant);
            a[1] = b1 ^ (~b2 & b3);
            a[2] = b2 ^ (~b3 & b4);
            a[3] = b3 ^ (~b4 & b0);
            a[4] = b4 ^ (~b0 & b1);
            a[5] = b5 ^ (~b6 & b7);
            a[6] = b6 ^ (~b7 & b8);
            a[7] = b7 ^ (~b8 & b9);
            a[8] = b8 ^ (~b9 & b5);
            a[9] = b9 ^ (~b5 & b6);
            a[10] = b10 ^ (~b11 & b12);
            a[11] = b11 ^ (~b12 & b13);
            a[12] = b12 ^ (~b13 & b14);
            a[13] = b13 ^ (~b14 & b10);
            a[14] = b14 ^ (~b10 & b11);
            a[15] = b15 ^ (~b16 & b17);
            a[16] = b16 ^ (~b17 & b18);
            a[17] = b17 ^ (~b18 & b19);
            a[18] = b18 ^ (~b19 & b15);
            a[19] = b19 ^ (~b15 & b16);
            a[20] = b20 ^ (~b21 & b22);
            a[21] = b21 ^ (~b22 & b23);
            a[22] = b22 ^ (~b23 & b24);
            a[23] = b23 ^ (~b24 & b20);
            a[24] = b24 ^ (~b20 & b21);
        }
    }
}
