using System;

namespace Cloister.Crypto;

/// <summary>SHA3-256 (FIPS 202, 6.1).</summary>
public struct Sha3_256 : IHash<Sha3_256>
{
    /// <summary>Bytes of the hash.</summary>
    public const int HashSizeInBytes = 32;

    private KeccakSponge _sponge;

    /// <inheritdoc/>
    public static int HashSize => HashSizeInBytes;

    /// <inheritdoc/>
    public static int BlockSize => KeccakSponge.StateSize - 2 * HashSizeInBytes;

    /// <inheritdoc/>
    public static Sha3_256 Create() => default;

    /// <summary>Hashes bytes at once into the first 32 bytes of the destination.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Sha3_256 hash = Create();
        hash.Append(source);
        hash.GetHashAndReset(destination);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> data) => _sponge.Absorb(data, BlockSize);

    /// <inheritdoc/>
    public void GetHashAndReset(Span<byte> destination)
    {
        Arguments.RequireRoom(destination.Length, HashSizeInBytes, nameof(destination));
        // FIPS 202, 6.1: the suffix 01, and padding.
        _sponge.Finish(0x06, BlockSize);
        _sponge.Squeeze(destination[..HashSizeInBytes], BlockSize);
        _sponge = default;
    }
}
