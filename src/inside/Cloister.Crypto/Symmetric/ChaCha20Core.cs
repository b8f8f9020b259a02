using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// The block function of ChaCha20 (RFC 8439, 2.3), over one word or over lanes that compute blocks side by side.
/// </summary>
internal static class ChaCha20Core
{
    /// <summary>Writes 16 words of keystream for an input state of 16 words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Block<TWord>(ReadOnlySpan<TWord> input, Span<TWord> output)
        where TWord : unmanaged, IWord<TWord>
    {
        input = input[..16];
        output = output[..16];
        TWord x0 = input[0], x1 = input[1], x2 = input[2], x3 = input[3];
        TWord x4 = input[4], x5 = input[5], x6 = input[6], x7 = input[7];
        TWord x8 = input[8], x9 = input[9], x10 = input[10], x11 = input[11];
        TWord x12 = input[12], x13 = input[13], x14 = input[14], x15 = input[15];
        for (int i = 0; i < 10; i++)
        {
            QuarterRound(ref x0, ref x4, ref x8, ref x12);
            QuarterRound(ref x1, ref x5, ref x9, ref x13);
            QuarterRound(ref x2, ref x6, ref x10, ref x14);
            QuarterRound(ref x3, ref x7, ref x11, ref x15);
            QuarterRound(ref x0, ref x5, ref x10, ref x15);
            QuarterRound(ref x1, ref x6, ref x11, ref x12);
            QuarterRound(ref x2, ref x7, ref x8, ref x13);
            QuarterRound(ref x3, ref x4, ref x9, ref x14);
        }

        output[0] = x0 + input[0];
        output[1] = x1 + input[1];
        output[2] = x2 + input[2];
        output[3] = x3 + input[3];
        output[4] = x4 + input[4];
        output[5] = x5 + input[5];
        output[6] = x6 + input[6];
        output[7] = x7 + input[7];
        output[8] = x8 + input[8];
        output[9] = x9 + input[9];
        output[10] = x10 + input[10];
        output[11] = x11 + input[11];
        output[12] = x12 + input[12];
        output[13] = x13 + input[13];
        output[14] = x14 + input[14];
        output[15] = x15 + input[15];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound<TWord>(ref TWord a, ref TWord b, ref TWord c, ref TWord d)
        where TWord : unmanaged, IWord<TWord>
    {
        a += b;
        d = TWord.RotateLeft(d ^ a, 16);
        c += d;
        b = TWord.RotateLeft(b ^ c, 12);
        a += b;
        d = TWord.RotateLeft(d ^ a, 8);
        c += d;
        b = TWord.RotateLeft(b ^ c, 7);
    }
}
