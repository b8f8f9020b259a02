using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Cloister.Crypto.Tests;

/// <summary>
/// How not to do it: AES-128 by look-ups in a table, indexed with secrets. A timing test that doesn't find this one finds nothing.
/// </summary>
internal sealed class TableAes
{
    private const int Rounds = 10;

    // Entries lie a cache line apart, so that each index has a line of its own, as in the small caches that the first such attacks met.
    private const int Stride = 16;

    private readonly uint[] _table = new uint[256 * Stride];
    private readonly byte[] _substitution = new byte[256];
    private readonly byte[] _schedule = new byte[AesSizes.MaxSchedule];

    public TableAes(ReadOnlySpan<byte> key)
    {
        HardwareAes.ExpandKey(key, _schedule);
        for (int i = 0; i < 256; i++)
        {
            var words = new Word64[8];
            for (int bit = 0; bit < 8; bit++)
                words[bit] = new Word64(((ulong)i >>> bit) & 1);
            AesSubstitution.Apply<Word64>(words);
            for (int bit = 0; bit < 8; bit++)
                _substitution[i] |= (byte)((words[bit].Value & 1) << bit);
            uint s = _substitution[i];
            uint twice = ((s << 1) ^ ((s >>> 7) * 0x11B)) & 0xFF;
            // One column of the mixing matrix: 2, 1, 1, 3.
            _table[i * Stride] = twice | (s << 8) | (s << 16) | ((twice ^ s) << 24);
        }
    }

    /// <summary>Encrypts a block in place.</summary>
    public void Encrypt(byte[] block)
    {
        Span<uint> state = stackalloc uint[4];
        Span<uint> next = stackalloc uint[4];
        for (int i = 0; i < 4; i++)
            state[i] = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(4 * i)) ^ Key(i);
        for (int round = 1; round < Rounds; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                next[i] = Key(4 * round + i);
                for (int row = 0; row < 4; row++)
                    next[i] ^= BitOperations.RotateLeft(_table[Octet(state, i, row) * Stride], 8 * row);
            }

            next.CopyTo(state);
        }

        for (int i = 0; i < 4; i++)
        {
            uint word = Key(4 * Rounds + i);
            for (int row = 0; row < 4; row++)
                word ^= (uint)_substitution[Octet(state, i, row)] << (8 * row);
            BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4 * i), word);
        }
    }

    private static int Octet(Span<uint> state, int column, int row) => (int)(state[(column + row) % 4] >>> (8 * row)) & 0xFF;

    private uint Key(int word) => BinaryPrimitives.ReadUInt32LittleEndian(_schedule.AsSpan(4 * word));
}
