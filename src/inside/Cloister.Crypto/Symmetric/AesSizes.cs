using System;

namespace Cloister.Crypto;

/// <summary>Sizes of AES (FIPS 197, table 3).</summary>
internal static class AesSizes
{
    public const int BlockSize = 16;

    /// <summary>Bytes of the longest key schedule: 15 round keys.</summary>
    public const int MaxSchedule = 15 * BlockSize;

    public static int Rounds(int keyLength) => keyLength switch
    {
        16 => 10,
        24 => 12,
        32 => 14,
        _ => throw new ArgumentException($"Expected a key of 16, 24 or 32 bytes, but there are {keyLength}.", "key"),
    };
}
