using System;

namespace Cloister.Crypto.Tests;

/// <summary>
/// How not to do it: AES-128 rounds by tables of 32-bit words, indexed with secrets. A timing test that doesn't find this one finds nothing.
/// </summary>
internal sealed class TableAes
{
    // Entries lie a cache line apart, so that each index has a line of its own: a leak as plain as on processors with small caches.
    private const int Stride = 16;

    private readonly uint[] _table = new uint[256 * Stride];

    public TableAes()
    {
        var aes = new AesBlocks(new byte[16], forcePortable: true);
        byte[] block = new byte[16];
        for (int i = 0; i < 256; i++)
        {
            block[0] = (byte)i;
            aes.Encrypt(block);
            _table[i * Stride] = BitConverter.ToUInt32(block);
        }
    }

    /// <summary>Ten rounds, each of 16 look-ups and a mix of what they gave.</summary>
    public void Encrypt(byte[] block)
    {
        Span<uint> columns = stackalloc uint[4];
        Span<byte> state = stackalloc byte[16];
        block.CopyTo(state);
        for (int round = 0; round < 10; round++)
        {
            for (int column = 0; column < 4; column++)
            {
                columns[column] = _table[state[4 * column] * Stride] ^ _table[state[(4 * column + 5) % 16] * Stride] ^
                    _table[state[(4 * column + 10) % 16] * Stride] ^ _table[state[(4 * column + 15) % 16] * Stride];
            }

            System.Runtime.InteropServices.MemoryMarshal.AsBytes(columns).CopyTo(state);
        }

        state.CopyTo(block);
    }
}
