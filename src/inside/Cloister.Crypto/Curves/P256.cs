using System;
using Curve = Cloister.Crypto.NistCurve<
    Cloister.Crypto.Residue256<Cloister.Crypto.Word64, Cloister.Crypto.P256Prime>,
    Cloister.Crypto.Residue256<Cloister.Crypto.Word64, Cloister.Crypto.P256Order>,
    Cloister.Crypto.P256Prime,
    Cloister.Crypto.P256Order,
    Cloister.Crypto.P256Curve,
    Cloister.Crypto.Sha256>;

namespace Cloister.Crypto;

/// <summary>
/// ECDSA (FIPS 186-5) with SHA-256 and ECDH (NIST SP 800-56A) over the curve P-256. Time depends on no private key.
/// </summary>
/// <remarks>Numbers are big-endian. Private keys should lie in <see cref="KeyMemory"/>.</remarks>
public static class P256
{
    /// <summary>Bytes of a private key, and of a coordinate.</summary>
    public const int PrivateKeySize = 32;

    /// <summary>Bytes of an uncompressed public key (SEC 1, 2.3.3): 04, x, y.</summary>
    public const int PublicKeySize = 1 + 2 * 32;

    /// <summary>Bytes of a signature: r and s (IEEE P1363); <see cref="EcdsaSignature"/> converts from DER.</summary>
    public const int SignatureSize = 2 * 32;

    /// <summary>Makes a private key of 32 bytes.</summary>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    public static void GeneratePrivateKey(RandomGenerator random, Span<byte> privateKey) => Curve.GeneratePrivateKey(random, privateKey);

    /// <summary>Computes the public key, 65 bytes, that belongs to a private key.</summary>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static void GetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) => Curve.GetPublicKey(privateKey, publicKey);

    /// <summary>Signs the SHA-256 hash of a message.</summary>
    /// <param name="privateKey">32 bytes.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">Gets 64 bytes.</param>
    /// <param name="extraEntropy">Random bytes mixed into the nonce (RFC 6979, 3.6); without them, signatures are deterministic.</param>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static void SignData(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> data, Span<byte> signature,
        ReadOnlySpan<byte> extraEntropy = default)
    {
        Span<byte> hash = stackalloc byte[Sha256.HashSizeInBytes];
        Sha256.HashData(data, hash);
        SignHash(privateKey, hash, signature, extraEntropy);
    }

    /// <summary>Signs a hash, whose leftmost 256 bits count.</summary>
    /// <inheritdoc cref="SignData"/>
    public static void SignHash(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash, Span<byte> signature,
        ReadOnlySpan<byte> extraEntropy = default) => Curve.SignHash(privateKey, hash, signature, extraEntropy);

    /// <summary>Whether a signature of a message is right. Keys and signatures that cannot be are wrong, not errors.</summary>
    /// <param name="publicKey">65 bytes, or 33 where compressed.</param>
    /// <param name="data">The message.</param>
    /// <param name="signature">r and s.</param>
    public static bool VerifyData(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[Sha256.HashSizeInBytes];
        Sha256.HashData(data, hash);
        return VerifyHash(publicKey, hash, signature);
    }

    /// <summary>Whether a signature of a hash is right.</summary>
    /// <inheritdoc cref="VerifyData"/>
    public static bool VerifyHash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Curve.VerifyHash(publicKey, hash, signature);

    /// <summary>ECDH: the x coordinate that both sides compute, 32 bytes. It is no key yet: derive one with <see cref="Hkdf"/>.</summary>
    /// <returns>False where the public key is no point of the curve; the secret is zeroed then.</returns>
    /// <exception cref="ArgumentException">A size is wrong, or the private key is not between 1 and the group's order.</exception>
    public static bool TryDeriveSharedSecret(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> secret) =>
        Curve.TryDeriveSharedSecret(privateKey, publicKey, secret);
}
