using System;
using System.Linq;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>Ed25519 with an expanded key, compared with the one that the vectors test.</summary>
public sealed class ExpandedEd25519Tests
{
    [Fact]
    public void KeysAndSignaturesAreThoseOfEd25519()
    {
        var random = new Random(25519);
        byte[] seed = new byte[32], key = new byte[64], publicKey = new byte[32], expected = new byte[32];
        byte[] signature = new byte[64], expectedSignature = new byte[64];
        for (int length = 0; length < 300; length += 37)
        {
            random.NextBytes(seed);
            byte[] message = new byte[length];
            random.NextBytes(message);
            using var reference = new Ed25519(seed);
            reference.GetPublicKey(expected);
            reference.SignData(message, expectedSignature);
            ExpandedEd25519.CreateKeys<Sha512>(seed, key, publicKey);
            ExpandedEd25519.SignData<Sha512>(key, publicKey, message, signature);
            Assert.Equal(expected, publicKey);
            Assert.Equal(expectedSignature, signature);
            Assert.True(Ed25519.VerifyData(publicKey, message, signature));
        }
    }

    [Fact]
    public void WithSha3SignaturesAreThoseOfKeystone()
    {
        // Made by Keystone's own code (bootrom/ed25519, release 88c49ee).
        const string PublicKey = "13c6c45b3c3043fc0dd58c02955dd3bfbbe05b43feda45b5799a0b4582f70315";
        const string Signature =
            "c8d440cb2fa163116d48948c874960d3cbc45698c545d52090e5c73dbece5dcf" +
            "3031c1d317f3377abefdff266448aad4efd66ee8c1c74f6694748c091d665405";
        byte[] seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)], key = new byte[64], publicKey = new byte[32], signature = new byte[64];
        ExpandedEd25519.CreateKeys<Sha3_512>(seed, key, publicKey);
        ExpandedEd25519.SignData<Sha3_512>(key, publicKey, "Keystone"u8, signature);
        Assert.Equal(PublicKey, Convert.ToHexStringLower(publicKey));
        Assert.Equal(Signature, Convert.ToHexStringLower(signature));
        Assert.True(ExpandedEd25519.VerifyData<Sha3_512>(publicKey, "Keystone"u8, signature));
        Assert.False(ExpandedEd25519.VerifyData<Sha512>(publicKey, "Keystone"u8, signature));
        signature[40] ^= 1;
        Assert.False(ExpandedEd25519.VerifyData<Sha3_512>(publicKey, "Keystone"u8, signature));
    }

    [Fact]
    public void WrongSizesAreNamed()
    {
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.CreateKeys<Sha512>(new byte[31], new byte[64], new byte[32]));
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.CreateKeys<Sha512>(new byte[32], new byte[32], new byte[32]));
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.SignData<Sha512>(new byte[64], new byte[32], [], new byte[63]));
    }
}
