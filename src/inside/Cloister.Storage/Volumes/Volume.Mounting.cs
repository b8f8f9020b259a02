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
/// Mounting: the checkpoint, then the journal as far as it is whole, then the checkpoint once more with a new key. Takes no space, so
/// that a volume can be mounted however full it is.
/// </content>
public sealed partial class Volume
{
    private readonly List<string> _damage = [];

    /// <summary>
    /// What was damaged when the volume was mounted, in sentences, though nothing is lost: of what is stored twice, the other copy was
    /// good. A mount for writing has repaired it.
    /// </summary>
    public IReadOnlyList<string> DamageFound => _damage;

    private void Mount()
    {
        LoadCheckpoint();
        if (_options.Anchor is { } anchor && anchor.Read(_superblock.VolumeId, out _anchored) is var error and not Errno.Success)
            throw new VolumeException(Errno.EIO, $"The freshness anchor couldn't be read ({error}).");
        Replay(out HistoryPoint beforeLast);
        if (IsReadOnly)
            return;
        RememberAnchor(beforeLast);
        // What is sealed from now on has a key that no earlier state of the volume knows.
        BeginEpoch();
        if (_keys.Count > Volumes.Checkpoint.MostEpochs)
            throw new VolumeException(Errno.ENOSPC, "The volume has data of too many mounts, and has found no room to seal it anew.");
        lock (_committer.Lock)
        {
            _superblock.Repair(_core.Device);
            // Some of what was replayed may never have been flushed. From now on no replay looks at its data again.
            BlockTransfer.Flush(_core.Device);
            _journal.DurableCounter = _journal.Head.Counter;
            RewriteSlots(NextCheckpoint());
            lock (_core.Lock)
                _core.OnCheckpoint();
            // A second mount of the same volume shall notice the first at once.
            if (_options.Anchor is not null)
                WriteCheckpoint();
        }

        RemoveOrphans();
        ResealOldEpochs();
    }

    private void RemoveOrphans()
    {
        Errno error = _files.RemoveOrphans();
        if (error is not (Errno.Success or Errno.ENOSPC))
            throw _failure ?? new VolumeException(error, "Files that were removed while they were open couldn't be cleared away.");
    }

    // The anchor stays where it is while the volume is mounted without it, and until it is moved for the first time.
    private void RememberAnchor(in HistoryPoint beforeLast)
    {
        _ancestors.AddRange(_checkpoint.Ancestors);
        if (_options.Anchor is null && _checkpoint.IsAnchored)
            _ancestors.AddRange([_checkpoint.Point, _checkpoint.Previous, _journal.Head, beforeLast]);
    }

    // The same state once more, with a new key or without a branch. The journal goes on.
    private void RewriteSlots(Checkpoint next)
    {
        next.Point = _checkpoint.Point;
        next.Previous = _checkpoint.Previous;
        next.JournalTail = _checkpoint.JournalTail;
        next.SpaceMap = _checkpoint.SpaceMap;
        next.Blocks = _checkpoint.Blocks;
        next.NextInode = _checkpoint.NextInode;
        next.DurableCounter = _journal.Head.Counter;
        next.SharedBefore = _checkpoint.SharedBefore;
        if (next.Branches.Count == 0)
            next.Branches.AddRange(_checkpoint.Branches);
        // A replay counts it again.
        next.SharedGarbage = _checkpoint.SharedGarbage;
        if (next.Branches.Count < _checkpoint.Branches.Count)
            next.SharedGarbage = next.Blocks;
        lock (_core.Lock)
            next.NextSequence = _core.NextSequence;
        next.Write(_core.Device, _masterKey.Span, _entropy);
        _checkpoint = next;
    }

