using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class HashTests
{
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

    [Theory]
    [InlineData("SHA2/SHA256")]
    [InlineData("SHA2/SHA384")]
    [InlineData("SHA2/SHA512")]
    [InlineData("SHA3/SHA3_256")]
    [InlineData("SHA3/SHA3_384")]
    [InlineData("SHA3/SHA3_512")]
    public void PassesNistVectors(string name)
    {
        Func<byte[], byte[]> hash = name[5..] switch
        {
            "SHA256" => Once<Sha256>,
            "SHA384" => Once<Sha384>,
            "SHA512" => Once<Sha512>,
            "SHA3_256" => Once<Sha3_256>,
            "SHA3_384" => Once<Sha3_384>,
            _ => Once<Sha3_512>,
        };
        int count = 0;
        foreach (string kind in new[] { "ShortMsg", "LongMsg" })
        {
            foreach (Dictionary<string, string> record in VectorFiles.Records(VectorFiles.Packaged($"hashes/{name}{kind}.rsp")))
            {
                if (!record.TryGetValue("Msg", out string? message))
                    continue;
                byte[] data = Convert.FromHexString(message)[..(int.Parse(record["Len"], System.Globalization.CultureInfo.InvariantCulture) / 8)];
                Assert.Equal(record["MD"].ToUpperInvariant(), Convert.ToHexString(hash(data)));
                count++;
            }
        }

        Assert.True(count > 100, $"{count} vectors.");
    }

    [Theory]
    [InlineData("128")]
    [InlineData("256")]
    public void ShakePassesNistVectors(string name)
    {
        int count = 0;
        foreach (string kind in new[] { "ShortMsg", "LongMsg", "VariableOut" })
        {
            foreach (Dictionary<string, string> record in VectorFiles.Records(VectorFiles.Packaged($"hashes/SHAKE/SHAKE{name}{kind}.rsp")))
            {
                if (!record.TryGetValue("Msg", out string? message) || !record.TryGetValue("Output", out string? expected))
                    continue;
                byte[] data = Convert.FromHexString(message);
                if (record.TryGetValue("Len", out string? length))
                    data = data[..(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) / 8)];
                byte[] output = new byte[expected.Length / 2];
                if (name == "128")
                    Shake128.HashData(data, output);
                else
                    Shake256.HashData(data, output);
                Assert.Equal(expected.ToUpperInvariant(), Convert.ToHexString(output));
                count++;
            }
        }

        Assert.True(count > 100, $"{count} vectors.");
    }

    [Fact]
    public void Sha3AgreesInPieces()
    {
        var random = new Random(8);
        for (int i = 0; i < 3_000; i++)
        {
            byte[] data = new byte[i < 1000 ? i : random.Next(2000)];
            random.NextBytes(data);
            Assert.Equal(Once<Sha3_256>(data), Incremental<Sha3_256>(random, data));
            Assert.Equal(Once<Sha3_512>(data), Incremental<Sha3_512>(random, data));
            if (Bcl.SHA3_256.IsSupported)
                Assert.Equal(Bcl.SHA3_256.HashData(data), Once<Sha3_256>(data));
        }
    }

    [Fact]
    public void HmacPassesWycheproof()
    {
        Wycheproof.Run("hmac_sha256_test.json", (_, test) => HmacAccepts<Sha256>(test));
        Wycheproof.Run("hmac_sha512_test.json", (_, test) => HmacAccepts<Sha512>(test));
    }

    [Fact]
    public void HkdfPassesWycheproof()
    {
        Wycheproof.Run("hkdf_sha256_test.json", (_, test) => HkdfAccepts<Sha256>(test));
        Wycheproof.Run("hkdf_sha384_test.json", (_, test) => HkdfAccepts<Sha384>(test));
    }

    [Fact]
    public void ManyMessagesHashLikeEachAlone()
    {
        var random = new Random(9);
        for (int i = 0; i < 600; i++)
        {
            int length = i < 200 ? i + 1 : random.Next(1, 600);
            int count = random.Next(40);
            byte[] messages = new byte[length * count];
            random.NextBytes(messages);
            byte[] hashes = new byte[32 * count];
            Sha256Many.HashData(messages, length, hashes);
            for (int at = 0; at < count; at++)
                Assert.Equal(Bcl.SHA256.HashData(messages.AsSpan(at * length, length)), hashes[(32 * at)..(32 * at + 32)]);
            if (count < 8)
                continue;
            byte[] eight = new byte[32 * 8];
            Sha256Many.HashEight(messages, length, eight);
            Assert.Equal(hashes[..eight.Length], eight);
        }
    }

    private static bool HmacAccepts<THash>(JsonElement test)
        where THash : struct, IHash<THash>
    {
        byte[] tag = test.Bytes("tag");
        byte[] computed = new byte[THash.HashSize];
        Hmac<THash>.HashData(test.Bytes("key"), test.Bytes("msg"), computed);
        return FixedTime.Equals(computed.AsSpan(0, tag.Length), tag);
    }

    private static bool HkdfAccepts<THash>(JsonElement test)
        where THash : struct, IHash<THash>
    {
        byte[] output = new byte[test.GetProperty("size").GetInt32()];
        try
        {
            Hkdf.DeriveKey<THash>(test.Bytes("ikm"), output, test.Bytes("salt"), test.Bytes("info"));
        }
        catch (ArgumentException)
        {
            return false;
        }

        return output.AsSpan().SequenceEqual(test.Bytes("okm"));
    }

    private static byte[] Once<THash>(byte[] data)
        where THash : struct, IHash<THash>
    {
        THash hash = THash.Create();
        hash.Append(data);
        byte[] output = new byte[THash.HashSize];
        hash.GetHashAndReset(output);
        return output;
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
