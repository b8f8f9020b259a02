using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// A number modulo a prime of 384 bits or a little fewer, in Montgomery form: x 2^384, in 6 words, below the modulus.
/// </summary>
/// <remarks>
/// P. Montgomery, "Modular multiplication without trial division" (1985), word by word as in Koc, Acar, Kaliski, "Analyzing and comparing
/// Montgomery multiplication algorithms" (1996), CIOS. No operation looks at a value: every subtraction of the modulus is computed and
/// then selected.
/// </remarks>
internal readonly struct Residue384<TWord, TModulus> : IResidue<Residue384<TWord, TModulus>, TWord>
    where TWord : unmanaged, IWord64<TWord>
    where TModulus : struct, IModulus
{
    private readonly TWord _l0;
    private readonly TWord _l1;
    private readonly TWord _l2;
    private readonly TWord _l3;
    private readonly TWord _l4;
    private readonly TWord _l5;

    private Residue384(TWord l0, TWord l1, TWord l2, TWord l3, TWord l4, TWord l5)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
        _l4 = l4;
        _l5 = l5;
    }

    public static int Words => 6;

    public static Residue384<TWord, TModulus> Zero => default;

    public static Residue384<TWord, TModulus> One => FromForm(TModulus.One);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue384<TWord, TModulus> operator +(in Residue384<TWord, TModulus> left, in Residue384<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Add(left._l0, right._l0, zero, out TWord carry);
        TWord l1 = TWord.Add(left._l1, right._l1, carry, out carry);
        TWord l2 = TWord.Add(left._l2, right._l2, carry, out carry);
        TWord l3 = TWord.Add(left._l3, right._l3, carry, out carry);
        TWord l4 = TWord.Add(left._l4, right._l4, carry, out carry);
        TWord l5 = TWord.Add(left._l5, right._l5, carry, out carry);
        return ReduceOnce(l0, l1, l2, l3, l4, l5, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue384<TWord, TModulus> operator -(in Residue384<TWord, TModulus> left, in Residue384<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord l0 = TWord.Subtract(left._l0, right._l0, zero, out TWord borrow);
        TWord l1 = TWord.Subtract(left._l1, right._l1, borrow, out borrow);
        TWord l2 = TWord.Subtract(left._l2, right._l2, borrow, out borrow);
        TWord l3 = TWord.Subtract(left._l3, right._l3, borrow, out borrow);
        TWord l4 = TWord.Subtract(left._l4, right._l4, borrow, out borrow);
        TWord l5 = TWord.Subtract(left._l5, right._l5, borrow, out borrow);
        // Where it went below zero, the modulus is added back.
        TWord mask = zero - borrow;
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        l0 = TWord.Add(l0, TWord.Constant(m[0]) & mask, zero, out TWord carry);
        l1 = TWord.Add(l1, TWord.Constant(m[1]) & mask, carry, out carry);
        l2 = TWord.Add(l2, TWord.Constant(m[2]) & mask, carry, out carry);
        l3 = TWord.Add(l3, TWord.Constant(m[3]) & mask, carry, out carry);
        l4 = TWord.Add(l4, TWord.Constant(m[4]) & mask, carry, out carry);
        l5 = TWord.Add(l5, TWord.Constant(m[5]) & mask, carry, out _);
        return new Residue384<TWord, TModulus>(l0, l1, l2, l3, l4, l5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Residue384<TWord, TModulus> operator *(in Residue384<TWord, TModulus> left, in Residue384<TWord, TModulus> right)
    {
        TWord zero = TWord.Constant(0);
        TWord t0 = zero, t1 = zero, t2 = zero, t3 = zero, t4 = zero, t5 = zero, t6 = zero;
        Step(left, right._l0, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Step(left, right._l1, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Step(left, right._l2, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Step(left, right._l3, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Step(left, right._l4, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Step(left, right._l5, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        return ReduceOnce(t0, t1, t2, t3, t4, t5, t6);
    }

    public static Residue384<TWord, TModulus> Square(in Residue384<TWord, TModulus> value) => value * value;

    public static Residue384<TWord, TModulus> Invert(in Residue384<TWord, TModulus> value) =>
        Residue.InverseByPower<Residue384<TWord, TModulus>, TWord>(value, TModulus.Modulus);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue384<TWord, TModulus> Select(TWord mask, in Residue384<TWord, TModulus> set, in Residue384<TWord, TModulus> clear) => new(
        (set._l0 & mask) | (clear._l0 & ~mask),
        (set._l1 & mask) | (clear._l1 & ~mask),
        (set._l2 & mask) | (clear._l2 & ~mask),
        (set._l3 & mask) | (clear._l3 & ~mask),
        (set._l4 & mask) | (clear._l4 & ~mask),
        (set._l5 & mask) | (clear._l5 & ~mask));

    public static Residue384<TWord, TModulus> FromWords(ReadOnlySpan<TWord> words) =>
        new Residue384<TWord, TModulus>(words[0], words[1], words[2], words[3], words[4], words[5]) * FromForm(TModulus.RadixSquared);

    public void ToWords(Span<TWord> words)
    {
        // Multiplication by 1 takes the factor 2^384 off.
        TWord zero = TWord.Constant(0);
        var plain = this * new Residue384<TWord, TModulus>(TWord.Constant(1), zero, zero, zero, zero, zero);
        words[0] = plain._l0;
        words[1] = plain._l1;
        words[2] = plain._l2;
        words[3] = plain._l3;
        words[4] = plain._l4;
        words[5] = plain._l5;
    }

    public TWord IsZero()
    {
        TWord any = _l0 | _l1 | _l2 | _l3 | _l4 | _l5;
        // The top bit of x | -x is set where x isn't zero.
        return ((any | (TWord.Constant(0) - any)) >>> 63) - TWord.Constant(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Residue384<TWord, TModulus> FromForm(ReadOnlySpan<ulong> words) => new(
        TWord.Constant(words[0]),
        TWord.Constant(words[1]),
        TWord.Constant(words[2]),
        TWord.Constant(words[3]),
        TWord.Constant(words[4]),
        TWord.Constant(words[5]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(in Residue384<TWord, TModulus> left, TWord right, ref TWord t0, ref TWord t1, ref TWord t2, ref TWord t3, ref TWord t4, ref TWord t5, ref TWord t6)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        TWord carry = TWord.MultiplyAdd(left._l0, right, t0, zero, out t0);
        carry = TWord.MultiplyAdd(left._l1, right, t1, carry, out t1);
        carry = TWord.MultiplyAdd(left._l2, right, t2, carry, out t2);
        carry = TWord.MultiplyAdd(left._l3, right, t3, carry, out t3);
        carry = TWord.MultiplyAdd(left._l4, right, t4, carry, out t4);
        carry = TWord.MultiplyAdd(left._l5, right, t5, carry, out t5);
        t6 = TWord.Add(t6, carry, zero, out TWord top);
        // The multiple of the modulus that makes the lowest word zero, which is then dropped.
        TWord q = t0 * TWord.Constant(TModulus.NegatedInverse);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[0]), t0, zero, out _);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[1]), t1, carry, out t0);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[2]), t2, carry, out t1);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[3]), t3, carry, out t2);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[4]), t4, carry, out t3);
        carry = TWord.MultiplyAdd(q, TWord.Constant(m[5]), t5, carry, out t4);
        t5 = TWord.Add(t6, carry, zero, out carry);
        t6 = top + carry;
    }

    // Subtracts the modulus where the value, of one more bit, isn't below it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Residue384<TWord, TModulus> ReduceOnce(TWord l0, TWord l1, TWord l2, TWord l3, TWord l4, TWord l5, TWord top)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        TWord d0 = TWord.Subtract(l0, TWord.Constant(m[0]), zero, out TWord borrow);
        TWord d1 = TWord.Subtract(l1, TWord.Constant(m[1]), borrow, out borrow);
        TWord d2 = TWord.Subtract(l2, TWord.Constant(m[2]), borrow, out borrow);
        TWord d3 = TWord.Subtract(l3, TWord.Constant(m[3]), borrow, out borrow);
        TWord d4 = TWord.Subtract(l4, TWord.Constant(m[4]), borrow, out borrow);
        TWord d5 = TWord.Subtract(l5, TWord.Constant(m[5]), borrow, out borrow);
        TWord.Subtract(top, zero, borrow, out borrow);
        TWord keep = zero - borrow;
        return new Residue384<TWord, TModulus>(
            (l0 & keep) | (d0 & ~keep),
            (l1 & keep) | (d1 & ~keep),
            (l2 & keep) | (d2 & ~keep),
            (l3 & keep) | (d3 & ~keep),
            (l4 & keep) | (d4 & ~keep),
            (l5 & keep) | (d5 & ~keep));
    }
}
