using System;
using Curve = Cloister.Crypto.NistCurve<
    Cloister.Crypto.Residue384<Cloister.Crypto.Word64, Cloister.Crypto.P384Prime>,
    Cloister.Crypto.Residue384<Cloister.Crypto.Word64, Cloister.Crypto.P384Order>,
    Cloister.Crypto.P384Prime,
    Cloister.Crypto.P384Order,
    Cloister.Crypto.P384Curve,
    Cloister.Crypto.Sha384>;

namespace Cloister.Crypto;

/// <summary>
/// ECDSA (FIPS 186-5) with SHA-384 and ECDH (NIST SP 800-56A) over the curve P-384. Time depends on no private key.
/// </summary>
/// <remarks>Numbers are big-endian. Private keys should lie in <see cref="KeyMemory"/>.</remarks>
public static class P384
{
    /// <summary>Bytes of a private key, and of a coordinate.</summary>
    public const int PrivateKeySize = 48;

    /// <summary>Bytes of an uncompressed public key (SEC 1, 2.3.3): 04, x, y.</summary>
    public const int PublicKeySize = 1 + 2 * 48;

    /// <summary>Bytes of a signature: r and s (IEEE P1363); <see cref="EcdsaSignature"/> converts from DER.</summary>
    public const int SignatureSize = 2 * 48;

    /// <summary>Makes a private key of 48 bytes.</summary>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    public static void GeneratePrivateKey(RandomGenerator random, Span<byte> privateKey) => Curve.GeneratePrivateKey(random, privateKey);

    /// <summary>Computes the public key, 97 bytes, that belongs to a private key.</summary>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static void GetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => Curve.GetPublicKey(privateKey, publicKey);

    /// <summary>Signs the SHA-384 hash of a message.</summary>
    /// <param name="privateKey">48 bytes.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">Gets 96 bytes.</param>
    /// <param name="extraEntropy">Random bytes mixed into the nonce (RFC 6979, 3.6); without them, signatures are deterministic.</param>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static void SignData(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> data, Span<byte> signature,
        ReadOnlySpan<byte> extraEntropy = default)
    {
        Span<byte> hash = stackalloc byte[Sha384.HashSizeInBytes];
        Sha384.HashData(data, hash);
        SignHash(privateKey, hash, signature, extraEntropy);
    }

    /// <summary>Signs a hash, whose leftmost 384 bits count.</summary>
    /// <inheritdoc cref="SignData"/>
    public static void SignHash(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash, Span<byte> signature,
        ReadOnlySpan<byte> extraEntropy = default) => Curve.SignHash(privateKey, hash, signature, extraEntropy);

    /// <summary>Whether a signature of a message is right. Keys and signatures that cannot be are wrong, not errors.</summary>
    /// <param name="publicKey">97 bytes, or 49 where compressed.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">r and s.</param>
    public static bool VerifyData(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[Sha384.HashSizeInBytes];
        Sha384.HashData(data, hash);
        return VerifyHash(publicKey, hash, signature);
    }

    /// <summary>Whether a signature of a hash is right.</summary>
    /// <inheritdoc cref="VerifyData"/>
    public static bool VerifyHash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Curve.VerifyHash(publicKey, hash, signature);

    /// <summary>ECDH: the x coordinate that both sides compute, 48 bytes. It is no key yet: derive one with <see cref="Hkdf"/>.</summary>
    /// <returns>False where the public key is no point of the curve; the secret is zeroed then.</returns>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static bool TryDeriveSharedSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret) =>
        Curve.TryDeriveSharedSecret(privateKey, publicKey, secret);
}
