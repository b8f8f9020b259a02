using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Crypto;

/// <summary>The sponge of FIPS 202, 4: bytes go in and come out a block at a time. Words are little-endian, as ours are in memory.</summary>
internal struct KeccakSponge
{
    /// <summary>Bytes of the state.</summary>
    public const int StateSize = 200;

    private State _state;
    private int _used;

    public void Absorb(ReadOnlySpan<byte> data, int blockSize)
    {
        Span<Word64> words = _state;
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        while (!data.IsEmpty)
        {
            if (_used == 0 && data.Length >= blockSize)
            {
                ReadOnlySpan<Word64> block = MemoryMarshal.Cast<byte, Word64>(data[..blockSize]);
                for (int i = 0; i < block.Length; i++)
                    words[i] ^= block[i];
                Keccak.Permute(words);
                data = data[blockSize..];
                continue;
            }

            int taken = Math.Min(blockSize - _used, data.Length);
            for (int i = 0; i < taken; i++)
                bytes[_used + i] ^= data[i];
            data = data[taken..];
            _used += taken;
            if (_used == blockSize)
            {
                Keccak.Permute(words);
                _used = 0;
            }
        }
    }

    /// <summary>Ends the message with a suffix and padding (5.1).</summary>
    public void Finish(byte suffix, int blockSize)
    {
        Span<Word64> words = _state;
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        bytes[_used] ^= suffix;
        bytes[blockSize - 1] ^= 0x80;
        Keccak.Permute(words);
    }

    public void Squeeze(Span<byte> destination, int blockSize)
    {
        Span<Word64> words = _state;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(words);
        while (destination.Length > blockSize)
        {
            bytes[..blockSize].CopyTo(destination);
            destination = destination[blockSize..];
            Keccak.Permute(words);
        }

        bytes[..destination.Length].CopyTo(destination);
    }

    [InlineArray(Keccak.Words)]
    private struct State
    {
        private Word64 _first;
    }
}
