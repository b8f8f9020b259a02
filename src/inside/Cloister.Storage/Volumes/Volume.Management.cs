using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <content>Growing, trimming, new keys and snapshots.</content>
public sealed partial class Volume
{
    // The checkpoint must fit into its slot.
    private const int MostSnapshots = 64;

    /// <summary>Names, times and sizes of the snapshots.</summary>
    public IReadOnlyList<SnapshotInformation> Snapshots
    {
        get
        {
            lock (_committer.Lock)
            {
                var list = new List<SnapshotInformation>();
                for (int i = 1; i < _checkpoint.Branches.Count; i++)
                    list.Add(new SnapshotInformation(
                        System.Text.Encoding.UTF8.GetString(_checkpoint.Branches[i].Name), _checkpoint.Branches[i].CreationTime, _checkpoint.Branches[i].Inodes));
                return list;
            }
        }
    }

    /// <summary>What the volume is made of and how it is used.</summary>
    public VolumeStatistics GetStatistics()
    {
        lock (_core.Lock)
        {
            long leaves = 0;
            foreach (IndexTable table in _index.Tables)
                leaves += table.Blocks;
            return new VolumeStatistics(
                _core.Space.Blocks, _core.Space.Free, _superblock.JournalBlocks, leaves, _index.Tables.Count, _index.Delta.Count, _index.Delta.Bytes,
                _checkpoint.Generation, _keys.Count, _core.NextSequence, _leaves.Hits, _leaves.Misses);
        }
    }

