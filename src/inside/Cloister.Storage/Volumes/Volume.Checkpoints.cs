using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;
using Cloister.Storage.Journaling;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <content>
/// Checkpoints: the delta becomes part of the tables, and the journal starts anew. With the commit lock held; operations go
/// on meanwhile in a new delta.
/// </content>
public sealed partial class Volume
{
    // A table is merged as well unless it is so many times larger than what is merged already: it is rewritten that much less
    // often, and reads have one table more to look into.
    private const int TierRatio = 4;

    // A share of the journal that one commit may need, and of the volume that waits for a flush to be used again.
    private const int JournalReserve = 4;
    private const int FreedShare = 64;

    private readonly FreeMap _writtenSpace = new(0);
    private readonly List<ChunkPointer> _replaced = [];
    private readonly List<ChunkPointer> _obsolete = [];
    private readonly List<ChunkPointer> _oldMap = [];

    private bool NeedsCheckpoint()
    {
        lock (_core.Lock)
        {
            long record = Journal.RecordBlocks((int)Math.Min(int.MaxValue, 2 * _files.PendingBytes));
            return _index.Delta.Bytes > _options.DeltaBytes || _journal.FreeBlocks - record < _journal.Blocks / JournalReserve;
        }
    }

    private bool MustFlush()
    {
        lock (_core.Lock)
            return _core.FreedBlocks > Math.Max(1, Math.Min(_core.Space.Blocks, 16 * _core.Available) / FreedShare);
    }

    /// <summary>Commits and writes a checkpoint.</summary>
    private void WriteCheckpoint(in CheckpointTask task = default)
    {
        Checkpoint next = null!;
        bool isOfLive = task.IsOfLive;
        Errno error = _committer.Commit(flush: true, 0, freezes: true, () =>
        {
            // All of this moment, with the volume's lock held: the delta, the free blocks and the counters belong together.
            _writtenSpace.CopyFrom(_core.Space);
            foreach (BlockRange range in _core.FreedNow)
                _writtenSpace.Release(range.First, range.Count);
            foreach (BlockRange range in _core.FreedDurable)
                _writtenSpace.Release(range.First, range.Count);
            foreach (BlockRange range in _core.FreedCommitted)
                _writtenSpace.Release(range.First, range.Count);
            foreach (BlockRange range in _core.Unmapped)
                _writtenSpace.Release(range.First, range.Count);
            next = NextCheckpoint();
            next.LiveInodes = _files.InodeCount;
            // From now on, what is there is the new branch's too.
            if (isOfLive)
                _core.SharedBefore = _core.NextSequence;
        });
        if (error != Errno.Success)
            throw new VolumeException(error, "The host couldn't make a commit durable.");
        if (_options.Anchor is not null && _checkpoint.Generation > 0)
            MoveAnchor(_journal.Head);
        if (task.Sweeps)
            Sweep(task.Removed);
        MergeAndWrite(next, task);
    }

    private void MergeAndWrite(Checkpoint next, in CheckpointTask task)
    {
        ForgetMerge();
        DeltaTable frozen = _index.Frozen!;
        int merged = 0;
        IndexTable? table = null;
        if (frozen.Count > 0 || (task.Compacts && _index.Tables.Count > 0))
        {
            merged = task.Compacts ? _index.Tables.Count : CountTablesToMerge(frozen);
            var tables = new IndexTable[merged];
            for (int i = 0; i < merged; i++)
                tables[i] = _index.Tables[i];
            var writer = new TableWriter(_chunkWriter);
            new TableMerge(frozen, tables, merged == _index.Tables.Count, _mergeReader, writer, _replaced).Run();
            table = writer.Finish(_leaves);
            for (int i = 0; i < merged; i++)
                _mergeReader.ListBlob(tables[i].Fences, SealedKind.Fences, _obsolete);
        }

        BranchState before = _checkpoint.Branches[0];
        var live = new BranchState
        {
            Name = before.Name, CreationTime = before.CreationTime, IsWritable = before.IsWritable, Inodes = next.LiveInodes,
        };
        if (table is { LeafCount: > 0 })
            live.Tables.Add(table.Reference);
        for (int i = merged; i < _index.Tables.Count; i++)
            live.Tables.Add(_index.Tables[i].Reference);
        next.Branches.Add(live);
        for (int i = 1; i < _checkpoint.Branches.Count; i++)
            next.Branches.Add(_checkpoint.Branches[i]);
        if (task.Added is { } added)
        {
            if (task.IsOfLive)
            {
                added.Inodes = live.Inodes;
                added.Tables.AddRange(live.Tables);
            }

            next.Branches.Add(added);
        }

        bool isWhole = merged == _index.Tables.Count;
        Install(next, isShared: task.IsOfLive, () =>
        {
            if (table is not null)
                _index.Replace(merged, table);
            else
                _index.ReleaseFrozen();
            if (isWhole)
                _index.HiddenExtents = 0;
        });
    }

