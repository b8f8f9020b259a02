using System;
using System.Buffers.Binary;
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
/// (32). The wrapping key is HKDF-SHA-256(user's key, salt); the tag covers everything before the salt too.
/// </remarks>
internal sealed class Superblock
{
    public const int KeySize = 32;
    private const ulong Magic = 0x3153465245545343; // "CSTERFS1"
    private const int Version = 2;
    private const int SaltOffset = 40;
    private const int SaltSize = 32;
    private const int TagOffset = SaltOffset + SaltSize;
    private const int KeyOffset = TagOffset + Sealer.TagSize;

    public byte[] VolumeId { get; } = new byte[Sealer.VolumeIdSize];

    public long JournalBlocks { get; init; }

    /// <summary>Writes it, sealed under a user's key and a fresh salt, in both places.</summary>
    public void Write(IBlockDevice device, ReadOnlySpan<byte> userKey, ReadOnlySpan<byte> masterKey, IEntropySource entropy)
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
        // One after the other, so that a crash leaves one of them whole.
        for (int copy = 0; copy < VolumeLayout.Superblocks; copy++)
        {
            BlockTransfer.Write(device, copy, block, "superblock");
            BlockTransfer.Flush(device);
        }
    }

    /// <summary>Reads it and unwraps the master key.</summary>
    /// <exception cref="VolumeException">EINVAL where this is no volume, EKEYREJECTED where the key is wrong, EIO.</exception>
    public static Superblock Read(IBlockDevice device, ReadOnlySpan<byte> userKey, Span<byte> masterKey)
    {
        var block = new byte[IBlockDevice.BlockSize];
        bool isVolume = false;
        int version = Version;
        if (device.BlockCount < VolumeLayout.JournalFirst)
            throw new VolumeException(Errno.EINVAL, $"A device of {device.BlockCount} blocks is too small for a CloisterFS volume.");
        for (int copy = 0; copy < VolumeLayout.Superblocks; copy++)
        {
            BlockTransfer.Read(device, copy, block, "superblock");
            if (BinaryPrimitives.ReadUInt64LittleEndian(block) == Magic)
                version = BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(8));
            if (BinaryPrimitives.ReadUInt64LittleEndian(block) != Magic || version != Version
                || BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(12)) != IBlockDevice.BlockSize)
                continue;
            isVolume = true;
            using AesGcm cipher = Derive(userKey, block.AsSpan(SaltOffset, SaltSize));
            if (!cipher.TryDecrypt(new byte[12], block.AsSpan(KeyOffset, KeySize), block.AsSpan(TagOffset, Sealer.TagSize), masterKey,
                block.AsSpan(0, SaltOffset)))
                continue;
            var superblock = new Superblock { JournalBlocks = BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(32)) };
            block.AsSpan(16, Sealer.VolumeIdSize).CopyTo(superblock.VolumeId);
            return superblock;
        }

        throw isVolume
            ? new VolumeException(Errno.EKEYREJECTED, "The key doesn't fit the volume, or its superblock was changed.")
            : new VolumeException(Errno.EINVAL, version != Version
                ? $"It is a CloisterFS volume of version {version}, but this program knows version {Version} only."
                : "This is no CloisterFS volume.");
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
