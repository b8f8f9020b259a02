using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Crypto;

/// <summary>
/// SHA-256 of many messages of one length, as Merkle trees need it: 16 or 8 messages side by side in the lanes of vectors.
/// </summary>
/// <remarks>There are no SHA instructions in .NET 10; lanes are how one core hashes as fast as with them.</remarks>
public static class Sha256Many
{
    private const int BlockSize = 64;

    /// <summary>Hashes messages that follow each other.</summary>
    /// <param name="messages">The messages, all of one length.</param>
    /// <param name="messageLength">Bytes of each; at least 1.</param>
    /// <param name="hashes">Gets 32 bytes for each message.</param>
    /// <exception cref="ArgumentException">The messages don't come out even, or there is another number of bytes for the hashes.</exception>
    public static void HashData(ReadOnlySpan<byte> messages, int messageLength, Span<byte> hashes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messageLength, 1);
        if (messages.Length % messageLength != 0)
            throw new ArgumentException($"Expected whole messages of {messageLength} bytes, but there are {messages.Length} bytes.", nameof(messages));
        int count = messages.Length / messageLength;
        Arguments.RequireLength(hashes.Length, count * Sha256.HashSizeInBytes, nameof(hashes));
        int done = 0;
        if (Avx512F.IsSupported)
        {
            for (; count - done >= 16; done += 16)
                HashSixteen(messages.Slice(done * messageLength, 16 * messageLength), messageLength, Part(hashes, done, 16));
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; count - done >= 8; done += 8)
                HashEight(messages.Slice(done * messageLength, 8 * messageLength), messageLength, Part(hashes, done, 8));
        }

        for (; done < count; done++)
            Sha256.HashData(messages.Slice(done * messageLength, messageLength), Part(hashes, done, 1));
    }

    /// <summary>Eight messages in 256-bit vectors.</summary>
    internal static void HashEight(ReadOnlySpan<byte> messages, int messageLength, Span<byte> hashes)
    {
        Span<Lanes8> state = stackalloc Lanes8[8];
        Span<Lanes8> block = stackalloc Lanes8[16];
        Span<byte> tails = stackalloc byte[8 * 2 * BlockSize];
        for (int i = 0; i < 8; i++)
            state[i] = Lanes8.Constant(Sha256Core.InitialHash[i]);
        int whole = messageLength & -BlockSize;
        for (int at = 0; at < whole; at += BlockSize)
            Compress(state, block, messages, messageLength, at);
        int tailLength = FillTails(messages, messageLength, tails);
        for (int at = 0; at < tailLength; at += BlockSize)
            Compress(state, block, tails, 2 * BlockSize, at);
        WriteHashes(MemoryMarshal.Cast<Lanes8, uint>(state), 8, hashes);
    }

    /// <summary>Sixteen messages in 512-bit vectors.</summary>
    internal static void HashSixteen(ReadOnlySpan<byte> messages, int messageLength, Span<byte> hashes)
    {
        Span<Lanes16> state = stackalloc Lanes16[8];
        Span<Lanes16> block = stackalloc Lanes16[16];
        Span<byte> tails = stackalloc byte[16 * 2 * BlockSize];
        for (int i = 0; i < 8; i++)
            state[i] = Lanes16.Constant(Sha256Core.InitialHash[i]);
        int whole = messageLength & -BlockSize;
        for (int at = 0; at < whole; at += BlockSize)
            Compress(state, block, messages, messageLength, at);
        int tailLength = FillTails(messages, messageLength, tails);
        for (int at = 0; at < tailLength; at += BlockSize)
            Compress(state, block, tails, 2 * BlockSize, at);
        WriteHashes(MemoryMarshal.Cast<Lanes16, uint>(state), 16, hashes);
    }

    private static Span<byte> Part(Span<byte> hashes, int first, int count) =>
        hashes.Slice(first * Sha256.HashSizeInBytes, count * Sha256.HashSizeInBytes);

    private static void Compress(Span<Lanes8> state, Span<Lanes8> block, ReadOnlySpan<byte> data, int stride, int at)
    {
        Span<Vector256<uint>> rows = MemoryMarshal.Cast<Lanes8, Vector256<uint>>(block);
        for (int lane = 0; lane < 8; lane++)
        {
            ReadOnlySpan<byte> source = data.Slice(lane * stride + at, BlockSize);
            rows[lane] = BigEndian(Vector256.Create(source));
            rows[lane + 8] = BigEndian(Vector256.Create(source[32..]));
        }

        LaneTransposition.Transpose(rows[..8]);
        LaneTransposition.Transpose(rows[8..]);
        Sha256Core.Compress(state, block);
    }

    private static void Compress(Span<Lanes16> state, Span<Lanes16> block, ReadOnlySpan<byte> data, int stride, int at)
    {
        for (int lane = 0; lane < 16; lane++)
        {
            Vector512<byte> source = Vector512.Create(data.Slice(lane * stride + at, BlockSize));
            Vector256<uint> lower = BigEndian(source.GetLower());
            block[lane] = new Lanes16(Vector512.Create(lower, BigEndian(source.GetUpper())));
        }

        LaneTransposition.Transpose(block);
        Sha256Core.Compress(state, block);
    }

    private static Vector256<uint> BigEndian(Vector256<byte> words) => Vector256.Shuffle(words, Vector256.Create(
        (byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 23, 22, 21, 20, 27, 26, 25, 24, 31, 30, 29, 28)).AsUInt32();

    // What is left of each message behind its whole blocks, with padding (FIPS 180-4, 5.1.1), in two blocks for each; the bytes that count.
    private static int FillTails(ReadOnlySpan<byte> messages, int messageLength, Span<byte> tails)
    {
        tails.Clear();
        int rest = messageLength % BlockSize;
        int length = rest < BlockSize - 8 ? BlockSize : 2 * BlockSize;
        for (int lane = 0; lane < tails.Length / (2 * BlockSize); lane++)
        {
            Span<byte> tail = tails.Slice(lane * 2 * BlockSize, length);
            messages.Slice((lane + 1) * messageLength - rest, rest).CopyTo(tail);
            tail[rest] = 0x80;
            BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], (ulong)messageLength * 8);
        }

        return length;
    }

    private static void WriteHashes(ReadOnlySpan<uint> state, int lanes, Span<byte> hashes)
    {
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int i = 0; i < 8; i++)
                BinaryPrimitives.WriteUInt32BigEndian(hashes[(lane * Sha256.HashSizeInBytes + 4 * i)..], state[i * lanes + lane]);
        }
    }
}
