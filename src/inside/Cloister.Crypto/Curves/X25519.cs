using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>X25519 (RFC 7748): key agreement over Curve25519. Time depends on no private key.</summary>
/// <remarks>Private keys are any 32 random bytes, and should lie in <see cref="KeyMemory"/>.</remarks>
public static class X25519
{
    /// <summary>Bytes of a private key, a public key and a secret.</summary>
    public const int KeySize = 32;

    /// <summary>Computes the public key that belongs to a private key.</summary>
    /// <exception cref="ArgumentException">A size is not 32.</exception>
    public static void GetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Span<byte> basePoint = stackalloc byte[KeySize];
        basePoint.Clear();
        basePoint[0] = 9;
        TryDeriveSharedSecret(privateKey, basePoint, publicKey);
    }

    /// <summary>The secret that both sides compute. It is no key yet: derive one with <see cref="Hkdf"/>.</summary>
    /// <returns>False where the other side's key is one of the few with which every secret is zero (RFC 7748, 6.1).</returns>
    /// <exception cref="ArgumentException">A size is not 32.</exception>
    public static bool TryDeriveSharedSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret)
    {
        Arguments.RequireLength(privateKey.Length, KeySize, nameof(privateKey));
        Arguments.RequireLength(publicKey.Length, KeySize, nameof(publicKey));
        Arguments.RequireLength(secret.Length, KeySize, nameof(secret));
        bool isValid = TryComputeSecret(privateKey, publicKey, secret);
        StackMemory.Erase();
        return isValid;
    }

    // Not inlined, so that what it leaves on the stack can be erased.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryComputeSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret)
    {
        Span<Word64> scalar = stackalloc Word64[4];
        Span<Word64> coordinate = stackalloc Word64[4];
        Scalars.ReadLittleEndian(privateKey, scalar);
        Scalars.ReadLittleEndian(publicKey, coordinate);
        Multiply<Word64>(scalar, coordinate);
        Scalars.WriteLittleEndian(coordinate, secret);
        bool isZero = Scalars.IsZero<Word64>(coordinate).Value != 0;
        scalar.Clear();
        coordinate.Clear();
        return !isZero;
    }

    /// <summary>The function of RFC 7748, 5: a Montgomery ladder over all 255 bits, its branches replaced by exchanges under a mask.</summary>
    /// <param name="scalar">Four words; clamped.</param>
    /// <param name="coordinate">The point's u coordinate, replaced by the product's.</param>
    internal static void Multiply<TWord>(Span<TWord> scalar, Span<TWord> coordinate)
        where TWord : unmanaged, IWord64<TWord>
    {
        scalar[0] &= TWord.Constant(~7UL);
        scalar[3] = (scalar[3] & TWord.Constant(ulong.MaxValue >>> 2)) | TWord.Constant(1UL << 62);
        coordinate[3] &= TWord.Constant(ulong.MaxValue >>> 1);
        Residue25519<TWord> x1 = Residue25519<TWord>.FromWords(coordinate);
        Residue25519<TWord> x2 = Residue25519<TWord>.One;
        Residue25519<TWord> z2 = Residue25519<TWord>.Zero;
        Residue25519<TWord> x3 = x1;
        Residue25519<TWord> z3 = Residue25519<TWord>.One;
        Residue25519<TWord> a24 = Residue25519<TWord>.FromForm([121665, 0, 0, 0]);
        TWord swapped = TWord.Constant(0);
        for (int position = 254; position >= 0; position--)
        {
            TWord mask = TWord.Constant(0) - ((scalar[position / 64] >>> (position % 64)) & TWord.Constant(1));
            swapped ^= mask;
            Exchange(swapped, ref x2, ref x3);
            Exchange(swapped, ref z2, ref z3);
            swapped = mask;

            Residue25519<TWord> a = x2 + z2;
            Residue25519<TWord> b = x2 - z2;
            Residue25519<TWord> aa = Residue25519<TWord>.Square(a);
            Residue25519<TWord> bb = Residue25519<TWord>.Square(b);
            Residue25519<TWord> e = aa - bb;
            Residue25519<TWord> da = (x3 - z3) * a;
            Residue25519<TWord> cb = (x3 + z3) * b;
            x3 = Residue25519<TWord>.Square(da + cb);
            z3 = Residue25519<TWord>.Square(da - cb) * x1;
            x2 = aa * bb;
            z2 = e * (aa + a24 * e);
        }

        Exchange(swapped, ref x2, ref x3);
        Exchange(swapped, ref z2, ref z3);
        (x2 * Field25519.Invert(z2)).ToWords(coordinate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange<TWord>(TWord mask, ref Residue25519<TWord> left, ref Residue25519<TWord> right)
        where TWord : unmanaged, IWord64<TWord>
    {
        Residue25519<TWord> first = Residue25519<TWord>.Select(mask, right, left);
        right = Residue25519<TWord>.Select(mask, left, right);
        left = first;
    }
}
