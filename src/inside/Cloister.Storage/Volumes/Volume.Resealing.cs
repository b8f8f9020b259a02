using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Volumes;

/// <content>
/// Sealing anew: what was sealed by mounts long ago, so that keys don't become too many; and everything, where the keys shall not be
/// those that somebody may have.
/// </content>
public sealed partial class Volume
{
    // More keys than these are made fewer: those of the epochs that have the least, down to half.
    private const int ManyEpochs = 128;
    private const int FewestRetired = 32;

    // Blocks that are sealed anew in one go, while others wait.
    private const long RetiredBlocks = 16 * 1024;
    private const int StepLeaves = 4;
    private const int MostLeaves = 1024;

    // A leaf takes eight blocks, and a few tables may have one each in the same range.
    private const int LeafRoom = 32;
    private const long StepBlocks = 8 * 1024;
    private const long SmallestStep = 2 * ExtentValue.MaxBlocks;

    private bool _hasOpenBranches;

    /// <summary>How much of the work of <see cref="Reencrypt"/> is done: 0 to 1; 1 where there is none.</summary>
    public double ReencryptionProgress
    {
        get
        {
            lock (_committer.Lock)
            {
                return _checkpoint.ResealBefore == 0 ? 1
                    : _checkpoint.ResealPosition.Object / (double)Math.Max(1, Math.Max(_checkpoint.NextInode, _checkpoint.ResealPosition.Object));
            }
        }
    }

    /// <summary>
    /// Begins to seal everything anew under keys that nobody has seen, with a new master key under a new key of the user: who knew the old
    /// keys can't read what is written from now on. <see cref="Reencrypt"/> does the work, and every mount goes on with it.
    /// </summary>
    /// <param name="newKey">16 bytes at least.</param>
    public Errno BeginReencryption(ReadOnlySpan<byte> newKey)
    {
        if (IsReadOnly)
            return Errno.EROFS;
        if (newKey.Length < 16)
            return Errno.EINVAL;
        byte[] key = newKey.ToArray();
        Errno error = Exclusively(() =>
        {
            WriteCheckpoint();
            using var old = new KeyMemory(_masterKey.Span);
            _entropy.Fill(_masterKey.Span);
            // With both master keys in the superblock, the checkpoint opens whichever of the two it was sealed under when a crash comes.
            _superblock.Write(_core.Device, key, _masterKey.Span, _entropy, old.Span);
            lock (_core.Lock)
            {
                BeginEpoch();
                Checkpoint next = NextCheckpoint();
                next.ResealBefore = _core.NextSequence;
                next.ResealPosition = default;
                RewriteSlots(next);
            }

            _superblock.Write(_core.Device, key, _masterKey.Span, _entropy);
        });
        FixedTime.Zero(key);
        return error;
    }

    /// <summary>Seals a part of what is left anew; others wait meanwhile.</summary>
    /// <returns>Success; ENOSPC where there is no room for even a little of it.</returns>
    public Errno Reencrypt()
    {
        if (IsReadOnly)
            return Errno.EROFS;
        Errno result = Errno.Success;
        Errno error = ExclusivelyPaused(() => result = ReencryptStep());
        return error == Errno.Success ? result : error;
    }

    private Errno ReencryptStep()
    {
        ulong before = _checkpoint.ResealBefore;
        if (before == 0)
            return Errno.Success;
        WriteCheckpoint();
        lock (_core.Lock)
        {
            IndexKey from = _checkpoint.ResealPosition;
            if (!TryRelocate(sequence => sequence < before, ref from, StepLeaves, StepBlocks, keepsPosition: true))
                return Errno.ENOSPC;
            if (from < IndexKey.Last)
                return Errno.Success;
        }

        // Nothing has an old key any more, but for the map of free blocks and the lists of leaves that changed last.
        Checkpoint next = NextCheckpoint();
        next.ResealBefore = 0;
        next.ResealPosition = default;
        Retire(index => _keys.FirstSequence(index) >= before, next);
        return Errno.Success;
    }

    // After a mount.
    private void ResealOldEpochs()
    {
        if (IsReadOnly || _keys.Count <= ManyEpochs || _hasOpenBranches)
            return;
        ExclusivelyPaused(() =>
        {
            WriteCheckpoint();
            lock (_core.Lock)
            {
                bool[] isOld = ChooseEpochs(out bool isWorthIt);
                for (IndexKey from = default; from < IndexKey.Last;)
                {
                    if (!isWorthIt || !TryRelocate(sequence => _keys.IndexOf(sequence) is >= 0 and var index && isOld[index], ref from, MostLeaves, RetiredBlocks))
                        return;
                }

                Retire(index => !isOld[index], NextCheckpoint());
            }
        });
    }

    // The keys are out of use; the checkpoint is written once more without them.
    private void Retire(Func<int, bool> keeps, Checkpoint next)
    {
        var keepsKey = new bool[_keys.Count];
        for (int i = 0; i < keepsKey.Length; i++)
            keepsKey[i] = keeps(i);
        _keys.Retain(keepsKey);
        RewriteSlots(next);
    }

