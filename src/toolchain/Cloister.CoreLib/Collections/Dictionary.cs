namespace System.Collections.Generic;

/// <summary>Chained buckets in two arrays; entries keep the order of insertion until one is removed, as programs have come to expect.</summary>
public partial class Dictionary<TKey, TValue> : IDictionary<TKey, TValue>, IReadOnlyDictionary<TKey, TValue>, ICollection where TKey : notnull
{
    private readonly IEqualityComparer<TKey> _comparer;

    // The default comparer of structures and strings needs no call of an interface.
    private readonly bool _isDefault;
    private int[] _buckets = new int[4];
    private Entry[] _entries = new Entry[4];
    private int _used;
    private int _free = -1;
    private int _freeCount;
    private int _version;

    private struct Entry
    {
        public uint Hash;

        /// <summary>The next entry of the bucket, -1 at its end; below -1 in a free entry.</summary>
        public int Next;
        public TKey Key;
        public TValue Value;
    }

    public Dictionary() : this((IEqualityComparer<TKey>?)null)
    {
    }

    public Dictionary(int capacity) : this(capacity, null)
    {
    }

    public Dictionary(int capacity, IEqualityComparer<TKey>? comparer) : this(comparer) => EnsureCapacity(capacity);

    public Dictionary(IDictionary<TKey, TValue> dictionary) : this((IEnumerable<KeyValuePair<TKey, TValue>>)dictionary)
    {
    }

    public Dictionary(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey>? comparer) : this(comparer)
    {
        foreach ((TKey key, TValue value) in dictionary)
            Add(key, value);
    }

    public Dictionary(IEqualityComparer<TKey>? comparer)
    {
        _comparer = comparer ?? EqualityComparer<TKey>.Default;
        _isDefault = (typeof(TKey).IsValueType || typeof(TKey) == typeof(string)) && ReferenceEquals(_comparer, EqualityComparer<TKey>.Default);
    }

    public Dictionary(IEnumerable<KeyValuePair<TKey, TValue>> collection) : this((IEqualityComparer<TKey>?)null)
    {
        foreach ((TKey key, TValue value) in collection)
            Add(key, value);
    }

    public Dictionary(IEnumerable<KeyValuePair<TKey, TValue>> collection, IEqualityComparer<TKey>? comparer) : this(comparer)
    {
        ArgumentNullException.ThrowIfNull(collection);
        foreach ((TKey key, TValue value) in collection)
            Add(key, value);
    }

    public int Count => _used - _freeCount;

    bool ICollection<KeyValuePair<TKey, TValue>>.IsReadOnly => false;

    public IEqualityComparer<TKey> Comparer => _comparer;

    public int Capacity => _entries.Length;

    public KeyCollection Keys => new(this);

    public ValueCollection Values => new(this);

    public TValue this[TKey key]
    {
        get => Find(key) is var index && index >= 0 ? _entries[index].Value
            : throw new KeyNotFoundException("The given key '" + key + "' was not present in the dictionary.");
        set => GetOrAdd(key, out _) = value;
    }

    private int Find(TKey key) => Find(key, out _);

    private int Find(TKey key, out uint hash)
    {
        if (key is null)
            throw new ArgumentNullException(nameof(key));
        Entry[] entries = _entries;
        int[] buckets = _buckets;
        if ((typeof(TKey).IsValueType || typeof(TKey) == typeof(string)) && _isDefault)
        {
            uint own = hash = (uint)key.GetHashCode();
            for (int i = buckets[own & (uint)(buckets.Length - 1)] - 1; i >= 0; i = entries[i].Next)
                if (entries[i].Hash == own && AreEqual(entries[i].Key, key))
                    return i;
            return -1;
        }

        hash = (uint)_comparer.GetHashCode(key);
        for (int i = buckets[hash & (uint)(buckets.Length - 1)] - 1; i >= 0; i = entries[i].Next)
            if (entries[i].Hash == hash && _comparer.Equals(entries[i].Key, key))
                return i;
        return -1;
    }

    // SAFETY: strings are read as strings, as TKey is; keys are read as integers of just their size, and only where equal keys have equal bytes.
    private static unsafe bool AreEqual(TKey one, TKey other)
    {
        if (typeof(TKey) == typeof(string))
            return string.Equals(Runtime.CompilerServices.Unsafe.As<TKey, string>(ref one),
                Runtime.CompilerServices.Unsafe.As<TKey, string>(ref other));
        if (Runtime.CompilerServices.RuntimeHelpers.IsBitwiseEquatable<TKey>())
        {
            if (sizeof(TKey) == 4)
                return *(uint*)&one == *(uint*)&other;
            if (sizeof(TKey) == 8)
                return *(ulong*)&one == *(ulong*)&other;
        }

        return EqualityComparer<TKey>.Default.Equals(one, other);
    }

