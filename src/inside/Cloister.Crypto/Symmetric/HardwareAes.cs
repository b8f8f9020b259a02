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

    /// <summary>Encrypts eight blocks in place, all in flight at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void EncryptEight(ref byte schedule, int rounds, ref byte blocks, nuint offset)
    {
        Vector128<byte> key = Vector128.LoadUnsafe(ref schedule);
        Vector128<byte> b0 = Vector128.LoadUnsafe(ref blocks, offset) ^ key;
        Vector128<byte> b1 = Vector128.LoadUnsafe(ref blocks, offset + 16) ^ key;
        Vector128<byte> b2 = Vector128.LoadUnsafe(ref blocks, offset + 32) ^ key;
        Vector128<byte> b3 = Vector128.LoadUnsafe(ref blocks, offset + 48) ^ key;
        Vector128<byte> b4 = Vector128.LoadUnsafe(ref blocks, offset + 64) ^ key;
        Vector128<byte> b5 = Vector128.LoadUnsafe(ref blocks, offset + 80) ^ key;
        Vector128<byte> b6 = Vector128.LoadUnsafe(ref blocks, offset + 96) ^ key;
        Vector128<byte> b7 = Vector128.LoadUnsafe(ref blocks, offset + 112) ^ key;
        nuint keysEnd = (nuint)rounds * 16;
        for (nuint at = 16; at < keysEnd; at += 16)
        {
            key = Vector128.LoadUnsafe(ref schedule, at);
            b0 = AesNi.Encrypt(b0, key);
            b1 = AesNi.Encrypt(b1, key);
            b2 = AesNi.Encrypt(b2, key);
            b3 = AesNi.Encrypt(b3, key);
            b4 = AesNi.Encrypt(b4, key);
            b5 = AesNi.Encrypt(b5, key);
            b6 = AesNi.Encrypt(b6, key);
            b7 = AesNi.Encrypt(b7, key);
        }

        key = Vector128.LoadUnsafe(ref schedule, keysEnd);
        AesNi.EncryptLast(b0, key).StoreUnsafe(ref blocks, offset);
        AesNi.EncryptLast(b1, key).StoreUnsafe(ref blocks, offset + 16);
        AesNi.EncryptLast(b2, key).StoreUnsafe(ref blocks, offset + 32);
        AesNi.EncryptLast(b3, key).StoreUnsafe(ref blocks, offset + 48);
        AesNi.EncryptLast(b4, key).StoreUnsafe(ref blocks, offset + 64);
        AesNi.EncryptLast(b5, key).StoreUnsafe(ref blocks, offset + 80);
        AesNi.EncryptLast(b6, key).StoreUnsafe(ref blocks, offset + 96);
        AesNi.EncryptLast(b7, key).StoreUnsafe(ref blocks, offset + 112);
    }

    /// <summary>Adds the keystream of counter mode to whole strides of eight blocks.</summary>
    /// <param name="schedule">The key schedule.</param>
    /// <param name="rounds">Its rounds.</param>
    /// <param name="counter">The next counter block as a number, low half first; advanced. The low half doesn't overflow on the way.</param>
    /// <param name="source">Input.</param>
    /// <param name="destination">Output; may be the input.</param>
    /// <param name="length">Bytes; a multiple of 128.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CryptCounter(
        ref byte schedule, int rounds, ref Vector128<ulong> counter, ref byte source, ref byte destination, nuint length)
    {
        Span<byte> blocks = stackalloc byte[HardwareGcm.Stride];
        ref byte keystream = ref blocks[0];
        Vector128<ulong> next = counter;
        Vector128<ulong> one = Vector128.CreateScalar(1UL);
        for (nuint offset = 0; offset < length; offset += HardwareGcm.Stride)
        {
            for (nuint at = 0; at < HardwareGcm.Stride; at += AesSizes.BlockSize, next += one)
                HardwareGcm.Reverse(next.AsByte()).StoreUnsafe(ref keystream, at);
            EncryptEight(ref schedule, rounds, ref keystream, 0);
            for (nuint at = 0; at < HardwareGcm.Stride; at += AesSizes.BlockSize)
            {
                Vector128<byte> text = Vector128.LoadUnsafe(ref source, offset + at) ^ Vector128.LoadUnsafe(ref keystream, at);
                text.StoreUnsafe(ref destination, offset + at);
            }
        }

        counter = next;
        FixedTime.Zero(blocks);
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
