namespace System.Collections.Generic;

public partial class SortedDictionary<TKey, TValue> : IDictionary<TKey, TValue>, IReadOnlyDictionary<TKey, TValue>, ICollection where TKey : notnull
{
    private readonly SortedTree<KeyValuePair<TKey, TValue>> _tree;
    private readonly IComparer<TKey> _comparer;

    private sealed class KeyComparer(IComparer<TKey> comparer) : IComparer<KeyValuePair<TKey, TValue>>
    {
        public int Compare(KeyValuePair<TKey, TValue> x, KeyValuePair<TKey, TValue> y) => comparer.Compare(x.Key, y.Key);
    }

    public SortedDictionary() : this((IComparer<TKey>?)null)
    {
    }

    public SortedDictionary(IComparer<TKey>? comparer)
    {
        _comparer = comparer ?? Comparer<TKey>.Default;
        _tree = new SortedTree<KeyValuePair<TKey, TValue>>(new KeyComparer(_comparer));
    }

    public SortedDictionary(IDictionary<TKey, TValue> dictionary) : this(dictionary, null)
    {
    }

    public SortedDictionary(IDictionary<TKey, TValue> dictionary, IComparer<TKey>? comparer) : this(comparer)
    {
        foreach ((TKey key, TValue value) in dictionary)
            Add(key, value);
    }

    public int Count => _tree.Count;

    public IComparer<TKey> Comparer => _comparer;

    bool ICollection<KeyValuePair<TKey, TValue>>.IsReadOnly => false;

    public KeyCollection Keys => new(this);

    public ValueCollection Values => new(this);

    public TValue this[TKey key]
    {
        get => Find(key) is { } node ? node.Value.Value : throw new KeyNotFoundException("The given key '" + key
            + "' was not present in the dictionary.");
        set
        {
            if (Find(key) is not { } node)
            {
                _tree.Add(new(key, value));
                return;
            }

            node.Value = new(node.Value.Key, value);
            _tree.Touch();
        }
    }

    private SortedTree<KeyValuePair<TKey, TValue>>.Node? Find(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key, nameof(key));
        return _tree.Find(new(key, default!));
    }

    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
            throw new ArgumentException("An item with the same key has already been added. Key: " + new KeyValuePair<TKey, TValue>(key, value));
    }

    private bool TryAdd(TKey key, TValue value)
    {
        ArgumentNullException.ThrowIfNull(key, nameof(key));
        return _tree.Add(new(key, value));
    }

    public bool Remove(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key, nameof(key));
        return _tree.Remove(new(key, default!));
    }

    public bool ContainsKey(TKey key) => Find(key) is not null;

    public bool ContainsValue(TValue value)
    {
        foreach (KeyValuePair<TKey, TValue> pair in this)
            if (EqualityComparer<TValue>.Default.Equals(pair.Value, value))
                return true;
        return false;
    }

    public bool TryGetValue(TKey key, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value)
    {
        SortedTree<KeyValuePair<TKey, TValue>>.Node? node = Find(key);
        value = node is null ? default! : node.Value.Value;
        return node is not null;
    }

    public void Clear() => _tree.Clear();

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int index)
    {
        foreach (KeyValuePair<TKey, TValue> pair in this)
            array[index++] = pair;
    }

    ICollection<TKey> IDictionary<TKey, TValue>.Keys => Keys;

    ICollection<TValue> IDictionary<TKey, TValue>.Values => Values;

    IEnumerable<TKey> IReadOnlyDictionary<TKey, TValue>.Keys => Keys;

    IEnumerable<TValue> IReadOnlyDictionary<TKey, TValue>.Values => Values;

    void ICollection<KeyValuePair<TKey, TValue>>.Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    bool ICollection<KeyValuePair<TKey, TValue>>.Contains(KeyValuePair<TKey, TValue> item) =>
        TryGetValue(item.Key, out TValue? value) && EqualityComparer<TValue>.Default.Equals(value, item.Value);

    bool ICollection<KeyValuePair<TKey, TValue>>.Remove(KeyValuePair<TKey, TValue> item) =>
        ((ICollection<KeyValuePair<TKey, TValue>>)this).Contains(item) && Remove(item.Key);

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    void ICollection.CopyTo(Array array, int index)
    {
        foreach (KeyValuePair<TKey, TValue> item in this)
            array.SetValue(item, index++);
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly SortedDictionary<TKey, TValue> _dictionary;
        private SortedTree<KeyValuePair<TKey, TValue>>.Walk _walk;

        internal Enumerator(SortedDictionary<TKey, TValue> dictionary)
        {
            _dictionary = dictionary;
            _walk = new SortedTree<KeyValuePair<TKey, TValue>>.Walk(dictionary._tree);
        }

        public readonly KeyValuePair<TKey, TValue> Current => _walk.Current is { } node ? node.Value : default;

        /// <summary>Whether it stands at an item: neither before the first nor behind the last.</summary>
        internal readonly bool IsAtAnItem => _walk.Current is not null;

        readonly object IEnumerator.Current => IsAtAnItem ? Current : throw Bounds.NotAtAnItem();

        public bool MoveNext() => _walk.MoveNext();

        internal void Restart()
        {
            _walk.CheckVersion();
            _walk = new SortedTree<KeyValuePair<TKey, TValue>>.Walk(_dictionary._tree);
        }

        void IEnumerator.Reset() => Restart();

        public readonly void Dispose()
        {
        }
    }
}