    internal ref TValue? GetOrAdd(TKey key, out bool exists)
    {
        int found = Find(key, out uint hash);
        exists = found >= 0;
        if (exists)
            return ref _entries[found].Value!;
        int index;
        if (_freeCount > 0)
        {
            index = _free;
            _free = -3 - _entries[index].Next;
            _freeCount--;
        }
        else
        {
            if (_used == _entries.Length)
                Grow();
            index = _used++;
        }

        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        _entries[index] = new Entry { Hash = hash, Next = bucket - 1, Key = key, Value = default! };
        bucket = index + 1;
        _version++;
        return ref _entries[index].Value!;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = new int[_entries.Length];
        Link();
    }

    // Puts all entries into the buckets, which are empty.
    private void Link()
    {
        for (int i = 0; i < _used; i++)
        {
            if (_entries[i].Next < -1)
                continue;
            ref int bucket = ref _buckets[_entries[i].Hash & (uint)(_buckets.Length - 1)];
            _entries[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }

    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
            throw new ArgumentException("An item with the same key has already been added. Key: " + key);
    }

    public bool TryAdd(TKey key, TValue value)
    {
        ref TValue? place = ref GetOrAdd(key, out bool exists);
        if (!exists)
            place = value;
        return !exists;
    }

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        while (_entries.Length < capacity)
            Grow();
        return _entries.Length;
    }

    public void TrimExcess() => TrimExcess(Count);

    /// <summary>Makes the arrays as small as there is room for so many entries.</summary>
    public void TrimExcess(int capacity)
    {
        if (capacity < Count)
            throw new ArgumentOutOfRangeException(nameof(capacity));
        int size = 4;
        while (size < capacity)
            size *= 2;
        if (size >= _entries.Length)
            return;
        Entry[] old = _entries;
        int used = _used;
        _entries = new Entry[size];
        _used = _freeCount = 0;
        _free = -1;
        for (int i = 0; i < used; i++)
            if (old[i].Next >= -1)
                _entries[_used++] = old[i];
        _buckets = new int[size];
        Link();
        _version++;
    }

    internal bool TryGetKey(TKey key, out TKey actual)
    {
        int index = Find(key);
        actual = index >= 0 ? _entries[index].Key : default!;
        return index >= 0;
    }

    public bool ContainsKey(TKey key) => Find(key) >= 0;

    public bool ContainsValue(TValue value)
    {
        foreach (KeyValuePair<TKey, TValue> pair in this)
            if (EqualityComparer<TValue>.Default.Equals(pair.Value, value))
                return true;
        return false;
    }

    public bool TryGetValue(TKey key, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value)
    {
        int index = Find(key);
        value = index >= 0 ? _entries[index].Value : default!;
        return index >= 0;
    }

    public bool Remove(TKey key) => Remove(key, out _);

    public bool Remove(TKey key, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value)
    {
        int index = Find(key);
        value = index >= 0 ? _entries[index].Value : default!;
        if (index < 0)
            return false;
        ref int link = ref _buckets[_entries[index].Hash & (uint)(_buckets.Length - 1)];
        if (link == index + 1)
            link = _entries[index].Next + 1;
        else
        {
            int before = link - 1;
            while (_entries[before].Next != index)
                before = _entries[before].Next;
            _entries[before].Next = _entries[index].Next;
        }

        _entries[index] = new Entry { Next = -3 - _free };
        _free = index;
        _freeCount++;
        return true;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Array.Clear(_entries);
        // No new version: .NET's enumerators end here, and don't fail.
        _used = _freeCount = 0;
        _free = -1;
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

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (KeyValuePair<TKey, TValue> pair in this)
            array[arrayIndex++] = pair;
    }

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    void ICollection.CopyTo(Array array, int index)
    {
        foreach (KeyValuePair<TKey, TValue> item in this)
            array.SetValue(item, index++);
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => new Enumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => new Enumerator(this);

    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly Dictionary<TKey, TValue> _dictionary;
        private readonly int _version;
        private int _index;
        private int _end;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(Dictionary<TKey, TValue> dictionary)
        {
            _dictionary = dictionary;
            _version = dictionary._version;
            _index = -1;
            _current = default;
        }

        public readonly KeyValuePair<TKey, TValue> Current => _current;

        /// <summary>Whether it stands at an item: neither before the first nor behind the last.</summary>
        internal readonly bool IsAtAnItem => (uint)_index < (uint)_end;

        readonly object IEnumerator.Current => IsAtAnItem ? _current : throw Bounds.NotAtAnItem();

        public bool MoveNext()
        {
            CheckVersion();
            Entry[] entries = _dictionary._entries;
            _end = _dictionary._used;
            while (++_index < _end)
                if (entries[_index].Next >= -1)
                {
                    _current = new KeyValuePair<TKey, TValue>(entries[_index].Key, entries[_index].Value);
                    return true;
                }

            _index = _end;
            _current = default;
            return false;
        }

        private readonly void CheckVersion()
        {
            if (_version != _dictionary._version)
                throw Bounds.Modified();
        }

        internal void Restart()
        {
            CheckVersion();
            _index = -1;
            _current = default;
        }

        void IEnumerator.Reset() => Restart();

        public readonly void Dispose()
        {
        }
    }
}
