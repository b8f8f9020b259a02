using System;
using System.Collections.Generic;

namespace Cloister.Storage.Index;

/// <summary>
/// The newest records of an index, in memory: a B+ tree whose values lie in slabs. An empty value is a tombstone: it hides
/// older records. Extents never overlap here; they hide what they cover in older tables.
/// </summary>
/// <remarks>
/// Nodes and slabs stay with the table when it is cleared, so that a filled one allocates nothing. The owner locks.
/// </remarks>
internal sealed partial class DeltaTable : IIndexTier
{
    private const int Fanout = 64;
    private const int SlabSize = 256 * 1024;

    // Where a value lies: slab, offset and length in one number.
    private const int OffsetBits = 18;
    private const int LengthBits = 16;

    private readonly List<byte[]> _slabs = [];
    private readonly Stack<Node> _freeNodes = new();
    private readonly byte[] _scratch = new byte[ExtentValue.MaxSize];
    private Node _root;

    // Where a record was put last: those of a commit and of a replay are in order, and mostly go to the same leaf.
    private Node _last;
    private int _slab;
    private int _slabUsed;
    private int _nodes;

    public DeltaTable() => _last = _root = NewNode(isLeaf: true);

    /// <summary>Records, with tombstones.</summary>
    public int Count { get; private set; }

    /// <summary>Those that aren't extents.</summary>
    public int CountOfOthers { get; private set; }

    /// <summary>Bytes of memory that the records take.</summary>
    public long Bytes => (long)_slab * SlabSize + _slabUsed + _nodes * (long)Node.Bytes;

    /// <summary>Bytes that the records take in a table, estimated from above.</summary>
    public long EncodedBytes => (long)_slab * SlabSize + _slabUsed + Count * (long)Leaf.LargestHead;

    public void Clear()
    {
        Recycle(_root);
        _nodes = 0;
        _root = NewNode(isLeaf: true);
        _slab = 0;
        _slabUsed = 0;
        Count = 0;
        CountOfOthers = 0;
    }

    /// <summary>Sets a record; an empty value hides older ones.</summary>
    public void Put(in IndexKey key, ReadOnlySpan<byte> value)
    {
        Node leaf = DescendForInsert(key);
        PutAt(leaf, LowerBound(leaf, key), key, value);
    }

    /// <summary>Value of the record with exactly this key, to be changed in place; empty where there is none.</summary>
    public Span<byte> Find(in IndexKey key)
    {
        Node leaf = Descend(key);
        int index = LowerBound(leaf, key);
        return index < leaf.Count && leaf.Keys[index] == key ? ValueAt(leaf.Values![index]) : default;
    }

    public bool TryFloor(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value)
    {
        Node? leaf = Descend(key);
        int index = LowerBound(leaf, key);
        if (index == leaf.Count || leaf.Keys[index] != key)
            index--;
        while (index < 0)
        {
            leaf = leaf.Previous;
            if (leaf is null)
            {
                found = default;
                value = default;
                return false;
            }

            index = leaf.Count - 1;
        }

        found = leaf.Keys[index];
        value = ValueAt(leaf.Values![index]);
        return true;
    }

    public bool TryCeiling(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value)
    {
        Node? leaf = Descend(key);
        int index = LowerBound(leaf, key);
        while (index == leaf.Count)
        {
            leaf = leaf.Next;
            index = 0;
            if (leaf is null)
            {
                found = default;
                value = default;
                return false;
            }
        }

        found = leaf.Keys[index];
        value = ValueAt(leaf.Values![index]);
        return true;
    }

    public bool TryCeilingKey(in IndexKey key, out IndexKey found) => TryCeiling(key, out found, out _);

    public void Find(scoped in IndexKey key, out IndexKey floor, out ReadOnlySpan<byte> value, out IndexKey next)
    {
        Node leaf = Descend(key);
        int index = LowerBound(leaf, key);
        if (index < leaf.Count && leaf.Keys[index] == key)
            index++;
        next = KeyAt(leaf, index);
        floor = default;
        value = default;
        if (index == 0)
        {
            if (leaf.Previous is null)
                return;
            leaf = leaf.Previous;
            index = leaf.Count;
        }

        floor = leaf.Keys[index - 1];
        value = ValueAt(leaf.Values![index - 1]);
    }

    /// <summary>Walks all records in order. The table must not change meanwhile.</summary>
    public Walk GetWalk()
    {
        Node node = _root;
        while (!node.IsLeaf)
            node = node.Children![0];
        return new Walk(this, node);
    }

    // The key at a place of a leaf, or the first of the next. No leaf is empty but one that is all of the table.
    private static IndexKey KeyAt(Node leaf, int index) =>
        index < leaf.Count ? leaf.Keys[index] : leaf.Next is { } next ? next.Keys[0] : IndexKey.Last;

    // Into a leaf with room, where the key is or belongs.
    private void PutAt(Node leaf, int index, in IndexKey key, ReadOnlySpan<byte> value)
    {
        if (index < leaf.Count && leaf.Keys[index] == key)
        {
            Span<byte> old = ValueAt(leaf.Values![index]);
            if (value.Length <= old.Length)
            {
                value.CopyTo(old);
                leaf.Values[index] = (leaf.Values[index] & ~((1L << LengthBits) - 1)) | (uint)value.Length;
            }
            else
            {
                leaf.Values[index] = Store(value);
            }

            return;
        }

        Array.Copy(leaf.Keys, index, leaf.Keys, index + 1, leaf.Count - index);
        Array.Copy(leaf.Values!, index, leaf.Values!, index + 1, leaf.Count - index);
        leaf.Keys[index] = key;
        leaf.Values![index] = Store(value);
        leaf.Count++;
        Count++;
        CountOfOthers += key.Kind == RecordKind.Extent ? 0 : 1;
    }

