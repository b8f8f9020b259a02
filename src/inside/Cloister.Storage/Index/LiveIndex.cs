using System;
using System.Collections.Generic;
using Cloister.Storage.Journaling;
using Cloister.Storage.Space;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Index;

/// <summary>
/// The index that changes: the delta on top of the tables, and the record in which changes go to the journal. The volume's
/// lock guards it.
/// </summary>
internal sealed class LiveIndex
{
    private readonly VolumeCore _core;
    private readonly byte[] _hole = new byte[ExtentValue.HoleSize];
    private readonly List<IndexTable> _tables = [];
    private readonly IndexView _deltaOnly = new();
    private DeltaTable _spare = new();
    private DeltaTable? _frozen;
    private ReplayedExtents? _replayed;

    public LiveIndex(VolumeCore core)
    {
        _core = core;
        UpdateView();
    }

    public IndexView View { get; } = new();

    public DeltaTable Delta { get; private set; } = new();

    /// <summary>What a checkpoint is merging.</summary>
    public DeltaTable? Frozen => _frozen;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<IndexTable> Tables => _tables;

    /// <summary>Bytes of records that no table has yet, estimated from above.</summary>
    public long UnmergedBytes => Delta.EncodedBytes + (_frozen?.EncodedBytes ?? 0);

    /// <summary>
    /// Extents that holes hide. Like tombstones, they make a table worth rewriting; an extent that another one hides doesn't: with it, the
    /// newer table is as large.
    /// </summary>
    public long HiddenExtents { get; set; }

    /// <summary>Changes since the last commit.</summary>
    public RecordBuffer Record { get; private set; } = new();

    /// <summary>Counts changes; the number of the newest. A commit that finds none since the last one does nothing.</summary>
    public ulong Operation { get; set; }

    public void Put(in IndexKey key, ReadOnlySpan<byte> value)
    {
        Operation++;
        Delta.Put(key, value);
        Record.AddPut(key, value);
    }

    public void Delete(in IndexKey key)
    {
        Operation++;
        Delta.Put(key, default);
        Record.AddDelete(key);
    }

    /// <summary>Gives the record to a commit, which returns another one.</summary>
    public RecordBuffer ExchangeRecord(RecordBuffer empty)
    {
        RecordBuffer record = Record;
        Record = empty;
        return record;
    }

    /// <summary>Maps blocks of a file to new places, whose tags follow, and frees the old ones.</summary>
    /// <returns>How many blocks were mapped before.</returns>
    public long MapBlocks(ulong inode, long block, ReadOnlySpan<byte> value)
    {
        long freed = FreeBlocks(View, inode, block, block + ExtentValue.Count(value), isHole: false);
        Delta.PutExtent(inode, block, value);
        return freed;
    }

    /// <summary>Makes a hole in a file.</summary>
    /// <returns>How many blocks were mapped before.</returns>
    public long Unmap(ulong inode, long block, long end)
    {
        long freed = FreeBlocks(View, inode, block, end, isHole: true);
        if (freed == 0)
            return 0;
        Operation++;
        ExtentValue.WriteHole(_hole, end - block);
        Delta.PutExtent(inode, block, _hole);
        Record.AddExtent(inode, block, _hole);
        return freed;
    }

    /// <summary>
    /// Applies an entry of a journal record that is replayed. Of those that are known to be durable, only what the delta has is
    /// freed at once; what the tables have waits for <see cref="FreeHidden"/>, which reads every leaf once instead of one for
    /// each block.
    /// </summary>
    public void Apply(in RecordReader entry, bool isDurable)
    {
        if (entry.Kind != EntryKind.Extent)
        {
            Delta.Put(entry.Key, entry.Value);
            return;
        }

        ulong inode = entry.Key.Object;
        long block = (long)entry.Key.Number;
        if (isDurable && ReplayedExtents.IsTaken(entry.Value))
        {
            _replayed ??= new ReplayedExtents();
            _replayed.Add(inode, block, entry.Value);
            if (_replayed.IsFull)
                ApplyReplayed();
            return;
        }

        // Longer ones may cover parts of each other: the order counts.
        ApplyReplayed();
        FreeBlocks(isDurable ? _deltaOnly : View, inode, block, block + ExtentValue.Count(entry.Value), !ExtentValue.IsData(entry.Value));
        Delta.PutExtent(inode, block, entry.Value);
    }

