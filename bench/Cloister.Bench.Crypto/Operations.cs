using System;
using System.Collections.Generic;
using Bcl = System.Security.Cryptography;

namespace Cloister.Bench.Crypto;

/// <summary>What is measured. Keys and nonces are fixed: speed does not depend on them.</summary>
internal static class Operations
{
    public static List<CryptoMeasure> All()
    {
        var all = new List<CryptoMeasure>();
        foreach (int size in new[] { 64, 512, 4096, 16384 })
        {
            all.Add(AesGcm(32, size, $"-evp aes-256-gcm -bytes {size}") with
            {
                RuntimeGoal = size switch { 64 => 4, 4096 => 1.5, _ => 0 },
                OpenSslGoal = size == 4096 ? 1 : 0,
            });
        }

        all.Add(AesGcm(16, 4096, "-evp aes-128-gcm -bytes 4096"));
        all.Add(PortableAesGcm(4096));
        all.Add(ChaCha(64));
        all.Add(ChaCha(4096));
        all.Add(ChaCha(16384));
        all.Add(Hash<Cloister.Crypto.Sha256>("sha256", "SHA-256", 64, data => Bcl.SHA256.HashData(data, s_scratch)));
        all.Add(Hash<Cloister.Crypto.Sha256>("sha256", "SHA-256", 16384, data => Bcl.SHA256.HashData(data, s_scratch)));
        all.Add(Hash<Cloister.Crypto.Sha512>("sha512", "SHA-512", 16384, data => Bcl.SHA512.HashData(data, s_scratch)));
        all.Add(Hash<Cloister.Crypto.Sha3_256>("sha3-256", "SHA3-256", 16384, Bcl.SHA3_256.IsSupported ? data => Bcl.SHA3_256.HashData(data, s_scratch) : null));
        all.Add(ManyHashes("lanes8", "SHA-256 of 8 x 4096 bytes", 8));
        all.Add(ManyHashes("lanes16", "SHA-256 of 16 x 4096 bytes", 16));
        all.AddRange(P256());
        all.AddRange(Curve25519());
        all.Add(Rsa());
        return all;
    }

    private static readonly byte[] s_scratch = new byte[64];

    private static CryptoMeasure AesGcm(int keySize, int size, string openSsl)
    {
        var ours = new Cloister.Crypto.AesGcm(new byte[keySize]);
        var runtime = new Bcl.AesGcm(new byte[keySize], 16);
        byte[] nonce = new byte[12];
        byte[] tag = new byte[16];
        byte[] text = new byte[size];
        byte[] output = new byte[size];
        return new CryptoMeasure($"aes-{keySize * 8}-gcm-{size}", $"AES-{keySize * 8}-GCM, {size} bytes", size,
            count =>
            {
                for (int i = 0; i < count; i++)
                    ours.Encrypt(nonce, text, output, tag);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    runtime.Encrypt(nonce, text, output, tag);
            },
            openSsl);
    }

    private static CryptoMeasure PortableAesGcm(int size)
    {
        var ours = new Cloister.Crypto.AesGcm(new byte[32], forcePortable: true);
        byte[] nonce = new byte[12];
        byte[] tag = new byte[16];
        byte[] text = new byte[size];
        byte[] output = new byte[size];
        return new CryptoMeasure($"aes-256-gcm-portable-{size}", $"AES-256-GCM portable, {size} bytes", size,
            count =>
            {
                for (int i = 0; i < count; i++)
                    ours.Encrypt(nonce, text, output, tag);
            },
            null,
            null);
    }

    private static CryptoMeasure ChaCha(int size)
    {
        var ours = new Cloister.Crypto.ChaCha20Poly1305(new byte[32]);
        var runtime = new Bcl.ChaCha20Poly1305(new byte[32]);
        byte[] nonce = new byte[12];
        byte[] tag = new byte[16];
        byte[] text = new byte[size];
        byte[] output = new byte[size];
        return new CryptoMeasure($"chacha20-poly1305-{size}", $"ChaCha20-Poly1305, {size} bytes", size,
            count =>
            {
                for (int i = 0; i < count; i++)
                    ours.Encrypt(nonce, text, output, tag);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    runtime.Encrypt(nonce, text, output, tag);
            },
            $"-evp chacha20-poly1305 -bytes {size}");
    }

    private static CryptoMeasure Hash<THash>(string name, string title, int size, Action<byte[]>? runtime)
        where THash : struct, Cloister.Crypto.IHash<THash>
    {
        byte[] text = new byte[size];
        byte[] output = new byte[64];
        return new CryptoMeasure($"{name}-{size}", $"{title}, {size} bytes", size,
            count =>
            {
                for (int i = 0; i < count; i++)
                {
                    THash hash = THash.Create();
                    hash.Append(text);
                    hash.GetHashAndReset(output);
                }
            },
            runtime is null ? null : count =>
            {
                for (int i = 0; i < count; i++)
                    runtime(text);
            },
            $"-evp {name} -bytes {size}");
    }

