using System;
using System.Buffers.Binary;

namespace Cloister.Crypto;

/// <summary>
/// AES key wrap (NIST SP 800-38F): encrypts keys with a key, without a nonce. KW (RFC 3394) takes keys of 16, 24, 32... bytes, and KWP
/// (RFC 5649) keys of any length.
/// </summary>
public sealed class AesKeyWrap : IDisposable
{
    private const int HalfBlock = 8;
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6; // RFC 3394, 2.2.3.1
    private const ulong PaddedInitialValue = 0xA65959A600000000; // RFC 5649, 3; the length in its lower half

    private readonly AesBlocks _aes;

    /// <summary>Expands a key-encryption key of 16, 24 or 32 bytes, which isn't kept.</summary>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    public AesKeyWrap(ReadOnlySpan<byte> key)
        : this(key, forcePortable: false)
    {
    }

    internal AesKeyWrap(ReadOnlySpan<byte> key, bool forcePortable) => _aes = new AesBlocks(key, forcePortable);

    /// <summary>Bytes of a key of a length when wrapped with padding.</summary>
    public static int GetPaddedSize(int keyLength) => ((keyLength + 7) & ~7) + HalfBlock;

    /// <summary>Wraps a key of at least 16 bytes, a multiple of 8 (RFC 3394, 2.2.1).</summary>
    /// <param name="key">The key to wrap.</param>
    /// <param name="wrapped">Gets 8 bytes more than the key has; none of the key's memory.</param>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public void Wrap(ReadOnlySpan<byte> key, Span<byte> wrapped)
    {
        if (key.Length < 2 * HalfBlock || key.Length % HalfBlock != 0)
            throw new ArgumentException($"Expected a key of at least 16 bytes, a multiple of 8, but there are {key.Length}.", nameof(key));
        Arguments.RequireLength(wrapped.Length, key.Length + HalfBlock, nameof(wrapped));
        key.CopyTo(wrapped[HalfBlock..]);
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, InitialValue);
        WrapInPlace(wrapped);
    }

    /// <summary>Unwraps a key and verifies that it was wrapped with this key-encryption key.</summary>
    /// <param name="wrapped">At least 24 bytes, a multiple of 8.</param>
    /// <param name="key">Gets 8 bytes fewer.</param>
    /// <returns>False where it was not, or a size can't be; the key is zeroed then.</returns>
    /// <exception cref="ArgumentException">The key's size isn't that of the wrapped one less 8.</exception>
    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        Arguments.RequireLength(key.Length, Math.Max(0, wrapped.Length - HalfBlock), nameof(key));
        if (wrapped.Length < 3 * HalfBlock || wrapped.Length % HalfBlock != 0)
        {
            key.Clear();
            return false;
        }

        Span<byte> value = stackalloc byte[HalfBlock];
        wrapped[..HalfBlock].CopyTo(value);
        wrapped[HalfBlock..].CopyTo(key);
        UnwrapInPlace(value, key);
        if ((BinaryPrimitives.ReadUInt64BigEndian(value) ^ InitialValue) == 0)
            return true;
        FixedTime.Zero(key);
        return false;
    }

    /// <summary>Wraps a key of at least one byte with padding (RFC 5649, 4.1).</summary>
    /// <param name="key">The key to wrap.</param>
    /// <param name="wrapped">Gets <see cref="GetPaddedSize"/> bytes; none of the key's memory.</param>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public void WrapPadded(ReadOnlySpan<byte> key, Span<byte> wrapped)
    {
        if (key.IsEmpty)
            throw new ArgumentException("Expected a key of at least 1 byte, but there are 0.", nameof(key));
        Arguments.RequireLength(wrapped.Length, GetPaddedSize(key.Length), nameof(wrapped));
        wrapped.Clear();
        key.CopyTo(wrapped[HalfBlock..]);
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, PaddedInitialValue | (uint)key.Length);
        if (wrapped.Length == AesSizes.BlockSize)
            _aes.Encrypt(wrapped);
        else
            WrapInPlace(wrapped);
    }

    /// <summary>Unwraps a padded key and verifies it (RFC 5649, 4.2).</summary>
    /// <param name="wrapped">At least 16 bytes, a multiple of 8.</param>
    /// <param name="key">Gets the key; has room for 8 bytes fewer than the wrapped one.</param>
    /// <param name="length">Bytes of the key, 0 where it failed.</param>
    /// <returns>False where it wasn't wrapped with this key-encryption key; the key's room is zeroed then.</returns>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public bool TryUnwrapPadded(ReadOnlySpan<byte> wrapped, Span<byte> key, out int length)
    {
        length = 0;
        Arguments.RequireRoom(key.Length, Math.Max(0, wrapped.Length - HalfBlock), nameof(key));
        if (wrapped.Length < AesSizes.BlockSize || wrapped.Length % HalfBlock != 0)
        {
            key.Clear();
            return false;
        }

        Span<byte> padded = key[..(wrapped.Length - HalfBlock)];
        Span<byte> value = stackalloc byte[HalfBlock];
        if (wrapped.Length == AesSizes.BlockSize)
        {
            Span<byte> block = stackalloc byte[AesSizes.BlockSize];
            wrapped.CopyTo(block);
            _aes.Decrypt(block);
            block[..HalfBlock].CopyTo(value);
            block[HalfBlock..].CopyTo(padded);
            FixedTime.Zero(block);
        }
        else
        {
            wrapped[..HalfBlock].CopyTo(value);
            wrapped[HalfBlock..].CopyTo(padded);
            UnwrapInPlace(value, padded);
        }

        // Everything is looked at before anything is said, so that time doesn't tell which check failed (the "padding oracle").
        ulong head = BinaryPrimitives.ReadUInt64BigEndian(value);
        ulong claimed = head & 0xFFFFFFFF;
        ulong padding = (ulong)padded.Length - claimed;
        ulong bad = (head ^ PaddedInitialValue) >>> 32;
        // 0 to 7 bytes of padding, and where the difference wrapped around it is neither.
        bad |= padding & ~7UL;
        for (int i = 1; i <= 7; i++)
        {
            // All ones where this byte, the i-th from the end, is padding: i <= padding.
            ulong isPadding = ~(ulong)((long)((padding & 7) - (ulong)i) >> 63);
            bad |= padded[^i] & isPadding;
        }

        if (bad != 0)
        {
            FixedTime.Zero(key);
            return false;
        }

        length = (int)claimed;
        return true;
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _aes.Dispose();

    // RFC 3394, 2.2.1: six passes over the halves, each encrypted together with the running value.
    private void WrapInPlace(Span<byte> data)
    {
        Span<byte> block = stackalloc byte[AesSizes.BlockSize];
        data[..HalfBlock].CopyTo(block);
        ulong step = 1;
        for (int pass = 0; pass < 6; pass++)
        {
            for (int at = HalfBlock; at < data.Length; at += HalfBlock, step++)
            {
                data.Slice(at, HalfBlock).CopyTo(block[HalfBlock..]);
                _aes.Encrypt(block);
                BinaryPrimitives.WriteUInt64BigEndian(block, BinaryPrimitives.ReadUInt64BigEndian(block) ^ step);
                block[HalfBlock..].CopyTo(data[at..]);
            }
        }

        block[..HalfBlock].CopyTo(data);
        FixedTime.Zero(block);
    }

    private void UnwrapInPlace(Span<byte> value, Span<byte> data)
    {
        Span<byte> block = stackalloc byte[AesSizes.BlockSize];
        value.CopyTo(block);
        ulong step = 6 * (ulong)(data.Length / HalfBlock);
        for (int pass = 0; pass < 6; pass++)
        {
            for (int at = data.Length - HalfBlock; at >= 0; at -= HalfBlock, step--)
            {
                BinaryPrimitives.WriteUInt64BigEndian(block, BinaryPrimitives.ReadUInt64BigEndian(block) ^ step);
                data.Slice(at, HalfBlock).CopyTo(block[HalfBlock..]);
                _aes.Decrypt(block);
                block[HalfBlock..].CopyTo(data[at..]);
            }
        }

        block[..HalfBlock].CopyTo(value);
        FixedTime.Zero(block);
    }
}
