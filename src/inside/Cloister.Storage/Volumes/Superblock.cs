using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Volumes;

/// <summary>
/// The first block: who the volume is, and its master key, wrapped under a key derived from the user's. A copy follows it,
/// since replacing the user's key writes it in place.
/// </summary>
/// <remarks>
/// Magic (8 bytes), version (4), block size (4), volume id (16), journal blocks (8), salt (32), tag (16), wrapped master key
/// (32), tag (16) and wrapped key (32) of the master key before, while it is being replaced, else zero. The wrapping key is
/// HKDF-SHA-256(user's key, salt); the nonces are 0 and 1, and the tags cover everything before the salt too.
/// </remarks>
internal sealed class Superblock
{
    public const int KeySize = 32;
    private const ulong Magic = 0x3153465245545343; // "CSTERFS1"
    private const int Version = 3;
    private const int SaltOffset = 40;
    private const int SaltSize = 32;
    private const int TagOffset = SaltOffset + SaltSize;
    private const int KeyOffset = TagOffset + Sealer.TagSize;
    private const int OldTagOffset = KeyOffset + KeySize;
    private const int OldKeyOffset = OldTagOffset + Sealer.TagSize;

    private byte[] _content = [];
    private bool _isDamaged;

    /// <summary>Whether the master key was being replaced.</summary>
    public bool HasOldKey => _content.AsSpan(OldTagOffset, Sealer.TagSize).ContainsAnyExcept((byte)0);

    public byte[] VolumeId { get; } = new byte[Sealer.VolumeIdSize];

    public long JournalBlocks { get; init; }

    /// <summary>Writes it, sealed under a user's key and a fresh salt, in both places.</summary>
    public void Write(IBlockDevice device, ReadOnlySpan<byte> userKey, ReadOnlySpan<byte> masterKey, IEntropySource entropy, ReadOnlySpan<byte> oldMasterKey = default)
    {
        var block = new byte[IBlockDevice.BlockSize];
        BinaryPrimitives.WriteUInt64LittleEndian(block, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(12), IBlockDevice.BlockSize);
        VolumeId.CopyTo(block, 16);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(32), JournalBlocks);
        entropy.Fill(block.AsSpan(SaltOffset, SaltSize));
        using AesGcm cipher = Derive(userKey, block.AsSpan(SaltOffset, SaltSize));
        cipher.Encrypt(new byte[12], masterKey, block.AsSpan(KeyOffset, KeySize), block.AsSpan(TagOffset, Sealer.TagSize), block.AsSpan(0, SaltOffset));
        if (!oldMasterKey.IsEmpty)
            cipher.Encrypt(OldNonce, oldMasterKey, block.AsSpan(OldKeyOffset, KeySize), block.AsSpan(OldTagOffset, Sealer.TagSize), block.AsSpan(0, SaltOffset));
        WriteCopies(device, block);
        _content = block;
        _isDamaged = false;
    }

    /// <summary>Reads it and unwraps the master key.</summary>
    /// <param name="device">The device.</param>
    /// <param name="userKey">The user's key.</param>
    /// <param name="masterKey">Gets the master key.</param>
    /// <param name="damage">Gets a sentence for a copy that isn't as the other.</param>
    /// <exception cref="VolumeException">EINVAL where this is no volume, EKEYREJECTED where the key is wrong, EIO.</exception>
    public static Superblock Read(IBlockDevice device, ReadOnlySpan<byte> userKey, Span<byte> masterKey, List<string> damage)
    {
        bool isVolume = false;
        int version = Version;
        if (device.BlockCount < VolumeLayout.JournalFirst)
            throw new VolumeException(Errno.EINVAL, $"A device of {device.BlockCount} blocks is too small for a CloisterFS volume.");
        var copies = new byte[VolumeLayout.Superblocks][];
        Superblock? superblock = null;
        for (int copy = 0; copy < VolumeLayout.Superblocks; copy++)
        {
            byte[] block = copies[copy] = new byte[IBlockDevice.BlockSize];
            BlockTransfer.Read(device, copy, block, "superblock");
            bool isMarked = BinaryPrimitives.ReadUInt64LittleEndian(block) == Magic;
            if (isMarked)
                version = BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(8));
            if (!isMarked || version != Version || BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(12)) != IBlockDevice.BlockSize)
                continue;
            isVolume = true;
            if (superblock is null && TryUnwrap(block, userKey, masterKey))
            {
                superblock = new Superblock { JournalBlocks = BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(32)), _content = block };
                block.AsSpan(16, Sealer.VolumeIdSize).CopyTo(superblock.VolumeId);
            }
        }

        if (superblock is null)
            throw isVolume
                ? new VolumeException(Errno.EKEYREJECTED, "The key doesn't fit the volume, or its superblock was changed.")
                : new VolumeException(Errno.EINVAL, version != Version
                    ? $"It is a CloisterFS volume of version {version}, but this program knows version {Version} only."
                    : "This is no CloisterFS volume.");
        for (int copy = 0; copy < VolumeLayout.Superblocks; copy++)
        {
            if (copies[copy].AsSpan().SequenceEqual(superblock._content))
                continue;
            damage.Add($"Copy {copy} of the superblock isn't what was stored, or a change of the key was interrupted; the other one is used.");
            superblock._isDamaged = true;
        }

        return superblock;
    }

    /// <summary>Makes both copies what the good one is; this also ends a change of the key that was interrupted.</summary>
    public void Repair(IBlockDevice device)
    {
        if (_isDamaged)
            WriteCopies(device, _content);
        _isDamaged = false;
    }

    /// <summary>Unwraps the master key that this one replaces, if that was interrupted.</summary>
    public bool TryUnwrapOld(ReadOnlySpan<byte> userKey, Span<byte> masterKey)
    {
        ReadOnlySpan<byte> block = _content;
        using AesGcm cipher = Derive(userKey, block.Slice(SaltOffset, SaltSize));
        return cipher.TryDecrypt(
            OldNonce, block.Slice(OldKeyOffset, KeySize), block.Slice(OldTagOffset, Sealer.TagSize), masterKey, block[..SaltOffset]);
    }

    private static ReadOnlySpan<byte> OldNonce => [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static bool TryUnwrap(ReadOnlySpan<byte> block, ReadOnlySpan<byte> userKey, Span<byte> masterKey)
    {
        using AesGcm cipher = Derive(userKey, block.Slice(SaltOffset, SaltSize));
        return cipher.TryDecrypt(
            new byte[12], block.Slice(KeyOffset, KeySize), block.Slice(TagOffset, Sealer.TagSize), masterKey, block[..SaltOffset]);
    }

    // One after the other, so that a crash leaves one of them whole.
    private static void WriteCopies(IBlockDevice device, byte[] block)
    {
        for (int copy = 0; copy < VolumeLayout.Superblocks; copy++)
        {
            BlockTransfer.Write(device, copy, block, "superblock");
            BlockTransfer.Flush(device);
        }
    }

    private static AesGcm Derive(ReadOnlySpan<byte> userKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Hkdf.DeriveKey<Sha256>(userKey, key, salt, "cloisterfs superblock"u8);
        var cipher = new AesGcm(key);
        FixedTime.Zero(key);
        return cipher;
    }
}
