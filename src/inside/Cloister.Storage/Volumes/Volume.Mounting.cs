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
/// Mounting: the checkpoint, then the journal as far as it is whole, then a new checkpoint under a new key.
/// </content>
public sealed partial class Volume
{
    // The keys must fit into a checkpoint. So many fit with all snapshots there can be; only so many are looked for.
    private const int MostEpochs = 1200;
    private const int ManyEpochs = 1000;

    private void Mount()
    {
        if (!IsReadOnly && _keys.Count >= MostEpochs)
            throw new VolumeException(Errno.ENOSPC, "The volume has data of too many mounts to keep all their keys: export it to a new one.");
        LoadCheckpoint();
        if (_options.Anchor is { } anchor && anchor.Read(_superblock.VolumeId, out _anchored) is var error and not Errno.Success)
            throw new VolumeException(Errno.EIO, $"The freshness anchor couldn't be read ({error}).");
        Replay();
        if (IsReadOnly)
            return;
        _files.RemoveOrphans();
        // What is sealed from now on has a key that no earlier state of the volume knows.
        BeginEpoch();
        lock (_committer.Lock)
        {
            _committer.IsMounting = true;
            WriteCheckpoint();
            _committer.IsMounting = false;
            if (_keys.Count > ManyEpochs)
                ForgetOldKeys();
        }
    }

    // Right after a checkpoint, when the tables are all there is. The next checkpoint writes the shorter list.
    private void ForgetOldKeys()
    {
        var isUsed = new bool[_keys.Count];
        var leaf = new Leaf();
        var chunks = new List<ChunkPointer>();
        _mergeReader.ListBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap, chunks);
        foreach (BranchState branch in _checkpoint.Branches)
        {
            foreach ((BlobPointer fences, long records) in branch.Tables)
            {
                IndexTable table = IndexTable.Load(_mergeReader, _leaves, fences, records);
                _mergeReader.ListBlob(fences, SealedKind.Fences, chunks);
                foreach (ref readonly ChunkPointer pointer in table.Leaves)
                {
                    chunks.Add(pointer);
                    _mergeReader.Read(pointer, SealedKind.Leaf, leaf.Bytes);
                    leaf.Decode(pointer.Length);
                    for (int i = 0; i < leaf.Count; i++)
                    {
                        ReadOnlySpan<byte> value = leaf.Value(i);
                        if (leaf.Keys[i].Kind == RecordKind.Extent && ExtentValue.IsData(value))
                            isUsed[_keys.IndexOf(ExtentValue.Sequence(value))] = true;
                    }
                }
            }
        }

        foreach (ref readonly ChunkPointer chunk in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks))
            isUsed[_keys.IndexOf(chunk.Sequence)] = true;
        _keys.Retain(isUsed);
    }

    private void LoadCheckpoint()
    {
        byte[] map = _mergeReader.ReadBlob(_checkpoint.SpaceMap, SealedKind.SpaceMap);
        if (map.Length != (_checkpoint.Blocks + 63) / 64 * 8)
            throw new VolumeException(Errno.EBADMSG, "The map of free blocks doesn't have the volume's size.");
        _core.Space.Read(map, _checkpoint.Blocks);
        BranchState live = _checkpoint.Branches[0];
        var tables = new List<IndexTable>();
        foreach ((BlobPointer fences, long records) in live.Tables)
            tables.Add(IndexTable.Load(_mergeReader, _leaves, fences, records));
        _index.SetTables(tables);
        _files.InodeCount = live.Inodes;
        EstimateIndexNeed();
    }

    // Records that were durable when a later one was written need no check. The data of the others may be missing although the
    // record is there: the replay ends before the first such one.
    private void Replay()
    {
        HistoryPoint start = _journal.Head;
        ulong durable = start.Counter;
        bool isFresh = _anchored.Counter == 0 || IsAnchored(start) || IsAnchored(_checkpoint.Previous);
        while (_journal.TryReadNext(out _, out ulong confirmed))
        {
            durable = Math.Max(durable, confirmed);
            isFresh |= IsAnchored(_journal.Head);
        }

        HistoryPoint newest = _journal.Head;
        _journal.Rewind(start, _journal.Tail);
        HistoryPoint last = start;
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
            last = _journal.Head;
            position = _journal.Position;
            if (_index.Delta.Bytes > 4 * _options.DeltaBytes)
                throw new VolumeException(Errno.ENOMEM, "The journal needs more memory than the volume may use: raise DeltaBytes.");
        }

        _journal.Rewind(last, position);
        if (!isSettled)
            Settle();
        if (!isFresh || last.Counter < _anchored.Counter)
            throw new VolumeException(Errno.ESTALE,
                $"The volume is older than the anchor says: it ends at {last.Counter}, but {_anchored.Counter} was reached.");
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
