using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Files;
using Cloister.Storage.Index;
using Cloister.Storage.Journaling;

namespace Cloister.Storage.Volumes;

/// <summary>
/// Makes operations durable, all since the last commit at once: seals the dirty pages to free places, writes them and one
/// journal record with their tags, and flushes once.
/// </summary>
/// <remarks>
/// One flush for data and record is enough: if a crash keeps the record but not all of its data, the tags tell, and the
/// replay ends before it.
/// </remarks>
internal sealed class Committer
{
    private const int BatchBlocks = 256;
    private const int Batches = 4;

    // Pages of a commit whose flush takes longer than writing them, wherever they go.
    private const int SmallCommit = 64;

    private readonly VolumeCore _core;
    private readonly LiveIndex _index;
    private readonly FileStore _files;
    private readonly PageBuffer _pages;
    private readonly DirectWriter _direct;
    private readonly Journal _journal;
    private readonly VolumeSwitches _switches;
    private readonly PageOrder[] _order;
    private readonly List<BlockRun> _runs = [];
    private readonly BlockBatch[] _batches = new BlockBatch[Batches];
    private readonly byte[][] _buffers = new byte[Batches][];
    private readonly bool[] _inFlight = new bool[Batches];
    private readonly byte[] _value = new byte[ExtentValue.MaxSize];
    private RecordBuffer _spare = new();
    private ulong _committed;
    private ulong _durable;

    public Committer(VolumeCore core, LiveIndex index, FileStore files, PageBuffer pages, DirectWriter direct, Journal journal, VolumeSwitches switches)
    {
        _core = core;
        _index = index;
        _files = files;
        _pages = pages;
        _direct = direct;
        _journal = journal;
        _switches = switches;
        _order = new PageOrder[pages.Capacity];
        for (int i = 0; i < Batches; i++)
            _batches[i] = new BlockBatch(BatchBlocks);
    }

    /// <summary>One at a time commits. Taken before all other locks but an inode's content lock.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Commits with <see cref="Lock"/> held, if that wasn't done meanwhile.</summary>
    /// <param name="flush">Whether it must be durable, not only written.</param>
    /// <param name="target">Newest operation that must be in it.</param>
    /// <param name="freezes">Whether the delta is frozen for a checkpoint, in the same moment.</param>
    /// <param name="freezing">Called, with the volume's lock held, in that moment.</param>
    public Errno Commit(bool flush, ulong target, bool freezes, Action? freezing)
    {
        if (!freezes && (flush ? _durable : _committed) >= target)
            return Errno.Success;
        DeltaTable delta;
        RecordBuffer record;
        int pages;
        ulong operation;
        lock (_core.Lock)
        {
            pages = Collect();
            _files.WriteDirtyInodes();
            delta = _index.Delta;
            if (freezes)
            {
                delta = _index.Freeze();
                freezing?.Invoke();
            }

            record = _index.ExchangeRecord(_spare);
            operation = _index.Operation;
            _core.OnCommitted();
        }

        bool isConfirmed = record.Length > 0;
        Errno error = Write(record, flush);
        lock (_core.Lock)
        {
            if (error == Errno.Success)
                SetTags(delta, record);
            for (int i = 0; i < pages; i++)
                _pages.EndCommit(_order[i].Page);
            if (error == Errno.Success && flush)
                _core.OnFlushed(isConfirmed);
        }

        record.Clear();
        _spare = record;
        _runs.Clear();
        if (error != Errno.Success)
            return error;
        _committed = operation;
        if (flush)
            _durable = operation;
        return Errno.Success;
    }

    // Takes all dirty pages, in the order of their files, gives them places and maps them there.
    private int Collect()
    {
        int count = _pages.DirtyCount;
        int taken = 0;
        foreach (int page in _pages.Dirty)
            _order[taken++] = new PageOrder(_pages.InodeOf(page).Number, _pages.BlockOf(page), page);
        _order.AsSpan(0, count).Sort();
        _core.Promised -= count;
        if (count <= SmallCommit)
            _core.Space.ReturnToWritten();
        for (int i = 0; i < count; i++)
            _pages.BeginCommit(_order[i].Page);
        for (int i = 0; i < count;)
        {
            Inode inode = _pages.InodeOf(_order[i].Page);
            if (_files.TryStoreInline(inode, _order[i].Block, _pages.Content(_order[i].Page)))
            {
                i++;
                continue;
            }

            int length = 1;
            while (length < ExtentValue.MaxBlocks && i + length < count && _order[i + length].Inode == inode.Number
                && _order[i + length].Block == _order[i].Block + length)
                length++;
            i += Map(inode, i, length);
        }

        return count;
    }

    private int Map(Inode inode, int first, int wanted)
    {
        // Never fails: each dirty page was promised a block.
        int count = _core.AllocateMetadata(wanted, out long place);
        ulong sequence = _core.TakeSequence(count);
        Span<byte> value = _value.AsSpan(0, ExtentValue.Size(count));
        ExtentValue.WriteData(value, count, place, sequence);
        value[ExtentValue.HeaderSize..].Clear();
        long block = _order[first].Block;
        if (block == 0)
            _files.DropInline(inode);
        inode.Blocks += count - _index.MapBlocks(inode.Number, block, value);
        _files.MarkDirty(inode);
        int tags = _index.Record.AddExtent(inode.Number, block, value) + ExtentValue.HeaderSize;
        _runs.Add(new BlockRun(inode.Number, block, count, place, sequence, tags, first));
        return count;
    }

