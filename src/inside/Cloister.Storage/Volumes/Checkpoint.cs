using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Index;
using Cloister.Storage.Journaling;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Volumes;

/// <summary>An index as a checkpoint names it: the main files, a snapshot or a clone.</summary>
internal sealed class BranchState
{
    /// <summary>1 to 64 bytes; empty for the main files.</summary>
    public byte[] Name { get; init; } = [];

    /// <summary>Whether it may be mounted and changed.</summary>
    public bool IsWritable { get; init; }

    public string DisplayName => Name.Length == 0 ? Volume.Main : Encoding.UTF8.GetString(Name);

    /// <summary>Tables, newest first; at most <see cref="Checkpoint.MostTables"/>.</summary>
    public List<TableReference> Tables { get; } = [];

    public long CreationTime { get; init; }

    public long Inodes { get; set; }

    /// <summary>The name as it is stored.</summary>
    public static byte[] ToBytes(string? name) => name is null or Volume.Main ? [] : Encoding.UTF8.GetBytes(name);
}

/// <summary>
/// What the volume was at one moment: everything is reached and authenticated from here. Both slots have the same, so that a damaged
/// one loses nothing; after a crash that interrupted their writing the one with the higher generation counts.
/// </summary>
/// <remarks>
/// Slot: magic (8 bytes), generation (8), length (4), 4 of zero, salt (32), tag (16); sealed: what <see cref="Serialize"/>
/// writes. The key is HKDF-SHA-256(master key, salt): each slot has one of its own, so the nonce is zero.
/// </remarks>
internal sealed class Checkpoint
{
    public const int LargestName = 64;

    /// <summary>Most tables of a branch, most branches and most keys: what fits into a slot.</summary>
    public const int MostTables = 8;

    /// <inheritdoc cref="MostTables"/>
    public const int MostBranches = 64;

    /// <inheritdoc cref="MostTables"/>
    public const int MostEpochs = 300;
    private const ulong Magic = 0x54504B4352545343;
    private const int SaltOffset = 24;
    private const int SaltSize = 32;
    private const int TagOffset = SaltOffset + SaltSize;
    private const int BodyOffset = TagOffset + Sealer.TagSize;

    public ulong Generation { get; set; }

    /// <summary>Blocks of the volume, which may be fewer than the device has.</summary>
    public long Blocks { get; set; }

    public ulong NextSequence { get; set; }

    public ulong NextInode { get; set; }

    public ulong SharedBefore { get; set; }

    public long SharedGarbage { get; set; }

    /// <summary>The checkpoint's own place in history; the next journal record continues it.</summary>
    public HistoryPoint Point { get; set; }

    /// <summary>The place before it, in case the anchor wasn't moved any more.</summary>
    public HistoryPoint Previous { get; set; }

    /// <summary>
    /// Points at which a freshness anchor may be that the volume goes on from, though it was mounted without one since: it isn't old then.
    /// </summary>
    public List<HistoryPoint> Ancestors { get; } = [];

    /// <summary>Whether an anchor was moved to <see cref="Point"/>, or is on its way there.</summary>
    public bool IsAnchored { get; set; }

    /// <summary>Key of the hash of names. It stays when all other keys change: names lie where it says.</summary>
    public UInt128 NameKey { get; set; }

    /// <summary>Position in the journal where the records after this begin.</summary>
    public long JournalTail { get; set; }

    /// <summary>The newest journal record that was durable when this was written.</summary>
    public ulong DurableCounter { get; set; }

    /// <summary>Everything with a lower sequence number is to be sealed anew; 0 for nothing.</summary>
    public ulong ResealBefore { get; set; }

    /// <summary>Up to where that was done.</summary>
    public IndexKey ResealPosition { get; set; }

    public BlobPointer SpaceMap { get; set; }

    /// <summary>First the one that is mounted and changes, then the others.</summary>
    public List<BranchState> Branches { get; } = [];

    public EpochKeys? Keys { get; set; }

    /// <summary>Inodes of the mounted branch in the moment that this is made of.</summary>
    public long LiveInodes { get; set; }

