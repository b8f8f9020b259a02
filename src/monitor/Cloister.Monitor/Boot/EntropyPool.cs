using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Crypto;
using Cloister.Monitor.Enclaves;

namespace Cloister.Monitor.Boot;

/// <summary>
/// Random numbers: a chain of SHA3-512 that starts from all that the boot offers (the boot loader's seed, the monitor's private key, the clock) and
/// takes the clock in with each hash. QEMU's machine has no source of entropy of its own, so the numbers are as good as the boot loader's seed.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntropyPool
{
    private Hash _state;

    // A hash is several numbers: those that nobody has got yet.
    private Hash _numbers;
    private int _left;

    /// <summary>Takes something in.</summary>
    public void Add(ReadOnlySpan<byte> material)
    {
        Span<byte> state = _state;
        Sha3_512 hash = Sha3_512.Create();
        hash.Append(state);
        hash.Append(material);
        hash.GetHashAndReset(state);
        _left = 0;
    }

    /// <summary>A number; earlier ones can't be found from what is left.</summary>
    public ulong Next(ulong time)
    {
        if (_left == 0)
            MakeNumbers(time);
        _left--;
        Span<byte> place = ((Span<byte>)_numbers).Slice(_left * sizeof(ulong), sizeof(ulong));
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(place);
        place.Clear();
        return number;
    }

    private void MakeNumbers(ulong time)
    {
        Span<byte> block = stackalloc byte[Hash.Size + 16];
        ((ReadOnlySpan<byte>)_state).CopyTo(block);
        BinaryPrimitives.WriteUInt64LittleEndian(block[Hash.Size..], time);
        // Two hashes of the same state, told apart by the last byte: one is the next state, the other is given away.
        Sha3_512.HashData(block, _numbers);
        block[^1] = 1;
        Sha3_512.HashData(block, _state);
        block.Clear();
        _left = Hash.Size / sizeof(ulong);
    }
}
