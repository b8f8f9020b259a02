using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Crypto;

/// <summary>SHA-256 (FIPS 180-4). Messages of up to 2^61 bytes.</summary>
public struct Sha256 : IHash<Sha256>
{
    /// <summary>Bytes of the hash.</summary>
    public const int HashSizeInBytes = 32;

    private const int BlockBytes = 64;

    private Words _state;
    private Buffer _pending;
    private ulong _length;

    /// <inheritdoc/>
    public static int HashSize => HashSizeInBytes;

    /// <inheritdoc/>
    public static int BlockSize => BlockBytes;

    /// <inheritdoc/>
    public static Sha256 Create()
    {
        var hash = default(Sha256);
        hash.Reset();
        return hash;
    }

    /// <summary>Hashes bytes at once into the first 32 bytes of the destination.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Sha256 hash = Create();
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
        if (used > BlockBytes - 8)
        {
            Compress(_state, pending);
            pending.Clear();
        }

        BinaryPrimitives.WriteUInt64BigEndian(pending[(BlockBytes - 8)..], _length * 8);
        Compress(_state, pending);
        ReadOnlySpan<uint> state = MemoryMarshal.Cast<Word32, uint>((Span<Word32>)_state);
        for (int i = 0; i < HashSizeInBytes / 4; i++)
            BinaryPrimitives.WriteUInt32BigEndian(destination[(i * 4)..], state[i]);
        Reset();
    }

    private static void Compress(Span<Word32> state, ReadOnlySpan<byte> blocks)
    {
        Span<Word32> block = stackalloc Word32[16];
        Span<uint> words = MemoryMarshal.Cast<Word32, uint>(block);
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..])
        {
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(blocks[..BlockBytes]), words);
            Sha256Core.Compress(state, block);
        }
    }

    private void Reset()
    {
        Sha256Core.InitialHash.CopyTo(MemoryMarshal.Cast<Word32, uint>((Span<Word32>)_state));
        _pending = default;
        _length = 0;
    }

    [InlineArray(8)]
    private struct Words
    {
        private Word32 _first;
    }

    [InlineArray(BlockBytes)]
    private struct Buffer
    {
        private byte _first;
    }
}
