using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>
/// The block cipher AES (FIPS 197) with one key, below the modes of operation: with the processor's instructions, or bitsliced where there are none.
/// </summary>
internal sealed class AesBlocks : IDisposable
{
    private readonly KeyMemory _schedule;
    private readonly int _rounds;
    private readonly bool _isPortable;

    /// <summary>Expands a key of 16, 24 or 32 bytes.</summary>
    /// <param name="key">The key, which isn't kept.</param>
    /// <param name="forcePortable">Whether the bitsliced twin is used even where the processor has instructions; for tests.</param>
    public AesBlocks(ReadOnlySpan<byte> key, bool forcePortable = false)
    {
        _rounds = AesSizes.Rounds(key.Length);
        _isPortable = forcePortable || !HardwareAes.IsSupported;
        if (!_isPortable)
        {
            _schedule = new KeyMemory(AesSizes.MaxSchedule);
            HardwareAes.ExpandKey(key, _schedule.Span);
            return;
        }

        _schedule = new KeyMemory(BitslicedAes.MaxSchedule * sizeof(ulong));
        Span<Word64> columns = stackalloc Word64[8];
        columns = columns[..(key.Length / 4)];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = new Word64(BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]));
        BitslicedAes.ExpandKey<Word64>(columns, MemoryMarshal.Cast<byte, Word64>(_schedule.Span));
        columns.Clear();
    }

    /// <summary>Encrypts whole blocks in place, each by itself.</summary>
    public void Encrypt(Span<byte> blocks)
    {
        Debug.Assert(blocks.Length % AesSizes.BlockSize == 0, "Blocks must be whole: they are reached without checks of bounds.");
        if (_isPortable)
        {
            CryptPortably(blocks, encrypt: true);
            return;
        }

        ref byte schedule = ref MemoryMarshal.GetReference(_schedule.Span);
        ref byte start = ref MemoryMarshal.GetReference(blocks);
        nuint at = 0;
        nuint length = (nuint)blocks.Length;
        for (; at + HardwareGcm.Stride <= length; at += HardwareGcm.Stride)
            HardwareAes.EncryptEight(ref schedule, _rounds, ref start, at);
        for (; at < length; at += AesSizes.BlockSize)
            HardwareAes.EncryptBlock(ref schedule, _rounds, Vector128.LoadUnsafe(ref start, at)).StoreUnsafe(ref start, at);
    }

    /// <summary>Counter mode for as many whole strides as the processor's instructions can take in one go.</summary>
    /// <param name="counter">The next counter block, all of whose bits count; advanced.</param>
    /// <param name="input">Input.</param>
    /// <param name="output">Output, as long or longer.</param>
    /// <returns>How many bytes that were; 0 leaves the rest to <see cref="CounterMode"/>.</returns>
    public int CryptCounter(Span<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        int length = input.Length & ~(HardwareGcm.Stride - 1);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(counter[8..]);
        if (_isPortable || !HardwareGcm.IsSupported || length == 0 || low > ulong.MaxValue - (ulong)length / AesSizes.BlockSize)
            return 0;
        Debug.Assert(output.Length >= length, "The output is reached without checks of bounds.");
        Vector128<ulong> next = Vector128.Create(low, BinaryPrimitives.ReadUInt64BigEndian(counter));
        HardwareAes.CryptCounter(
            ref MemoryMarshal.GetReference(_schedule.Span), _rounds, ref next, ref MemoryMarshal.GetReference(input), ref MemoryMarshal.GetReference(output),
            (nuint)length);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], next[0]);
        return length;
    }

    /// <summary>Decrypts whole blocks in place, each by itself.</summary>
    public void Decrypt(Span<byte> blocks)
    {
        Debug.Assert(blocks.Length % AesSizes.BlockSize == 0, "Blocks must be whole: they are reached without checks of bounds.");
        if (_isPortable)
        {
            CryptPortably(blocks, encrypt: false);
            return;
        }

        ref byte schedule = ref MemoryMarshal.GetReference(_schedule.Span);
        ref byte start = ref MemoryMarshal.GetReference(blocks);
        for (nuint at = 0; at < (nuint)blocks.Length; at += AesSizes.BlockSize)
            HardwareAes.DecryptBlock(ref schedule, _rounds, Vector128.LoadUnsafe(ref start, at)).StoreUnsafe(ref start, at);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _schedule.Dispose();

    private void CryptPortably(Span<byte> blocks, bool encrypt)
    {
        ReadOnlySpan<Word64> schedule = MemoryMarshal.Cast<byte, Word64>(_schedule.Span);
        Span<Word64> columns = stackalloc Word64[16];
        while (!blocks.IsEmpty)
        {
            int taken = Math.Min(blocks.Length, BitslicedAes.Blocks * AesSizes.BlockSize);
            columns.Clear();
            for (int i = 0; i < taken / 4; i++)
                columns[i] = new Word64(BinaryPrimitives.ReadUInt32LittleEndian(blocks[(4 * i)..]));
            if (encrypt)
                BitslicedAes.Encrypt(schedule, _rounds, columns);
            else
                BitslicedAes.Decrypt(schedule, _rounds, columns);
            for (int i = 0; i < taken / 4; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(blocks[(4 * i)..], (uint)columns[i].Value);
            blocks = blocks[taken..];
        }

        columns.Clear();
    }
}
