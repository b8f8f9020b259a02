using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// A number modulo a prime of 256 bits or a little fewer, in Montgomery form: x 2^256, in 4 words, below the modulus.
/// </summary>
/// <remarks>
/// P. Montgomery, "Modular multiplication without trial division" (1985), word by word as in Koc, Acar, Kaliski, "Analyzing and comparing
/// Montgomery multiplication algorithms" (1996), CIOS. No operation looks at a value: every subtraction of the modulus is computed and
/// then selected.
/// </remarks>
internal readonly struct Residue256<TWord, TModulus> : IResidue<Residue256<TWord, TModulus>, TWord>
    where TWord : unmanaged, IWord64<TWord>
    where TModulus : struct, IModulus
{
    private readonly TWord _l0;
    private readonly TWord _l1;
    private readonly TWord _l2;
    private readonly TWord _l3;

    private Residue256(TWord l0, TWord l1, TWord l2, TWord l3)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
    }

    public static int Words => 4;

    public static Residue256<TWord, TModulus> Zero => default;

    public static Residue256<TWord, TModulus> One => FromForm(TModulus.One);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue256<TWord, TModulus> operator +(in Residue256<TWord, TModulus> left, in Residue256<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Add(left._l0, right._l0, zero, out TWord carry);
        TWord l1 = TWord.Add(left._l1, right._l1, carry, out carry);
        TWord l2 = TWord.Add(left._l2, right._l2, carry, out carry);
        TWord l3 = TWord.Add(left._l3, right._l3, carry, out carry);
        return ReduceOnce(l0, l1, l2, l3, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue256<TWord, TModulus> operator -(in Residue256<TWord, TModulus> left, in Residue256<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Subtract(left._l0, right._l0, zero, out TWord borrow);
        TWord l1 = TWord.Subtract(left._l1, right._l1, borrow, out borrow);
        TWord l2 = TWord.Subtract(left._l2, right._l2, borrow, out borrow);
        TWord l3 = TWord.Subtract(left._l3, right._l3, borrow, out borrow);
        // Where it went below zero, the modulus is added back.
        TWord mask = zero - borrow;
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        l0 = TWord.Add(l0, TWord.Constant(m[0]) & mask, zero, out TWord carry);
        l1 = TWord.Add(l1, TWord.Constant(m[1]) & mask, carry, out carry);
        l2 = TWord.Add(l2, TWord.Constant(m[2]) & mask, carry, out carry);
        l3 = TWord.Add(l3, TWord.Constant(m[3]) & mask, carry, out _);
        return new Residue256<TWord, TModulus>(l0, l1, l2, l3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue256<TWord, TModulus> operator *(in Residue256<TWord, TModulus> left, in Residue256<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord t0 = zero, t1 = zero, t2 = zero, t3 = zero, t4 = zero;
        Step(left, right._l0, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left, right._l1, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left, right._l2, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left, right._l3, ref t0, ref t1, ref t2, ref t3, ref t4);
        return ReduceOnce(t0, t1, t2, t3, t4);
    }

    // The six products of different words count twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue256<TWord, TModulus> Square(in Residue256<TWord, TModulus> value)
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

        // Four steps of reduction; each lets the lowest word vanish and carries into the fifth, whose own carry goes on to the next step.
        TWord top = zero;
        ReduceStep(ref t0, ref t1, ref t2, ref t3, ref t4, ref top);
        ReduceStep(ref t1, ref t2, ref t3, ref t4, ref t5, ref top);
        ReduceStep(ref t2, ref t3, ref t4, ref t5, ref t6, ref top);
        ReduceStep(ref t3, ref t4, ref t5, ref t6, ref t7, ref top);
        return ReduceOnce(t4, t5, t6, t7, top);
    }

    // The inverse of x R is 1 / (x R); times R^3, in Montgomery form, it is R / x.
    public static Residue256<TWord, TModulus> Invert(in Residue256<TWord, TModulus> value)
    {
        Span<TWord> inverse = stackalloc TWord[4];
        Inversion256<TWord, TModulus>.Invert(value._l0, value._l1, value._l2, value._l3, inverse);
        Residue256<TWord, TModulus> squared = FromForm(TModulus.RadixSquared);
        return new Residue256<TWord, TModulus>(inverse[0], inverse[1], inverse[2], inverse[3]) * (squared * squared);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue256<TWord, TModulus> Select(TWord mask, in Residue256<TWord, TModulus> set, in Residue256<TWord, TModulus> clear) => new(
        (set._l0 & mask) | (clear._l0 & ~mask),
        (set._l1 & mask) | (clear._l1 & ~mask),
        (set._l2 & mask) | (clear._l2 & ~mask),
        (set._l3 & mask) | (clear._l3 & ~mask));

    public static Residue256<TWord, TModulus> FromWords(ReadOnlySpan<TWord> words) =>
        new Residue256<TWord, TModulus>(words[0], words[1], words[2], words[3]) * FromForm(TModulus.RadixSquared);

    public void ToWords(Span<TWord> words)
    {
        // Multiplication by 1 takes the factor 2^256 off.
        TWord zero = TWord.Constant(0);
        var plain = this * new Residue256<TWord, TModulus>(TWord.Constant(1), zero, zero, zero);
        words[0] = plain._l0;
        words[1] = plain._l1;
        words[2] = plain._l2;
        words[3] = plain._l3;
    }

    public TWord IsZero()
    {
        TWord any = _l0 | _l1 | _l2 | _l3;
        // The top bit of x | -x is set where x isn't zero.
        return ((any | (TWord.Constant(0) - any)) >>> 63) - TWord.Constant(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue256<TWord, TModulus> FromForm(ReadOnlySpan<ulong> words) => new(
        TWord.Constant(words[0]),
        TWord.Constant(words[1]),
        TWord.Constant(words[2]),
        TWord.Constant(words[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(in Residue256<TWord, TModulus> left, TWord right, ref TWord t0, ref TWord t1, ref TWord t2, ref TWord t3, ref TWord t4)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        TWord carry = TWord.MultiplyAdd(left._l0, right, t0, zero, out t0);
        carry = TWord.MultiplyAdd(left._l1, right, t1, carry, out t1);
        carry = TWord.MultiplyAdd(left._l2, right, t2, carry, out t2);
        carry = TWord.MultiplyAdd(left._l3, right, t3, carry, out t3);
        t4 = TWord.Add(t4, carry, zero, out TWord top);
        if (typeof(TModulus) == typeof(P256Prime))
        {
            // The modulus is 2^256 - 2^224 + 2^192 + 2^96 - 1, so the multiple is the lowest word itself, and three of the four products are
            // shifts: -t0 takes the lowest word away, and t0 2^96 and t0 (2^64 - 2^32 + 1) 2^192 remain.
            TWord low = t0;
            t0 = TWord.Add(t1, low << 32, zero, out carry);
            t1 = TWord.Add(t2, low >>> 32, carry, out carry);
            carry = TWord.MultiplyAdd(low, TWord.Constant(m[3]), t3, carry, out t2);
            t3 = TWord.Add(t4, carry, zero, out carry);
            t4 = top + carry;
            return;
        }

        // The multiple of the modulus that makes the lowest word zero, which is then dropped.
        TWord q = t0 * TWord.Constant(TModulus.NegatedInverse);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[0]), t0, zero, out _);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[1]), t1, carry, out t0);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[2]), t2, carry, out t1);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[3]), t3, carry, out t2);
        t3 = TWord.Add(t4, carry, zero, out carry);
        t4 = top + carry;
    }

    // Adds the multiple of the modulus that makes the lowest word zero. What goes beyond the fifth word is kept in the top word for the next step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceStep(ref TWord t0, ref TWord t1, ref TWord t2, ref TWord t3, ref TWord t4, ref TWord top)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        TWord carry;
        if (typeof(TModulus) == typeof(P256Prime))
        {
            t1 = TWord.Add(t1, t0 << 32, zero, out carry);
            t2 = TWord.Add(t2, t0 >>> 32, carry, out carry);
            carry = TWord.MultiplyAdd(t0, TWord.Constant(m[3]), t3, carry, out t3);
        }
        else
        {
            TWord q = t0 * TWord.Constant(TModulus.NegatedInverse);
            carry = TWord.MultiplyAdd(q, TWord.Constant(m[0]), t0, zero, out _);
            carry = TWord.MultiplyAdd(q, TWord.Constant(m[1]), t1, carry, out t1);
            carry = TWord.MultiplyAdd(q, TWord.Constant(m[2]), t2, carry, out t2);
            carry = TWord.MultiplyAdd(q, TWord.Constant(m[3]), t3, carry, out t3);
        }

        // The carry of the step before belongs to the same word.
        t4 = TWord.Add(t4, carry, zero, out TWord first);
        t4 = TWord.Add(t4, top, zero, out TWord second);
        top = first + second;
    }

    // Subtracts the modulus where the value, of one more bit, isn't below it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Residue256<TWord, TModulus> ReduceOnce(TWord l0, TWord l1, TWord l2, TWord l3, TWord top)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        TWord d0 = TWord.Subtract(l0, TWord.Constant(m[0]), zero, out TWord borrow);
        TWord d1 = TWord.Subtract(l1, TWord.Constant(m[1]), borrow, out borrow);
        TWord d2 = TWord.Subtract(l2, TWord.Constant(m[2]), borrow, out borrow);
        TWord d3 = TWord.Subtract(l3, TWord.Constant(m[3]), borrow, out borrow);
        TWord.Subtract(top, zero, borrow, out borrow);
        TWord keep = zero - borrow;
        return new Residue256<TWord, TModulus>(
            (l0 & keep) | (d0 & ~keep),
            (l1 & keep) | (d1 & ~keep),
            (l2 & keep) | (d2 & ~keep),
            (l3 & keep) | (d3 & ~keep));
    }
}
