using System;

namespace Cloister.Storage.Index;

/// <content>Extents, which never overlap: a new one cuts what it covers out of the others.</content>
internal sealed partial class DeltaTable
{
    /// <summary>Sets an extent and cuts what it covers out of this table's other extents.</summary>
    public void PutExtent(ulong inode, long block, ReadOnlySpan<byte> value)
    {
        long end = block + ExtentValue.Count(value);
        if (TryPutAlone(inode, block, value, out _))
            return;
        // One that begins before and reaches in: its head stays, and its tail where it reaches beyond.
        if (block > 0 && TryFloor(IndexKey.Extent(inode, block - 1), out IndexKey key, out ReadOnlySpan<byte> old) && key.IsExtentOf(inode))
        {
            long start = (long)key.Number;
            long oldEnd = start + ExtentValue.Count(old);
            if (oldEnd > end)
            {
                int length = ExtentValue.Slice(old, end - start, oldEnd - end, _scratch);
                Put(IndexKey.Extent(inode, end), _scratch.AsSpan(0, length));
            }

            if (oldEnd > block)
            {
                // Found again: the table may have moved it.
                TryFloor(key, out _, out old);
                int length = ExtentValue.Slice(old, 0, block - start, _scratch);
                Put(key, _scratch.AsSpan(0, length));
            }
        }

        // Of the last that begins within, the tail may reach beyond.
        if (TryFloor(IndexKey.Extent(inode, end - 1), out key, out old) && key.IsExtentOf(inode) && (long)key.Number >= block)
        {
            long start = (long)key.Number;
            long oldEnd = start + ExtentValue.Count(old);
            if (oldEnd > end)
            {
                int length = ExtentValue.Slice(old, end - start, oldEnd - end, _scratch);
                Put(IndexKey.Extent(inode, end), _scratch.AsSpan(0, length));
            }
        }

        RemoveRange(IndexKey.Extent(inode, block), IndexKey.Extent(inode, end));
        Put(IndexKey.Extent(inode, block), value);
    }

    /// <summary>
    /// Sets an extent that meets no other here, or only one that begins where it does and reaches no further: mostly so, and one search is
    /// enough then.
    /// </summary>
    /// <returns>False where <see cref="PutExtent"/> is needed; nothing has changed then.</returns>
    public bool TryPutAlone(ulong inode, long block, ReadOnlySpan<byte> value, out ReplacedExtent replaced)
    {
        replaced = default;
        long end = block + ExtentValue.Count(value);
        IndexKey key = IndexKey.Extent(inode, block);
        Node leaf = DescendForInsert(key);
        int index = LowerBound(leaf, key);
        bool isThere = index < leaf.Count && leaf.Keys[index] == key;
        if (isThere && block + ExtentValue.Count(ValueAt(leaf.Values![index])) > end)
            return false;
        IndexKey next = KeyAt(leaf, isThere ? index + 1 : index);
        if (next.IsExtentOf(inode) && (long)next.Number < end)
            return false;
        Node? before = index > 0 ? leaf : leaf.Previous;
        int last = index > 0 ? index - 1 : (before?.Count ?? 0) - 1;
        if (before is not null && before.Keys[last].IsExtentOf(inode)
            && (long)before.Keys[last].Number + ExtentValue.Count(ValueAt(before.Values![last])) > block)
            return false;
        if (isThere && ValueAt(leaf.Values![index]) is var old && ExtentValue.IsData(old))
            replaced = new ReplacedExtent(ExtentValue.Place(old), ExtentValue.Count(old), ExtentValue.Sequence(old));
        PutAt(leaf, index, key, value);
        return true;
    }

    // A leaf at a time: a file may have a million extents. Leaves that become empty go, so that nobody walks through them.
    private void RemoveRange(in IndexKey from, in IndexKey end)
    {
        while (TryCeiling(from, out IndexKey key, out _) && key < end)
            RemoveFromLeaf(_root, key, end);
    }

    // True where the node became empty, and so has to leave its parent.
    private bool RemoveFromLeaf(Node node, in IndexKey from, in IndexKey end)
    {
        if (node.IsLeaf)
        {
            int first = LowerBound(node, from), last = LowerBound(node, end);
            Array.Copy(node.Keys, last, node.Keys, first, node.Count - last);
            Array.Copy(node.Values!, last, node.Values!, first, node.Count - last);
            node.Count -= last - first;
            Count -= last - first;
            return node.Count == 0;
        }

        int index = ChildIndex(node, from);
        Node child = node.Children![index];
        if (!RemoveFromLeaf(child, from, end))
            return false;
        if (node.Count == 1 && node == _root)
        {
            // Nothing is left at all.
            Recycle(_root);
            _nodes = 0;
            _root = NewNode(isLeaf: true);
            return false;
        }

        if (child.Previous is not null)
            child.Previous.Next = child.Next;
        if (child.Next is not null)
            child.Next.Previous = child.Previous;
        Array.Copy(node.Keys, index + 1, node.Keys, index, node.Count - index - 1);
        Array.Copy(node.Children, index + 1, node.Children, index, node.Count - index - 1);
        node.Children[--node.Count] = null!;
        child.Count = 0;
        child.Next = null;
        child.Previous = null;
        _nodes--;
        _freeNodes.Push(child);
        return node.Count == 0;
    }
}

/// <summary>Where the blocks of an extent lie that another has replaced; without blocks, there was none.</summary>
internal readonly record struct ReplacedExtent(long Place, long Count, ulong Sequence);
