using System;
using System.Collections.Generic;
using System.Diagnostics;
using Cloister.Storage.Sealing;

namespace Cloister.Storage.Index;

/// <summary>
/// Merges tiers into one table. A record is an interval of keys, mostly of one; where intervals overlap, the newest tier's
/// counts. Leaves of the oldest tier that nothing newer touches are taken over without being read again.
/// </summary>
internal sealed class TableMerge
{
    private readonly List<Input> _inputs = [];
    private readonly byte[] _part = new byte[ExtentValue.MaxSize];
    private readonly IRecordSink _writer;
    private readonly bool _dropsTombstones;
    private readonly List<ChunkPointer> _replaced;

    // Extents that continue one another are put together again.
    private readonly byte[] _open = new byte[ExtentValue.MaxSize];
    private IndexKey _openKey;
    private int _openSize;

    /// <summary>Prepares a merge.</summary>
    /// <param name="delta">The newest tier.</param>
    /// <param name="tables">Older ones, newest first.</param>
    /// <param name="dropsTombstones">Whether there is nothing older that tombstones and holes have to hide.</param>
    /// <param name="reader">For the leaves; of no one else meanwhile.</param>
    /// <param name="writer">Where the records go.</param>
    /// <param name="replaced">Gets the leaves that the new table doesn't take over.</param>
    public TableMerge(
        DeltaTable delta, ReadOnlySpan<IndexTable> tables, bool dropsTombstones, ChunkReader reader, IRecordSink writer, List<ChunkPointer> replaced)
    {
        _writer = writer;
        _dropsTombstones = dropsTombstones;
        _replaced = replaced;
        _inputs.Add(new DeltaInput(delta));
        foreach (IndexTable table in tables)
            _inputs.Add(new TableInput(table, reader, replaced));
    }

    public void Run()
    {
        foreach (Input input in _inputs)
            input.MoveNext();
        var oldest = _inputs[^1] as TableInput;
        while (true)
        {
            if (oldest is { IsAtLeafStart: true })
                TakeOverLeaves(oldest);
            if (!EmitNext())
                break;
        }

        CloseOpen();
    }

    private void TakeOverLeaves(TableInput oldest)
    {
        while (oldest.IsAtLeafStart)
        {
            IndexKey end = oldest.EndOfLeaf;
            for (int i = 0; i < _inputs.Count - 1; i++)
            {
                if (_inputs[i].HasRecord && _inputs[i].Start < end)
                    return;
            }

            CloseOpen();
            if (!_writer.MayTakeOver)
                return;
            oldest.TakeOver(_writer);
        }
    }

    // Emits from the lowest start as far as the newest record there reaches undisturbed by newer ones.
    private bool EmitNext()
    {
        IndexKey start = IndexKey.Last;
        int winner = -1;
        for (int i = 0; i < _inputs.Count; i++)
        {
            if (_inputs[i].HasRecord && _inputs[i].Start < start)
            {
                start = _inputs[i].Start;
                winner = i;
            }
        }

        if (winner < 0)
            return false;
        Input input = _inputs[winner];
        input.FindReach();
        IndexKey stop = input.End;
        for (int i = 0; i < winner; i++)
        {
            if (_inputs[i].HasRecord && _inputs[i].Start < stop)
                stop = _inputs[i].Start;
        }

        Emit(input, start, stop);
        foreach (Input each in _inputs)
            each.AdvanceTo(stop);
        return true;
    }

    private void Emit(Input input, in IndexKey start, in IndexKey stop)
    {
        ReadOnlySpan<byte> value = input.Value;
        bool isExtent = start.Kind == RecordKind.Extent;
        if (_dropsTombstones && (value.IsEmpty || (isExtent && !ExtentValue.IsData(value))))
            return;
        if (!isExtent)
        {
            CloseOpen();
            _writer.Add(start, value);
            return;
        }

        long count = (long)(stop.Item - start.Item);
        long skip = (long)(start.Item - input.Key.Item);
        int size = ExtentValue.Slice(value, skip, count, _part);
        if (!TryAppend(start, _part.AsSpan(0, size)))
        {
            CloseOpen();
            _part.AsSpan(0, size).CopyTo(_open);
            _openKey = start;
            _openSize = size;
        }
    }

