using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>Inverses modulo odd numbers of up to 256 bits, in a number of steps that depends on no value.</summary>
/// <remarks>
/// <para>D. Bernstein, B. Yang, "Fast constant-time gcd computation and modular inversion" (eprint 2019/266). A step makes of f (odd) and g
/// either f and (g + f mod 2 f) / 2 or, where g is odd and the counter is positive, g and (g - f) / 2. With the counter starting at 1/2
/// (P. Wuille), 590 steps are enough for all numbers of 256 bits: then g is 0 and f is 1 or -1.</para>
/// <para>Steps look at the lowest bits of f and g alone, so 59 of them are done on a word of each, which gives a matrix by which the whole
/// numbers are multiplied once; d and e, the multiples of the number that f and g are, are multiplied by it modulo the modulus.
/// A power (Fermat) takes 330 multiplications of residues, this about as long as 90.</para>
/// </remarks>
internal static class Inversion256<TWord, TModulus>
    where TWord : unmanaged, IWord64<TWord>
    where TModulus : struct, IModulus
{
    private const int Rounds = 10;
    private const int StepsPerRound = 59;

    // Numbers are in 5 limbs of 62 bits; the top limb has the sign. So a limb times a factor of the matrix fits 128 bits with room for sums.
    private const int LimbBits = 62;
    private const ulong LimbMask = (1UL << LimbBits) - 1;

    /// <summary>The inverse of a number below the modulus, as words, the lowest first; of 0 it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Invert(TWord w0, TWord w1, TWord w2, TWord w3, Span<TWord> inverse)
    {
        TWord zero = TWord.Constant(0);
        ReadOnlySpan<ulong> m = TModulus.Modulus;
        Limbs modulus = Limbs.FromWords(TWord.Constant(m[0]), TWord.Constant(m[1]), TWord.Constant(m[2]), TWord.Constant(m[3]));
        Limbs f = modulus;
        Limbs g = Limbs.FromWords(w0, w1, w2, w3);
        Limbs d = default;
        Limbs e = Limbs.FromWords(TWord.Constant(1), zero, zero, zero);
        // The counter less 1/2, negated, so that "positive" is its sign bit: -1 stands for 1/2.
        TWord counter = zero - TWord.Constant(1);
        for (int round = 0; round < Rounds; round++)
        {
            counter = Steps(counter, f.L0, g.L0, out Matrix matrix);
            MultiplyModular(ref d, ref e, matrix, modulus);
            Multiply(ref f, ref g, matrix);
        }

        Normalize(d, Sign(f.L4), modulus, inverse);
    }

    // 59 steps on the lowest words. The factors begin at 8 rather than 1, so that their scale is 2^62, a limb.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TWord Steps(TWord counter, TWord f, TWord g, out Matrix matrix)
    {
        TWord zero = TWord.Constant(0), one = TWord.Constant(1);
        TWord u = TWord.Constant(8), v = zero, q = zero, r = TWord.Constant(8);
        for (int i = 0; i < StepsPerRound; i++)
        {
            TWord isPositive = Sign(counter);
            TWord isOdd = zero - (g & one);
            // g takes f, or its negative where the counter is positive; the matrix does the same.
            g += ((f ^ isPositive) - isPositive) & isOdd;
            q += ((u ^ isPositive) - isPositive) & isOdd;
            r += ((v ^ isPositive) - isPositive) & isOdd;
            // Where they change places, f becomes the old g, which is the new one with f added.
            TWord swaps = isPositive & isOdd;
            counter = (counter ^ swaps) - one;
            f += g & swaps;
            u += q & swaps;
            v += r & swaps;
            g >>>= 1;
            u <<= 1;
            v <<= 1;
        }

        matrix = new Matrix(u, v, q, r);
        return counter;
    }

    // (f, g) times the matrix, divided by 2^62, which leaves no rest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply(ref Limbs f, ref Limbs g, in Matrix t)
    {
        Limbs a = f, b = g;
        f = Combine(t.U, t.V, a, b);
        g = Combine(t.Q, t.R, a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Limbs Combine(TWord left, TWord right, in Limbs a, in Limbs b)
    {
        TWord leftSign = Sign(left), rightSign = Sign(right);
        var sum = default(Sum);
        sum.Add(left, leftSign, a.L0);
        sum.Add(right, rightSign, b.L0);
        sum.Next();
        sum.Add(left, leftSign, a.L1);
        sum.Add(right, rightSign, b.L1);
        TWord l0 = sum.Next();
        sum.Add(left, leftSign, a.L2);
        sum.Add(right, rightSign, b.L2);
        TWord l1 = sum.Next();
        sum.Add(left, leftSign, a.L3);
        sum.Add(right, rightSign, b.L3);
        TWord l2 = sum.Next();
        sum.AddSigned(left, leftSign, a.L4);
        sum.AddSigned(right, rightSign, b.L4);
        TWord l3 = sum.Next();
        return new Limbs(l0, l1, l2, l3, sum.Low);
    }

    // The same for (d, e), with the multiple of the modulus added that makes the lowest limb zero. Both stay between -2 and 1 times the modulus.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyModular(ref Limbs d, ref Limbs e, in Matrix t, in Limbs modulus)
    {
        TWord dSign = Sign(d.L4), eSign = Sign(e.L4);
        Limbs a = d, b = e;
        d = CombineModular(t.U, t.V, a, b, (t.U & dSign) + (t.V & eSign), modulus);
        e = CombineModular(t.Q, t.R, a, b, (t.Q & dSign) + (t.R & eSign), modulus);
    }

    // The multiple begins with what makes negative numbers positive.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Limbs CombineModular(TWord left, TWord right, in Limbs a, in Limbs b, TWord multiple, in Limbs modulus)
    {
        TWord leftSign = Sign(left), rightSign = Sign(right);
        var sum = default(Sum);
        sum.Add(left, leftSign, a.L0);
        sum.Add(right, rightSign, b.L0);
        // The modulus' inverse is the negative of its negated inverse, so that the multiple grows by what is taken off.
        TWord rest = (multiple - sum.Low * TWord.Constant(TModulus.NegatedInverse)) & TWord.Constant(LimbMask);
        multiple -= rest;
        TWord sign = Sign(multiple);
        sum.Add(multiple, sign, modulus.L0);
        sum.Next();
        sum.Add(left, leftSign, a.L1);
        sum.Add(right, rightSign, b.L1);
        sum.Add(multiple, sign, modulus.L1);
        TWord l0 = sum.Next();
        sum.Add(left, leftSign, a.L2);
        sum.Add(right, rightSign, b.L2);
        sum.Add(multiple, sign, modulus.L2);
        TWord l1 = sum.Next();
        sum.Add(left, leftSign, a.L3);
        sum.Add(right, rightSign, b.L3);
        sum.Add(multiple, sign, modulus.L3);
        TWord l2 = sum.Next();
        sum.AddSigned(left, leftSign, a.L4);
        sum.AddSigned(right, rightSign, b.L4);
        sum.Add(multiple, sign, modulus.L4);
        TWord l3 = sum.Next();
        return new Limbs(l0, l1, l2, l3, sum.Low);
    }

    // d between -2 and 1 times the modulus, negated where f is -1, as a number below the modulus.
    private static void Normalize(in Limbs d, TWord isNegated, in Limbs modulus, Span<TWord> words)
    {
        Limbs number = d.Plus(modulus, Sign(d.L4)).NegatedWhere(isNegated);
        number = number.Plus(modulus, Sign(number.L4));
        words[0] = number.L0 | (number.L1 << 62);
        words[1] = (number.L1 >>> 2) | (number.L2 << 60);
        words[2] = (number.L2 >>> 4) | (number.L3 << 58);
        words[3] = (number.L3 >>> 6) | (number.L4 << 56);
    }

    // All ones where the number is negative.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWord Sign(TWord value) => TWord.Constant(0) - (value >>> 63);

    // What 59 steps do: new f = (u f + v g) / 2^62, new g = (q f + r g) / 2^62. Signed.
    private readonly struct Matrix(TWord u, TWord v, TWord q, TWord r)
    {
        public readonly TWord U = u;
        public readonly TWord V = v;
        public readonly TWord Q = q;
        public readonly TWord R = r;
    }

    // A sum of signed products, of 128 bits.
    private struct Sum
    {
        private TWord _high;

        public TWord Low { get; private set; }

        // The factor is signed, the limb isn't: the product of the bits is 2^64 times the limb too large where the factor is negative.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(TWord factor, TWord factorSign, TWord limb)
        {
            TWord high = TWord.Multiply(factor, limb, out TWord low);
            Low = TWord.Add(Low, low, TWord.Constant(0), out TWord carry);
            _high += high - (factorSign & limb) + carry;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddSigned(TWord factor, TWord factorSign, TWord limb)
        {
            Add(factor, factorSign, limb);
            _high -= Sign(limb) & factor;
        }

        // The lowest limb; what is above it remains.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TWord Next()
        {
            TWord limb = Low & TWord.Constant(LimbMask);
            Low = (Low >>> LimbBits) | (_high << (64 - LimbBits));
            _high = (_high >>> LimbBits) | (Sign(_high) << (64 - LimbBits));
            return limb;
        }
    }

    // The lower four have 62 bits, the top one is signed.
    private readonly struct Limbs(TWord l0, TWord l1, TWord l2, TWord l3, TWord l4)
    {
        public readonly TWord L0 = l0;
        public readonly TWord L1 = l1;
        public readonly TWord L2 = l2;
        public readonly TWord L3 = l3;
        public readonly TWord L4 = l4;

        public static Limbs FromWords(TWord w0, TWord w1, TWord w2, TWord w3)
        {
            TWord mask = TWord.Constant(LimbMask);
            return new Limbs(w0 & mask, ((w0 >>> 62) | (w1 << 2)) & mask, ((w1 >>> 60) | (w2 << 4)) & mask, ((w2 >>> 58) | (w3 << 6)) & mask, w3 >>> 56);
        }

        public Limbs Plus(in Limbs other, TWord mask) =>
            Carry(L0 + (other.L0 & mask), L1 + (other.L1 & mask), L2 + (other.L2 & mask), L3 + (other.L3 & mask), L4 + (other.L4 & mask));

        public Limbs NegatedWhere(TWord mask) =>
            Carry((L0 ^ mask) - mask, (L1 ^ mask) - mask, (L2 ^ mask) - mask, (L3 ^ mask) - mask, (L4 ^ mask) - mask);

        private static Limbs Carry(TWord l0, TWord l1, TWord l2, TWord l3, TWord l4)
        {
            TWord mask = TWord.Constant(LimbMask);
            l1 += Above(l0);
            l2 += Above(l1);
            l3 += Above(l2);
            l4 += Above(l3);
            return new Limbs(l0 & mask, l1 & mask, l2 & mask, l3 & mask, l4);
        }

        // What belongs to the next limb: the shift keeps the sign.
        private static TWord Above(TWord limb) => (limb >>> LimbBits) | (Sign(limb) << (64 - LimbBits));
    }
}