    private void LoadCheckpoint()
    {
        byte[] map = _mergeReader.ReadBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap);
        if (map.Length != (_checkpoint.Blocks + 63) / 64 * 8)
            throw new VolumeException(Errno.EBADMSG, "The map of free blocks doesn't have the volume's size.");
        _core.Space.Read(map, _checkpoint.Blocks);
        BranchState live = _checkpoint.Branches[0];
        var tables = new List<IndexTable>();
        foreach (TableReference table in live.Tables)
            tables.Add(IndexTable.Load(_mergeReader, _leaves, table));
        _index.SetTables(tables);
        _files.InodeCount = live.Inodes;
        EstimateRoom();
    }

    // Records that were durable when a later one was written need no check. The data of the others may be missing although the
    // record is there: the replay ends before the first such one.
    private void Replay(out HistoryPoint beforeLast)
    {
        HistoryPoint start = _journal.Head;
        ulong durable = Math.Max(start.Counter, _checkpoint.DurableCounter);
        bool isFresh = _anchored.Counter == 0 || IsAnchored(start) || IsAnchored(_checkpoint.Previous) || _checkpoint.Ancestors.Exists(point => IsAnchored(point));
        while (_journal.TryReadNext(out _, out ulong confirmed))
        {
            durable = Math.Max(durable, confirmed);
            isFresh |= IsAnchored(_journal.Head);
        }

        HistoryPoint newest = _journal.Head;
        ReportDamage(newest, Math.Max(durable, _journal.FindDurable()));
        _journal.Rewind(start, _journal.Tail);
        HistoryPoint last = start;
        beforeLast = start;
        long position = _journal.Position;
        bool isSettled = false;
        while (last != newest && _journal.TryReadNext(out ReadOnlySpan<byte> entries, out _))
        {
            bool isConfirmed = _journal.Head.Counter <= durable;
            if (!isConfirmed && !_options.Switches.TrustsData && !HasItsData(entries))
                break;
            if (!isConfirmed && !isSettled)
            {
                Settle();
                isSettled = true;
            }

            Apply(entries, isConfirmed);
            beforeLast = last;
            last = _journal.Head;
            position = _journal.Position;
            if (_index.Delta.Bytes > 4 * _options.DeltaBytes)
                throw new VolumeException(Errno.ENOMEM, "The journal needs more memory than the volume may use: raise DeltaBytes.");
        }

        _journal.Rewind(last, position);
        if (!isSettled)
            Settle();
        RequireFreshness(isFresh, last);
    }

    // What was synchronised is missing: the rest may be read, but nothing may go on from here as if nothing were.
    private void ReportDamage(in HistoryPoint newest, ulong durable)
    {
        if (durable <= newest.Counter)
            return;
        string sentence = $"Record {newest.Counter + 1} of the journal isn't what was stored, though changes up to {durable} were durable: they are lost.";
        if (!IsReadOnly)
            throw new VolumeException(Errno.EBADMSG, sentence + " Mounted for reading only, or exported, the volume shows what was before.");
        _damage.Add(sentence);
    }

    private void RequireFreshness(bool isFresh, in HistoryPoint last)
    {
        if (last.Counter < _anchored.Counter)
            throw new VolumeException(Errno.ESTALE,
                $"The volume is older than the anchor says: it ends at {last.Counter}, but {_anchored.Counter} was reached.");
        if (!isFresh)
            throw new VolumeException(Errno.ESTALE,
                $"The volume doesn't go on from the state {_anchored.Counter} that the anchor knows, though it ends at {last.Counter}: it is another course of events, perhaps from an old copy.");
    }

    private bool IsAnchored(in HistoryPoint point) => point.ToState() == _anchored;

    // What durable records freed may be used at once, unless later ones have done so already.
    private void Settle()
    {
        lock (_core.Lock)
        {
            var inUse = new FreeMap(_core.Space.Blocks);
            _index.FreeHidden(inUse);
            _core.OnReplayed(inUse);
        }
    }

    private void Apply(ReadOnlySpan<byte> entries, bool isConfirmed)
    {
        lock (_core.Lock)
        {
            var reader = new RecordReader(entries);
            while (reader.MoveNext())
            {
                if (reader.Kind == EntryKind.Counters)
                {
                    _files.NextInode = reader.NextInode;
                    _files.InodeCount = reader.Inodes;
                    continue;
                }

                _index.Apply(reader, isConfirmed);
                if (reader.Kind != EntryKind.Extent || !ExtentValue.IsData(reader.Value))
                    continue;
                long count = ExtentValue.Count(reader.Value);
                _core.Space.Mark(ExtentValue.Place(reader.Value), count);
                _core.SkipSequence(ExtentValue.Sequence(reader.Value) + (ulong)count);
            }

            // What the others freed waits for the checkpoint of the mount: another crash may need it again.
            if (!isConfirmed)
                _core.OnCommitted();
        }
    }

    private bool HasItsData(ReadOnlySpan<byte> entries)
    {
        var reader = new RecordReader(entries);
        var batch = new BlockBatch(1);
        var buffer = new byte[ExtentValue.MaxBlocks * IBlockDevice.BlockSize];
        var plaintext = new byte[IBlockDevice.BlockSize];
        while (reader.MoveNext())
        {
            if (reader.Kind != EntryKind.Extent || !ExtentValue.IsData(reader.Value))
                continue;
            int count = (int)ExtentValue.Count(reader.Value);
            ReadOnlySpan<byte> tags = ExtentValue.Tags(reader.Value);
            batch.Clear();
            batch.AddRead(ExtentValue.Place(reader.Value), buffer.AsMemory(0, count * IBlockDevice.BlockSize));
            _core.Device.Submit(batch);
            if (_core.Device.Wait(batch) is var error and not Errno.Success)
                throw new VolumeException(Errno.EIO, $"The host couldn't read data of the journal's end ({error}).");
            for (int i = 0; i < count; i++)
            {
                if (!_core.Sealer.TryOpenBlock(reader.Key.Object, (long)reader.Key.Number + i, ExtentValue.Sequence(reader.Value) + (ulong)i,
                    buffer.AsSpan(i * IBlockDevice.BlockSize, IBlockDevice.BlockSize), tags.Slice(i * ExtentValue.TagSize, ExtentValue.TagSize), plaintext))
                    return false;
            }
        }

        return true;
    }
}
