using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Storage.Index;
using Cloister.Storage.Sealing;
using Cloister.Storage.Space;

namespace Cloister.Storage.Volumes;

/// <summary>
/// Seals blocks anew, to other places, and puts the new places into all tables that name them: those of the mounted branch and those of
/// snapshots and clones, which go on sharing the blocks. Works on a range of keys: since a block belongs to one block of one inode, all
/// that name it have the same key.
/// </summary>
/// <remarks>
/// With the commit lock and the volume's lock held, right after a checkpoint: the journal is empty, and what the delta has was sealed
/// just now. Records that newer ones hide keep what they have: nobody reads it, and the place may be in use for something else.
/// </remarks>
internal sealed class Relocation
{
    private readonly VolumeCore _core;
    private readonly ChunkReader _reader;
    private readonly ChunkWriter _writer;
    private readonly Func<ulong, bool> _isOld;
    private readonly IReadOnlyList<IndexView> _views;
    private readonly Dictionary<long, Moved> _moved = [];
    private readonly Dictionary<ulong, List<(IndexKey First, ChunkPointer Pointer)>> _rewritten = [];
    private readonly Leaf _leaf = new();
    private readonly byte[] _bytes = new byte[ChunkPointer.MaxLength];
    private readonly byte[] _part = new byte[ExtentValue.MaxSize];
    private readonly byte[] _content = new byte[ExtentValue.MaxBlocks * IBlockDevice.BlockSize];
    private readonly byte[] _plaintext = new byte[IBlockDevice.BlockSize];
    private readonly BlockBatch _batch = new(1);

    /// <summary>Prepares.</summary>
    /// <param name="core">The volume.</param>
    /// <param name="reader">For the tables; of no one else meanwhile.</param>
    /// <param name="writer">For new leaves.</param>
    /// <param name="views">What each branch shows.</param>
    /// <param name="isOld">Whether what has a sequence number is to be sealed anew.</param>
    public Relocation(VolumeCore core, ChunkReader reader, ChunkWriter writer, IReadOnlyList<IndexView> views, Func<ulong, bool> isOld)
    {
        _core = core;
        _reader = reader;
        _writer = writer;
        _views = views;
        _isOld = isOld;
    }

    /// <summary>Blocks of files that were taken.</summary>
    public List<BlockRange> Taken { get; } = [];

    /// <summary>Leaves that were written anew.</summary>
    public List<ChunkPointer> Replaced { get; } = [];

    /// <summary>Blocks of files that nothing names any more.</summary>
    public IEnumerable<long> OldPlaces => _moved.Keys;

    /// <summary>How many blocks of files were sealed anew.</summary>
    public long Blocks => _moved.Count;

    /// <summary>Works on the leaves from a key on.</summary>
    /// <param name="tables">All tables, each once.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="leaves">How many leaves at most, about.</param>
    /// <param name="blocks">How many blocks of files at most.</param>
    /// <returns>Where to go on; <see cref="IndexKey.Last"/> where that was all.</returns>
    public IndexKey Run(IEnumerable<IndexTable> tables, IndexKey from, int leaves, long blocks)
    {
        List<Span> spans = FindLeaves(tables, from, leaves, out IndexKey end);
        var found = new List<Extent>();
        foreach (Span span in spans)
            Collect(span, from, end, found);
        found.Sort(static (left, right) => left.Key.CompareTo(right.Key));
        foreach (Extent extent in found)
        {
            if (_moved.Count + extent.Count > blocks)
            {
                end = extent.Key;
                break;
            }

            Move(extent);
        }

        foreach (Span span in spans)
            Rewrite(span.Pointer);
        return end;
    }

    /// <summary>A table with the new leaves; the same where none of its leaves was written anew.</summary>
    public IndexTable Apply(IndexTable table, LeafCache cache, List<ChunkPointer> obsolete)
    {
        bool isChanged = _isOld(table.Fences.Top.Sequence);
        foreach (ref readonly ChunkPointer leaf in table.Leaves)
            isChanged |= _rewritten.ContainsKey(leaf.Sequence);
        if (!isChanged || table.LeafCount == 0)
            return table;
        var keys = new List<IndexKey>();
        var leaves = new List<ChunkPointer>();
        for (int i = 0; i < table.LeafCount; i++)
        {
            if (!_rewritten.TryGetValue(table.Leaves[i].Sequence, out List<(IndexKey First, ChunkPointer Pointer)>? parts))
                parts = [(table.FirstKeys[i], table.Leaves[i])];
            foreach ((IndexKey first, ChunkPointer pointer) in parts)
            {
                keys.Add(first);
                leaves.Add(pointer);
            }
        }

        _reader.ListBlob(table.Fences, SealedKind.Fences, obsolete);
        IndexKey[] firstKeys = [.. keys];
        ChunkPointer[] pointers = [.. leaves];
        return new IndexTable(cache, firstKeys, pointers, table.Records, IndexTable.WriteFences(_writer, firstKeys, pointers));
    }

