using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <content>Growing, trimming, new keys.</content>
public sealed partial class Volume
{
    /// <summary>
    /// Writes zeros where the journal of a volume will lie that is made next: a file of the host has blocks there then, and a commit needn't
    /// wait until its file system has written down where they are.
    /// </summary>
    public static Errno PrepareJournal(IBlockDevice device)
    {
        const int step = 256;
        var batch = new BlockBatch(1);
        var zeros = new byte[step * IBlockDevice.BlockSize];
        long end = Math.Min(device.BlockCount, VolumeLayout.JournalFirst + VolumeLayout.JournalBlocks(device.BlockCount));
        for (long block = VolumeLayout.JournalFirst; block < end; block += step)
        {
            batch.Clear();
            batch.AddWrite(block, zeros.AsMemory(0, (int)Math.Min(step, end - block) * IBlockDevice.BlockSize));
            device.Submit(batch);
            if (device.Wait(batch) is var error and not Errno.Success)
                return error;
        }

        return Errno.Success;
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
    /// <returns>EINVAL where the volume would shrink, EFBIG where it would be larger than <see cref="LargestBlocks"/>, and the device's errors.</returns>
    public Errno Grow(long blocks)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        if (blocks < _core.Space.Blocks)
            return Errno.EINVAL;
        if (blocks > LargestBlocks)
            return Errno.EFBIG;
        if (blocks > _core.Device.BlockCount && _core.Device.Grow(blocks) is var error and not Errno.Success)
            return error;
        // No checkpoint is under way that has seen the old size.
        lock (_committer.Lock)
        {
            lock (_core.Lock)
                _core.Space.Grow(blocks);
            return Checkpoint();
        }
    }

    /// <summary>
    /// Makes one table of the index, without what newer records hide, and finds blocks that no snapshot or clone has any more. Happens by
    /// itself where there is much of that, or no room.
    /// </summary>
    public Errno Compact()
    {
        if (IsReadOnly)
            return Errno.EROFS;
        return ExclusivelyPaused(() => WriteCheckpoint(new CheckpointTask { Compacts = true, Sweeps = _core.SharedBefore > 0 }));
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
                return Checkpoint() is var error and not Errno.Success ? error : TrimFree(smallestRun, ref trimmed);
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
        byte[] key = newKey.ToArray();
        Errno error = Exclusively(() => _superblock.Write(_core.Device, key, _masterKey.Span, _entropy));
        FixedTime.Zero(key);
        return error;
    }
}

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