    private static IEnumerable<CryptoMeasure> P256()
    {
        var runtime = Bcl.ECDsa.Create(Bcl.ECCurve.NamedCurves.nistP256);
        Bcl.ECParameters parameters = runtime.ExportParameters(true);
        byte[] publicKey = new byte[65];
        byte[] hash = new byte[32];
        byte[] signature = new byte[64];
        byte[] secret = new byte[32];
        byte[] privateKey = parameters.D!;
        Cloister.Crypto.P256.GetPublicKey(privateKey, publicKey);
        Cloister.Crypto.P256.SignHash(privateKey, hash, signature);
        byte[] toVerify = (byte[])signature.Clone();
        yield return new CryptoMeasure("p256-sign", "ECDSA P-256 sign", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.P256.SignHash(privateKey, hash, signature);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    runtime.SignHash(hash, signature);
            },
            "ecdsap256") { RuntimeGoal = 0.3 };
        yield return new CryptoMeasure("p256-verify", "ECDSA P-256 verify", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.P256.VerifyHash(publicKey, hash, toVerify);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    runtime.VerifyHash(hash, toVerify);
            },
            "ecdsap256");
        var exchange = Bcl.ECDiffieHellman.Create(parameters);
        yield return new CryptoMeasure("p256-ecdh", "ECDH P-256", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.P256.TryDeriveSharedSecret(privateKey, publicKey, secret);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    exchange.DeriveRawSecretAgreement(exchange.PublicKey);
            },
            "ecdhp256");
    }

    // The runtime and openssl hash one message of as many bytes in all, with the processor's SHA instructions.
    private static CryptoMeasure ManyHashes(string name, string title, int lanes)
    {
        byte[] text = new byte[lanes * 4096];
        byte[] hashes = new byte[lanes * 32];
        bool eight = lanes == 8;
        return new CryptoMeasure($"sha256-{name}", title, text.Length,
            count =>
            {
                for (int i = 0; i < count; i++)
                {
                    if (eight)
                        Cloister.Crypto.Sha256Many.HashEight(text, 4096, hashes);
                    else
                        Cloister.Crypto.Sha256Many.HashData(text, 4096, hashes);
                }
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    Bcl.SHA256.HashData(text, s_scratch);
            },
            $"-evp sha256 -bytes {text.Length}") { RuntimeGoal = 1, OpenSslGoal = 1 };
    }

    private static IEnumerable<CryptoMeasure> Curve25519()
    {
        byte[] key = new byte[32];
        key[0] = 1;
        byte[] publicKey = new byte[32];
        byte[] secret = new byte[32];
        byte[] signature = new byte[64];
        byte[] text = new byte[32];
        var signer = new Cloister.Crypto.Ed25519(key);
        signer.SignData(text, signature);
        byte[] toVerify = (byte[])signature.Clone();
        byte[] signerKey = new byte[32];
        signer.GetPublicKey(signerKey);
        Cloister.Crypto.X25519.GetPublicKey(key, publicKey);
        yield return new CryptoMeasure("x25519", "X25519", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.X25519.TryDeriveSharedSecret(key, publicKey, secret);
            },
            null,
            "ecdhx25519");
        yield return new CryptoMeasure("ed25519-sign", "Ed25519 sign", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    signer.SignData(text, signature);
            },
            null,
            "ed25519");
        yield return new CryptoMeasure("ed25519-verify", "Ed25519 verify", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.Ed25519.VerifyData(signerKey, text, toVerify);
            },
            null,
            "ed25519");
    }

    private static CryptoMeasure Rsa()
    {
        var runtime = Bcl.RSA.Create(3072);
        Bcl.RSAParameters parameters = runtime.ExportParameters(false);
        byte[] text = new byte[32];
        byte[] signature = runtime.SignData(text, Bcl.HashAlgorithmName.SHA256, Bcl.RSASignaturePadding.Pkcs1);
        return new CryptoMeasure("rsa-3072-verify", "RSA-3072 verify", 0,
            count =>
            {
                for (int i = 0; i < count; i++)
                    Cloister.Crypto.RsaVerification.VerifyPkcs1<Cloister.Crypto.Sha256>(parameters.Modulus, parameters.Exponent, text, signature);
            },
            count =>
            {
                for (int i = 0; i < count; i++)
                    runtime.VerifyData(text, signature, Bcl.HashAlgorithmName.SHA256, Bcl.RSASignaturePadding.Pkcs1);
            },
            "rsa3072");
    }
}