    // Those with the fewest blocks, as many as there is room for.
    private bool[] ChooseEpochs(out bool isWorthIt)
    {
        var blocks = new long[_keys.Count];
        foreach (IndexTable table in DistinctTables(out _))
        {
            foreach (ref readonly ChunkPointer pointer in table.Leaves)
                Count(pointer.Sequence, pointer.BlockCount);
            Count(table.Fences.Top.Sequence, 1);
            new TableMerge(new DeltaTable(), [table], dropsTombstones: true, _mergeReader, new ExtentCounter(Count), []).Run();
        }

        var order = new int[blocks.Length - 1];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (left, right) => blocks[left].CompareTo(blocks[right]));
        var isOld = new bool[blocks.Length];
        long sum = 0, room = Math.Max(SmallestStep, _core.AvailableToShrink / 2);
        int chosen = 0;
        foreach (int index in order)
        {
            bool isEnough = chosen >= FewestRetired && sum + blocks[index] > RetiredBlocks;
            if (isEnough || sum + blocks[index] > room || _keys.Count - chosen <= ManyEpochs / 2)
                break;
            isOld[index] = true;
            sum += blocks[index];
            chosen++;
        }

        isWorthIt = chosen > 0;
        return isOld;

        void Count(ulong sequence, long count)
        {
            if (_keys.IndexOf(sequence) is >= 0 and var index)
                blocks[index] += count;
        }
    }

    // Seals a range anew and makes it durable, with both locks held and the journal empty.
    private bool TryRelocate(Func<ulong, bool> isOld, ref IndexKey from, int leaves, long blocks, bool keepsPosition = false)
    {
        IEnumerable<IndexTable> tables = DistinctTables(out List<List<IndexTable>> byBranch);
        bool isShared = byBranch.Count > 1;
        // What several branches have can't be told apart by its sequence number afterwards.
        long room = Math.Min(_core.AvailableToShrink, isShared ? _core.Space.Free - _core.Promised - _core.Room.NeedWhenShared : long.MaxValue);
        if (_hasOpenBranches || room < 2 * SmallestStep)
            return false;
        blocks = Math.Min(blocks, room / 2);
        leaves = (int)Math.Min(leaves, room / 2 / LeafRoom);
        var views = new List<IndexView> { _index.View };
        for (int i = 1; i < byBranch.Count; i++)
        {
            var view = new IndexView();
            view.SetTiers([.. byBranch[i]]);
            views.Add(view);
        }

        ForgetMerge();
        var relocation = new Relocation(_core, _mergeReader, _chunkWriter, views, isOld);
        from = relocation.Run(tables, from, leaves, blocks);
        Checkpoint next = NextCheckpoint();
        next.LiveInodes = _checkpoint.Branches[0].Inodes;
        next.NextInode = _checkpoint.NextInode;
        if (keepsPosition)
            next.ResealPosition = from;
        var renewed = new Dictionary<ulong, IndexTable>();
        var live = new List<IndexTable>();
        for (int i = 0; i < byBranch.Count; i++)
        {
            BranchState before = _checkpoint.Branches[i];
            var after = new BranchState { Name = before.Name, CreationTime = before.CreationTime, IsWritable = before.IsWritable, Inodes = before.Inodes };
            foreach (IndexTable table in byBranch[i])
            {
                if (!renewed.TryGetValue(table.Fences.Top.Sequence, out IndexTable? now))
                    renewed.Add(table.Fences.Top.Sequence, now = relocation.Apply(table, _leaves, _obsolete));
                after.Tables.Add(now.Reference);
                if (i == 0)
                    live.Add(now);
            }

            next.Branches.Add(after);
        }

        _writtenSpace.CopyFrom(_core.Space);
        // Nothing names what was replaced any more, in whichever branch.
        ulong sharedBefore = _core.SharedBefore;
        _core.SharedBefore = 0;
        _replaced.AddRange(relocation.Replaced);
        foreach (long place in relocation.OldPlaces)
            _writtenSpace.Release(place, 1);
        // Among several branches, it can't be told by its number any more what is whose.
        Install(next, isShared: false, () =>
        {
            foreach (long place in relocation.OldPlaces)
                _core.Space.Release(place, 1);
            _index.SetTables(live);
        }, sharedAfter: isShared ? ulong.MaxValue : sharedBefore);
        return true;
    }

    private List<IndexTable> DistinctTables(out List<List<IndexTable>> byBranch)
    {
        var distinct = new Dictionary<ulong, IndexTable>();
        byBranch = [new List<IndexTable>(_index.Tables)];
        foreach (IndexTable table in _index.Tables)
            distinct.TryAdd(table.Fences.Top.Sequence, table);
        for (int i = 1; i < _checkpoint.Branches.Count; i++)
        {
            var tables = new List<IndexTable>();
            foreach (TableReference reference in _checkpoint.Branches[i].Tables)
            {
                if (!distinct.TryGetValue(reference.Fences.Top.Sequence, out IndexTable? table))
                    distinct.Add(reference.Fences.Top.Sequence, table = IndexTable.Load(_mergeReader, _leaves, reference));
                tables.Add(table);
            }

            byBranch.Add(tables);
        }

        return new List<IndexTable>(distinct.Values);
    }

    // Counts blocks by the sequence numbers of extents.
    private sealed class ExtentCounter(Action<ulong, long> count) : IRecordSink
    {
        public bool MayTakeOver => false;

        public void Add(in IndexKey key, ReadOnlySpan<byte> value)
        {
            if (key.Kind == RecordKind.Extent && ExtentValue.IsData(value))
                count(ExtentValue.Sequence(value), ExtentValue.Count(value));
        }

        public void TakeOver(in IndexKey firstKey, in ChunkPointer leaf, int records) => throw new InvalidOperationException("Leaves are never taken over here.");
    }
}
