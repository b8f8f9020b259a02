using System;
using System.Buffers.Binary;

namespace Cloister.Crypto;

/// <summary>AES-CMAC (NIST SP 800-38B, RFC 4493): a message authentication code of 128 bits. An instance may be used by several threads.</summary>
public sealed class AesCmac : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int TagSize = AesSizes.BlockSize;

    private readonly AesBlocks _aes;
    private readonly KeyMemory _subkeys = new(2 * AesSizes.BlockSize);

    /// <summary>Expands a key of 16, 24 or 32 bytes, which isn't kept.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public AesCmac(ReadOnlySpan<byte> key)
        : this(key, forcePortable: false)
    {
    }

    internal AesCmac(ReadOnlySpan<byte> key, bool forcePortable)
    {
        _aes = new AesBlocks(key, forcePortable);
        Span<byte> subkeys = _subkeys.Span;
        Span<byte> first = subkeys[..AesSizes.BlockSize];
        Span<byte> second = subkeys[AesSizes.BlockSize..];
        _aes.Encrypt(first);
        Double(first, first);
        Double(first, second);
    }

    /// <summary>Writes the code of a message into the first 16 bytes of the destination.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Arguments.RequireRoom(destination.Length, TagSize, nameof(destination));
        Span<byte> state = stackalloc byte[AesSizes.BlockSize];
        state.Clear();
        for (; source.Length > AesSizes.BlockSize; source = source[AesSizes.BlockSize..])
        {
            Xor(state, source[..AesSizes.BlockSize]);
            _aes.Encrypt(state);
        }

        bool isWhole = source.Length == AesSizes.BlockSize;
        Xor(state, source);
        if (!isWhole)
            state[source.Length] ^= 0x80;
        Xor(state, _subkeys.Span.Slice(isWhole ? 0 : AesSizes.BlockSize, AesSizes.BlockSize));
        _aes.Encrypt(state);
        state.CopyTo(destination);
        FixedTime.Zero(state);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _aes.Dispose();
        _subkeys.Dispose();
    }

    // Doubling in GF(2^128), most significant bit first (SP 800-38B, 6.1), with the carry as a mask: the subkeys are secret.
    private static void Double(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(source);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(source[8..]);
        ulong carry = (ulong)((long)high >> 63);
        BinaryPrimitives.WriteUInt64BigEndian(destination, (high << 1) | (low >>> 63));
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], (low << 1) ^ (carry & 0x87));
    }

    private static void Xor(Span<byte> state, ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < block.Length; i++)
            state[i] ^= block[i];
    }
}