    // Writes the map of free blocks and the checkpoint; then what only the old checkpoint needed is free.
    private void Install(Checkpoint next, bool isShared, Action replacing, ulong? sharedAfter = null)
    {
        _oldMap.Clear();
        if (!_checkpoint.SpaceMap.Top.IsNone)
            _mergeReader.ListBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap, _oldMap);
        WriteSpaceMap(next);
        _chunkWriter.Finish();
        if (!_options.Switches.SkipsTableFlush)
            BlockTransfer.Flush(_core.Device);
        next.Generation = _checkpoint.Generation + 1;
        next.Previous = _journal.Head;
        next.Point = new HistoryPoint(_journal.Head.Counter + 1, RandomNumber(_entropy));
        next.JournalTail = _journal.Position;
        next.DurableCounter = next.Point.Counter;
        lock (_core.Lock)
        {
            next.NextSequence = _core.NextSequence;
            // The new tables are another branch's as well.
            if (isShared)
                _core.SharedBefore = next.NextSequence;
            next.SharedBefore = sharedAfter is { } number ? Math.Min(number, next.NextSequence) : _core.SharedBefore;
            // With what the loop below leaves to other branches.
            next.SharedGarbage = _core.SharedGarbage + CountShared(_replaced) + CountShared(_obsolete);
        }

