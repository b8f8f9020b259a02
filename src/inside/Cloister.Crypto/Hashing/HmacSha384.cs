using System;

namespace Cloister.Crypto;

/// <summary>HMAC with SHA-384 at once; <see cref="Hmac{THash}"/> is the incremental one.</summary>
public static class HmacSha384
{
    /// <summary>Bytes of the code.</summary>
    public const int HashSizeInBytes = 48;

    /// <summary>Writes the code of a message into the first 48 bytes of the destination.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public static void HashData(ReadOnlySpan<byte> key, ReadOnlySpan<byte> source, Span<byte> destination) =>
        Hmac<Sha384>.HashData(key, source, destination);
}
