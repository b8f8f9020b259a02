using System;
using System.Text.Json;
using Xunit;

namespace Cloister.Crypto.Tests;

public sealed class Curve25519Tests
{
    [Fact]
    public void X25519PassesWycheproof() => Wycheproof.Run("x25519_test.json", (_, test) =>
    {
        byte[] secret = new byte[32];
        if (!X25519.TryDeriveSharedSecret(test.Bytes("private"), test.Bytes("public"), secret))
            return false;
        Assert.Equal(test.Bytes("shared"), secret);
        return true;
    });

    // RFC 7748, 5.2: the function applied to its own results, 1000 times.
    [Fact]
    public void X25519PassesItsIteratedTest()
    {
        byte[] scalar = new byte[32];
        scalar[0] = 9;
        byte[] point = (byte[])scalar.Clone();
        for (int i = 0; i < 1000; i++)
        {
            byte[] next = new byte[32];
            Assert.True(X25519.TryDeriveSharedSecret(scalar, point, next));
            point = scalar;
            scalar = next;
            if (i == 0)
                Assert.Equal("422C8E7A6227D7BCA1350B3E2BB7279F7897B87BB6854B783C60E80311AE3079", Convert.ToHexString(scalar));
        }

        Assert.Equal("684CF59BA83309552800EF566F2F4D3C1C3887C49360E3875F2EB94D99532C51", Convert.ToHexString(scalar));
    }

    [Fact]
    public void Ed25519PassesWycheproof() => Wycheproof.Run("ed25519_test.json", (group, test) =>
        Ed25519.VerifyData(group.GetProperty("publicKey").Bytes("pk"), test.Bytes("msg"), test.Bytes("sig")));

    // The 1024 vectors of Ed25519's authors: seed and public key, public key, message, signature and message.
    [Fact]
    public void Ed25519SignsAsItsAuthorsDo()
    {
        string path = VectorFiles.Packaged("asymmetric/Ed25519/sign.input");
        int count = 0;
        foreach (string line in System.IO.File.ReadLines(path))
        {
            string[] fields = line.Split(':');
            byte[] message = Convert.FromHexString(fields[2]);
            using var key = new Ed25519(Convert.FromHexString(fields[0])[..32]);
            byte[] publicKey = new byte[32];
            key.GetPublicKey(publicKey);
            Assert.Equal(Convert.FromHexString(fields[1]), publicKey);
            byte[] signature = new byte[64];
            key.SignData(message, signature);
            Assert.Equal(Convert.FromHexString(fields[3])[..64], signature);
            Assert.True(Ed25519.VerifyData(publicKey, message, signature));
            signature[count % 64] ^= 1;
            Assert.False(Ed25519.VerifyData(publicKey, message, signature));
            count++;
        }

        Assert.Equal(1024, count);
    }
}