    private bool TryAppend(in IndexKey key, ReadOnlySpan<byte> value)
    {
        if (_openSize == 0)
            return false;
        ReadOnlySpan<byte> open = _open.AsSpan(0, _openSize);
        long count = ExtentValue.Count(open);
        if (_openKey.Plus(count) != key || ExtentValue.IsData(open) != ExtentValue.IsData(value))
            return false;
        long sum = count + ExtentValue.Count(value);
        if (!ExtentValue.IsData(value))
        {
            ExtentValue.WriteHole(_open, sum);
            return true;
        }

        if (sum > ExtentValue.MaxBlocks || ExtentValue.Place(open) + count != ExtentValue.Place(value)
            || ExtentValue.Sequence(open) + (ulong)count != ExtentValue.Sequence(value))
            return false;
        ExtentValue.Tags(value).CopyTo(_open.AsSpan(_openSize));
        ExtentValue.WriteData(_open, (int)sum, ExtentValue.Place(open), ExtentValue.Sequence(open));
        _openSize = ExtentValue.Size((int)sum);
        return true;
    }

    private void CloseOpen()
    {
        if (_openSize == 0)
            return;
        _writer.Add(_openKey, _open.AsSpan(0, _openSize));
        _openSize = 0;
    }

    // The record that a tier is at. Start moves forward where newer records cover its beginning.
    private abstract class Input
    {
        public bool HasRecord { get; protected set; }

        public IndexKey Key { get; protected set; }

        public IndexKey Start { get; protected set; }

        public IndexKey End { get; private set; }

        public abstract ReadOnlySpan<byte> Value { get; }

        public abstract void MoveNext();

        /// <summary>Sets <see cref="End"/> where it isn't known yet.</summary>
        public virtual void FindReach()
        {
        }

        public void AdvanceTo(in IndexKey position)
        {
            while (HasRecord && Start < position)
            {
                FindReach();
                if (End <= position)
                    MoveNext();
                else
                    Start = position;
            }
        }

        protected void Set(in IndexKey key, ReadOnlySpan<byte> value)
        {
            HasRecord = true;
            Key = key;
            Start = key;
            End = key.Plus(ExtentValue.Reach(key, value));
        }
    }

    private sealed class DeltaInput(DeltaTable delta) : Input
    {
        private DeltaTable.Walk _walk = delta.GetWalk();

        public override ReadOnlySpan<byte> Value => _walk.Value;

        public override void MoveNext()
        {
            HasRecord = _walk.MoveNext();
            if (HasRecord)
                Set(_walk.Key, _walk.Value);
        }
    }

    private sealed class TableInput(IndexTable table, ChunkReader reader, List<ChunkPointer> replaced) : Input
    {
        private readonly Leaf _leaf = new();
        private int _leafIndex = -1;
        private int _record;
        private bool _isLoaded;

        public override ReadOnlySpan<byte> Value
        {
            get
            {
                Load();
                return _leaf.Value(_record);
            }
        }

        /// <summary>Whether nothing of the leaf was used yet; it isn't even read then.</summary>
        public bool IsAtLeafStart => HasRecord && !_isLoaded && Start == table.FirstKeys[_leafIndex];

        public IndexKey EndOfLeaf => _leafIndex + 1 < table.LeafCount ? table.FirstKeys[_leafIndex + 1] : IndexKey.Last;

        public override void MoveNext()
        {
            if (_leafIndex >= 0)
            {
                Load();
                if (++_record < _leaf.Count)
                {
                    Set(_leaf.Keys[_record], _leaf.Value(_record));
                    return;
                }
            }

            StartLeaf();
        }

        public void TakeOver(IRecordSink writer)
        {
            writer.TakeOver(table.FirstKeys[_leafIndex], table.Leaves[_leafIndex], (int)(table.Records / table.LeafCount));
            StartLeaf();
        }

        public override void FindReach()
        {
            if (_isLoaded)
                return;
            // Nothing has cut off its start: that would have asked for its reach first.
            Load();
            Set(_leaf.Keys[0], _leaf.Value(0));
        }

        // The first key is known without the leaf. How far the record reaches isn't, until something asks.
        private void StartLeaf()
        {
            _isLoaded = false;
            _record = 0;
            HasRecord = ++_leafIndex < table.LeafCount;
            if (HasRecord)
                Set(table.FirstKeys[_leafIndex], default);
        }

        private void Load()
        {
            if (_isLoaded)
                return;
            ref readonly ChunkPointer pointer = ref table.Leaves[_leafIndex];
            reader.Read(pointer, SealedKind.Leaf, _leaf.Bytes);
            _leaf.Decode(pointer.Length);
            _isLoaded = true;
            replaced.Add(pointer);
        }
    }
}
