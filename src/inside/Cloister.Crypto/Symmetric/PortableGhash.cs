using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// GHASH (NIST SP 800-38D, 6.4) without carry-less multiplication instructions and without tables.
/// </summary>
/// <remarks>
/// Integer multiplication of operands with three zero bits after every bit gives carry-less products, as sums of at most 16 bits stay within their
/// four; the upper half of a product is the lower half of the product of the reversed operands. T. Pornin, BearSSL,
/// "Constant-time multiplications" and its GHASH for 64-bit words.
/// </remarks>
internal static class PortableGhash
{
    /// <summary>hash = (hash + block) key. High halves are the first eight bytes of a block, read big-endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Absorb<TWord>(ref TWord hashHigh, ref TWord hashLow, TWord keyHigh, TWord keyLow, TWord blockHigh, TWord blockLow)
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord high = hashHigh ^ blockHigh;
        TWord low = hashLow ^ blockLow;
        TWord highReversed = Reverse(high);
        TWord lowReversed = Reverse(low);
        TWord keyHighReversed = Reverse(keyHigh);
        TWord keyLowReversed = Reverse(keyLow);

        // Karatsuba over halves, for the lower and the upper 64 bits of each product.
        TWord lowLow = MultiplyLow(low, keyLow);
        TWord highLow = MultiplyLow(high, keyHigh);
        TWord crossLow = MultiplyLow(low ^ high, keyLow ^ keyHigh) ^ lowLow ^ highLow;
        TWord lowHigh = MultiplyLow(lowReversed, keyLowReversed);
        TWord highHigh = MultiplyLow(highReversed, keyHighReversed);
        TWord crossHigh = MultiplyLow(lowReversed ^ highReversed, keyLowReversed ^ keyHighReversed) ^ lowHigh ^ highHigh;
        lowHigh = Reverse(lowHigh) >>> 1;
        highHigh = Reverse(highHigh) >>> 1;
        crossHigh = Reverse(crossHigh) >>> 1;

        // The reflected product is short of one shift.
        TWord p0 = lowLow;
        TWord p1 = lowHigh ^ crossLow;
        TWord p2 = highLow ^ crossHigh;
        TWord p3 = (highHigh << 1) | (p2 >>> 63);
        p2 = (p2 << 1) | (p1 >>> 63);
        p1 = (p1 << 1) | (p0 >>> 63);
        p0 <<= 1;

        // Reduction by x^128 + x^7 + x^2 + x + 1, two words from the low end.
        p2 ^= p0 ^ (p0 >>> 1) ^ (p0 >>> 2) ^ (p0 >>> 7);
        p1 ^= (p0 << 63) ^ (p0 << 62) ^ (p0 << 57);
        p3 ^= p1 ^ (p1 >>> 1) ^ (p1 >>> 2) ^ (p1 >>> 7);
        p2 ^= (p1 << 63) ^ (p1 << 62) ^ (p1 << 57);
        hashLow = p2;
        hashHigh = p3;
    }

    // The low 64 bits of a carry-less product.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TWord MultiplyLow<TWord>(TWord left, TWord right)
        where TWord : unmanaged, IWord64<TWord>
    {
        TWord m0 = TWord.Constant(0x1111111111111111);
        TWord m1 = TWord.Constant(0x2222222222222222);
        TWord m2 = TWord.Constant(0x4444444444444444);
        TWord m3 = TWord.Constant(0x8888888888888888);
        TWord x0 = left & m0;
        TWord x1 = left & m1;
        TWord x2 = left & m2;
        TWord x3 = left & m3;
        TWord y0 = right & m0;
        TWord y1 = right & m1;
        TWord y2 = right & m2;
        TWord y3 = right & m3;
        TWord z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
        TWord z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
        TWord z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
        TWord z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
        return (z0 & m0) | (z1 & m1) | (z2 & m2) | (z3 & m3);
    }

    // Reverses the order of 64 bits.
    private static TWord Reverse<TWord>(TWord word)
        where TWord : unmanaged, IWord64<TWord>
    {
        word = Exchange(word, 1, 0x5555555555555555);
        word = Exchange(word, 2, 0x3333333333333333);
        word = Exchange(word, 4, 0x0F0F0F0F0F0F0F0F);
        word = Exchange(word, 8, 0x00FF00FF00FF00FF);
        word = Exchange(word, 16, 0x0000FFFF0000FFFF);
        return TWord.RotateLeft(word, 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWord Exchange<TWord>(TWord word, int count, ulong mask)
        where TWord : unmanaged, IWord64<TWord> =>
        ((word & TWord.Constant(mask)) << count) | ((word >>> count) & TWord.Constant(mask));
}
