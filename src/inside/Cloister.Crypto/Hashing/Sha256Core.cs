using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// The compression function of SHA-256 (FIPS 180-4, 6.2.2), over one word or over lanes that hash separate messages side by side.
/// </summary>
internal static class Sha256Core
{
    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    public static ReadOnlySpan<uint> InitialHash =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

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
            ReadOnlySpan<uint> constants = RoundConstants.Slice(round, 8);
            Span<TWord> words = block.Slice(round & 8, 8);
            Round(a, b, c, ref d, e, f, g, ref h, constants[0], words[0]);
            Round(h, a, b, ref c, d, e, f, ref g, constants[1], words[1]);
            Round(g, h, a, ref b, c, d, e, ref f, constants[2], words[2]);
            Round(f, g, h, ref a, b, c, d, ref e, constants[3], words[3]);
            Round(e, f, g, ref h, a, b, c, ref d, constants[4], words[4]);
            Round(d, e, f, ref g, h, a, b, ref c, constants[5], words[5]);
            Round(c, d, e, ref f, g, h, a, ref b, constants[6], words[6]);
            Round(b, c, d, ref e, f, g, h, ref a, constants[7], words[7]);
            if (round == 56)
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
    private static void Round<TWord>(TWord a, TWord b, TWord c, ref TWord d, TWord e, TWord f, TWord g, ref TWord h, uint constant,
        TWord word)
        where TWord : unmanaged, IWord<TWord>
    {
        TWord sigma1 = TWord.Xor(TWord.RotateLeft(e, 26), TWord.RotateLeft(e, 21), TWord.RotateLeft(e, 7));
        TWord choice = TWord.Choose(e, f, g);
        TWord first = h + TWord.Constant(constant) + word + choice + sigma1;
        TWord sigma0 = TWord.Xor(TWord.RotateLeft(a, 30), TWord.RotateLeft(a, 19), TWord.RotateLeft(a, 10));
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
            TWord sigma1 = TWord.Xor(TWord.RotateLeft(near, 15), TWord.RotateLeft(near, 13), near >>> 10);
            TWord sigma0 = TWord.Xor(TWord.RotateLeft(far, 25), TWord.RotateLeft(far, 14), far >>> 3);
            block[i] += sigma1 + block[(i + 9) & 15] + sigma0;
        }
    }
}
