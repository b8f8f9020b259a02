using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Cloister.Storage.Files;

/// <summary>
/// Hash of names: SipHash-2-4 (Aumasson and Bernstein, 2012) under a key of the volume, so that nobody who only chooses names can
/// make them collide.
/// </summary>
internal readonly struct NameHash(ulong key0, ulong key1)
{
    /// <summary>Bits of the hash; 4 more tell names with the same hash apart.</summary>
    public const int Bits = 56;

    public const int CollisionBits = 4;

    /// <summary>The hash with room for <see cref="CollisionBits"/> below it.</summary>
    public ulong Compute(ReadOnlySpan<byte> name)
    {
        ulong v0 = key0 ^ 0x736f6d6570736575UL, v1 = key1 ^ 0x646f72616e646f6dUL;
        ulong v2 = key0 ^ 0x6c7967656e657261UL, v3 = key1 ^ 0x7465646279746573UL;
        ulong last = (ulong)name.Length << 56;
        while (name.Length >= 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(name);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            name = name[8..];
        }

        for (int i = 0; i < name.Length; i++)
            last |= (ulong)name[i] << (8 * i);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xff;
        for (int i = 0; i < 4; i++)
            Round(ref v0, ref v1, ref v2, ref v3);
        return (v0 ^ v1 ^ v2 ^ v3) >> (64 - Bits) << CollisionBits;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
