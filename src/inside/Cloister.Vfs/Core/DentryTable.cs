using System;
using System.Collections.Generic;
using System.Threading;

namespace Cloister.Vfs.Core;

/// <summary>
/// Children of a directory by name, and in the order in which they were made.
/// </summary>
/// <remarks>
/// Readers take no lock. Writers hold the file system's <see cref="FileSystem.NamespaceLock"/>. An entry that a reader
/// stands on may move to another bucket or table; the reader then may miss what it looks for, never find something
/// wrong, since a match compares parent and name. So a miss counts only if the version has not changed meanwhile.
/// </remarks>
internal sealed class DentryTable(Dentry owner, bool isComplete)
{
    private Dentry?[] _buckets = new Dentry?[4];
    // In order of sequence; removed entries leave their number behind until there are many.
    private readonly List<(long Sequence, Dentry? Entry)> _order = [];

    // All before this place were removed.
    private int _firstInOrder;
    private int _version;
    private int _removedInOrder;

    // Positions 0 and 1 of a directory are "." and "..".
    private long _nextSequence = 2;
    private bool _isComplete = isComplete;

    public int Count { get; private set; }

    /// <summary>Whether a name that is not here does not exist.</summary>
    public bool IsComplete
    {
        get => Volatile.Read(ref _isComplete);
        set => Volatile.Write(ref _isComplete, value);
    }

    public Dentry? Find(ReadOnlySpan<byte> name, uint hash)
    {
        while (true)
        {
            int version = Volatile.Read(ref _version);
            Dentry?[] buckets = Volatile.Read(ref _buckets);
            for (Dentry? at = Volatile.Read(ref buckets[hash & (uint)(buckets.Length - 1)]); at is not null; at = Volatile.Read(ref at.Next))
            {
                if (at.Name.Matches(owner, hash, name))
                    return at;
            }

            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _version) == version)
                return null;
        }
    }

    /// <summary>Adds an entry whose name has this directory as parent.</summary>
    public void Add(Dentry child)
    {
        if (Count >= _buckets.Length)
            Grow();
        Count++;
        child.Sequence = _nextSequence++;
        _order.Add((child.Sequence, child));
        Insert(child);
    }

    public void Remove(Dentry child)
    {
        Unchain(child);
        Count--;
        RemoveFromOrder(child);
    }

    /// <summary>Puts an entry in another's place, in one step for readers: rename over an existing name.</summary>
    public void Replace(Dentry old, Dentry child)
    {
        // The new one in front of the old one in the same bucket: readers find one or the other, never nothing.
        child.Sequence = _nextSequence++;
        _order.Add((child.Sequence, child));
        Count++;
        Insert(child);
        Remove(old);
    }

    /// <summary>Entry at or after a position, or null at the end. Call with the namespace lock held.</summary>
    public Dentry? Next(long position)
    {
        for (int i = Math.Max(_firstInOrder, IndexOf(position)); i < _order.Count; i++)
        {
            if (_order[i].Entry is { } child)
                return child;
        }

        return null;
    }

    private void Insert(Dentry child)
    {
        ref Dentry? head = ref _buckets[child.Name.Hash & (uint)(_buckets.Length - 1)];
        child.Next = head;
        Volatile.Write(ref head, child);
        Interlocked.Increment(ref _version);
    }

    private void Unchain(Dentry child)
    {
        Interlocked.Increment(ref _version);
        ref Dentry? link = ref _buckets[child.Name.Hash & (uint)(_buckets.Length - 1)];
        while (link != child)
            link = ref link!.Next;
        Volatile.Write(ref link, child.Next);
    }

    private void Grow()
    {
        Interlocked.Increment(ref _version);
        var buckets = new Dentry?[_buckets.Length * 2];
        foreach ((_, Dentry? entry) in _order)
        {
            if (entry is null)
                continue;
            ref Dentry? head = ref buckets[entry.Name.Hash & (uint)(buckets.Length - 1)];
            Volatile.Write(ref entry.Next, head);
            head = entry;
        }

        Volatile.Write(ref _buckets, buckets);
        Interlocked.Increment(ref _version);
    }

    private int IndexOf(long position)
    {
        int low = 0;
        int high = _order.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_order[middle].Sequence >= position)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void RemoveFromOrder(Dentry child)
    {
        int index = IndexOf(child.Sequence);
        _order[index] = (child.Sequence, null);
        _removedInOrder++;
        while (_order.Count > 0 && _order[^1].Entry is null)
        {
            _order.RemoveAt(_order.Count - 1);
            _removedInOrder--;
        }

        _firstInOrder = Math.Min(_firstInOrder, _order.Count);
        while (_firstInOrder < _order.Count && _order[_firstInOrder].Entry is null)
            _firstInOrder++;
        if (_removedInOrder <= 32 || _removedInOrder * 2 < _order.Count)
            return;
        _order.RemoveAll(static place => place.Entry is null);
        _removedInOrder = 0;
        _firstInOrder = 0;
    }
}
