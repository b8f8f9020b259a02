using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace Cloister.Crypto;

/// <summary>AES (FIPS 197) with the processor's instructions, whose time doesn't depend on data.</summary>
internal static class HardwareAes
{
    public static bool IsSupported => AesNi.IsSupported;

    /// <summary>Expands a key of 16, 24 or 32 bytes into (rounds + 1) round keys of 16 bytes (FIPS 197, 5.2).</summary>
    public static void ExpandKey(ReadOnlySpan<byte> key, Span<byte> schedule)
    {
        int words = key.Length / 4;
        int total = 4 * (AesSizes.Rounds(key.Length) + 1);
        key.CopyTo(schedule);
        Span<uint> expanded = MemoryMarshal.Cast<byte, uint>(schedule)[..total];
        uint previous = expanded[words - 1];
        uint roundConstant = 1;
        for (int i = words; i < total; i++)
        {
            if (i % words == 0)
            {
                previous = BitOperations.RotateRight(SubstituteWord(previous), 8) ^ roundConstant;
                // Doubling in GF(2^8); the constants are public.
                roundConstant = (roundConstant << 1) ^ ((roundConstant >>> 7) * 0x11B);
            }
            else if (words == 8 && i % 8 == 4)
            {
                previous = SubstituteWord(previous);
            }

            previous ^= expanded[i - words];
            expanded[i] = previous;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EncryptBlock(ref byte schedule, int rounds, Vector128<byte> block)
    {
        block ^= Vector128.LoadUnsafe(ref schedule);
        nuint offset = 16;
        for (int round = 1; round < rounds; round++, offset += 16)
            block = AesNi.Encrypt(block, Vector128.LoadUnsafe(ref schedule, offset));
        return AesNi.EncryptLast(block, Vector128.LoadUnsafe(ref schedule, offset));
    }

    /// <summary>The equivalent inverse cipher (FIPS 197, 5.3.5); its round keys are derived from the schedule on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DecryptBlock(ref byte schedule, int rounds, Vector128<byte> block)
    {
        nuint offset = 16 * (nuint)rounds;
        block ^= Vector128.LoadUnsafe(ref schedule, offset);
        for (offset -= 16; offset != 0; offset -= 16)
            block = AesNi.Decrypt(block, AesNi.InverseMixColumns(Vector128.LoadUnsafe(ref schedule, offset)));
        return AesNi.DecryptLast(block, Vector128.LoadUnsafe(ref schedule));
    }

    // The last round shifts rows and mixes no columns: with four equal columns the shift does nothing, and what is left is the
    // S-box (and a round key of zero).
    private static uint SubstituteWord(uint word) =>
        AesNi.EncryptLast(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();
}
