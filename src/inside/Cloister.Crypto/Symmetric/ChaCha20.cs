using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Crypto;

/// <summary>
/// The stream cipher ChaCha20 (RFC 8439, 2.4): as many blocks side by side as the processor has lanes.
/// </summary>
internal static class ChaCha20
{
    public const int KeySize = 32;
    public const int NonceSize = 12;
    public const int BlockSize = 64;

    // "expand 32-byte k", little-endian.
    private static ReadOnlySpan<uint> Constants => [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

    /// <summary>Adds keystream from a block on to input.</summary>
    /// <param name="forcePortable">Whether one block is computed at a time even where there are vectors; for tests.</param>
    public static void Crypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, uint counter, ReadOnlySpan<byte> input, Span<byte> output,
        bool forcePortable = false)
    {
        Span<uint> state = stackalloc uint[16];
        Span<byte> keystream = stackalloc byte[BlockSize];
        Constants.CopyTo(state);
        MemoryMarshal.Cast<byte, uint>(key[..KeySize]).CopyTo(state[4..]);
        state[12] = counter;
        MemoryMarshal.Cast<byte, uint>(nonce[..NonceSize]).CopyTo(state[13..]);
        if (!forcePortable && Avx512F.IsSupported && input.Length >= 8 * BlockSize)
            CryptSixteen(state, ref input, ref output);
        if (!forcePortable && Vector256.IsHardwareAccelerated && input.Length > 2 * BlockSize)
            CryptEight(state, ref input, ref output);
        while (!input.IsEmpty)
        {
            ChaCha20Core.Block(MemoryMarshal.Cast<uint, Word32>(state), MemoryMarshal.Cast<byte, Word32>(keystream));
            state[12]++;
            int taken = Math.Min(BlockSize, input.Length);
            CounterMode.Xor(input[..taken], keystream, output);
            input = input[taken..];
            output = output[taken..];
        }

        FixedTime.Zero(MemoryMarshal.AsBytes(state));
        FixedTime.Zero(keystream);
    }

    private static void CryptSixteen(scoped Span<uint> state, ref ReadOnlySpan<byte> input, ref Span<byte> output)
    {
        Span<Lanes16> lanes = stackalloc Lanes16[16];
        Span<Lanes16> words = stackalloc Lanes16[16];
        for (int i = 0; i < 16; i++)
            lanes[i] = Lanes16.Constant(state[i]);
        lanes[12] += new Lanes16(Vector512<uint>.Indices);
        do
        {
            ChaCha20Core.Block(lanes, words);
            LaneTransposition.Transpose(words);
            int taken = Math.Min(16 * BlockSize, input.Length);
            Span<byte> blocks = MemoryMarshal.AsBytes(words);
            CounterMode.Xor(input[..taken], blocks, output);
            input = input[taken..];
            output = output[taken..];
            lanes[12] += Lanes16.Constant(16);
            state[12] += 16;
        }
        while (input.Length >= 8 * BlockSize);
        FixedTime.Zero(MemoryMarshal.AsBytes(lanes));
        FixedTime.Zero(MemoryMarshal.AsBytes(words));
    }

    private static void CryptEight(scoped Span<uint> state, ref ReadOnlySpan<byte> input, ref Span<byte> output)
    {
        Span<Lanes8> lanes = stackalloc Lanes8[16];
        Span<Lanes8> words = stackalloc Lanes8[16];
        for (int i = 0; i < 16; i++)
            lanes[i] = Lanes8.Constant(state[i]);
        lanes[12] += new Lanes8(Vector256<uint>.Indices);
        Span<byte> keystream = stackalloc byte[8 * BlockSize];
        do
        {
            ChaCha20Core.Block(lanes, words);
            LaneTransposition.Transpose(words, keystream);
            int taken = Math.Min(8 * BlockSize, input.Length);
            CounterMode.Xor(input[..taken], keystream, output);
            input = input[taken..];
            output = output[taken..];
            lanes[12] += Lanes8.Constant(8);
            state[12] += 8;
        }
        while (input.Length > 2 * BlockSize);
        FixedTime.Zero(MemoryMarshal.AsBytes(lanes));
        FixedTime.Zero(MemoryMarshal.AsBytes(words));
        FixedTime.Zero(keystream);
    }
}
