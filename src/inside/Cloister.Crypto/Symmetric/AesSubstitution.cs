using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// The S-box of AES as a circuit over eight planes of bits, one byte for each bit of a word: no table, so no secret addresses.
/// </summary>
/// <remarks>
/// J. Boyar, R. Peralta, "A depth-16 circuit for the AES S-box" (eprint 2011/332): 113 gates and inversions: y a linear map into
/// a tower of fields, t the inversion there, z and the last t the linear map back. Names are the paper's.
/// </remarks>
internal static class AesSubstitution
{
    /// <summary>Substitutes every byte. Plane i holds bits of weight 2^i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Apply<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        planes = planes[..8];
        TWord x0 = planes[7];
        TWord x1 = planes[6];
        TWord x2 = planes[5];
        TWord x3 = planes[4];
        TWord x4 = planes[3];
        TWord x5 = planes[2];
        TWord x6 = planes[1];
        TWord x7 = planes[0];
        TWord y14 = x3 ^ x5;
        TWord y13 = x0 ^ x6;
        TWord y9 = x0 ^ x3;
        TWord y8 = x0 ^ x5;
        TWord t0 = x1 ^ x2;
        TWord y1 = t0 ^ x7;
        TWord y4 = y1 ^ x3;
        TWord y12 = y13 ^ y14;
        TWord y2 = y1 ^ x0;
        TWord y5 = y1 ^ x6;
        TWord y3 = y5 ^ y8;
        TWord t1 = x4 ^ y12;
        TWord y15 = t1 ^ x5;
        TWord y20 = t1 ^ x1;
        TWord y6 = y15 ^ x7;
        TWord y10 = y15 ^ t0;
        TWord y11 = y20 ^ y9;
        TWord y7 = x7 ^ y11;
        TWord y17 = y10 ^ y11;
        TWord y19 = y10 ^ y8;
        TWord y16 = t0 ^ y11;
        TWord y21 = y13 ^ y16;
        TWord y18 = x0 ^ y16;
        TWord t2 = y12 & y15;
        TWord t3 = y3 & y6;
        TWord t4 = t3 ^ t2;
        TWord t5 = y4 & x7;
        TWord t6 = t5 ^ t2;
        TWord t7 = y13 & y16;
        TWord t8 = y5 & y1;
        TWord t9 = t8 ^ t7;
        TWord t10 = y2 & y7;
        TWord t11 = t10 ^ t7;
        TWord t12 = y9 & y11;
        TWord t13 = y14 & y17;
        TWord t14 = t13 ^ t12;
        TWord t15 = y8 & y10;
        TWord t16 = t15 ^ t12;
        TWord t17 = t4 ^ t14;
        TWord t18 = t6 ^ t16;
        TWord t19 = t9 ^ t14;
        TWord t20 = t11 ^ t16;
        TWord t21 = t17 ^ y20;
        TWord t22 = t18 ^ y19;
        TWord t23 = t19 ^ y21;
        TWord t24 = t20 ^ y18;
        TWord t25 = t21 ^ t22;
        TWord t26 = t21 & t23;
        TWord t27 = t24 ^ t26;
        TWord t28 = t25 & t27;
        TWord t29 = t28 ^ t22;
        TWord t30 = t23 ^ t24;
        TWord t31 = t22 ^ t26;
        TWord t32 = t31 & t30;
        TWord t33 = t32 ^ t24;
        TWord t34 = t23 ^ t33;
        TWord t35 = t27 ^ t33;
        TWord t36 = t24 & t35;
        TWord t37 = t36 ^ t34;
        TWord t38 = t27 ^ t36;
        TWord t39 = t29 & t38;
        TWord t40 = t25 ^ t39;
        TWord t41 = t40 ^ t37;
        TWord t42 = t29 ^ t33;
        TWord t43 = t29 ^ t40;
        TWord t44 = t33 ^ t37;
        TWord t45 = t42 ^ t41;
        TWord z0 = t44 & y15;
        TWord z1 = t37 & y6;
        TWord z2 = t33 & x7;
        TWord z3 = t43 & y16;
        TWord z4 = t40 & y1;
        TWord z5 = t29 & y7;
        TWord z6 = t42 & y11;
        TWord z7 = t45 & y17;
        TWord z8 = t41 & y10;
        TWord z9 = t44 & y12;
        TWord z10 = t37 & y3;
        TWord z11 = t33 & y4;
        TWord z12 = t43 & y13;
        TWord z13 = t40 & y5;
        TWord z14 = t29 & y2;
        TWord z15 = t42 & y9;
        TWord z16 = t45 & y14;
        TWord z17 = t41 & y8;
        TWord t46 = z15 ^ z16;
        TWord t47 = z10 ^ z11;
        TWord t48 = z5 ^ z13;
        TWord t49 = z9 ^ z10;
        TWord t50 = z2 ^ z12;
        TWord t51 = z2 ^ z5;
        TWord t52 = z7 ^ z8;
        TWord t53 = z0 ^ z3;
        TWord t54 = z6 ^ z7;
        TWord t55 = z16 ^ z17;
        TWord t56 = z12 ^ t48;
        TWord t57 = t50 ^ t53;
        TWord t58 = z4 ^ t46;
        TWord t59 = z3 ^ t54;
        TWord t60 = t46 ^ t57;
        TWord t61 = z14 ^ t57;
        TWord t62 = t52 ^ t58;
        TWord t63 = t49 ^ t58;
        TWord t64 = z4 ^ t59;
        TWord t65 = t61 ^ t62;
        TWord t66 = z1 ^ t63;
        TWord s0 = t59 ^ t63;
        TWord s6 = t56 ^ ~t62;
        TWord s7 = t48 ^ ~t60;
        TWord t67 = t64 ^ t65;
        TWord s3 = t53 ^ t66;
        TWord s4 = t51 ^ t66;
        TWord s5 = t47 ^ t65;
        TWord s1 = t64 ^ ~s3;
        TWord s2 = t55 ^ ~t67;
        planes[7] = s0;
        planes[6] = s1;
        planes[5] = s2;
        planes[4] = s3;
        planes[3] = s4;
        planes[2] = s5;
        planes[1] = s6;
        planes[0] = s7;
    }

    /// <summary>The inverse. With S the inversion followed by an affine map A, its inverse is A' S A', where A' inverts A.</summary>
    public static void ApplyInverse<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        InvertAffine(planes);
        Apply(planes);
        InvertAffine(planes);
    }

    // FIPS 197, 5.3.2: bit i is the sum of bits i + 2, i + 5, i + 7 (modulo 8) and of 0x05's bit i.
    private static void InvertAffine<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        planes = planes[..8];
        TWord p0 = ~planes[0];
        TWord p1 = ~planes[1];
        TWord p2 = planes[2];
        TWord p3 = planes[3];
        TWord p4 = planes[4];
        TWord p5 = ~planes[5];
        TWord p6 = ~planes[6];
        TWord p7 = planes[7];
        // The constant 0x63 is taken off first, which leaves the linear part.
        planes[0] = p2 ^ p5 ^ p7;
        planes[1] = p3 ^ p6 ^ p0;
        planes[2] = p4 ^ p7 ^ p1;
        planes[3] = p5 ^ p0 ^ p2;
        planes[4] = p6 ^ p1 ^ p3;
        planes[5] = p7 ^ p2 ^ p4;
        planes[6] = p0 ^ p3 ^ p5;
        planes[7] = p1 ^ p4 ^ p6;
    }
}
