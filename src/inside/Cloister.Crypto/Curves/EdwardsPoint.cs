using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// A point of edwards25519 (RFC 8032, 5.1), -x^2 + y^2 = 1 + d x^2 y^2, in extended coordinates: x = X / Z, y = Y / Z, x y = T / Z.
/// </summary>
/// <remarks>
/// H. Hisil, K. Wong, G. Carter, E. Dawson, "Twisted Edwards curves revisited" (eprint 2008/522). As d is no square, addition is right for all pairs
/// of points.
/// </remarks>
internal readonly struct EdwardsPoint<TWord> : IGroupPoint<EdwardsPoint<TWord>, TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    public readonly Residue25519<TWord> X;
    public readonly Residue25519<TWord> Y;
    public readonly Residue25519<TWord> Z;
    private readonly Residue25519<TWord> _t;

    private EdwardsPoint(in Residue25519<TWord> x, in Residue25519<TWord> y, in Residue25519<TWord> z, in Residue25519<TWord> t)
    {
        X = x;
        Y = y;
        Z = z;
        _t = t;
    }

    public static EdwardsPoint<TWord> Identity =>
        new(Residue25519<TWord>.Zero, Residue25519<TWord>.One, Residue25519<TWord>.One, Residue25519<TWord>.Zero);

    public static EdwardsPoint<TWord> Base => FromAffine(
        Residue25519<TWord>.FromForm([0xc9562d608f25d51a, 0x692cc7609525a7b2, 0xc0a4e231fdd6dc5c, 0x216936d3cd6e53fe]),
        Residue25519<TWord>.FromForm([0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666]));

    /// <summary>The curve's constant d = -121665 / 121666.</summary>
    public static ReadOnlySpan<ulong> D => [0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73];

    private static ReadOnlySpan<ulong> TwiceD => [0xebd69b9426b2f159, 0x00e0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7];

    public static EdwardsPoint<TWord> FromAffine(in Residue25519<TWord> x, in Residue25519<TWord> y) => new(x, y, Residue25519<TWord>.One, x * y);

    public static EdwardsPoint<TWord> operator +(in EdwardsPoint<TWord> left, in EdwardsPoint<TWord> right)
    {
        Residue25519<TWord> a = (left.Y - left.X) * (right.Y - right.X);
        Residue25519<TWord> b = (left.Y + left.X) * (right.Y + right.X);
        Residue25519<TWord> c = left._t * Residue25519<TWord>.FromForm(TwiceD) * right._t;
        Residue25519<TWord> zz = left.Z * right.Z;
        return Combine(b - a, zz + zz, c, b + a);
    }

    public static EdwardsPoint<TWord> Double(in EdwardsPoint<TWord> point)
    {
        Residue25519<TWord> xx = Residue25519<TWord>.Square(point.X);
        Residue25519<TWord> yy = Residue25519<TWord>.Square(point.Y);
        Residue25519<TWord> zz = Residue25519<TWord>.Square(point.Z);
        Residue25519<TWord> sum = point.X + point.Y;
        Residue25519<TWord> h = xx + yy;
        Residue25519<TWord> e = h - Residue25519<TWord>.Square(sum);
        Residue25519<TWord> g = xx - yy;
        Residue25519<TWord> f = zz + zz + g;
        return new EdwardsPoint<TWord>(e * f, g * h, f * g, e * h);
    }

    public static EdwardsPoint<TWord> Negate(in EdwardsPoint<TWord> point) =>
        new(Residue25519<TWord>.Zero - point.X, point.Y, point.Z, Residue25519<TWord>.Zero - point._t);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EdwardsPoint<TWord> Select(TWord mask, in EdwardsPoint<TWord> set, in EdwardsPoint<TWord> clear) => new(
        Residue25519<TWord>.Select(mask, set.X, clear.X),
        Residue25519<TWord>.Select(mask, set.Y, clear.Y),
        Residue25519<TWord>.Select(mask, set.Z, clear.Z),
        Residue25519<TWord>.Select(mask, set._t, clear._t));

    private static EdwardsPoint<TWord> Combine(in Residue25519<TWord> e, in Residue25519<TWord> d, in Residue25519<TWord> c,
        in Residue25519<TWord> h)
    {
        Residue25519<TWord> f = d - c;
        Residue25519<TWord> g = d + c;
        return new EdwardsPoint<TWord>(e * f, g * h, f * g, e * h);
    }
}
