using System;
using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Cloister.Storage.Sealing;

/// <summary>What a sealed piece is. Part of the nonce or of the associated data: one kind can't stand for another.</summary>
internal enum SealedKind
{
    Data = 1,
    Leaf = 2,
    Fences = 3,
    SpaceMap = 4,
    Journal = 5,
}

/// <summary>
/// Seals and opens with AES-256-GCM: nonce = sequence number, which is used once within an epoch, and kind; associated data =
/// volume, and what the piece is of it.
/// </summary>
/// <remarks>Any thread; holds no state of its own.</remarks>
internal sealed class Sealer
{
    public const int TagSize = 16;
    public const int VolumeIdSize = 16;

    private readonly byte[] _volumeId;
    private readonly EpochKeys _keys;

    public Sealer(ReadOnlySpan<byte> volumeId, EpochKeys keys)
    {
        _volumeId = volumeId.ToArray();
        _keys = keys;
    }

    /// <summary>Seals a block of a file.</summary>
    public void SealBlock(ulong inode, long block, ulong sequence, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag) =>
        Seal(SealedKind.Data, sequence, inode, (ulong)block, plaintext, ciphertext, tag);

    /// <summary>Opens a block of a file.</summary>
    /// <returns>False where it isn't the block that was sealed; the plaintext is zeroed then.</returns>
    public bool TryOpenBlock(
        ulong inode, long block, ulong sequence, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext) =>
        TryOpen(SealedKind.Data, sequence, inode, (ulong)block, ciphertext, tag, plaintext);

    /// <summary>Seals something else under the current epoch's key.</summary>
    /// <param name="kind">What.</param>
    /// <param name="sequence">A number that wasn't used before.</param>
    /// <param name="first">What else the tag shall bind.</param>
    /// <param name="second">What else.</param>
    /// <param name="plaintext">The bytes.</param>
    /// <param name="ciphertext">As many bytes; may be the same memory.</param>
    /// <param name="tag">16 bytes.</param>
    public void Seal(
        SealedKind kind, ulong sequence, ulong first, ulong second, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> associated = stackalloc byte[VolumeIdSize + 16];
        Fill(kind, sequence, first, second, nonce, associated);
        _keys.Current.Encrypt(nonce, plaintext, ciphertext, tag, associated);
    }

    /// <summary>Opens what <see cref="Seal"/> sealed.</summary>
    public bool TryOpen(
        SealedKind kind, ulong sequence, ulong first, ulong second, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> associated = stackalloc byte[VolumeIdSize + 16];
        Fill(kind, sequence, first, second, nonce, associated);
        return _keys.Find(sequence) is { } cipher && cipher.TryDecrypt(nonce, ciphertext, tag, plaintext, associated);
    }

    private void Fill(SealedKind kind, ulong sequence, ulong first, ulong second, Span<byte> nonce, Span<byte> associated)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, sequence);
        BinaryPrimitives.WriteInt32LittleEndian(nonce[8..], (int)kind);
        _volumeId.CopyTo(associated);
        // In one store: the cipher loads 16 bytes at a time, which a processor doesn't get from two stores before they have left for the cache.
        Vector128.Create(first, second).AsByte().CopyTo(associated[VolumeIdSize..]);
    }
}
