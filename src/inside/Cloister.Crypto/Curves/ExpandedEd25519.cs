using System;

namespace Cloister.Crypto;

/// <summary>
/// Ed25519 (RFC 8032, 5.1) with an expanded private key, the scalar and the prefix, in the caller's memory. Nothing is allocated and no table is kept,
/// so that code without a heap can sign; <see cref="Ed25519"/> is several times as fast. The hash is a parameter: Keystone's signatures have SHA3-512
/// in the place of RFC 8032's SHA-512.
/// </summary>
/// <remarks>Takes a time that depends on the message's length only.</remarks>
public static class ExpandedEd25519
{
    /// <summary>Bytes of an expanded private key.</summary>
    public const int PrivateKeySize = 64;

    /// <summary>Makes the keys that belong to a seed of 32 bytes.</summary>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public static void CreateKeys<THash>(ReadOnlySpan<byte> seed, Span<byte> privateKey, Span<byte> publicKey)
        where THash : struct, IHash<THash>
    {
        Arguments.RequireLength(seed.Length, Ed25519.PrivateKeySize, nameof(seed));
        Arguments.RequireLength(privateKey.Length, PrivateKeySize, nameof(privateKey));
        Arguments.RequireLength(publicKey.Length, Ed25519.PublicKeySize, nameof(publicKey));
        THash hash = THash.Create();
        hash.Append(seed);
        hash.GetHashAndReset(privateKey);
        privateKey[0] &= 0xF8;
        privateKey[31] = (byte)((privateKey[31] & 0x7F) | 0x40);
        Span<Word64> scalar = stackalloc Word64[4];
        Scalars.ReadLittleEndian(privateKey, scalar);
        Ed25519.Encode(ScalarMultiplication.Multiply<EdwardsPoint<Word64>, Word64>(EdwardsPoint<Word64>.Base, scalar), publicKey);
        scalar.Clear();
    }

    /// <summary>Signs a message.</summary>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public static void SignData<THash>(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, Span<byte> signature)
        where THash : struct, IHash<THash>
    {
        Arguments.RequireLength(privateKey.Length, PrivateKeySize, nameof(privateKey));
        Arguments.RequireLength(publicKey.Length, Ed25519.PublicKeySize, nameof(publicKey));
        Arguments.RequireLength(signature.Length, Ed25519.SignatureSize, nameof(signature));
        Span<byte> digest = stackalloc byte[64];
        Span<Word64> words = stackalloc Word64[4];
        THash hash = THash.Create();
        hash.Append(privateKey[32..]);
        hash.Append(data);
        hash.GetHashAndReset(digest);
        Residue256<Word64, Ed25519Order> nonce = Ed25519.ReduceWide(digest);
        nonce.ToWords(words);
        Ed25519.Encode(ScalarMultiplication.Multiply<EdwardsPoint<Word64>, Word64>(EdwardsPoint<Word64>.Base, words), signature[..32]);

        hash.Append(signature[..32]);
        hash.Append(publicKey);
        hash.Append(data);
        hash.GetHashAndReset(digest);
        Scalars.ReadLittleEndian(privateKey, words);
        (nonce + Ed25519.ReduceWide(digest) * Residue256<Word64, Ed25519Order>.FromWords(words)).ToWords(words);
        Scalars.WriteLittleEndian(words, signature[32..]);
        words.Clear();
        FixedTime.Zero(digest);
    }

    /// <summary>Whether a signature of a message is right. Keys and signatures that cannot be are wrong, not errors.</summary>
    public static bool VerifyData<THash>(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        where THash : struct, IHash<THash> => Ed25519.Verify<THash>(publicKey, data, signature);
}
