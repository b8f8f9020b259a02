using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Crypto;

/// <summary>SHA-384 (FIPS 180-4). Messages of up to 2^61 bytes.</summary>
public struct Sha384 : IHash<Sha384>
{
    /// <summary>Bytes of the hash.</summary>
    public const int HashSizeInBytes = 48;

    private const int BlockBytes = 128;

    private Words _state;
    private Buffer _pending;
    private ulong _length;

    /// <inheritdoc/>
    public static int HashSize => HashSizeInBytes;

    /// <inheritdoc/>
    public static int BlockSize => BlockBytes;

    /// <inheritdoc/>
    public static Sha384 Create()
    {
        var hash = default(Sha384);
        hash.Reset();
        return hash;
    }

    /// <summary>Hashes bytes at once into the first 48 bytes of the destination.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Sha384 hash = Create();
        hash.Append(source);
        hash.GetHashAndReset(destination);
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> data)
    {
        Span<byte> pending = _pending;
        int used = (int)(_length % BlockBytes);
        _length += (ulong)data.Length;
        if (used != 0)
        {
            int taken = Math.Min(BlockBytes - used, data.Length);
            data[..taken].CopyTo(pending[used..]);
            data = data[taken..];
            if (used + taken < BlockBytes)
                return;
            Compress(_state, pending);
        }

        int whole = data.Length & ~(BlockBytes - 1);
        if (whole != 0)
            Compress(_state, data[..whole]);
        data[whole..].CopyTo(pending);
    }

    /// <inheritdoc/>
    public void GetHashAndReset(Span<byte> destination)
    {
        Arguments.RequireRoom(destination.Length, HashSizeInBytes, nameof(destination));
        Span<byte> pending = _pending;
        int used = (int)(_length % BlockBytes);
        pending[used++] = 0x80;
        pending[used..].Clear();
        if (used > BlockBytes - 16)
        {
            Compress(_state, pending);
            pending.Clear();
        }

        BinaryPrimitives.WriteUInt64BigEndian(pending[(BlockBytes - 8)..], _length * 8);
        Compress(_state, pending);
        ReadOnlySpan<ulong> state = MemoryMarshal.Cast<Word64, ulong>((Span<Word64>)_state);
        for (int i = 0; i < HashSizeInBytes / 8; i++)
            BinaryPrimitives.WriteUInt64BigEndian(destination[(i * 8)..], state[i]);
        Reset();
    }

    private static void Compress(Span<Word64> state, ReadOnlySpan<byte> blocks)
    {
        Span<Word64> block = stackalloc Word64[16];
        Span<ulong> words = MemoryMarshal.Cast<Word64, ulong>(block);
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..])
        {
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(blocks[..BlockBytes]), words);
            Sha512Core.Compress(state, block);
        }
    }

    private void Reset()
    {
        Sha512Core.InitialHash384.CopyTo(MemoryMarshal.Cast<Word64, ulong>((Span<Word64>)_state));
        _pending = default;
        _length = 0;
    }

    [InlineArray(8)]
    private struct Words
    {
        private Word64 _first;
    }

    [InlineArray(BlockBytes)]
    private struct Buffer
    {
        private byte _first;
    }
}
