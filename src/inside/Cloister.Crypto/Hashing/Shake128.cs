using System;

namespace Cloister.Crypto;

/// <summary>SHAKE128 (FIPS 202, 6.2): a hash of any length.</summary>
public static class Shake128
{
    private const int BlockSize = 168;

    /// <summary>Fills the destination with the hash of the source.</summary>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        KeccakSponge sponge = default;
        sponge.Absorb(source, BlockSize);
        sponge.Finish(0x1F, BlockSize);
        sponge.Squeeze(destination, BlockSize);
    }
}
