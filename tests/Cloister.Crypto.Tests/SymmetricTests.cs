using System;
using System.Collections.Generic;
using System.Text.Json;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class SymmetricTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CmacPassesWycheproof(bool portable) => Wycheproof.Run("aes_cmac_test.json", (_, test) =>
    {
        byte[] key = test.Bytes("key");
        byte[] tag = test.Bytes("tag");
        if (key.Length is not (16 or 24 or 32))
        {
            Assert.Throws<ArgumentException>(() => new AesCmac(key, portable));
            return false;
        }

        using var cmac = new AesCmac(key, portable);
        byte[] computed = new byte[16];
        cmac.HashData(test.Bytes("msg"), computed);
        return FixedTime.Equals(computed.AsSpan(0, tag.Length), tag);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeyWrapPassesWycheproof(bool portable) => Wycheproof.Run("aes_wrap_test.json", (_, test) =>
    {
        using var wrap = new AesKeyWrap(test.Bytes("key"), portable);
        byte[] key = test.Bytes("msg");
        byte[] wrapped = test.Bytes("ct");
        byte[] output = new byte[Math.Max(0, wrapped.Length - 8)];
        bool unwrapped = wrap.TryUnwrap(wrapped, output);
        if (!unwrapped)
            return false;
        Assert.Equal(key, output);
        byte[] again = new byte[wrapped.Length];
        wrap.Wrap(key, again);
        Assert.Equal(wrapped, again);
        return true;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PaddedKeyWrapPassesWycheproof(bool portable) => Wycheproof.Run("aes_kwp_test.json", (_, test) =>
    {
        using var wrap = new AesKeyWrap(test.Bytes("key"), portable);
        byte[] key = test.Bytes("msg");
        byte[] wrapped = test.Bytes("ct");
        byte[] output = new byte[Math.Max(0, wrapped.Length - 8)];
        if (!wrap.TryUnwrapPadded(wrapped, output, out int length))
            return false;
        Assert.Equal(key, output[..length]);
        byte[] again = new byte[wrapped.Length];
        wrap.WrapPadded(key, again);
        Assert.Equal(wrapped, again);
        return true;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ChaCha20Poly1305PassesWycheproof(bool portable) => Wycheproof.Run("chacha20_poly1305_test.json", (_, test) =>
    {
        byte[] nonce = test.Bytes("iv");
        byte[] plaintext = test.Bytes("msg");
        byte[] ciphertext = test.Bytes("ct");
        byte[] tag = test.Bytes("tag");
        byte[] associated = test.Bytes("aad");
        using var cipher = new ChaCha20Poly1305(test.Bytes("key"), portable);
        byte[] output = new byte[plaintext.Length];
        byte[] outputTag = new byte[16];
        if (nonce.Length != 12)
        {
            Assert.Throws<ArgumentException>(() => cipher.Encrypt(nonce, plaintext, output, outputTag, associated));
            return false;
        }

        cipher.Encrypt(nonce, plaintext, output, outputTag, associated);
        bool same = output.AsSpan().SequenceEqual(ciphertext) && outputTag.AsSpan().SequenceEqual(tag);
        bool decrypted = cipher.TryDecrypt(nonce, ciphertext, tag, output, associated);
        Assert.Equal(same, decrypted);
        return decrypted;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ChaCha20Poly1305AgreesWithSystem(bool portable)
    {
        var random = new Random(4);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] key = Bytes(random, 32);
            byte[] nonce = Bytes(random, 12);
            byte[] plaintext = Bytes(random, i < 3000 ? i : random.Next(400));
            byte[] associated = Bytes(random, random.Next(40));
            byte[] expected = new byte[plaintext.Length];
            byte[] expectedTag = new byte[16];
            using var reference = new Bcl.ChaCha20Poly1305(key);
            reference.Encrypt(nonce, plaintext, expected, expectedTag, associated);
            using var ours = new ChaCha20Poly1305(key, portable);
            byte[] text = (byte[])plaintext.Clone();
            byte[] tag = new byte[16];
            ours.Encrypt(nonce, text, text, tag, associated);
            Assert.Equal(expected, text);
            Assert.Equal(expectedTag, tag);
            Assert.True(ours.TryDecrypt(nonce, text, tag, text, associated));
            Assert.Equal(plaintext, text);
            tag[random.Next(16)] ^= (byte)(1 << random.Next(8));
            Assert.False(ours.TryDecrypt(nonce, expected, tag, text, associated));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BlocksAndCounterModeAgreeWithSystem(bool portable)
    {
        var random = new Random(5);
        for (int i = 0; i < 3_000; i++)
        {
            byte[] key = Bytes(random, 16 + 8 * random.Next(3));
            byte[] blocks = Bytes(random, 16 * random.Next(1, 30));
            using var reference = Bcl.Aes.Create();
            reference.Key = key;
            byte[] expected = reference.EncryptEcb(blocks, Bcl.PaddingMode.None);
            using var ours = new AesBlocks(key, portable);
            byte[] text = (byte[])blocks.Clone();
            ours.Encrypt(text);
            Assert.Equal(expected, text);
            ours.Decrypt(text);
            Assert.Equal(blocks, text);

            // Counter mode by its definition: encrypted counters added to the text.
            byte[] counter = Bytes(random, 16);
            if (i % 2 == 0)
                counter.AsSpan(4).Fill(0xFF);
            byte[] counters = new byte[blocks.Length];
            var value = new System.Numerics.BigInteger(counter, isUnsigned: true, isBigEndian: true);
            for (int at = 0; at < counters.Length; at += 16, value++)
            {
                byte[] bytes = (value % (System.Numerics.BigInteger.One << 128)).ToByteArray(isUnsigned: true, isBigEndian: true);
                bytes.CopyTo(counters, at + 16 - bytes.Length);
            }

            byte[] keystream = reference.EncryptEcb(counters, Bcl.PaddingMode.None);
            byte[] output = new byte[blocks.Length - random.Next(16)];
            using var mode = new AesCtr(key, portable);
            mode.Crypt(counter, blocks.AsSpan(0, output.Length), output);
            for (int at = 0; at < output.Length; at++)
                Assert.Equal(blocks[at] ^ keystream[at], output[at]);
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