    /// <summary>Uses the blocks that the device has got in addition.</summary>
    /// <param name="blocks">New size; the device is grown first where it is smaller.</param>
    /// <returns>EINVAL where the volume would shrink, and the device's errors.</returns>
    public Errno Grow(long blocks)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        if (blocks < _core.Space.Blocks || blocks >= 1L << 40)
            return Errno.EINVAL;
        if (blocks > _core.Device.BlockCount && _core.Device.Grow(blocks) is var error and not Errno.Success)
            return error;
        lock (_core.Lock)
            _core.Space.Grow(blocks);
        return Checkpoint();
    }

    /// <summary>Gives free blocks back to the host.</summary>
    /// <param name="smallestRun">Shorter runs of blocks are left alone.</param>
    /// <param name="trimmed">How many blocks were given back.</param>
    public Errno Trim(long smallestRun, out long trimmed)
    {
        trimmed = 0;
        if (IsReadOnly)
            return Errno.EROFS;
        // A checkpoint first, and none meanwhile: nothing that is free now is needed after a crash.
        lock (_committer.Lock)
        {
            _direct.Pause();
            try
            {
                WriteCheckpoint();
                return TrimFree(smallestRun, ref trimmed);
            }
            catch (VolumeException e)
            {
                return Fail(e);
            }
            finally
            {
                _direct.Resume();
            }
        }
    }

    private Errno TrimFree(long smallestRun, ref long trimmed)
    {
        long from = 0;
        while (true)
        {
            long first, count;
            lock (_core.Lock)
            {
                if (!_core.Space.TryFindFree(from, out first, out count))
                    return Errno.Success;
            }

            if (count >= smallestRun)
            {
                if (_core.Device.Trim(first, count) is var error and not Errno.Success)
                    return error;
                trimmed += count;
            }

            from = first + count;
        }
    }

    /// <summary>
    /// Replaces the user's key. The volume's own keys stay: who had the old key and kept the old first block can still read the
    /// volume. Copy the files to a new volume where that matters.
    /// </summary>
    /// <param name="newKey">16 bytes at least.</param>
    public Errno ChangeKey(ReadOnlySpan<byte> newKey)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        if (newKey.Length < 16)
            return Errno.EINVAL;
        lock (_committer.Lock)
        {
            try
            {
                _superblock.Write(_core.Device, newKey, _masterKey.Span, _entropy);
                return Errno.Success;
            }
            catch (VolumeException e)
            {
                return Fail(e);
            }
        }
    }

    /// <summary>Keeps the files as they are now under a name. Takes no space until they change.</summary>
    /// <param name="name">1 to 64 bytes of UTF-8.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <returns>EEXIST, ENAMETOOLONG, ENOSPC where there are 64 already.</returns>
    public Errno CreateSnapshot(string name, long now)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(name);
        if (bytes.Length is 0 or > Volumes.Checkpoint.LargestName)
            return bytes.Length == 0 ? Errno.EINVAL : Errno.ENAMETOOLONG;
        if (IsReadOnly)
            return Errno.EROFS;
        lock (_committer.Lock)
        {
            if (FindSnapshot(bytes) >= 0)
                return Errno.EEXIST;
            if (_checkpoint.Branches.Count > MostSnapshots)
                return Errno.ENOSPC;
            try
            {
                WriteCheckpoint(new BranchState { Name = bytes, CreationTime = now });
                return Errno.Success;
            }
            catch (VolumeException e)
            {
                return Fail(e);
            }
        }
    }

    /// <summary>Opens a snapshot for reading. Valid until the snapshot is removed or the volume closed.</summary>
    /// <returns>ENOENT.</returns>
    public Errno OpenSnapshot(string name, out IFileStore? files)
    {
        files = null;
        lock (_committer.Lock)
        {
            int index = FindSnapshot(System.Text.Encoding.UTF8.GetBytes(name));
            if (index < 0)
                return Errno.ENOENT;
            try
            {
                var view = new IndexView();
                var tiers = new List<IIndexTier>();
                foreach ((BlobPointer fences, long records) in _checkpoint.Branches[index].Tables)
                    tiers.Add(IndexTable.Load(_mergeReader, _leaves, fences, records));
                view.SetTiers([.. tiers]);
                files = new FileStore(this, _core, view, null, new PageBuffer(1), _direct, _hash, _options)
                {
                    InodeCount = _checkpoint.Branches[index].Inodes,
                };
                return Errno.Success;
            }
            catch (VolumeException e)
            {
                return Report(e);
            }
        }
    }

    /// <summary>Removes a snapshot and frees the blocks that only it had. Reads the whole index.</summary>
    /// <returns>ENOENT.</returns>
    public Errno RemoveSnapshot(string name)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        lock (_committer.Lock)
        {
            int index = FindSnapshot(System.Text.Encoding.UTF8.GetBytes(name));
            if (index < 0)
                return Errno.ENOENT;
            _direct.Pause();
            try
            {
                WriteCheckpoint();
                Sweep(without: index);
                return Errno.Success;
            }
            catch (VolumeException e)
            {
                return Fail(e);
            }
            finally
            {
                _direct.Resume();
            }
        }
    }

    // Finds out from all tables which blocks are in use, right after a checkpoint: nothing was allocated since.
    private void Sweep(int without)
    {
        var next = new Checkpoint
        {
            Generation = _checkpoint.Generation + 1,
            Blocks = _checkpoint.Blocks,
            NextInode = _checkpoint.NextInode,
            Keys = _keys,
        };
        _writtenSpace.CopyFrom(new FreeMap(_core.Space.Blocks));
        _writtenSpace.Mark(0, VolumeLayout.JournalFirst + _superblock.JournalBlocks);
        for (int i = 0; i < _checkpoint.Branches.Count; i++)
        {
            if (i == without)
                continue;
            next.Branches.Add(_checkpoint.Branches[i]);
            foreach ((BlobPointer fences, long records) in _checkpoint.Branches[i].Tables)
                MarkUsed(IndexTable.Load(_mergeReader, _leaves, fences, records));
        }

        lock (_core.Lock)
        {
            _core.SharedGarbage = 0;
            if (next.Branches.Count == 1)
                _core.SharedBefore = 0;
        }

        _replaced.Clear();
        _obsolete.Clear();
        _chunkWriter.Taken.Clear();
        Install(next, isSnapshot: false, () => _core.Space.CopyFrom(_writtenSpace));
    }

    private void MarkUsed(IndexTable table)
    {
        var chunks = new List<ChunkPointer>();
        _mergeReader.ListBlob(table.Fences, SealedKind.Fences, chunks);
        foreach (ref readonly ChunkPointer chunk in table.Leaves)
            chunks.Add(chunk);
        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks))
        {
            for (int i = 0; i < chunk.BlockCount; i++)
                _writtenSpace.Mark(chunk.Places[i], 1);
        }

        var leaf = new Leaf();
        foreach (ref readonly ChunkPointer pointer in table.Leaves)
        {
            _mergeReader.Read(pointer, SealedKind.Leaf, leaf.Bytes);
            leaf.Decode(pointer.Length);
            for (int i = 0; i < leaf.Count; i++)
            {
                ReadOnlySpan<byte> value = leaf.Value(i);
                if (leaf.Keys[i].Kind == RecordKind.Extent && ExtentValue.IsData(value))
                    _writtenSpace.Mark(ExtentValue.Place(value), ExtentValue.Count(value));
            }
        }
    }

    private int FindSnapshot(ReadOnlySpan<byte> name)
    {
        for (int i = 1; i < _checkpoint.Branches.Count; i++)
        {
            if (name.SequenceEqual(_checkpoint.Branches[i].Name))
                return i;
        }

        return -1;
    }
}

/// <summary>A snapshot.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreationTime">When it was made, in nanoseconds since 1970.</param>
/// <param name="Inodes">Inodes in it.</param>
public readonly record struct SnapshotInformation(string Name, long CreationTime, long Inodes);

/// <summary>What a volume is made of.</summary>
/// <param name="Blocks">Blocks in all.</param>
/// <param name="FreeBlocks">Free ones.</param>
/// <param name="JournalBlocks">Blocks of the journal.</param>
/// <param name="IndexBlocks">Blocks of the live index's tables.</param>
/// <param name="Tables">The live index's tables.</param>
/// <param name="DeltaRecords">Records that no table has yet.</param>
/// <param name="DeltaBytes">Memory that they take.</param>
/// <param name="Generation">How many checkpoints were written.</param>
/// <param name="Epochs">How many keys the volume has.</param>
/// <param name="NextSequence">How many blocks were sealed.</param>
/// <param name="LeafHits">Leaves that were found in the cache.</param>
/// <param name="LeafMisses">Leaves that had to be read.</param>
public readonly record struct VolumeStatistics(
    long Blocks, long FreeBlocks, long JournalBlocks, long IndexBlocks, int Tables, int DeltaRecords, long DeltaBytes, ulong Generation, int Epochs,
    ulong NextSequence, long LeafHits, long LeafMisses);
