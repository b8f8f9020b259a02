using System;
using System.Collections.Generic;
using System.Text.Json;
using Xunit;

namespace Cloister.Crypto.Tests;

public sealed class AesGcmTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PassesWycheproof(bool portable) => Wycheproof.Run("aes_gcm_test.json", (_, test) => Accepts(test, portable));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AgreesWithSystem(bool portable)
    {
        var random = new Random(1);
        for (int i = 0; i < (portable ? 2_000 : 20_000); i++)
        {
            byte[] key = Bytes(random, random.Next(3) * 8 + 16);
            byte[] nonce = Bytes(random, 12);
            byte[] plaintext = Bytes(random, i % 8 == 0 ? random.Next(5000) : random.Next(300));
            byte[] associated = Bytes(random, random.Next(4) == 0 ? random.Next(300) : random.Next(40));
            byte[] expected = new byte[plaintext.Length];
            byte[] expectedTag = new byte[16];
            using var reference = new System.Security.Cryptography.AesGcm(key, 16);
            reference.Encrypt(nonce, plaintext, expected, expectedTag, associated);

            using AesGcm ours = Create(key, portable);
            byte[] text = (byte[])plaintext.Clone();
            byte[] tag = new byte[16];
            ours.Encrypt(nonce, text, text, tag, associated);
            Assert.Equal(expected, text);
            Assert.Equal(expectedTag, tag);
            Assert.True(ours.TryDecrypt(nonce, text, tag, text, associated));
            Assert.Equal(plaintext, text);

            tag[random.Next(16)] ^= (byte)(1 << random.Next(8));
            Assert.False(ours.TryDecrypt(nonce, expected, tag, text, associated));
            Assert.All(text, octet => Assert.Equal(0, octet));
        }
    }

    private static bool Accepts(JsonElement test, bool portable)
    {
        byte[] nonce = test.Bytes("iv");
        byte[] plaintext = test.Bytes("msg");
        byte[] ciphertext = test.Bytes("ct");
        byte[] tag = test.Bytes("tag");
        byte[] associated = test.Bytes("aad");
        using AesGcm aes = Create(test.Bytes("key"), portable);
        byte[] output = new byte[plaintext.Length];
        byte[] outputTag = new byte[16];
        if (nonce.Length == 0)
        {
            Assert.Throws<ArgumentException>(() => aes.Encrypt(nonce, plaintext, output, outputTag, associated));
            return false;
        }

        aes.EncryptWithAnyNonce(nonce, plaintext, output, outputTag, associated);
        bool same = output.AsSpan().SequenceEqual(ciphertext) && outputTag.AsSpan().SequenceEqual(tag);
        bool decrypted = aes.TryDecryptWithAnyNonce(nonce, ciphertext, tag, output, associated);
        Assert.Equal(same, decrypted);
        if (decrypted)
            Assert.Equal(plaintext, output);
        return decrypted;
    }

    private static AesGcm Create(byte[] key, bool portable) => new(key, portable);

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
