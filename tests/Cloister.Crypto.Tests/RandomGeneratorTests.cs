using System;
using System.Collections.Generic;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class RandomGeneratorTests
{
    // SP 800-90A, 10.1.2, written a second time over the runtime's HMAC.
    [Fact]
    public void FollowsTheStandard()
    {
        var entropy = new CountingEntropy();
        byte[] personalization = [1, 2, 3];
        using var generator = new RandomGenerator(entropy, personalization);
        var reference = new Reference([.. CountingEntropy.Bytes(0, 48), .. personalization]);
        var random = new Random(11);
        for (int i = 0; i < 300; i++)
        {
            byte[] output = new byte[random.Next(1, 200)];
            generator.Fill(output);
            Assert.Equal(reference.Generate(output.Length), output);
            if (i % 50 != 49)
                continue;
            int before = entropy.Position;
            generator.Reseed(output);
            reference.Update([.. CountingEntropy.Bytes(before, 32), .. output]);
        }
    }

    [Fact]
    public void ReseedsByItself()
    {
        var entropy = new CountingEntropy();
        using var generator = new RandomGenerator(entropy);
        byte[] output = new byte[1];
        for (int i = 0; i < RandomGenerator.RequestsPerSeed; i++)
            generator.Fill(output);
        Assert.Equal(48, entropy.Position);
        generator.Fill(output);
        Assert.Equal(48 + 32, entropy.Position);
    }

    [Fact]
    public void WithoutANewSeedThereIsNoOutput()
    {
        var entropy = new CountingEntropy();
        using var generator = new RandomGenerator(entropy);
        byte[] output = new byte[1];
        for (int i = 0; i < RandomGenerator.RequestsPerSeed; i++)
            generator.Fill(output);
        entropy.Fails = true;
        for (int i = 0; i < 10; i++)
            Assert.Throws<InvalidOperationException>(() => generator.Fill(output));
        entropy.Fails = false;
        int before = entropy.Position;
        for (int i = 0; i < 2 * RandomGenerator.RequestsPerSeed; i++)
            generator.Fill(output);
        Assert.Equal(before + 2 * 32, entropy.Position);
    }

    [Fact]
    public void AFailingSourceLeavesNothingBehind()
    {
        var entropy = new CountingEntropy { Fails = true };
        Assert.Throws<InvalidOperationException>(() => new RandomGenerator(entropy));
        entropy.Fails = false;
        using var generator = new RandomGenerator(entropy);
        entropy.Fails = true;
        Assert.Throws<InvalidOperationException>(() => generator.Reseed());
        // The old state is still good, and so are keys made of it.
        byte[] key = new byte[32];
        P256.GeneratePrivateKey(generator, key);
        P256.GetPublicKey(key, new byte[65]);
    }

    [Fact]
    public void LongRequestsAreCut()
    {
        var seen = new HashSet<ulong>();
        using var generator = new RandomGenerator(new CountingEntropy());
        byte[] output = new byte[200_000];
        generator.Fill(output);
        for (int at = 0; at < output.Length; at += 8)
            Assert.True(seen.Add(BitConverter.ToUInt64(output, at)));
    }

    private sealed class CountingEntropy : IEntropySource
    {
        public int Position { get; private set; }

        public bool Fails { get; set; }

        public void Fill(Span<byte> destination)
        {
            if (Fails)
                throw new InvalidOperationException("The source gives nothing.");
            Bytes(Position, destination.Length).CopyTo(destination);
            Position += destination.Length;
        }

        public static byte[] Bytes(int position, int length)
        {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++)
                bytes[i] = (byte)(position + i);
            return bytes;
        }
    }

    private sealed class Reference
    {
        private byte[] _key = new byte[32];
        private byte[] _value = new byte[32];

        public Reference(byte[] seed)
        {
            _value.AsSpan().Fill(1);
            Update(seed);
        }

        public void Update(byte[] data)
        {
            _key = Bcl.HMACSHA256.HashData(_key, (byte[])[.. _value, 0, .. data]);
            _value = Bcl.HMACSHA256.HashData(_key, _value);
            if (data.Length == 0)
                return;
            _key = Bcl.HMACSHA256.HashData(_key, (byte[])[.. _value, 1, .. data]);
            _value = Bcl.HMACSHA256.HashData(_key, _value);
        }

        public byte[] Generate(int length)
        {
            var output = new List<byte>();
            while (output.Count < length)
            {
                _value = Bcl.HMACSHA256.HashData(_key, _value);
                output.AddRange(_value);
            }

            Update([]);
            return [.. output.GetRange(0, length)];
        }
    }
}
