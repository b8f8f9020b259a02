using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Crypto;

/// <summary>Turns words that lie side by side, one from each lane, into runs of words of one lane, and back.</summary>
internal static class LaneTransposition
{
    /// <summary>Transposes 16 by 16 words in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(Span<Lanes16> rows)
    {
        Span<Vector512<uint>> r = MemoryMarshal.Cast<Lanes16, Vector512<uint>>(rows)[..16];
        // Each pass exchanges blocks of size 8, 4, 2, 1 between rows that far apart.
        for (int distance = 8; distance != 0; distance >>>= 1)
        {
            (Vector512<uint> low, Vector512<uint> high) = Exchange(distance);
            for (int i = 0; i < 16; i++)
            {
                if ((i & distance) != 0)
                    continue;
                Vector512<uint> a = r[i];
                Vector512<uint> b = r[i + distance];
                r[i] = Permute(a, low, b);
                r[i + distance] = Permute(a, high, b);
            }
        }
    }

    /// <summary>Transposes two squares of 8 by 8 words: rows 0 to 7 and 8 to 15, so that each lane's 16 words follow each other.</summary>
    public static void Transpose(Span<Lanes8> rows, Span<byte> output)
    {
        Span<Vector256<uint>> r = MemoryMarshal.Cast<Lanes8, Vector256<uint>>(rows)[..16];
        Span<Vector256<uint>> o = MemoryMarshal.Cast<byte, Vector256<uint>>(output)[..16];
        for (int half = 0; half < 2; half++)
        {
            Span<Vector256<uint>> square = r.Slice(8 * half, 8);
            Transpose(square);
            for (int lane = 0; lane < 8; lane++)
                o[2 * lane + half] = square[lane];
        }
    }

    /// <summary>Transposes 8 by 8 words in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(Span<Vector256<uint>> square)
    {
        square = square[..8];
        for (int i = 0; i < 4; i++)
        {
            Vector256<uint> a = square[i];
            Vector256<uint> b = square[i + 4];
            square[i] = Vector256.Create(a.GetLower(), b.GetLower());
            square[i + 4] = Vector256.Create(a.GetUpper(), b.GetUpper());
        }

        for (int i = 0; i < 8; i++)
        {
            if ((i & 2) != 0)
                continue;
            Vector256<ulong> a = square[i].AsUInt64();
            Vector256<ulong> b = square[i + 2].AsUInt64();
            square[i] = Interleave(a, b, upper: false).AsUInt32();
            square[i + 2] = Interleave(a, b, upper: true).AsUInt32();
        }

        for (int i = 0; i < 8; i += 2)
        {
            Vector256<uint> a = square[i];
            Vector256<uint> b = square[i + 1];
            Vector256<uint> even = Vector256.Create(0xFFFFFFFFUL).AsUInt32();
            square[i] = (a & even) | (b.AsUInt64() << 32).AsUInt32();
            square[i + 1] = (a.AsUInt64() >>> 32).AsUInt32() | (b & ~even);
        }
    }

    private static Vector256<ulong> Interleave(Vector256<ulong> a, Vector256<ulong> b, bool upper)
    {
        Vector256<ulong> x = Vector256.Shuffle(a, upper ? Vector256.Create(1UL, 1, 3, 3) : Vector256.Create(0UL, 0, 2, 2));
        Vector256<ulong> y = Vector256.Shuffle(b, upper ? Vector256.Create(1UL, 1, 3, 3) : Vector256.Create(0UL, 0, 2, 2));
        return Vector256.ConditionalSelect(Vector256.Create(ulong.MaxValue, 0, ulong.MaxValue, 0), x, y);
    }

    private static Vector512<uint> Permute(Vector512<uint> a, Vector512<uint> control, Vector512<uint> b) =>
        Avx512F.PermuteVar16x32x2(a, control, b);

    private static (Vector512<uint> Low, Vector512<uint> High) Exchange(int distance)
    {
        Vector512<uint> index = Vector512<uint>.Indices;
        Vector512<uint> selected = Vector512.Equals(index & Vector512.Create((uint)distance), Vector512<uint>.Zero);
        // Index 16 and above names the second operand. The low result keeps its own blocks and takes the other's low blocks one up.
        Vector512<uint> low = Vector512.ConditionalSelect(selected, index, index + Vector512.Create(16U - (uint)distance));
        Vector512<uint> high = Vector512.ConditionalSelect(selected, index + Vector512.Create((uint)distance), index + Vector512.Create(16U));
        return (low, high);
    }
}