    /// <summary>Writes both slots, one after the other, and flushes each.</summary>
    /// <exception cref="VolumeException">EIO; ENOSPC where it doesn't fit.</exception>
    public void Write(IBlockDevice device, ReadOnlySpan<byte> masterKey, IEntropySource entropy, bool flushes = true)
    {
        if (Size > VolumeLayout.SlotBytes - BodyOffset)
            throw new VolumeException(Errno.ENOSPC, "The volume has more snapshots and keys than its checkpoint can name.");
        var slot = new byte[VolumeLayout.SlotBytes];
        int length = Serialize(slot.AsSpan(BodyOffset));
        BinaryPrimitives.WriteUInt64LittleEndian(slot, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot.AsSpan(8), Generation);
        BinaryPrimitives.WriteInt32LittleEndian(slot.AsSpan(16), length);
        entropy.Fill(slot.AsSpan(SaltOffset, SaltSize));
        using AesGcm cipher = Derive(masterKey, slot.AsSpan(SaltOffset, SaltSize));
        Span<byte> body = slot.AsSpan(BodyOffset, length);
        cipher.Encrypt(new byte[12], body, body, slot.AsSpan(TagOffset, Sealer.TagSize), slot.AsSpan(0, SaltOffset));
        int blocks = (BodyOffset + length + IBlockDevice.BlockSize - 1) / IBlockDevice.BlockSize;
        for (int copy = 0; copy < VolumeLayout.Slots; copy++)
        {
            BlockTransfer.Write(device, VolumeLayout.Slot(copy), slot.AsMemory(0, blocks * IBlockDevice.BlockSize), "checkpoint");
            if (flushes)
                BlockTransfer.Flush(device);
        }
    }

    /// <summary>Reads the newest checkpoint.</summary>
    /// <param name="device">The device.</param>
    /// <param name="masterKey">The volume's master key.</param>
    /// <param name="damage">Gets a sentence for a copy that isn't what was stored.</param>
    /// <exception cref="VolumeException">EBADMSG, EIO.</exception>
    public static Checkpoint Read(IBlockDevice device, ReadOnlySpan<byte> masterKey, List<string> damage)
    {
        Checkpoint? newest = null;
        for (int copy = 0; copy < VolumeLayout.Slots; copy++)
        {
            Checkpoint? found = TryRead(device, masterKey, copy);
            if (found is null)
                damage.Add($"Copy {copy} of the checkpoint at block {VolumeLayout.Slot(copy)} isn't what was stored; the other one is used.");
            else if (newest is null || found.Generation > newest.Generation)
                newest = found;
        }

        return newest ?? throw new VolumeException(Errno.EBADMSG, "Neither checkpoint of the volume is what was stored.");
    }

