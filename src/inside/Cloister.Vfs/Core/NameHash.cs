using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Cloister.Vfs.Core;

/// <summary>Hash of a name's bytes, seeded so that programs can't choose names that collide.</summary>
internal static class NameHash
{
    public static uint Compute(ReadOnlySpan<byte> name, ulong seed)
    {
        ulong hash = seed ^ (ulong)name.Length;
        while (name.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name));
            name = name[8..];
        }

        ulong tail = 0;
        for (int i = 0; i < name.Length; i++)
            tail = tail << 8 | name[i];
        return (uint)(Mix(hash ^ tail) >> 32);
    }

    // Multiply and rotate: the multiplier is 2^64 divided by the golden ratio.
    private static ulong Mix(ulong value) => BitOperations.RotateLeft(value * 0x9E3779B97F4A7C15, 29) * 0xBF58476D1CE4E5B9;
}