    private Errno Write(RecordBuffer record, bool flush)
    {
        Errno error = Errno.Success;
        int batch = 0, used = 0;
        foreach (ref readonly BlockRun run in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_runs))
        {
            int done = 0;
            while (done < run.Count)
            {
                if (used == 0)
                    Take(batch, ref error);
                int count = Math.Min(run.Count - done, BatchBlocks - used);
                Memory<byte> into = _buffers[batch].AsMemory(used * PageBuffer.PageSize, count * PageBuffer.PageSize);
                for (int i = 0; i < count; i++)
                {
                    int offset = done + i;
                    _core.Sealer.SealBlock(
                        run.Inode, run.Block + offset, run.Sequence + (ulong)offset, _pages.Content(_order[run.FirstPage + offset].Page),
                        into.Span.Slice(i * PageBuffer.PageSize, PageBuffer.PageSize), record.Bytes.Slice(run.Tags + offset * ExtentValue.TagSize, ExtentValue.TagSize));
                }

                _batches[batch].AddWrite(run.Place + done, into);
                done += count;
                used += count;
                if (used == BatchBlocks)
                {
                    Submit(batch);
                    batch = (batch + 1) % Batches;
                    used = 0;
                }
            }
        }

        if (used > 0)
            Submit(batch);
        if (record.Length > 0)
            _journal.Append(record.Bytes);
        for (int i = 0; i < Batches; i++)
            WaitFor(i, ref error);
        if (_direct.Drain() is var failed and not Errno.Success)
            error = failed;
        if (record.Length > 0 && _journal.Wait() is var written and not Errno.Success)
            error = written;
        if (error == Errno.Success && flush && !_switches.SkipsFlush && _core.Device.Flush() is var flushed && !_switches.IgnoresFlushErrors)
            error = flushed;
        if (error == Errno.Success && flush)
            _journal.DurableCounter = _journal.Head.Counter;
        return error == Errno.Success ? error : Errno.EIO;
    }

    private void Take(int batch, ref Errno error)
    {
        WaitFor(batch, ref error);
        _buffers[batch] ??= new byte[BatchBlocks * PageBuffer.PageSize];
        _batches[batch].Clear();
    }

    private void Submit(int batch)
    {
        _core.Device.Submit(_batches[batch]);
        _inFlight[batch] = true;
    }

    private void WaitFor(int batch, ref Errno error)
    {
        if (!_inFlight[batch])
            return;
        _inFlight[batch] = false;
        if (_core.Device.Wait(_batches[batch]) is var result and not Errno.Success && !_switches.IgnoresWriteErrors)
            error = result;
    }

    // The index got its extents before they were sealed. What was cut off or cut into pieces meanwhile is found again by place.
    private void SetTags(DeltaTable delta, RecordBuffer record)
    {
        foreach (ref readonly BlockRun run in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_runs))
        {
            Span<byte> value = delta.Find(IndexKey.Extent(run.Inode, run.Block));
            ReadOnlySpan<byte> tags = record.Bytes.Slice(run.Tags, run.Count * ExtentValue.TagSize);
            if (value.Length == ExtentValue.Size(run.Count) && ExtentValue.Sequence(value) == run.Sequence)
            {
                tags.CopyTo(value[ExtentValue.HeaderSize..]);
                continue;
            }

            for (int i = 0; i < run.Count; i++)
                SetTag(delta, run.Inode, run.Block + i, run.Sequence + (ulong)i, tags.Slice(i * ExtentValue.TagSize, ExtentValue.TagSize));
        }
    }

    private static void SetTag(DeltaTable delta, ulong inode, long block, ulong sequence, ReadOnlySpan<byte> tag)
    {
        if (!delta.TryFloor(IndexKey.Extent(inode, block), out IndexKey key, out ReadOnlySpan<byte> found) || !key.IsExtentOf(inode)
            || !ExtentValue.IsData(found))
            return;
        long offset = block - (long)key.Number;
        if (offset >= ExtentValue.Count(found) || ExtentValue.Sequence(found) + (ulong)offset != sequence)
            return;
        tag.CopyTo(delta.Find(key).Slice(ExtentValue.HeaderSize + (int)offset * ExtentValue.TagSize, ExtentValue.TagSize));
    }

    private readonly record struct PageOrder(ulong Inode, long Block, int Page) : IComparable<PageOrder>
    {
        public int CompareTo(PageOrder other)
        {
            int order = Inode.CompareTo(other.Inode);
            return order != 0 ? order : Block.CompareTo(other.Block);
        }
    }

    // Blocks of a file that are sealed to places that lie together. Tags: where they lie in the record.
    private readonly record struct BlockRun(ulong Inode, long Block, int Count, long Place, ulong Sequence, int Tags, int FirstPage);
}