    private static Checkpoint? TryRead(IBlockDevice device, ReadOnlySpan<byte> masterKey, int copy)
    {
        var slot = new byte[VolumeLayout.SlotBytes];
        BlockTransfer.Read(device, VolumeLayout.Slot(copy), slot, "checkpoint");
        int length = BinaryPrimitives.ReadInt32LittleEndian(slot.AsSpan(16));
        ulong generation = BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(8));
        if (BinaryPrimitives.ReadUInt64LittleEndian(slot) != Magic || length <= 0 || length > slot.Length - BodyOffset)
            return null;
        using AesGcm cipher = Derive(masterKey, slot.AsSpan(SaltOffset, SaltSize));
        Span<byte> body = slot.AsSpan(BodyOffset, length);
        return cipher.TryDecrypt(new byte[12], body, slot.AsSpan(TagOffset, Sealer.TagSize), body, slot.AsSpan(0, SaltOffset))
            ? Deserialize(generation, body)
            : null;
    }

    // Bytes of the body at most.
    private int Size
    {
        get
        {
            int size = 512 + Ancestors.Count * 24 + Keys!.Size;
            foreach (BranchState branch in Branches)
                size += 32 + branch.Name.Length + branch.Tables.Count * (BlobPointer.MaxSize + 16);
            return size;
        }
    }

    private int Serialize(Span<byte> into)
    {
        int at = 0;
        Put(into, (ulong)Blocks);
        Put(into, NextSequence);
        Put(into, NextInode);
        Put(into, SharedBefore);
        Put(into, (ulong)SharedGarbage);
        PutPoint(into, Point);
        PutPoint(into, Previous);
        into[at++] = IsAnchored ? (byte)1 : (byte)0;
        into[at++] = (byte)Ancestors.Count;
        foreach (HistoryPoint ancestor in Ancestors)
            PutPoint(into, ancestor);
        Put(into, (ulong)JournalTail);
        Put(into, DurableCounter);
        Put(into, ResealBefore);
        Put(into, ResealPosition.Object);
        Put(into, ResealPosition.Item);
        Put(into, (ulong)NameKey);
        Put(into, (ulong)(NameKey >> 64));
        at += SpaceMap.Write(into[at..]);
        Put(into, (ulong)Branches.Count);
        foreach (BranchState branch in Branches)
        {
            into[at++] = (byte)branch.Name.Length;
            branch.Name.CopyTo(into[at..]);
            at += branch.Name.Length;
            Put(into, (ulong)branch.CreationTime);
            Put(into, (ulong)branch.Inodes);
            into[at++] = branch.IsWritable ? (byte)1 : (byte)0;
            into[at++] = (byte)branch.Tables.Count;
            foreach (TableReference table in branch.Tables)
            {
                Put(into, (ulong)table.Records);
                Put(into, (ulong)table.Bytes);
                at += table.Fences.Write(into[at..]);
            }
        }

        Keys!.Write(into[at..]);
        return at + Keys.Size;

        void Put(Span<byte> bytes, ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
            at += 8;
        }

        void PutPoint(Span<byte> bytes, in HistoryPoint point)
        {
            Put(bytes, point.Counter);
            Put(bytes, (ulong)point.Tag);
            Put(bytes, (ulong)(point.Tag >> 64));
        }
    }

    private static Checkpoint Deserialize(ulong generation, ReadOnlySpan<byte> from)
    {
        int at = 0;
        var checkpoint = new Checkpoint
        {
            Generation = generation,
            Blocks = (long)Get(from),
            NextSequence = Get(from),
            NextInode = Get(from),
            SharedBefore = Get(from),
            SharedGarbage = (long)Get(from),
            Point = GetPoint(from),
            Previous = GetPoint(from),
            IsAnchored = from[at++] != 0,
        };
        int ancestors = from[at++];
        for (int i = 0; i < ancestors; i++)
            checkpoint.Ancestors.Add(GetPoint(from));
        checkpoint.JournalTail = (long)Get(from);
        checkpoint.DurableCounter = Get(from);
        checkpoint.ResealBefore = Get(from);
        checkpoint.ResealPosition = new IndexKey(Get(from), Get(from));
        checkpoint.NameKey = Get(from) | ((UInt128)Get(from) << 64);
        at += BlobPointer.Read(from[at..], out BlobPointer map);
        checkpoint.SpaceMap = map;
        int branches = (int)Get(from);
        for (int i = 0; i < branches; i++)
        {
            int nameLength = from[at++];
            byte[] name = from.Slice(at, nameLength).ToArray();
            at += nameLength;
            var branch = new BranchState
            {
                Name = name, CreationTime = (long)Get(from), Inodes = (long)Get(from), IsWritable = from[at++] != 0,
            };
            int tables = from[at++];
            for (int t = 0; t < tables; t++)
            {
                long records = (long)Get(from);
                long bytes = (long)Get(from);
                at += BlobPointer.Read(from[at..], out BlobPointer fences);
                branch.Tables.Add(new TableReference(fences, records, bytes));
            }

            checkpoint.Branches.Add(branch);
        }

        checkpoint.Keys = EpochKeys.Read(from[at..]);
        return checkpoint;

        ulong Get(ReadOnlySpan<byte> bytes)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            at += 8;
            return value;
        }

        HistoryPoint GetPoint(ReadOnlySpan<byte> bytes)
        {
            ulong counter = Get(bytes);
            ulong low = Get(bytes);
            return new HistoryPoint(counter, low | ((UInt128)Get(bytes) << 64));
        }
    }

    private static AesGcm Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[EpochKeys.KeySize];
        Hkdf.DeriveKey<Sha256>(masterKey, key, salt, "cloisterfs checkpoint"u8);
        var cipher = new AesGcm(key);
        FixedTime.Zero(key);
        return cipher;
    }
}