    private static List<Span> FindLeaves(IEnumerable<IndexTable> tables, in IndexKey from, int most, out IndexKey end)
    {
        var spans = new List<Span>();
        var seen = new HashSet<ulong>();
        foreach (IndexTable table in tables)
        {
            for (int i = 0; i < table.LeafCount; i++)
            {
                IndexKey next = i + 1 < table.LeafCount ? table.FirstKeys[i + 1] : IndexKey.Last;
                if (next > from && seen.Add(table.Leaves[i].Sequence))
                    spans.Add(new Span(table.FirstKeys[i], table.Leaves[i]));
            }
        }

        spans.Sort(static (left, right) => left.First.CompareTo(right.First));
        end = IndexKey.Last;
        // All that begin below the end belong to it; leaves with the same first key stay together.
        for (int i = most; i < spans.Count; i++)
        {
            if (spans[i].First <= spans[i - 1].First || spans[i].First <= from)
                continue;
            end = spans[i].First;
            spans.RemoveRange(i, spans.Count - i);
        }

        return spans;
    }

    // The extents of a leaf that are old and that some branch shows.
    private void Collect(in Span span, in IndexKey from, in IndexKey end, List<Extent> found)
    {
        _reader.Read(span.Pointer, SealedKind.Leaf, _leaf.Bytes);
        _leaf.Decode(span.Pointer.Length);
        for (int i = 0; i < _leaf.Count; i++)
        {
            IndexKey key = _leaf.Keys[i];
            ReadOnlySpan<byte> value = _leaf.Value(i);
            if (key.Kind != RecordKind.Extent || !ExtentValue.IsData(value) || !_isOld(ExtentValue.Sequence(value)))
                continue;
            long count = ExtentValue.Count(value);
            for (long skip = 0, length; skip < count; skip += length)
            {
                length = 1;
                IndexKey part = key.Plus(skip);
                if (part < from || part >= end || !IsShown(key.Object, (long)part.Number, ExtentValue.Place(value) + skip))
                    continue;
                while (skip + length < count && key.Plus(skip + length) < end
                    && IsShown(key.Object, (long)part.Number + length, ExtentValue.Place(value) + skip + length))
                    length++;
                byte[] tags = ExtentValue.Tags(value).Slice((int)skip * ExtentValue.TagSize, (int)length * ExtentValue.TagSize).ToArray();
                found.Add(new Extent(part, (int)length, ExtentValue.Place(value) + skip, ExtentValue.Sequence(value) + (ulong)skip, tags));
            }
        }
    }

    private bool IsShown(ulong inode, long block, long place)
    {
        foreach (IndexView view in _views)
        {
            Segment segment = view.FindSegment(inode, block, block + 1);
            if (segment.Place == place)
                return true;
        }

        return false;
    }

    // Another table may have named some of it already, with other borders.
    private void Move(in Extent extent)
    {
        for (int skip = 0, count; skip < extent.Count; skip += count)
        {
            bool isMoved = IsMoved(extent, skip);
            count = 1;
            while (skip + count < extent.Count && IsMoved(extent, skip + count) == isMoved)
                count++;
            if (!isMoved)
                Move(extent, skip, count);
        }
    }

    private bool IsMoved(in Extent extent, int skip) => TryFind(extent.Place + skip, extent.Sequence + (ulong)skip, out _);

    // What is hidden may name a place that something else uses by now.
    private bool TryFind(long place, ulong sequence, out Moved moved) => _moved.TryGetValue(place, out moved) && moved.OldSequence == sequence;