    private long Store(ReadOnlySpan<byte> value)
    {
        // Has no place: the slab may just be full.
        if (value.IsEmpty)
            return 0;
        if (_slabUsed + value.Length > SlabSize)
        {
            _slab++;
            _slabUsed = 0;
        }

        if (_slab == _slabs.Count)
            _slabs.Add(new byte[SlabSize]);
        long place = ((long)_slab << (OffsetBits + LengthBits)) | ((long)_slabUsed << LengthBits) | (uint)value.Length;
        value.CopyTo(_slabs[_slab].AsSpan(_slabUsed));
        _slabUsed += value.Length;
        return place;
    }

    private Span<byte> ValueAt(long place) => (place & ((1L << LengthBits) - 1)) == 0 ? default : _slabs[(int)(place >> (OffsetBits + LengthBits))].AsSpan(
        (int)(place >> LengthBits) & ((1 << OffsetBits) - 1), (int)(place & ((1 << LengthBits) - 1)));

    private Node Descend(in IndexKey key)
    {
        Node node = _root;
        while (!node.IsLeaf)
            node = node.Children![ChildIndex(node, key)];
        return node;
    }

    private Node DescendForInsert(in IndexKey key)
    {
        // A key between two others of a leaf belongs there; so does any behind the first of the rightmost. Nodes that are free have no keys.
        if (_last.IsLeaf && _last.Count is > 0 and < Fanout && _last.Keys[0] <= key && (_last.Next is null || key <= _last.Keys[_last.Count - 1]))
            return _last;
        return _last = DescendAndSplit(key);
    }

    // Splits full nodes on the way down, so that no split has to go up again.
    private Node DescendAndSplit(in IndexKey key)
    {
        if (_root.Count == Fanout)
        {
            Node root = NewNode(isLeaf: false);
            root.Children![0] = _root;
            root.Count = 1;
            root.Keys[0] = default;
            _root = root;
            SplitChild(root, 0);
        }

        Node node = _root;
        while (!node.IsLeaf)
        {
            int index = ChildIndex(node, key);
            if (node.Children![index].Count == Fanout)
            {
                SplitChild(node, index);
                if (node.Keys[index + 1] <= key)
                    index++;
            }

            node = node.Children[index];
        }

        return node;
    }

    // An inner node's key i is the lowest key that belongs below child i; key 0 stands for everything lower.
    private static int ChildIndex(Node node, in IndexKey key) => KeySearch.Floor(node.Keys.AsSpan(1, node.Count - 1), key) + 1;

    private static int LowerBound(Node node, in IndexKey key) => KeySearch.LowerBound(node.Keys.AsSpan(0, node.Count), key);

    private void SplitChild(Node parent, int index)
    {
        Node left = parent.Children![index];
        Node right = NewNode(left.IsLeaf);
        // Ascending keys are common (sequential writes, inode numbers): leave the left node nearly full then.
        bool isLast = left.IsLeaf && left.Next is null;
        int keep = isLast ? Fanout - 4 : Fanout / 2;
        right.Count = Fanout - keep;
        Array.Copy(left.Keys, keep, right.Keys, 0, right.Count);
        if (left.IsLeaf)
        {
            Array.Copy(left.Values!, keep, right.Values!, 0, right.Count);
            right.Next = left.Next;
            right.Previous = left;
            if (left.Next is not null)
                left.Next.Previous = right;
            left.Next = right;
        }
        else
        {
            Array.Copy(left.Children!, keep, right.Children!, 0, right.Count);
            Array.Clear(left.Children!, keep, right.Count);
        }

        left.Count = keep;
        Array.Copy(parent.Keys, index + 1, parent.Keys, index + 2, parent.Count - index - 1);
        Array.Copy(parent.Children, index + 1, parent.Children, index + 2, parent.Count - index - 1);
        parent.Keys[index + 1] = right.Keys[0];
        parent.Children[index + 1] = right;
        parent.Count++;
    }

    private Node NewNode(bool isLeaf)
    {
        _nodes++;
        if (!_freeNodes.TryPop(out Node? node))
            node = new Node(Fanout);
        node.IsLeaf = isLeaf;
        if (isLeaf)
            node.Values ??= new long[Fanout];
        else
            node.Children ??= new Node[Fanout];
        return node;
    }

    private void Recycle(Node node)
    {
        if (!node.IsLeaf)
        {
            for (int i = 0; i < node.Count; i++)
                Recycle(node.Children![i]);
            Array.Clear(node.Children!);
        }

        node.Count = 0;
        node.Next = null;
        node.Previous = null;
        _freeNodes.Push(node);
    }

    /// <summary>A walk over the records.</summary>
    public struct Walk
    {
        private readonly DeltaTable _table;
        private Node? _node;
        private int _index;

        internal Walk(DeltaTable table, object node)
        {
            _table = table;
            _node = (Node)node;
            _index = -1;
        }

        public readonly IndexKey Key => _node!.Keys[_index];

        public readonly ReadOnlySpan<byte> Value => _table.ValueAt(_node!.Values![_index]);

        public bool MoveNext()
        {
            _index++;
            while (_node is not null && _index == _node.Count)
            {
                _node = _node.Next;
                _index = 0;
            }

            return _node is not null;
        }
    }

    private sealed class Node(int fanout)
    {
        public const int Bytes = Fanout * 24 + 96;

        public readonly IndexKey[] Keys = new IndexKey[fanout];
        public bool IsLeaf;
        public int Count;
        public long[]? Values;
        public Node[]? Children;
        public Node? Next;
        public Node? Previous;
    }
}
