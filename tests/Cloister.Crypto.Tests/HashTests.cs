using System;
using System.Collections.Generic;
using System.IO;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class HashTests
{
    private delegate void Hasher(ReadOnlySpan<byte> source, Span<byte> destination);

    [Fact]
    public void Sha2AgreesWithSystem()
    {
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] data = new byte[i < 1000 ? i : random.Next(3000)];
            random.NextBytes(data);
            Assert.Equal(Bcl.SHA256.HashData(data), Incremental<Sha256>(random, data));
            Assert.Equal(Bcl.SHA384.HashData(data), Incremental<Sha384>(random, data));
            Assert.Equal(Bcl.SHA512.HashData(data), Incremental<Sha512>(random, data));
        }
    }

    [Fact]
    public void HmacAndHkdfAgreeWithSystem()
    {
        var random = new Random(3);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] key = new byte[random.Next(300)];
            byte[] data = new byte[random.Next(300)];
            byte[] salt = new byte[random.Next(100)];
            random.NextBytes(key);
            random.NextBytes(data);
            random.NextBytes(salt);
            byte[] output = new byte[64];
            HmacSha256.HashData(key, data, output);
            Assert.Equal(Bcl.HMACSHA256.HashData(key, data), output[..32]);
            HmacSha384.HashData(key, data, output);
            Assert.Equal(Bcl.HMACSHA384.HashData(key, data), output[..48]);
            HmacSha512.HashData(key, data, output);
            Assert.Equal(Bcl.HMACSHA512.HashData(key, data), output);
            byte[] derived = new byte[1 + random.Next(500)];
            Hkdf.DeriveKey<Sha256>(key, derived, salt, data);
            Assert.Equal(Bcl.HKDF.DeriveKey(Bcl.HashAlgorithmName.SHA256, key, derived.Length, salt, data), derived);
            Hkdf.DeriveKey<Sha384>(key, derived, salt, data);
            Assert.Equal(Bcl.HKDF.DeriveKey(Bcl.HashAlgorithmName.SHA384, key, derived.Length, salt, data), derived);
            Hkdf.DeriveKey<Sha512>(key, derived, salt, data);
            Assert.Equal(Bcl.HKDF.DeriveKey(Bcl.HashAlgorithmName.SHA512, key, derived.Length, salt, data), derived);
        }
    }

    // In pieces of random sizes.
    private static byte[] Incremental<THash>(Random random, byte[] data)
        where THash : struct, IHash<THash>
    {
        THash hash = THash.Create();
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            int taken = random.Next(1, rest.Length + 1);
            hash.Append(rest[..taken]);
            rest = rest[taken..];
        }

        byte[] output = new byte[THash.HashSize];
        hash.GetHashAndReset(output);
        return output;
    }
}
