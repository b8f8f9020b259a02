using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// Ed25519 (RFC 8032, 5.1) with one private key. Signing takes a time that depends on the message's length only.
/// </summary>
/// <remarks>
/// An instance may be used by several threads. Verification is the strict, cofactorless one of RFC 8032, 5.1.7: the encoded S B - k A must be R's very bytes,
/// S must be below the group's order, and encodings must be canonical.
/// </remarks>
public sealed class Ed25519 : IDisposable
{
    /// <summary>Bytes of a private key: the seed.</summary>
    public const int PrivateKeySize = 32;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    private static readonly EdwardsPoint<Word64>[] s_base = ScalarMultiplication.BaseTable<EdwardsPoint<Word64>, Word64>(EdwardsPoint<Word64>.Base, 4);

    // Scalar, prefix and public key, 32 bytes each.
    private readonly KeyMemory _key = new(96);

    /// <summary>Expands a private key of 32 random bytes, which isn't kept.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public Ed25519(ReadOnlySpan<byte> privateKey)
    {
        Arguments.RequireLength(privateKey.Length, PrivateKeySize, nameof(privateKey));
        Expand(privateKey, _key.Span);
        StackMemory.Erase();
    }

    // Methods that hold secrets are not inlined, so that what they leave on the stack can be erased (StackMemory).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Expand(ReadOnlySpan<byte> privateKey, Span<byte> key)
    {
        Sha512.HashData(privateKey, key);
        key[0] &= 0xF8;
        key[31] = (byte)((key[31] & 0x7F) | 0x40);
        Span<Word64> scalar = stackalloc Word64[4];
        Scalars.ReadLittleEndian(key, scalar);
        Encode(ScalarMultiplication.MultiplyBase<EdwardsPoint<Word64>, Word64>(s_base, scalar), key[64..]);
        scalar.Clear();
    }

    /// <summary>Writes the public key.</summary>
    /// <exception cref="ArgumentException">The destination hasn't 32 bytes.</exception>
    public void GetPublicKey(Span<byte> publicKey)
    {
        Arguments.RequireLength(publicKey.Length, PublicKeySize, nameof(publicKey));
        _key.Span[64..].CopyTo(publicKey);
    }

