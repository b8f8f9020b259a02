namespace System.Collections.Generic;

public class SortedSet<T> : ISet<T>, IReadOnlySet<T>, ICollection
{
    private readonly SortedTree<T> _tree;

    public SortedSet() : this((IComparer<T>?)null)
    {
    }

    public SortedSet(IComparer<T>? comparer) => _tree = new SortedTree<T>(comparer ?? Comparer<T>.Default);

    public SortedSet(IEnumerable<T> collection) : this(collection, null)
    {
    }

    public SortedSet(IEnumerable<T> collection, IComparer<T>? comparer) : this(comparer) =>
        UnionWith(collection ?? throw new ArgumentNullException(nameof(collection)));

    public int Count => _tree.Count;

    bool ICollection<T>.IsReadOnly => false;

    public IComparer<T> Comparer => _tree.Comparer;

    public T? Min => End(node => node.Left);

    public T? Max => End(node => node.Right);

    private T? End(Func<SortedTree<T>.Node, SortedTree<T>.Node?> next)
    {
        if (_tree.Root is not { } node)
            return default;
        while (next(node) is { } further)
            node = further;
        return node.Value;
    }

    public bool Add(T item) => _tree.Add(item);

    void ICollection<T>.Add(T item) => _tree.Add(item);

    public bool Remove(T item) => _tree.Remove(item);

    public bool Contains(T item) => _tree.Find(item) is not null;

    public bool TryGetValue(T equalValue, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T actualValue)
    {
        SortedTree<T>.Node? node = _tree.Find(equalValue);
        actualValue = node is null ? default! : node.Value;
        return node is not null;
    }

    public void Clear() => _tree.Clear();

    public void CopyTo(T[] array) => CopyTo(array, 0);

    public void CopyTo(T[] array, int index) => CopyTo(array, index, Count);

    public void CopyTo(T[] array, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > array.Length - index)
            throw new ArgumentException("Destination array is not long enough to copy all the items in the collection. "
                + "Check array index and length.");
        foreach (T item in this)
        {
            if (count-- == 0)
                break;
            array[index++] = item;
        }
    }

    public void UnionWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            Add(item);
    }

    public void ExceptWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in new List<T>(other))
            Remove(item);
    }

    public void IntersectWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var kept = new SortedSet<T>(other, Comparer);
        RemoveWhere(item => !kept.Contains(item));
    }

    public void SymmetricExceptWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in new SortedSet<T>(other, Comparer))
            if (!Remove(item))
                Add(item);
    }

    public int RemoveWhere(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        int removed = 0;
        foreach (T item in new List<T>(this))
            if (match(item) && Remove(item))
                removed++;
        return removed;
    }

    public bool IsSubsetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SortedSet<T>(other, Comparer).IsSupersetOf(this);
    }

    public bool IsProperSubsetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SortedSet<T>(other, Comparer) is var set && set.Count > Count && set.IsSupersetOf(this);
    }

    public bool IsSupersetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            if (!Contains(item))
                return false;
        return true;
    }

    public bool IsProperSupersetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SortedSet<T>(other, Comparer) is var set && set.Count < Count && IsSupersetOf(set);
    }

    public bool Overlaps(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            if (Contains(item))
                return true;
        return false;
    }

    public bool SetEquals(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SortedSet<T>(other, Comparer) is var set && set.Count == Count && IsSupersetOf(set);
    }

    public IEnumerable<T> Reverse()
    {
        var walk = new SortedTree<T>.Walk(_tree, backwards: true);
        while (walk.MoveNext())
            yield return walk.Current!.Value;
    }

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    void ICollection.CopyTo(Array array, int index)
    {
        foreach (T item in this)
            array.SetValue(item, index++);
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private readonly SortedSet<T> _set;
        private SortedTree<T>.Walk _walk;

        internal Enumerator(SortedSet<T> set)
        {
            _set = set;
            _walk = new SortedTree<T>.Walk(set._tree);
        }

        public readonly T Current => _walk.Current is { } node ? node.Value : default!;

        readonly object? IEnumerator.Current => _walk.Current is null ? throw Bounds.NotAtAnItem() : Current;

        public bool MoveNext() => _walk.MoveNext();

        void IEnumerator.Reset()
        {
            _walk.CheckVersion();
            _walk = new SortedTree<T>.Walk(_set._tree);
        }

        public readonly void Dispose()
        {
        }
    }
}
