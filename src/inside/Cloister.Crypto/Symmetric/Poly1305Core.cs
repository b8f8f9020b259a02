using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// Poly1305 (RFC 8439, 2.5) over words of 64 bits: the accumulator in three words, reduced in part after every block.
/// </summary>
internal struct Poly1305Core<TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    private TWord _r0;
    private TWord _r1;
    private TWord _h0;
    private TWord _h1;
    private TWord _h2;

    /// <summary>Starts with the key's first half, clamped (2.5.1).</summary>
    public Poly1305Core(TWord r0, TWord r1)
    {
        _r0 = r0 & TWord.Constant(0x0FFFFFFC0FFFFFFF);
        _r1 = r1 & TWord.Constant(0x0FFFFFFC0FFFFFFC);
        _h0 = TWord.Constant(0);
        _h1 = TWord.Constant(0);
        _h2 = TWord.Constant(0);
    }

    /// <summary>h = (h + block) r, modulo 2^130 - 5 in part. The top is 1 for whole blocks, 0 where a last, padded one holds its own end mark.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Absorb(TWord low, TWord high, TWord top)
    {
        TWord zero = TWord.Constant(0);
        TWord h0 = TWord.Add(_h0, low, zero, out TWord carry);
        TWord h1 = TWord.Add(_h1, high, carry, out carry);
        TWord h2 = _h2 + carry + top;

        // r1 is a multiple of 4, so what it contributes above 2^130 comes back as 5 r1 / 4, without a remainder.
        TWord s1 = _r1 + (_r1 >>> 2);
        TWord d0High = TWord.Multiply(h0, _r0, out TWord d0Low);
        TWord aHigh = TWord.Multiply(h1, s1, out TWord aLow);
        d0Low = TWord.Add(d0Low, aLow, zero, out carry);
        d0High = d0High + aHigh + carry;

        TWord d1High = TWord.Multiply(h0, _r1, out TWord d1Low);
        TWord bHigh = TWord.Multiply(h1, _r0, out TWord bLow);
        d1Low = TWord.Add(d1Low, bLow, zero, out carry);
        d1High = d1High + bHigh + carry;
        // h2 is below 8 and s1 below 2^62: the product fits a word.
        d1Low = TWord.Add(d1Low, h2 * s1, zero, out carry);
        d1High += carry;

        TWord d2 = h2 * _r0;
        h0 = d0Low;
        h1 = TWord.Add(d1Low, d0High, zero, out carry);
        d2 = d2 + d1High + carry;
        // Above 2^130, c comes back as 5 c: c and 4 c.
        TWord excess = (d2 & ~TWord.Constant(3)) + (d2 >>> 2);
        h2 = d2 & TWord.Constant(3);
        _h0 = TWord.Add(h0, excess, zero, out carry);
        _h1 = TWord.Add(h1, zero, carry, out carry);
        _h2 = h2 + carry;
    }

    /// <summary>The tag: the accumulator, fully reduced, plus the key's second half modulo 2^128 (2.5.1).</summary>
    public readonly void Finish(TWord s0, TWord s1, out TWord tagLow, out TWord tagHigh)
    {
        TWord zero = TWord.Constant(0);
        // h - p = h + 5 - 2^130; taken where h + 5 reaches 2^130.
        TWord t0 = TWord.Add(_h0, TWord.Constant(5), zero, out TWord carry);
        TWord t1 = TWord.Add(_h1, zero, carry, out carry);
        TWord t2 = _h2 + carry;
        TWord mask = zero - (t2 >>> 2);
        TWord h0 = (_h0 & ~mask) | (t0 & mask);
        TWord h1 = (_h1 & ~mask) | (t1 & mask);
        tagLow = TWord.Add(h0, s0, zero, out carry);
        tagHigh = TWord.Add(h1, s1, carry, out _);
    }
}
