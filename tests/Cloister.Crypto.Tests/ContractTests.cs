using System;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>What the library promises beside the right bytes: no allocation, errors that say what is expected, erased keys.</summary>
public sealed class ContractTests
{
    [Fact]
    public void NothingIsAllocated()
    {
        using var all = new AllOperations();
        foreach ((string name, Action run) in all.Each())
        {
            // The first calls may initialise tables and compile.
            run();
            run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
                run();
            Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, $"{name} allocates.");
        }
    }

    [Fact]
    public void WrongSizesAreSaid()
    {
        byte[] key = new byte[32];
        byte[] tag = new byte[16];
        using var gcm = new AesGcm(key);
        using var chaCha = new ChaCha20Poly1305(key);
        Says("Expected a key of 16, 24 or 32 bytes, but there are 31.", () => new AesGcm(key.AsSpan(1)));
        Says("Expected 32 bytes, but there are 31.", () => new ChaCha20Poly1305(key.AsSpan(1)));
        Says("Expected 12 bytes, but there are 11.", () => gcm.Encrypt(new byte[11], key, new byte[32], tag));
        Says("Expected 16 bytes, but there are 15.", () => gcm.Encrypt(new byte[12], key, new byte[32], tag.AsSpan(1)));
        Says("Expected 32 bytes, but there are 31.", () => gcm.Encrypt(new byte[12], key, new byte[31], tag));
        Says("Expected 16 bytes, but there are 17.", () => gcm.TryDecrypt(new byte[12], key, new byte[17], new byte[32]));
        Says("Expected 12 bytes, but there are 13.", () => chaCha.Encrypt(new byte[13], key, new byte[32], tag));
        Says("Input and output must be the same memory or not overlap at all.", () => gcm.Encrypt(new byte[12], key.AsSpan(0, 20), key.AsSpan(1, 20), tag));
        Says("Expected room for at least 32 bytes, but there are 31.", () => Sha256.HashData(key, new byte[31]));
        Says("Expected at most 8160 bytes of output, but there are 8161.", () => Hkdf.DeriveKey<Sha256>(key, new byte[8161], key, key));
        Says("Expected 32 bytes, but there are 33.", () => P256.SignData(new byte[33], key, new byte[64]));
        Says("Expected 64 bytes, but there are 63.", () => P256.SignData([.. key.AsSpan(1), 1], key, new byte[63]));
        Says("The private key is not between 1 and the group's order.", () => P256.SignData(key, key, new byte[64]));
        Says("Expected 32 bytes, but there are 31.", () => X25519.GetPublicKey(key.AsSpan(1), key));
        Says("Expected 32 bytes, but there are 31.", () => new Ed25519(key.AsSpan(1)));
        Says("Expected a key of at least 16 bytes, a multiple of 8, but there are 15.", () => new AesKeyWrap(key).Wrap(new byte[15], new byte[23]));
        Says("Expected an odd exponent above 1 of 1 to 8 bytes, but there are 9.", () => RsaVerification.VerifyPkcs1<Sha256>(Odd(256), new byte[9], key, key));
    }

    [Fact]
    public void DisposingErasesTheKey()
    {
        byte[] secret = [1, 2, 3, 4];
        var memory = new KeyMemory(secret);
        Span<byte> bytes = memory.Span;
        Assert.True(bytes.SequenceEqual(secret));
        memory.Dispose();
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        var gcm = new AesGcm(new byte[32]);
        gcm.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gcm.Encrypt(new byte[12], [], [], new byte[16]));
    }

    [Fact]
    public void ComparisonComparesAll()
    {
        byte[] left = new byte[40];
        byte[] right = new byte[40];
        Assert.True(FixedTime.Equals(left, right));
        for (int i = 0; i < 40; i++)
        {
            right[i] = 0x80;
            Assert.False(FixedTime.Equals(left, right));
            right[i] = 0;
        }

        Assert.False(FixedTime.Equals(left, right.AsSpan(1)));
    }

    private static byte[] Odd(int length)
    {
        byte[] number = new byte[length];
        number.AsSpan().Fill(0xFF);
        return number;
    }

    private static void Says(string sentence, Action action)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(action);
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
    }
}
