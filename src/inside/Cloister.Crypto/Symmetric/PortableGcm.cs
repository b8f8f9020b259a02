using System;
using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Cloister.Crypto;

/// <summary>GCM (NIST SP 800-38D) of bitsliced AES and multiplication of integers: the twin of <see cref="HardwareGcm"/> for other processors.</summary>
internal sealed class PortableGcm : IDisposable
{
    private readonly AesBlocks _aes;
    private readonly KeyMemory _hashKey = new(AesSizes.BlockSize);

    public PortableGcm(ReadOnlySpan<byte> key)
    {
        _aes = new AesBlocks(key, forcePortable: true);
        _aes.Encrypt(_hashKey.Span);
    }

    /// <summary>Encrypts or decrypts, and gives the tag.</summary>
    public Vector128<byte> Crypt(Vector128<byte> initialCounter, ReadOnlySpan<byte> input, Span<byte> output,
        ReadOnlySpan<byte> associatedData, bool encrypt)
    {
        Span<byte> mask = stackalloc byte[AesSizes.BlockSize];
        Span<byte> counter = stackalloc byte[AesSizes.BlockSize];
        initialCounter.CopyTo(mask);
        initialCounter.CopyTo(counter);
        BinaryPrimitives.WriteUInt32BigEndian(counter[12..], BinaryPrimitives.ReadUInt32BigEndian(counter[12..]) + 1);
        _aes.Encrypt(mask);
        Hash hash = default;
        Absorb(ref hash, associatedData);
        if (!encrypt)
            Absorb(ref hash, input);
        CounterMode.Crypt(_aes, counter, input, output, wholeBlock: false);
        if (encrypt)
            Absorb(ref hash, output);
        Vector128<byte> tag = Finish(hash, associatedData.Length, input.Length) ^ Vector128.Create<byte>(mask);
        FixedTime.Zero(mask);
        return tag;
    }

    /// <summary>The initial counter block for a nonce that isn't 12 bytes long (7.1).</summary>
    public Vector128<byte> HashNonce(ReadOnlySpan<byte> nonce)
    {
        Hash hash = default;
        Absorb(ref hash, nonce);
        return Finish(hash, 0, nonce.Length);
    }

    public void Dispose()
    {
        _aes.Dispose();
        _hashKey.Dispose();
    }

    private void Absorb(ref Hash hash, ReadOnlySpan<byte> data)
    {
        Span<byte> last = stackalloc byte[AesSizes.BlockSize];
        for (; data.Length >= AesSizes.BlockSize; data = data[AesSizes.BlockSize..])
            AbsorbBlock(ref hash, data);
        if (data.IsEmpty)
            return;
        last.Clear();
        data.CopyTo(last);
        AbsorbBlock(ref hash, last);
    }

    private void AbsorbBlock(ref Hash hash, ReadOnlySpan<byte> block)
    {
        Span<byte> key = _hashKey.Span;
        PortableGhash.Absorb(ref hash.High, ref hash.Low,
            new Word64(BinaryPrimitives.ReadUInt64BigEndian(key)), new Word64(BinaryPrimitives.ReadUInt64BigEndian(key[8..])),
            new Word64(BinaryPrimitives.ReadUInt64BigEndian(block)), new Word64(BinaryPrimitives.ReadUInt64BigEndian(block[8..])));
    }

    private Vector128<byte> Finish(Hash hash, int associatedLength, int textLength)
    {
        Span<byte> block = stackalloc byte[AesSizes.BlockSize];
        BinaryPrimitives.WriteUInt64BigEndian(block, (ulong)associatedLength * 8);
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], (ulong)textLength * 8);
        AbsorbBlock(ref hash, block);
        BinaryPrimitives.WriteUInt64BigEndian(block, hash.High.Value);
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], hash.Low.Value);
        return Vector128.Create<byte>(block);
    }

    private struct Hash
    {
        public Word64 High;
        public Word64 Low;
    }
}
