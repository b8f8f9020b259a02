using System;
using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>Counter mode over <see cref="AesBlocks"/> (NIST SP 800-38A, 6.5), eight blocks of keystream at a time.</summary>
internal static class CounterMode
{
    private const int Batch = 8 * AesSizes.BlockSize;

    /// <summary>Adds keystream to input. The counter block is advanced by the blocks used, also one used in part.</summary>
    /// <param name="wholeBlock">Whether all 128 bits count, or the last 32 alone as in GCM.</param>
    public static void Crypt(AesBlocks aes, Span<byte> counter, ReadOnlySpan<byte> input, Span<byte> output, bool wholeBlock)
    {
        if (wholeBlock)
        {
            int strides = aes.CryptCounter(counter, input, output);
            input = input[strides..];
            output = output[strides..];
        }

        Span<byte> keystream = stackalloc byte[Batch];
        while (!input.IsEmpty)
        {
            int taken = Math.Min(Batch, input.Length);
            Span<byte> blocks = keystream[..((taken + AesSizes.BlockSize - 1) & -AesSizes.BlockSize)];
            for (int at = 0; at < blocks.Length; at += AesSizes.BlockSize)
            {
                counter.CopyTo(blocks[at..]);
                Advance(counter, wholeBlock);
            }

            aes.Encrypt(blocks);
            Xor(input[..taken], keystream, output);
            input = input[taken..];
            output = output[taken..];
        }

        FixedTime.Zero(keystream);
    }

    private static void Advance(Span<byte> counter, bool wholeBlock)
    {
        if (!wholeBlock)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counter[12..], BinaryPrimitives.ReadUInt32BigEndian(counter[12..]) + 1);
            return;
        }

        // Counters are public: the branch tells nobody anything.
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(counter[8..]) + 1;
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], low);
        if (low == 0)
            BinaryPrimitives.WriteUInt64BigEndian(counter, BinaryPrimitives.ReadUInt64BigEndian(counter) + 1);
    }

    public static void Xor(ReadOnlySpan<byte> input, ReadOnlySpan<byte> keystream, Span<byte> output)
    {
        output = output[..input.Length];
        int at = 0;
        for (; at + 16 <= input.Length; at += 16)
        {
            Vector128<byte> text = Vector128.Create(input.Slice(at, 16)) ^ Vector128.Create(keystream.Slice(at, 16));
            text.CopyTo(output.Slice(at, 16));
        }

        for (; at < input.Length; at++)
            output[at] = (byte)(input[at] ^ keystream[at]);
    }
}
