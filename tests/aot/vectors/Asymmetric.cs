using System;
using Cloister.Crypto;

namespace Cloister.Aot.Vectors;

internal static class Asymmetric
{
    public static void All()
    {
        Program.Each(Data.X25519, fields =>
        {
            byte[] secret = new byte[X25519.KeySize];
            Program.Report("X25519 agrees", X25519.TryDeriveSharedSecret(fields[0], fields[1], secret));
            Program.Report("X25519", secret, fields[2]);
        });
        Program.Each(Data.Ed25519, fields =>
        {
            using var key = new Ed25519(fields[0]);
            byte[] publicKey = new byte[Ed25519.PublicKeySize];
            key.GetPublicKey(publicKey);
            Program.Report("Ed25519 key", publicKey, fields[2]);
            byte[] signature = new byte[Ed25519.SignatureSize];
            key.SignData(fields[1], signature);
            Program.Report("Ed25519", signature, fields[3]);
            Program.Report("Ed25519 verifies", Ed25519.VerifyData(publicKey, fields[1], signature));
            signature[3] ^= 4;
            Program.Report("Ed25519 changed", Ed25519.VerifyData(publicKey, fields[1], signature), expected: false);
        });
        Program.Each(Data.RefusedEd25519, fields => Program.Report("Ed25519", Ed25519.VerifyData(fields[0], fields[1], fields[2]), expected: false));
        Program.Each(Data.P256, fields =>
        {
            byte[] publicKey = new byte[P256.PublicKeySize];
            P256.GetPublicKey(fields[0], publicKey);
            Program.Report("P-256 key", publicKey, fields[2]);
            Program.Report("P-256 verifies", P256.VerifyData(publicKey, fields[1], fields[3]));
            byte[] signature = new byte[P256.SignatureSize];
            P256.SignData(fields[0], fields[1], signature);
            Program.Report("P-256", signature, signature);
            Program.Report("P-256 verifies its own", P256.VerifyData(publicKey, fields[1], signature));
            byte[] secret = new byte[32];
            Program.Report("P-256 agrees", P256.TryDeriveSharedSecret(fields[0], fields[4], secret));
            Program.Report("P-256 secret", secret, fields[5]);
        });
        Program.Each(Data.RefusedP256, fields => Program.Report("P-256", P256.VerifyData(fields[0], fields[1], fields[2]), expected: false));
        Program.Each(Data.P384, fields =>
        {
            byte[] publicKey = new byte[P384.PublicKeySize];
            P384.GetPublicKey(fields[0], publicKey);
            Program.Report("P-384 key", publicKey, fields[2]);
            Program.Report("P-384 verifies", P384.VerifyData(publicKey, fields[1], fields[3]));
            byte[] signature = new byte[P384.SignatureSize];
            P384.SignData(fields[0], fields[1], signature);
            Program.Report("P-384", signature, signature);
            byte[] secret = new byte[48];
            Program.Report("P-384 agrees", P384.TryDeriveSharedSecret(fields[0], fields[4], secret));
            Program.Report("P-384 secret", secret, fields[5]);
        });
        Program.Each(Data.RsaPkcs1, fields =>
        {
            Program.Report("RSA PKCS #1", RsaVerification.VerifyPkcs1<Sha256>(fields[0], fields[1], fields[2], fields[3]));
            fields[2][0] ^= 1;
            Program.Report("RSA PKCS #1 changed", RsaVerification.VerifyPkcs1<Sha256>(fields[0], fields[1], fields[2], fields[3]), expected: false);
        });
        Program.Each(Data.RsaPss, fields =>
        {
            Program.Report("RSA PSS", RsaVerification.VerifyPss<Sha256>(fields[0], fields[1], fields[2], fields[3]));
            fields[3][9] ^= 1;
            Program.Report("RSA PSS changed", RsaVerification.VerifyPss<Sha256>(fields[0], fields[1], fields[2], fields[3]), expected: false);
        });
    }
}
