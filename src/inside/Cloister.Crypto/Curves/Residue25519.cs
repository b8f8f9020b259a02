using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// A number modulo 2^255 - 19, in four words. Between operations it may be any number below 2^256; 2^256 comes back as 38.
/// </summary>
internal readonly struct Residue25519<TWord> : IResidue<Residue25519<TWord>, TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    private readonly TWord _l0;
    private readonly TWord _l1;
    private readonly TWord _l2;
    private readonly TWord _l3;

    private Residue25519(TWord l0, TWord l1, TWord l2, TWord l3)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
    }

    /// <summary>The modulus.</summary>
    public static ReadOnlySpan<ulong> Modulus => [0xffffffffffffffed, 0xffffffffffffffff, 0xffffffffffffffff, 0x7fffffffffffffff];

    public static int Words => 4;

    public static Residue25519<TWord> Zero => default;

    public static Residue25519<TWord> One => FromForm([1, 0, 0, 0]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue25519<TWord> operator +(in Residue25519<TWord> left, in Residue25519<TWord> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Add(left._l0, right._l0, zero, out TWord carry);
        TWord l1 = TWord.Add(left._l1, right._l1, carry, out carry);
        TWord l2 = TWord.Add(left._l2, right._l2, carry, out carry);
        TWord l3 = TWord.Add(left._l3, right._l3, carry, out carry);
        return Fold(l0, l1, l2, l3, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue25519<TWord> operator -(in Residue25519<TWord> left, in Residue25519<TWord> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Subtract(left._l0, right._l0, zero, out TWord borrow);
        TWord l1 = TWord.Subtract(left._l1, right._l1, borrow, out borrow);
        TWord l2 = TWord.Subtract(left._l2, right._l2, borrow, out borrow);
        TWord l3 = TWord.Subtract(left._l3, right._l3, borrow, out borrow);
        // 2^256 too many is 38 too many; taking them away may borrow once more, and then nothing does any more.
        l0 = TWord.Subtract(l0, (zero - borrow) & TWord.Constant(38), zero, out borrow);
        l1 = TWord.Subtract(l1, zero, borrow, out borrow);
        l2 = TWord.Subtract(l2, zero, borrow, out borrow);
        l3 = TWord.Subtract(l3, zero, borrow, out borrow);
        return new Residue25519<TWord>(l0 - ((zero - borrow) & TWord.Constant(38)), l1, l2, l3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue25519<TWord> operator *(in Residue25519<TWord> left, in Residue25519<TWord> right)
    {
        TWord zero = TWord.Constant(0);
        TWord carry = TWord.MultiplyAdd(left._l0, right._l0, zero, zero, out TWord t0);
        carry = TWord.MultiplyAdd(left._l1, right._l0, zero, carry, out TWord t1);
        carry = TWord.MultiplyAdd(left._l2, right._l0, zero, carry, out TWord t2);
        carry = TWord.MultiplyAdd(left._l3, right._l0, zero, carry, out TWord t3);
        TWord t4 = carry;
        carry = TWord.MultiplyAdd(left._l0, right._l1, t1, zero, out t1);
        carry = TWord.MultiplyAdd(left._l1, right._l1, t2, carry, out t2);
        carry = TWord.MultiplyAdd(left._l2, right._l1, t3, carry, out t3);
        carry = TWord.MultiplyAdd(left._l3, right._l1, t4, carry, out t4);
        TWord t5 = carry;
        carry = TWord.MultiplyAdd(left._l0, right._l2, t2, zero, out t2);
        carry = TWord.MultiplyAdd(left._l1, right._l2, t3, carry, out t3);
        carry = TWord.MultiplyAdd(left._l2, right._l2, t4, carry, out t4);
        carry = TWord.MultiplyAdd(left._l3, right._l2, t5, carry, out t5);
        TWord t6 = carry;
        carry = TWord.MultiplyAdd(left._l0, right._l3, t3, zero, out t3);
        carry = TWord.MultiplyAdd(left._l1, right._l3, t4, carry, out t4);
        carry = TWord.MultiplyAdd(left._l2, right._l3, t5, carry, out t5);
        carry = TWord.MultiplyAdd(left._l3, right._l3, t6, carry, out t6);
        TWord t7 = carry;
        return Reduce(t0, t1, t2, t3, t4, t5, t6, t7);
    }

    // The six products of different words count twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue25519<TWord> Square(in Residue25519<TWord> value)
    {
        TWord zero = TWord.Constant(0);
        TWord carry = TWord.MultiplyAdd(value._l1, value._l0, zero, zero, out TWord t1);
        carry = TWord.MultiplyAdd(value._l2, value._l0, carry, zero, out TWord t2);
        TWord t4 = TWord.MultiplyAdd(value._l3, value._l0, carry, zero, out TWord t3);
        carry = TWord.MultiplyAdd(value._l2, value._l1, t3, zero, out t3);
        TWord t5 = TWord.MultiplyAdd(value._l3, value._l1, t4, carry, out t4);
        TWord t6 = TWord.MultiplyAdd(value._l3, value._l2, t5, zero, out t5);
        TWord t7 = t6 >>> 63;
        t6 = (t6 << 1) | (t5 >>> 63);
        t5 = (t5 << 1) | (t4 >>> 63);
        t4 = (t4 << 1) | (t3 >>> 63);
        t3 = (t3 << 1) | (t2 >>> 63);
        t2 = (t2 << 1) | (t1 >>> 63);
        t1 <<= 1;
        TWord high = TWord.Multiply(value._l0, value._l0, out TWord t0);
        t1 = TWord.Add(t1, high, zero, out carry);
        high = TWord.Multiply(value._l1, value._l1, out TWord low);
        t2 = TWord.Add(t2, low, carry, out carry);
        t3 = TWord.Add(t3, high, carry, out carry);
        high = TWord.Multiply(value._l2, value._l2, out low);
        t4 = TWord.Add(t4, low, carry, out carry);
        t5 = TWord.Add(t5, high, carry, out carry);
        high = TWord.Multiply(value._l3, value._l3, out low);
        t6 = TWord.Add(t6, low, carry, out carry);
        t7 = t7 + high + carry;
        return Reduce(t0, t1, t2, t3, t4, t5, t6, t7);
    }

    public static Residue25519<TWord> Invert(in Residue25519<TWord> value) => Field25519.Invert(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue25519<TWord> Select(TWord mask, in Residue25519<TWord> set, in Residue25519<TWord> clear) => new(
        (set._l0 & mask) | (clear._l0 & ~mask),
        (set._l1 & mask) | (clear._l1 & ~mask),
        (set._l2 & mask) | (clear._l2 & ~mask),
        (set._l3 & mask) | (clear._l3 & ~mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue25519<TWord> FromForm(ReadOnlySpan<ulong> words) =>
        new(TWord.Constant(words[0]), TWord.Constant(words[1]), TWord.Constant(words[2]), TWord.Constant(words[3]));

    public static Residue25519<TWord> FromWords(ReadOnlySpan<TWord> words) => new(words[0], words[1], words[2], words[3]);

    public void ToWords(Span<TWord> words)
    {
        TWord zero = TWord.Constant(0);
        TWord low = TWord.Constant(ulong.MaxValue >>> 1);
        // Bit 255 comes back as 19: below 2^255 + 19 then.
        TWord l0 = TWord.Add(_l0, (_l3 >>> 63) * TWord.Constant(19), zero, out TWord carry);
        TWord l1 = TWord.Add(_l1, zero, carry, out carry);
        TWord l2 = TWord.Add(_l2, zero, carry, out carry);
        TWord l3 = (_l3 & low) + carry;
        // The modulus fits in once where 19 more reach 2^255.
        TWord.Add(l0, TWord.Constant(19), zero, out carry);
        TWord.Add(l1, zero, carry, out carry);
        TWord.Add(l2, zero, carry, out carry);
        TWord times = (l3 + carry) >>> 63;
        words[0] = TWord.Add(l0, times * TWord.Constant(19), zero, out carry);
        words[1] = TWord.Add(l1, zero, carry, out carry);
        words[2] = TWord.Add(l2, zero, carry, out carry);
        words[3] = (l3 + carry) & low;
    }

    public TWord IsZero()
    {
        Span<TWord> words = stackalloc TWord[4];
        ToWords(words);
        return Scalars.IsZero<TWord>(words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Residue25519<TWord> Reduce(TWord t0, TWord t1, TWord t2, TWord t3, TWord t4, TWord t5, TWord t6, TWord t7)
    {
        TWord factor = TWord.Constant(38);
        TWord carry = TWord.MultiplyAdd(t4, factor, t0, TWord.Constant(0), out t0);
        carry = TWord.MultiplyAdd(t5, factor, t1, carry, out t1);
        carry = TWord.MultiplyAdd(t6, factor, t2, carry, out t2);
        carry = TWord.MultiplyAdd(t7, factor, t3, carry, out t3);
        return Fold(t0, t1, t2, t3, carry);
    }

    // Adds 38 for each 2^256 in a top word of a few bits. That may carry once more, and then nothing does any more.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Residue25519<TWord> Fold(TWord l0, TWord l1, TWord l2, TWord l3, TWord top)
    {
        TWord zero = TWord.Constant(0);
        l0 = TWord.Add(l0, top * TWord.Constant(38), zero, out TWord carry);
        l1 = TWord.Add(l1, zero, carry, out carry);
        l2 = TWord.Add(l2, zero, carry, out carry);
        l3 = TWord.Add(l3, zero, carry, out carry);
        return new Residue25519<TWord>(l0 + ((zero - carry) & TWord.Constant(38)), l1, l2, l3);
    }
}
