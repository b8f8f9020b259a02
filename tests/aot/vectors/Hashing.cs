using System;
using Cloister.Crypto;

namespace Cloister.Aot.Vectors;

internal static class Hashing
{
    public static void All()
    {
        Hash<Sha256>("SHA-256", Data.Sha256);
        Hash<Sha384>("SHA-384", Data.Sha384);
        Hash<Sha512>("SHA-512", Data.Sha512);
        Hash<Sha3_256>("SHA3-256", Data.Sha3_256);
        Hash<Sha3_384>("SHA3-384", Data.Sha3_384);
        Hash<Sha3_512>("SHA3-512", Data.Sha3_512);
        Program.Each(Data.Shake128, fields =>
        {
            byte[] output = new byte[fields[1].Length];
            Shake128.HashData(fields[0], output);
            Program.Report("SHAKE128", output, fields[1]);
        });
        Program.Each(Data.Shake256, fields =>
        {
            byte[] output = new byte[fields[1].Length];
            Shake256.HashData(fields[0], output);
            Program.Report("SHAKE256", output, fields[1]);
        });
        Code<Sha256>("HMAC-SHA-256", Data.HmacSha256);
        Code<Sha384>("HMAC-SHA-384", Data.HmacSha384);
        Code<Sha512>("HMAC-SHA-512", Data.HmacSha512);
        Derive<Sha256>("HKDF-SHA-256", Data.HkdfSha256);
        Derive<Sha384>("HKDF-SHA-384", Data.HkdfSha384);
        Many();
        Generator();
    }

    private static void Hash<THash>(string name, string[] vectors) where THash : struct, IHash<THash> => Program.Each(vectors, fields =>
    {
        byte[] result = new byte[THash.HashSize];
        THash hash = THash.Create();
        hash.Append(fields[0]);
        hash.GetHashAndReset(result);
        Program.Report(name, result, fields[1]);
        // The same in pieces.
        for (int at = 0; at < fields[0].Length; at += 7)
            hash.Append(fields[0].AsSpan(at, Math.Min(7, fields[0].Length - at)));
        hash.GetHashAndReset(result);
        Program.Report(name + " in pieces", result, fields[1]);
    });

    private static void Code<THash>(string name, string[] vectors) where THash : struct, IHash<THash> => Program.Each(vectors, fields =>
    {
        byte[] result = new byte[THash.HashSize];
        Hmac<THash>.HashData(fields[0], fields[1], result);
        Program.Report(name, result, fields[2]);
    });

    private static void Derive<THash>(string name, string[] vectors) where THash : struct, IHash<THash> => Program.Each(vectors, fields =>
    {
        byte[] result = new byte[fields[3].Length];
        Hkdf.DeriveKey<THash>(fields[0], result, fields[1], fields[2]);
        Program.Report(name, result, fields[3]);
    });

    // Messages side by side in vectors, against one at a time.
    private static void Many()
    {
        foreach (int length in (int[])[1, 55, 64, 129])
        {
            byte[] messages = new byte[37 * length];
            for (int i = 0; i < messages.Length; i++)
                messages[i] = (byte)(i * 31 + length);
            byte[] together = new byte[37 * 32];
            byte[] single = new byte[37 * 32];
            Sha256Many.HashData(messages, length, together);
            for (int i = 0; i < 37; i++)
                Sha256.HashData(messages.AsSpan(i * length, length), single.AsSpan(i * 32, 32));
            Program.Report("SHA-256 of many", together, single);
        }
    }

    // Seeds that only count, so that what comes out is always the same.
    private sealed class Counter : IEntropySource
    {
        private byte _next;

        public void Fill(Span<byte> destination)
        {
            foreach (ref byte b in destination)
                b = _next++;
        }
    }

    private static void Generator()
    {
        using var generator = new RandomGenerator(new Counter(), "vectors"u8);
        byte[] output = new byte[100];
        for (int i = 0; i < 3; i++)
        {
            generator.Fill(output);
            Program.Report("HMAC-DRBG", output, output);
            generator.Reseed("again"u8);
        }
    }
}
