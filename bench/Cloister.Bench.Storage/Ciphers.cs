using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Cloister.Contracts.Storage;
using Cloister.Crypto;

namespace Cloister.Bench.Storage;

/// <summary>Encryption of a block device that keeps no tags, as the measurements are compared with.</summary>
internal interface IBlockCipher : IDisposable
{
    /// <summary>Encrypts or decrypts whole blocks; both may be the same memory.</summary>
    /// <param name="isWrite">Whether to encrypt.</param>
    /// <param name="firstBlock">Number of the first block.</param>
    /// <param name="source">Input.</param>
    /// <param name="destination">Output, as long.</param>
    void Crypt(bool isWrite, long firstBlock, byte[] source, byte[] destination);
}

/// <summary>The volume's own cipher without its integrity: AES-256 in counter mode.</summary>
internal sealed class CounterCipher : IBlockCipher
{
    private readonly AesCtr _cipher = new(Setup.Key);

    public void Crypt(bool isWrite, long firstBlock, byte[] source, byte[] destination)
    {
        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        for (int at = 0; at < source.Length; at += IBlockDevice.BlockSize)
        {
            BinaryPrimitives.WriteInt64LittleEndian(counter, firstBlock + at / IBlockDevice.BlockSize);
            _cipher.Crypt(counter, source.AsSpan(at, IBlockDevice.BlockSize), destination.AsSpan(at, IBlockDevice.BlockSize));
        }
    }

    public void Dispose() => _cipher.Dispose();
}

/// <summary>What dm-crypt does with sectors of 4 KiB: AES-256-XTS (IEEE 1619), here over the host library's AES.</summary>
internal sealed class XtsCipher : IBlockCipher
{
    private const int Block = IBlockDevice.BlockSize;

    // Reduction by x^128 + x^7 + x^2 + x + 1 (IEEE 1619, 5.2).
    private const ulong Polynomial = 0x87;

    private readonly System.Security.Cryptography.Aes _data = System.Security.Cryptography.Aes.Create();
    private readonly System.Security.Cryptography.Aes _tweak = System.Security.Cryptography.Aes.Create();
    private readonly ICryptoTransform _encryptor;
    private readonly ICryptoTransform _decryptor;
    private readonly ICryptoTransform _tweakEncryptor;
    private readonly byte[] _first = new byte[16];
    private readonly byte[] _tweaks = new byte[Block];
    private readonly byte[] _masked = new byte[Block];

    public XtsCipher(byte[] dataKey, byte[] tweakKey)
    {
        foreach ((System.Security.Cryptography.Aes aes, byte[] key) in new[] { (_data, dataKey), (_tweak, tweakKey) })
        {
            aes.Mode = CipherMode.ECB;
            aes.Padding = PaddingMode.None;
            aes.Key = key;
        }

        _encryptor = _data.CreateEncryptor();
        _decryptor = _data.CreateDecryptor();
        _tweakEncryptor = _tweak.CreateEncryptor();
    }

    /// <summary>Vector 10 of IEEE 1619, its first blocks: a baseline that computes something else would prove nothing.</summary>
    public static void Verify()
    {
        using var cipher = new XtsCipher(
            Convert.FromHexString("2718281828459045235360287471352662497757247093699959574966967627"),
            Convert.FromHexString("3141592653589793238462643383279502884197169399375105820974944592"));
        var block = new byte[Block];
        for (int i = 0; i < Block; i++)
            block[i] = (byte)i;
        byte[] before = [.. block];
        cipher.Crypt(true, 0xff, block, block);
        if (!Convert.ToHexStringLower(block, 0, 32).Equals("1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b", StringComparison.Ordinal))
            throw new InvalidOperationException("AES-XTS doesn't give what IEEE 1619 says.");
        cipher.Crypt(false, 0xff, block, block);
        if (!block.AsSpan().SequenceEqual(before))
            throw new InvalidOperationException("AES-XTS doesn't decrypt what it encrypted.");
    }

    public void Crypt(bool isWrite, long firstBlock, byte[] source, byte[] destination)
    {
        ICryptoTransform transform = isWrite ? _encryptor : _decryptor;
        for (int at = 0; at < source.Length; at += Block)
        {
            FillTweaks(firstBlock + at / Block);
            Mask(source.AsSpan(at, Block), _masked);
            transform.TransformBlock(_masked, 0, Block, destination, at);
            Mask(destination.AsSpan(at, Block), destination.AsSpan(at, Block));
        }
    }

    public void Dispose()
    {
        _encryptor.Dispose();
        _decryptor.Dispose();
        _tweakEncryptor.Dispose();
        _data.Dispose();
        _tweak.Dispose();
    }

    private void FillTweaks(long block)
    {
        Array.Clear(_first);
        BinaryPrimitives.WriteInt64LittleEndian(_first, block);
        _tweakEncryptor.TransformBlock(_first, 0, 16, _first, 0);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(_first), high = BinaryPrimitives.ReadUInt64LittleEndian(_first.AsSpan(8));
        Span<ulong> tweaks = MemoryMarshal.Cast<byte, ulong>(_tweaks.AsSpan());
        for (int i = 0; i < tweaks.Length; i += 2)
        {
            tweaks[i] = low;
            tweaks[i + 1] = high;
            ulong fallen = (ulong)((long)high >> 63) & Polynomial;
            high = (high << 1) | (low >> 63);
            low = (low << 1) ^ fallen;
        }
    }

    private void Mask(ReadOnlySpan<byte> from, Span<byte> to)
    {
        ReadOnlySpan<Vector512<byte>> input = MemoryMarshal.Cast<byte, Vector512<byte>>(from);
        ReadOnlySpan<Vector512<byte>> tweaks = MemoryMarshal.Cast<byte, Vector512<byte>>(_tweaks.AsSpan());
        Span<Vector512<byte>> output = MemoryMarshal.Cast<byte, Vector512<byte>>(to);
        for (int i = 0; i < input.Length; i++)
            output[i] = input[i] ^ tweaks[i];
    }
}