    private void Move(in Extent extent, int skip, int blocks)
    {
        Memory<byte> content = _content.AsMemory(0, blocks * IBlockDevice.BlockSize);
        Transfer(extent.Place + skip, content, isWrite: false);
        for (int done = 0; done < blocks;)
        {
            int count = _core.AllocateMetadata(blocks - done, out long place);
            Taken.Add(new BlockRange(place, count));
            ulong sequence = _core.TakeSequence(count);
            for (int i = 0; i < count; i++)
            {
                int at = skip + done + i;
                Span<byte> block = content.Span.Slice((done + i) * IBlockDevice.BlockSize, IBlockDevice.BlockSize);
                long number = (long)extent.Key.Number + at;
                ulong old = extent.Sequence + (ulong)at;
                if (!_core.Sealer.TryOpenBlock(extent.Key.Object, number, old, block, extent.Tags.AsSpan(at * ExtentValue.TagSize, ExtentValue.TagSize), _plaintext))
                    throw new VolumeException(Errno.EBADMSG, $"Block {number} of inode {extent.Key.Object} isn't what was stored.");
                var tag = new byte[ExtentValue.TagSize];
                _core.Sealer.SealBlock(extent.Key.Object, number, sequence + (ulong)i, _plaintext, block, tag);
                _moved[extent.Place + at] = new Moved(old, place + i, sequence + (ulong)i, tag);
            }

            Transfer(place, content.Slice(done * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize), isWrite: true);
            done += count;
        }
    }

    private void Transfer(long place, Memory<byte> content, bool isWrite)
    {
        _batch.Clear();
        if (isWrite)
            _batch.AddWrite(place, content);
        else
            _batch.AddRead(place, content);
        _core.Device.Submit(_batch);
        if (_core.Device.Wait(_batch) is var error and not Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't {(isWrite ? "write" : "read")} blocks of files at {place} ({error}).");
    }

    private void Rewrite(in ChunkPointer pointer)
    {
        _reader.Read(pointer, SealedKind.Leaf, _leaf.Bytes);
        _leaf.Decode(pointer.Length);
        var parts = new List<(IndexKey First, ChunkPointer Pointer)>();
        bool isChanged = _isOld(pointer.Sequence);
        int length = 0;
        IndexKey first = default, previous = default;
        for (int i = 0; i < _leaf.Count; i++)
        {
            IndexKey key = _leaf.Keys[i];
            ReadOnlySpan<byte> value = _leaf.Value(i);
            if (key.Kind != RecordKind.Extent || !ExtentValue.IsData(value))
            {
                Add(key, value);
                continue;
            }

            int count = (int)ExtentValue.Count(value);
            for (int skip = 0, run; skip < count; skip += run)
            {
                int size = Slice(value, skip, count, out run, ref isChanged);
                Add(key.Plus(skip), _part.AsSpan(0, size));
            }
        }

        if (!isChanged)
            return;
        parts.Add((first, _writer.Write(SealedKind.Leaf, _bytes.AsSpan(0, length))));
        _rewritten.Add(pointer.Sequence, parts);
        Replaced.Add(pointer);

        void Add(in IndexKey key, ReadOnlySpan<byte> value)
        {
            int next = Leaf.Encode(_bytes, length, previous, key, value);
            if (next == 0)
            {
                // Nothing is written for a leaf that stays as it is; one that is cut into more pieces may need a second.
                parts.Add((first, _writer.Write(SealedKind.Leaf, _bytes.AsSpan(0, length))));
                isChanged = true;
                length = 0;
                next = Leaf.Encode(_bytes, 0, default, key, value);
            }

            if (length == 0)
                first = key;
            length = next;
            previous = key;
        }
    }

    // The next part of an extent that lies together, as it lies now.
    private int Slice(ReadOnlySpan<byte> value, int skip, int count, out int run, ref bool isChanged)
    {
        long place = ExtentValue.Place(value);
        ulong sequence = ExtentValue.Sequence(value);
        run = 1;
        if (!TryFind(place + skip, sequence + (ulong)skip, out Moved first))
        {
            while (skip + run < count && !TryFind(place + skip + run, sequence + (ulong)(skip + run), out _))
                run++;
            return ExtentValue.Slice(value, skip, run, _part);
        }

        isChanged = true;
        first.Tag.CopyTo(_part, ExtentValue.HeaderSize);
        while (skip + run < count && TryFind(place + skip + run, sequence + (ulong)(skip + run), out Moved next)
            && next.Place == first.Place + run && next.Sequence == first.Sequence + (ulong)run)
        {
            next.Tag.CopyTo(_part, ExtentValue.HeaderSize + run * ExtentValue.TagSize);
            run++;
        }

        ExtentValue.WriteData(_part, run, first.Place, first.Sequence);
        return ExtentValue.Size(run);
    }

    private readonly record struct Span(IndexKey First, ChunkPointer Pointer);

    private readonly record struct Extent(IndexKey Key, int Count, long Place, ulong Sequence, byte[] Tags);

    private readonly record struct Moved(ulong OldSequence, long Place, ulong Sequence, byte[] Tag);
}
