using System;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>Times of operations must not depend on secrets. Measured in nightly runs, for times on a busy machine are no fast test.</summary>
public sealed class TimingTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void WelchKnowsADifference()
    {
        var random = new Random(13);
        var same = default(Dudect.Welch);
        var different = default(Dudect.Welch);
        for (int i = 0; i < 100_000; i++)
        {
            bool first = random.Next(2) == 0;
            double value = random.NextDouble() + random.NextDouble();
            same.Add(first, value);
            different.Add(first, first ? value : value + 0.05);
        }

        Assert.InRange(Math.Abs(same.Statistic), 0, 4);
        // 0.05 between means, a variance of 1/6 and 50,000 values each: t = 0.05 / sqrt(2 / 6 / 50,000).
        Assert.InRange(Math.Abs(different.Statistic), 15, 24);
    }

    [Theory]
    [InlineData("comparison that ends early")]
    [InlineData("AES with tables")]
    public void LeaksAreFound(string name)
    {
        RequireNightly();
        Assert.InRange(name == "AES with tables" ? MeasureTableAes() : MeasureEarlyExit(), Dudect.Leak, double.MaxValue);
    }

    [Theory]
    [InlineData("comparison")]
    [InlineData("AES")]
    [InlineData("AES portable")]
    [InlineData("AES-GCM")]
    [InlineData("AES-GCM portable")]
    [InlineData("ChaCha20-Poly1305")]
    [InlineData("SHA-256")]
    [InlineData("Ed25519")]
    [InlineData("P-256 signature")]
    [InlineData("X25519")]
    [InlineData("P-256 ECDH")]
    [InlineData("P-256 public key")]
    [InlineData("P-384 public key")]
    public void NothingLeaks(string name)
    {
        RequireNightly();
        Assert.InRange(Measure(name), 0, Dudect.Leak);
    }

    [Fact]
    public void TableAesIsAes()
    {
        var random = new Random(14);
        byte[] key = new byte[16];
        random.NextBytes(key);
        var table = new TableAes(key);
        using var aes = new AesBlocks(key);
        for (int i = 0; i < 100; i++)
        {
            byte[] block = new byte[16];
            random.NextBytes(block);
            byte[] expected = (byte[])block.Clone();
            aes.Encrypt(expected);
            table.Encrypt(block);
            Assert.Equal(expected, block);
        }
    }

    private static void RequireNightly()
    {
        if (Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") != "1")
            Assert.Skip("Measures time; runs where CLOISTER_NIGHTLY is 1.");
    }

    private static double Measure(string name)
    {
        byte[] key = new byte[32];
        key.AsSpan().Fill(0x42);
        byte[] output = new byte[512];
        byte[] tag = new byte[16];
        byte[] nonce = new byte[12];
        switch (name)
        {
            case "comparison":
                byte[] expected = new byte[64];
                return Dudect.Measure(64, FixedOrRandom, input => FixedTime.Equals(input, expected), s_limit);
            case "AES":
            case "AES portable":
                var aes = new AesBlocks(key, name == "AES portable");
                return Dudect.Measure(128, FixedOrRandom, input => aes.Encrypt(input), s_limit);
            case "AES-GCM":
            case "AES-GCM portable":
                var gcm = new AesGcm(key, name == "AES-GCM portable");
                return Dudect.Measure(200, FixedOrRandom, input => gcm.Encrypt(nonce, input, output.AsSpan(0, input.Length), tag), s_limit);
            case "ChaCha20-Poly1305":
                var chaCha = new ChaCha20Poly1305(key);
                return Dudect.Measure(200, FixedOrRandom, input => chaCha.Encrypt(nonce, input, output.AsSpan(0, input.Length), tag), s_limit);
            case "SHA-256":
                return Dudect.Measure(200, FixedOrRandom, input => Sha256.HashData(input, output), s_limit);
            case "Ed25519":
                return Dudect.Measure(32, FixedOrRandom, input =>
                {
                    using var signer = new Ed25519(input);
                }, s_limit);
            case "P-256 signature":
                return Dudect.Measure(32, PrivateKey, input => P256.SignHash(input, key, output.AsSpan(0, 64)), s_limit);
            case "X25519":
                return Dudect.Measure(32, FixedOrRandom, input => X25519.TryDeriveSharedSecret(input, key, output.AsSpan(0, 32)), s_limit);
            case "P-256 ECDH":
                byte[] publicKey = new byte[65];
                P256.GetPublicKey(key, publicKey);
                return Dudect.Measure(32, PrivateKey, input => P256.TryDeriveSharedSecret(input, publicKey, output.AsSpan(0, 32)), s_limit);
            case "P-256 public key":
                return Dudect.Measure(32, PrivateKey, input => P256.GetPublicKey(input, output.AsSpan(0, 65)), s_limit);
            default:
                return Dudect.Measure(48, PrivateKey, input => P384.GetPublicKey(input, output.AsSpan(0, 97)), s_limit);
        }
    }

    private static double MeasureEarlyExit()
    {
        byte[] expected = new byte[64];
        int equal = 0;
        return Dudect.Measure(64, FixedOrRandom, input =>
        {
            for (int i = 0; i < expected.Length; i++)
            {
                if (input[i] != expected[i])
                    return;
            }

            equal++;
        }, s_limit);
    }

    private static double MeasureTableAes()
    {
        var cipher = new TableAes(new byte[16]);
        return Dudect.Measure(16, FixedOrRandom, cipher.Encrypt, s_limit);
    }

    // Zeros, or random bytes.
    private static void FixedOrRandom(byte[] input, bool isFixed, Random random)
    {
        if (isFixed)
            Array.Clear(input);
        else
            random.NextBytes(input);
    }

    // A small number, with as many zero windows as there can be, or a random one.
    private static void PrivateKey(byte[] input, bool isFixed, Random random)
    {
        random.NextBytes(input);
        input[0] &= 0x7F;
        if (!isFixed)
            return;
        Array.Clear(input);
        input[^1] = 1;
    }
}
