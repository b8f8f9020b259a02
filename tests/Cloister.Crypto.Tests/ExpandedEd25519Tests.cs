using System;
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
            ExpandedEd25519.CreateKeys(seed, key, publicKey);
            ExpandedEd25519.SignData(key, publicKey, message, signature);
            Assert.Equal(expected, publicKey);
            Assert.Equal(expectedSignature, signature);
            Assert.True(Ed25519.VerifyData(publicKey, message, signature));
        }
    }

    [Fact]
    public void WrongSizesAreNamed()
    {
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.CreateKeys(new byte[31], new byte[64], new byte[32]));
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.CreateKeys(new byte[32], new byte[32], new byte[32]));
        Assert.Throws<ArgumentException>(() => ExpandedEd25519.SignData(new byte[64], new byte[32], [], new byte[63]));
    }
}
