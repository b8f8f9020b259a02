using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// The compression function of SHA-384 and SHA-512 (FIPS 180-4, 6.4.2).
/// </summary>
internal static class Sha512Core
{
    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
        0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
        0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
        0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
        0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
        0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
        0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
        0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
        0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
        0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
        0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
        0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
        0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
        0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
        0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
        0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
        0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
        0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
        0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
        0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
    ];

    /// <summary>The state that SHA-512 starts with (5.3.5).</summary>
    public static ReadOnlySpan<ulong> InitialHash512 =>
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    /// <summary>The state that SHA-384 starts with (5.3.4).</summary>
    public static ReadOnlySpan<ulong> InitialHash384 =>
    [
        0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
        0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
    ];

    /// <summary>Compresses one block of 16 words into a state of 8 words. The block is used up as the message schedule.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compress<TWord>(Span<TWord> state, Span<TWord> block)
        where TWord : unmanaged, IWord<TWord>
    {
        state = state[..8];
        block = block[..16];
        TWord a = state[0];
        TWord b = state[1];
        TWord c = state[2];
        TWord d = state[3];
        TWord e = state[4];
        TWord f = state[5];
        TWord g = state[6];
        TWord h = state[7];
        for (int round = 0; ; round += 8)
        {
            ReadOnlySpan<ulong> constants = RoundConstants.Slice(round, 8);
            Span<TWord> words = block.Slice(round & 8, 8);
            Round(a, b, c, ref d, e, f, g, ref h, constants[0], words[0]);
            Round(h, a, b, ref c, d, e, f, ref g, constants[1], words[1]);
            Round(g, h, a, ref b, c, d, e, ref f, constants[2], words[2]);
            Round(f, g, h, ref a, b, c, d, ref e, constants[3], words[3]);
            Round(e, f, g, ref h, a, b, c, ref d, constants[4], words[4]);
            Round(d, e, f, ref g, h, a, b, ref c, constants[5], words[5]);
            Round(c, d, e, ref f, g, h, a, ref b, constants[6], words[6]);
            Round(b, c, d, ref e, f, g, h, ref a, constants[7], words[7]);
            if (round == 72)
                break;
            if ((round & 8) != 0)
                Extend(block);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round<TWord>(TWord a, TWord b, TWord c, ref TWord d, TWord e, TWord f, TWord g, ref TWord h, ulong constant,
        TWord word)
        where TWord : unmanaged, IWord<TWord>
    {
        TWord sigma1 = TWord.Xor(TWord.RotateLeft(e, 50), TWord.RotateLeft(e, 46), TWord.RotateLeft(e, 23));
        TWord choice = TWord.Choose(e, f, g);
        TWord first = h + TWord.Constant(constant) + word + choice + sigma1;
        TWord sigma0 = TWord.Xor(TWord.RotateLeft(a, 36), TWord.RotateLeft(a, 30), TWord.RotateLeft(a, 25));
        TWord majority = TWord.Majority(a, b, c);
        d += first;
        h = first + sigma0 + majority;
    }

    // The next sixteen words of the message schedule, in place of the last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Extend<TWord>(Span<TWord> block)
        where TWord : unmanaged, IWord<TWord>
    {
        block = block[..16];
        for (int i = 0; i < 16; i++)
        {
            TWord near = block[(i + 14) & 15];
            TWord far = block[(i + 1) & 15];
            TWord sigma1 = TWord.Xor(TWord.RotateLeft(near, 45), TWord.RotateLeft(near, 3), near >>> 6);
            TWord sigma0 = TWord.Xor(TWord.RotateLeft(far, 63), TWord.RotateLeft(far, 56), far >>> 7);
            block[i] += sigma1 + block[(i + 9) & 15] + sigma0;
        }
    }
}
