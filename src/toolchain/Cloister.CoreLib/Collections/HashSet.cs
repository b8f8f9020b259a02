namespace System.Collections.Generic;

public class HashSet<T> : ISet<T>, IReadOnlySet<T>
{
    private readonly Dictionary<Box, bool> _items;

    // A set may hold null, a dictionary's key may not be.
    private readonly record struct Box(T Value);

    private sealed class BoxComparer(IEqualityComparer<T> comparer) : IEqualityComparer<Box>
    {
        public IEqualityComparer<T> Comparer => comparer;

        public bool Equals(Box x, Box y) => comparer.Equals(x.Value, y.Value);

        public int GetHashCode(Box obj) => obj.Value is null ? 0 : comparer.GetHashCode(obj.Value);
    }

    public HashSet() : this((IEqualityComparer<T>?)null)
    {
    }

    public HashSet(IEqualityComparer<T>? comparer) => _items = new Dictionary<Box, bool>(new BoxComparer(comparer ?? EqualityComparer<T>.Default));

    public HashSet(IEnumerable<T> collection) : this(collection, null)
    {
    }

    public HashSet(IEnumerable<T> collection, IEqualityComparer<T>? comparer) : this(comparer) =>
        UnionWith(collection ?? throw new ArgumentNullException(nameof(collection)));

    public HashSet(int capacity) : this(capacity, null)
    {
    }

    public HashSet(int capacity, IEqualityComparer<T>? comparer) : this(comparer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _items.EnsureCapacity(capacity);
    }

    public IEqualityComparer<T> Comparer => ((BoxComparer)_items.Comparer).Comparer;

    public int EnsureCapacity(int capacity) => _items.EnsureCapacity(capacity);

    public bool TryGetValue(T equalValue, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T actualValue)
    {
        bool found = _items.TryGetKey(new Box(equalValue), out Box box);
        actualValue = found ? box.Value : default!;
        return found;
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

    public void SymmetricExceptWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in new HashSet<T>(other, Comparer))
            if (!Remove(item))
                Add(item);
    }

    public bool IsProperSubsetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new HashSet<T>(other, Comparer) is var set && set.Count > Count && set.IsSupersetOf(this);
    }

    public bool IsProperSupersetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new HashSet<T>(other, Comparer) is var set && set.Count < Count && IsSupersetOf(set);
    }

    public void CopyTo(T[] array) => CopyTo(array, 0);

    public int Count => _items.Count;

    public bool IsReadOnly => false;

    public bool Add(T item) => _items.TryAdd(new Box(item), true);

    void ICollection<T>.Add(T item) => Add(item);

    public bool Contains(T item) => _items.ContainsKey(new Box(item));

    public bool Remove(T item) => _items.Remove(new Box(item));

    public void Clear() => _items.Clear();

    public void UnionWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            Add(item);
    }

    public void ExceptWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            Remove(item);
    }

    public void IntersectWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var kept = new HashSet<T>(other, Comparer);
        foreach (T item in new List<T>(this))
            if (!kept.Contains(item))
                Remove(item);
    }

    public bool IsSubsetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new HashSet<T>(other, Comparer).IsSupersetOf(this);
    }

    public bool IsSupersetOf(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (T item in other)
            if (!Contains(item))
                return false;
        return true;
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
        return new HashSet<T>(other, Comparer) is var set && set.Count == Count && IsSupersetOf(set);
    }

    public void CopyTo(T[] array, int arrayIndex) => CopyTo(array, arrayIndex, Count);

    public void CopyTo(T[] array, int arrayIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfNegative(arrayIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (arrayIndex > array.Length || count > array.Length - arrayIndex)
            throw new ArgumentException("Destination array is not long enough to copy all the items in the collection. "
                + "Check array index and length.");
        foreach (T item in this)
        {
            if (count-- == 0)
                break;
            array[arrayIndex++] = item;
        }
    }

    public int Capacity => _items.Capacity;

    public void TrimExcess() => _items.TrimExcess();

    public void TrimExcess(int capacity) => _items.TrimExcess(capacity);

    /// <summary>Compares sets by their elements, which their own comparers compare.</summary>
    public static IEqualityComparer<HashSet<T>> CreateSetComparer() => new SetComparer();

    private sealed class SetComparer : IEqualityComparer<HashSet<T>>
    {
        public bool Equals(HashSet<T>? x, HashSet<T>? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.SetEquals(y));

        public int GetHashCode(HashSet<T> obj)
        {
            int hash = 0;
            foreach (T item in obj)
                hash ^= item is null ? 0 : item.GetHashCode();
            return hash;
        }
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private Dictionary<Box, bool>.Enumerator _pairs;

        internal Enumerator(HashSet<T> set)
        {
            _pairs = set._items.GetEnumerator();
        }

        public readonly T Current => _pairs.Current.Key.Value;

        readonly object? IEnumerator.Current => _pairs.IsAtAnItem ? Current : throw Bounds.NotAtAnItem();

        public bool MoveNext() => _pairs.MoveNext();

        void IEnumerator.Reset() => _pairs.Restart();

        public readonly void Dispose()
        {
        }
    }
}