        next.Write(_core.Device, _masterKey.Span, _entropy, flushes: !_options.Switches.SkipsSlotFlush);
        _journal.OnCheckpoint(next.Point);
        lock (_core.Lock)
        {
            _core.OnCheckpoint();
            foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_replaced))
                FreeChunk(chunk, isLeaf: true);
            foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_obsolete))
                FreeChunk(chunk, isLeaf: false);
            foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_oldMap))
                ReleaseBlocks(_core.Space, chunk);
            replacing();
            _core.SharedBefore = next.SharedBefore;
            _checkpoint = next;
            EstimateRoom();
        }

        MoveAnchor(next.Point);
    }

    private long CountShared(List<ChunkPointer> chunks)
    {
        long blocks = 0;
        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks))
        {
            if (chunk.Sequence < _core.SharedBefore)
                blocks += chunk.BlockCount;
        }

        return blocks;
    }

    private Checkpoint NextCheckpoint()
    {
        var next = new Checkpoint
        {
            Generation = _checkpoint.Generation + 1,
            Blocks = _core.Space.Blocks,
            NextInode = _files.NextInode,
            Keys = _keys,
            IsAnchored = _options.Anchor is not null,
            ResealBefore = _checkpoint.ResealBefore,
            ResealPosition = _checkpoint.ResealPosition,
            NameKey = _checkpoint.NameKey,
        };
        next.Ancestors.AddRange(_ancestors);
        return next;
    }

    private void ForgetMerge()
    {
        _replaced.Clear();
        _obsolete.Clear();
        _chunkWriter.Taken.Clear();
    }

    private int CountTablesToMerge(DeltaTable frozen)
    {
        long size = frozen.Bytes / IBlockDevice.BlockSize + 1;
        // Tombstones are small, but each hides a record; a hole hides many.
        long records = frozen.CountOfOthers + _index.HiddenExtents;
        int count = 0;
        while (count < _index.Tables.Count)
        {
            IndexTable next = _index.Tables[count];
            if (next.Blocks > TierRatio * size && next.Records > TierRatio * records && _index.Tables.Count - count < Volumes.Checkpoint.MostTables)
                break;
            size += next.Blocks;
            records += next.Records;
            count++;
        }

        return count;
    }

    private void WriteSpaceMap(Checkpoint next)
    {
        // As it will be when the checkpoint counts. The map's own blocks must be in it, so they are taken before it is written.
        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_replaced))
            Release(_writtenSpace, chunk);
        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_obsolete))
            Release(_writtenSpace, chunk);
        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_oldMap))
            ReleaseBlocks(_writtenSpace, chunk);
        List<ChunkPointer[]> levels = _chunkWriter.AllocateBlob(_writtenSpace.Size);
        foreach (BlockRange range in _chunkWriter.Taken)
            _writtenSpace.Mark(range.First, range.Count);
        var bytes = new byte[_writtenSpace.Size];
        _writtenSpace.Write(bytes);
        next.SpaceMap = _chunkWriter.WriteBlob(SealedKind.SpaceMap, levels, bytes);
    }

    private void Release(FreeMap map, in ChunkPointer chunk)
    {
        // A snapshot may have it as well.
        if (chunk.Sequence >= _core.SharedBefore)
            ReleaseBlocks(map, chunk);
    }

    private static void ReleaseBlocks(FreeMap map, in ChunkPointer chunk)
    {
        for (int i = 0; i < chunk.BlockCount; i++)
            map.Release(chunk.Places[i], 1);
    }

    private void FreeChunk(in ChunkPointer chunk, bool isLeaf)
    {
        if (isLeaf)
            _leaves.Drop(chunk.Sequence);
        if (chunk.Sequence < _core.SharedBefore)
        {
            _core.SharedGarbage += chunk.BlockCount;
            return;
        }

        Release(_core.Space, chunk);
    }

    private void EstimateRoom()
    {
        long bytes = 0, blocks = 0, shared = 0, other = 0;
        foreach (IndexTable table in _index.Tables)
        {
            bytes += table.Bytes;
            blocks += table.Blocks;
            shared += table.BlocksBefore(_core.SharedBefore);
        }

        for (int i = 1; i < _checkpoint.Branches.Count; i++)
        {
            BranchState branch = _checkpoint.Branches[i];
            long size = 0;
            foreach (TableReference table in branch.Tables)
                size += table.Bytes;
            if (branch.IsWritable)
                other = Math.Max(other, size);
        }

        _core.Room = new IndexRoom
        {
            TableBytes = bytes,
            TableBlocks = blocks,
            SharedBlocks = shared,
            LargestOther = other,
            MapBlocks = 2 * _core.Space.Size / IBlockDevice.BlockSize + 2,
        };
    }

    private void MoveAnchor(in HistoryPoint point)
    {
        if (_options.Anchor is not { } anchor || point.Counter <= _anchored.Counter)
            return;
        FreshnessState next = point.ToState();
        Errno error = anchor.Advance(_superblock.VolumeId, _anchored, next);
        if (error == Errno.EBUSY)
            throw new VolumeException(Errno.EBUSY, "The volume is mounted a second time elsewhere: the anchor was moved by another.");
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The freshness anchor couldn't be moved ({error}).");
        _anchored = next;
        _ancestors.Clear();
    }
}

/// <summary>What a checkpoint does besides.</summary>
internal readonly record struct CheckpointTask
{
    /// <summary>A branch that is added.</summary>
    public BranchState? Added { get; init; }

    /// <summary>Whether it is made of the state that is committed.</summary>
    public bool IsOfLive { get; init; }

    /// <summary>Whether all tables become one, without what newer records hide.</summary>
    public bool Compacts { get; init; }

    /// <summary>Whether it is found out anew which blocks are in use.</summary>
    public bool Sweeps { get; init; }

    /// <summary>Number of a branch that goes; 0 for none.</summary>
    public int Removed { get; init; }
}
