using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>The constants of a curve y^2 = x^3 - 3 x + b.</summary>
internal interface IWeierstrassCurve
{
    /// <summary>b, in the form that residues have in memory, as words, the lowest first; so are all the others.</summary>
    static abstract ReadOnlySpan<ulong> B { get; }

    /// <summary>The base point's coordinates.</summary>
    static abstract ReadOnlySpan<ulong> BaseX { get; }

    static abstract ReadOnlySpan<ulong> BaseY { get; }
}

/// <summary>
/// A point of a curve y^2 = x^3 - 3 x + b of prime order, in projective coordinates (X : Y : Z), x = X / Z, y = Y / Z.
/// </summary>
/// <remarks>
/// J. Renes, C. Costello, L. Batina, "Complete addition formulas for prime order elliptic curves" (eprint 2015/1060), algorithms 4 and 6:
/// right for all pairs of points, so that there are no special cases to branch on.
/// </remarks>
internal readonly struct WeierstrassPoint<TResidue, TWord, TCurve> : IGroupPoint<WeierstrassPoint<TResidue, TWord, TCurve>, TWord>
    where TResidue : unmanaged, IResidue<TResidue, TWord>
    where TWord : unmanaged, IWord64<TWord>
    where TCurve : struct, IWeierstrassCurve
{
    public readonly TResidue X;
    public readonly TResidue Y;
    public readonly TResidue Z;

    public WeierstrassPoint(in TResidue x, in TResidue y, in TResidue z)
    {
        X = x;
        Y = y;
        Z = z;
    }

    public static WeierstrassPoint<TResidue, TWord, TCurve> Identity => new(TResidue.Zero, TResidue.One, TResidue.Zero);

    public static WeierstrassPoint<TResidue, TWord, TCurve> Base => new(TResidue.FromForm(TCurve.BaseX), TResidue.FromForm(TCurve.BaseY), TResidue.One);

    public static WeierstrassPoint<TResidue, TWord, TCurve> operator +(in WeierstrassPoint<TResidue, TWord, TCurve> left,
        in WeierstrassPoint<TResidue, TWord, TCurve> right)
    {
        TResidue b = TResidue.FromForm(TCurve.B);
        TResidue xx = left.X * right.X;
        TResidue yy = left.Y * right.Y;
        TResidue zz = left.Z * right.Z;
        // Each sum of two cross products by one multiplication (Karatsuba).
        TResidue xy = (left.X + left.Y) * (right.X + right.Y) - (xx + yy);
        TResidue yz = (left.Y + left.Z) * (right.Y + right.Z) - (yy + zz);
        TResidue xz = (left.X + left.Z) * (right.X + right.Z) - (xx + zz);
        TResidue slope = Triple(xz - b * zz);
        TResidue below = yy - slope;
        TResidue above = yy + slope;
        TResidue zz3 = Triple(zz);
        TResidue rise = Triple(b * xz - zz3 - xx);
        TResidue run = Triple(xx) - zz3;
        return new WeierstrassPoint<TResidue, TWord, TCurve>(
            xy * above - yz * rise,
            above * below + run * rise,
            yz * below + xy * run);
    }

    public static WeierstrassPoint<TResidue, TWord, TCurve> Double(in WeierstrassPoint<TResidue, TWord, TCurve> point)
    {
        TResidue b = TResidue.FromForm(TCurve.B);
        TResidue xx = TResidue.Square(point.X);
        TResidue yy = TResidue.Square(point.Y);
        TResidue zz = TResidue.Square(point.Z);
        TResidue xy = point.X * point.Y;
        TResidue xz = point.X * point.Z;
        TResidue yz = point.Y * point.Z;
        xy += xy;
        xz += xz;
        yz += yz;
        TResidue slope = Triple(b * zz - xz);
        TResidue below = yy - slope;
        TResidue above = yy + slope;
        TResidue zz3 = Triple(zz);
        TResidue rise = Triple(b * xz - zz3 - xx);
        TResidue run = Triple(xx) - zz3;
        TResidue z = yz * yy;
        z += z;
        return new WeierstrassPoint<TResidue, TWord, TCurve>(below * xy - yz * rise, below * above + run * rise, z + z);
    }

    public static WeierstrassPoint<TResidue, TWord, TCurve> Negate(in WeierstrassPoint<TResidue, TWord, TCurve> point) =>
        new(point.X, TResidue.Zero - point.Y, point.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WeierstrassPoint<TResidue, TWord, TCurve> Select(TWord mask, in WeierstrassPoint<TResidue, TWord, TCurve> set,
        in WeierstrassPoint<TResidue, TWord, TCurve> clear) =>
        new(TResidue.Select(mask, set.X, clear.X), TResidue.Select(mask, set.Y, clear.Y), TResidue.Select(mask, set.Z, clear.Z));

    /// <summary>All ones where y^2 = x^3 - 3 x + b, for a point with Z = 1.</summary>
    public TWord IsOnCurve() => (Y * Y - RightSide(X)).IsZero();

    /// <summary>x^3 - 3 x + b.</summary>
    public static TResidue RightSide(in TResidue x) => x * x * x - Triple(x) + TResidue.FromForm(TCurve.B);

    private static TResidue Triple(in TResidue value) => value + value + value;
}
