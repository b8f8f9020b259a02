using System;
using System.Text.Json;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class NistCurveTests
{
    [Fact]
    public void EcdsaP256PassesWycheproof() => Wycheproof.Run("ecdsa_secp256r1_sha256_test.json", (group, test) =>
    {
        byte[] signature = new byte[64];
        return EcdsaSignature.TryFromDer(test.Bytes("sig"), signature) &&
            P256.VerifyData(group.GetProperty("publicKey").Bytes("uncompressed"), test.Bytes("msg"), signature);
    });

    [Fact]
    public void EcdsaP256PlainPassesWycheproof() => Wycheproof.Run("ecdsa_secp256r1_sha256_p1363_test.json", (group, test) =>
        P256.VerifyData(group.GetProperty("publicKey").Bytes("uncompressed"), test.Bytes("msg"), test.Bytes("sig")));

    [Fact]
    public void EcdsaP384PassesWycheproof() => Wycheproof.Run("ecdsa_secp384r1_sha384_test.json", (group, test) =>
    {
        byte[] signature = new byte[96];
        return EcdsaSignature.TryFromDer(test.Bytes("sig"), signature) &&
            P384.VerifyData(group.GetProperty("publicKey").Bytes("uncompressed"), test.Bytes("msg"), signature);
    });

    [Fact]
    public void EcdhP256PassesWycheproof() => Wycheproof.Run("ecdh_secp256r1_ecpoint_test.json", (_, test) =>
    {
        byte[] given = Convert.FromHexString(FixHex(test.GetProperty("private").GetString()!));
        byte[] key = new byte[32];
        int length = Math.Min(32, given.Length);
        given.AsSpan(given.Length - length).CopyTo(key.AsSpan(32 - length));
        byte[] secret = new byte[32];
        if (!P256.TryDeriveSharedSecret(key, test.Bytes("public"), secret))
            return false;
        if (test.GetProperty("result").GetString() != "invalid")
            Assert.Equal(test.Bytes("shared"), secret);
        return true;
    });

    // RFC 6979, A.2.5 and A.2.6, with the hash that belongs to the curve.
    [Theory]
    [InlineData("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void P256SignsAsRfc6979(string message, string expected)
    {
        byte[] key = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        byte[] signature = new byte[64];
        P256.SignData(key, System.Text.Encoding.ASCII.GetBytes(message), signature);
        Assert.Equal(expected, Convert.ToHexString(signature));
    }

    [Theory]
    [InlineData("sample", "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE4699EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8")]
    public void P384SignsAsRfc6979(string message, string expected)
    {
        byte[] key = Convert.FromHexString("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5");
        byte[] signature = new byte[96];
        P384.SignData(key, System.Text.Encoding.ASCII.GetBytes(message), signature);
        Assert.Equal(expected, Convert.ToHexString(signature));
    }

    [Fact]
    public void P256AgreesWithSystem()
    {
        var random = new Random(6);
        for (int i = 0; i < 200; i++)
        {
            using var reference = Bcl.ECDsa.Create(Bcl.ECCurve.NamedCurves.nistP256);
            Bcl.ECParameters parameters = reference.ExportParameters(true);
            byte[] publicKey = new byte[65];
            P256.GetPublicKey(parameters.D!, publicKey);
            Assert.Equal(parameters.Q.X, publicKey[1..33]);
            Assert.Equal(parameters.Q.Y, publicKey[33..]);
            byte[] data = new byte[random.Next(200)];
            random.NextBytes(data);
            byte[] signature = new byte[64];
            P256.SignData(parameters.D!, data, signature, i % 2 == 0 ? default : data);
            Assert.True(reference.VerifyData(data, signature, Bcl.HashAlgorithmName.SHA256));
            Assert.True(P256.VerifyData(publicKey, data, reference.SignData(data, Bcl.HashAlgorithmName.SHA256)));
            signature[random.Next(64)] ^= 1;
            Assert.False(P256.VerifyData(publicKey, data, signature));

            using var exchange = Bcl.ECDiffieHellman.Create(Bcl.ECCurve.NamedCurves.nistP256);
            Bcl.ECParameters other = exchange.ExportParameters(true);
            byte[] secret = new byte[32];
            Assert.True(P256.TryDeriveSharedSecret(other.D!, publicKey, secret));
            using var peer = Bcl.ECDiffieHellman.Create(new Bcl.ECParameters { Curve = parameters.Curve, Q = parameters.Q });
            Assert.Equal(exchange.DeriveRawSecretAgreement(peer.PublicKey), secret);
        }
    }

    [Fact]
    public void P384AgreesWithSystem()
    {
        var random = new Random(7);
        for (int i = 0; i < 50; i++)
        {
            using var reference = Bcl.ECDsa.Create(Bcl.ECCurve.NamedCurves.nistP384);
            Bcl.ECParameters parameters = reference.ExportParameters(true);
            byte[] publicKey = new byte[97];
            P384.GetPublicKey(parameters.D!, publicKey);
            Assert.Equal(parameters.Q.X, publicKey[1..49]);
            Assert.Equal(parameters.Q.Y, publicKey[49..]);
            byte[] data = new byte[random.Next(200)];
            random.NextBytes(data);
            byte[] signature = new byte[96];
            P384.SignData(parameters.D!, data, signature);
            Assert.True(reference.VerifyData(data, signature, Bcl.HashAlgorithmName.SHA384));
            Assert.True(P384.VerifyData(publicKey, data, reference.SignData(data, Bcl.HashAlgorithmName.SHA384)));
            signature[random.Next(96)] ^= 1;
            Assert.False(P384.VerifyData(publicKey, data, signature));
        }
    }

    private static string FixHex(string text) => text.Length % 2 == 0 ? text : "0" + text;
}