    /// <summary>Frees the blocks of the tables that the delta hides, after a replay.</summary>
    /// <param name="inUse">Gets the blocks that the delta has.</param>
    public void FreeHidden(FreeMap inUse)
    {
        ApplyReplayed();
        _replayed = null;
        var tables = new IndexView();
        tables.SetTiers([.. _tables]);
        DeltaTable.Walk walk = Delta.GetWalk();
        while (walk.MoveNext())
        {
            if (walk.Key.Kind != RecordKind.Extent)
                continue;
            long block = (long)walk.Key.Number;
            FreeBlocks(tables, walk.Key.Object, block, block + ExtentValue.Count(walk.Value), !ExtentValue.IsData(walk.Value));
            if (ExtentValue.IsData(walk.Value))
                inUse.Mark(ExtentValue.Place(walk.Value), ExtentValue.Count(walk.Value));
        }
    }

    /// <summary>Starts a new delta; the old one stays readable until <see cref="Replace"/>.</summary>
    public DeltaTable Freeze()
    {
        // What it has lies nowhere else: a merge that failed must not be forgotten.
        if (_frozen is not null && !_core.Switches.SurvivesExceptions)
            throw new InvalidOperationException("A checkpoint has not ended.");
        _frozen = Delta;
        Delta = _spare;
        UpdateView();
        return _frozen;
    }

    /// <summary>Replaces the frozen delta and the newest tables by one table, or sets all tables at the mount.</summary>
    public void Replace(int tables, IndexTable merged)
    {
        _tables.RemoveRange(0, tables);
        if (merged.LeafCount > 0)
            _tables.Insert(0, merged);
        ReleaseFrozen();
    }

    /// <summary>Ends a checkpoint that had nothing to merge.</summary>
    public void ReleaseFrozen()
    {
        if (_frozen is { } frozen)
        {
            frozen.Clear();
            _spare = frozen;
            _frozen = null;
        }

        UpdateView();
    }

    public void SetTables(IReadOnlyList<IndexTable> newestFirst)
    {
        _tables.Clear();
        _tables.AddRange(newestFirst);
        UpdateView();
    }

    private void ApplyReplayed()
    {
        if (_replayed is not { Count: > 0 } replayed)
            return;
        replayed.Sort();
        for (int i = 0; i < replayed.Count; i++)
        {
            ulong inode = replayed.Inode(i);
            long block = replayed.Block(i);
            if (Delta.TryPutAlone(inode, block, replayed.Value(i), out ReplacedExtent replaced))
            {
                if (replaced.Count > 0)
                    _core.Free(replaced.Place, replaced.Count, replaced.Sequence);
                continue;
            }

            FreeBlocks(_deltaOnly, inode, block, block + 1, isHole: false);
            Delta.PutExtent(inode, block, replayed.Value(i));
        }

        replayed.Clear();
    }

    private long FreeBlocks(IndexView view, ulong inode, long block, long end, bool isHole)
    {
        long freed = 0;
        while (block < end)
        {
            Segment segment = view.FindSegment(inode, block, end);
            if (!segment.IsHole)
            {
                _core.Free(segment.Place, segment.Count, segment.Sequence);
                freed += segment.Count;
                HiddenExtents += isHole ? 1 : 0;
            }

            block += segment.Count;
        }

        return freed;
    }

    private void UpdateView()
    {
        var tiers = new List<IIndexTier> { Delta };
        if (_frozen is not null)
            tiers.Add(_frozen);
        tiers.AddRange(_tables);
        View.SetTiers([.. tiers]);
        _deltaOnly.SetTiers([Delta]);
    }
}
