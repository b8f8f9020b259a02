using System;

namespace Cloister.Crypto;

/// <summary>
/// HKDF (RFC 5869): keys derived from a secret. The hash is a type parameter: <c>Hkdf.DeriveKey&lt;Sha256&gt;(...)</c>.
/// </summary>
public static class Hkdf
{
    private const int MaxHashSize = 64;

    /// <summary>HKDF-Extract: a pseudorandom key of the hash's size from a secret and an optional salt (RFC 5869, 2.2).</summary>
    /// <exception cref="ArgumentException">The output is shorter than the hash.</exception>
    public static void Extract<THash>(ReadOnlySpan<byte> inputKeyMaterial, ReadOnlySpan<byte> salt, Span<byte> pseudorandomKey)
        where THash : struct, IHash<THash> => Hmac<THash>.HashData(salt, inputKeyMaterial, pseudorandomKey);

    /// <summary>HKDF-Expand: up to 255 times the hash's size of output (RFC 5869, 2.3).</summary>
    /// <exception cref="ArgumentException">The output is longer than that.</exception>
    public static void Expand<THash>(ReadOnlySpan<byte> pseudorandomKey, Span<byte> output, ReadOnlySpan<byte> info)
        where THash : struct, IHash<THash>
    {
        int size = THash.HashSize;
        Arguments.RequireAtMost(output.Length, 255 * size, nameof(output));
        var hmac = new Hmac<THash>(pseudorandomKey);
        Span<byte> block = stackalloc byte[MaxHashSize];
        Span<byte> counter = stackalloc byte[1];
        block = block[..size];
        while (!output.IsEmpty)
        {
            if (counter[0]++ != 0)
                hmac.Append(block);
            hmac.Append(info);
            hmac.Append(counter);
            hmac.GetHashAndReset(block);
            int taken = Math.Min(size, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
        }

        FixedTime.Zero(block);
        hmac.Erase();
    }

    /// <summary>Extract and expand.</summary>
    /// <exception cref="ArgumentException">The output is longer than 255 times the hash's size.</exception>
    public static void DeriveKey<THash>(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> output, ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> info)
        where THash : struct, IHash<THash>
    {
        Span<byte> key = stackalloc byte[MaxHashSize];
        key = key[..THash.HashSize];
        Extract<THash>(inputKeyMaterial, salt, key);
        Expand<THash>(key, output, info);
        FixedTime.Zero(key);
    }
}