    /// <summary>Signs a message.</summary>
    /// <exception cref="ArgumentException">The signature hasn't 64 bytes.</exception>
    public void SignData(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        Arguments.RequireLength(signature.Length, SignatureSize, nameof(signature));
        ComputeSignature(_key.Span, data, signature);
        StackMemory.Erase();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ComputeSignature(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        Span<byte> digest = stackalloc byte[64];
        Span<Word64> words = stackalloc Word64[4];
        Sha512 hash = Sha512.Create();
        hash.Append(key.Slice(32, 32));
        hash.Append(data);
        hash.GetHashAndReset(digest);
        Residue256<Word64, Ed25519Order> nonce = ReduceWide(digest);
        nonce.ToWords(words);
        Encode(ScalarMultiplication.MultiplyBase<EdwardsPoint<Word64>, Word64>(s_base, words), signature[..32]);

        hash.Append(signature[..32]);
        hash.Append(key[64..]);
        hash.Append(data);
        hash.GetHashAndReset(digest);
        Scalars.ReadLittleEndian(key, words);
        (nonce + ReduceWide(digest) * Residue256<Word64, Ed25519Order>.FromWords(words)).ToWords(words);
        Scalars.WriteLittleEndian(words, signature[32..]);
        words.Clear();
        FixedTime.Zero(digest);
    }

    /// <summary>Whether a signature of a message is right. Keys and signatures that cannot be are wrong, not errors.</summary>
    public static bool VerifyData(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Verify<Sha512>(publicKey, data, signature);

    internal static bool Verify<THash>(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        where THash : struct, IHash<THash>
    {
        if (signature.Length != SignatureSize || !TryDecode(publicKey, out EdwardsPoint<Word64> point))
            return false;
        Span<Word64> s = stackalloc Word64[4];
        Span<Word64> k = stackalloc Word64[4];
        Span<byte> digest = stackalloc byte[64];
        Scalars.ReadLittleEndian(signature[32..], s);
        if (Scalars.IsBelow<Word64>(s, Ed25519Order.Modulus).Value == 0)
            return false;
        THash hash = THash.Create();
        hash.Append(signature[..32]);
        hash.Append(publicKey);
        hash.Append(data);
        hash.GetHashAndReset(digest);
        ReduceWide(digest).ToWords(k);
        EdwardsPoint<Word64> result = ScalarMultiplication.MultiplyBase<EdwardsPoint<Word64>, Word64>(s_base, s) +
            ScalarMultiplication.Multiply<EdwardsPoint<Word64>, Word64>(EdwardsPoint<Word64>.Negate(point), k);
        Encode(result, digest[..32]);
        return FixedTime.Equals(digest[..32], signature[..32]);
    }

    /// <summary>Erases the private key.</summary>
    public void Dispose() => _key.Dispose();

    // 512 bits modulo the group's order.
    internal static Residue256<Word64, Ed25519Order> ReduceWide(ReadOnlySpan<byte> digest)
    {
        Span<Word64> words = stackalloc Word64[8];
        Scalars.ReadLittleEndian(digest, words);
        // The constant's Montgomery form is the radix squared, so it stands for 2^256.
        return Residue256<Word64, Ed25519Order>.FromWords(words[..4]) +
            Residue256<Word64, Ed25519Order>.FromWords(words[4..]) * Residue256<Word64, Ed25519Order>.FromForm(Ed25519Order.RadixSquared);
    }

    // RFC 8032, 5.1.2: y, and the lowest bit of x in the top bit.
    internal static void Encode(in EdwardsPoint<Word64> point, Span<byte> bytes)
    {
        Span<Word64> words = stackalloc Word64[4];
        Residue25519<Word64> inverse = Field25519.Invert(point.Z);
        (point.X * inverse).ToWords(words);
        Word64 sign = words[0] << 63;
        (point.Y * inverse).ToWords(words);
        words[3] |= sign;
        Scalars.WriteLittleEndian(words, bytes);
    }

    // RFC 8032, 5.1.3. Public keys are public: this may branch.
    private static bool TryDecode(ReadOnlySpan<byte> bytes, out EdwardsPoint<Word64> point)
    {
        point = default;
        if (bytes.Length != PublicKeySize)
            return false;
        Span<Word64> words = stackalloc Word64[4];
        Scalars.ReadLittleEndian(bytes, words);
        ulong sign = words[3].Value >>> 63;
        words[3] &= new Word64(ulong.MaxValue >>> 1);
        if (Scalars.IsBelow<Word64>(words, Residue25519<Word64>.Modulus).Value == 0)
            return false;
        Residue25519<Word64> y = Residue25519<Word64>.FromWords(words);
        Residue25519<Word64> yy = y * y;
        Residue25519<Word64> u = yy - Residue25519<Word64>.One;
        Residue25519<Word64> v = yy * Residue25519<Word64>.FromForm(EdwardsPoint<Word64>.D) + Residue25519<Word64>.One;
        Residue25519<Word64> v3 = v * v * v;
        Residue25519<Word64> x = u * v3 * Field25519.PowerForRoot(u * v3 * v3 * v);
        Residue25519<Word64> square = v * x * x;
        if ((square - u).IsZero().Value == 0)
        {
            if ((square + u).IsZero().Value == 0)
                return false;
            x *= Residue25519<Word64>.FromForm(Field25519.RootOfMinusOne);
        }

        x.ToWords(words);
        if (x.IsZero().Value != 0 && sign != 0)
            return false;
        if ((words[0].Value & 1) != sign)
            x = Residue25519<Word64>.Zero - x;
        point = EdwardsPoint<Word64>.FromAffine(x, y);
        return true;
    }
}
