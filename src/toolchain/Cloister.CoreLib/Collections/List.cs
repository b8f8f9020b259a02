namespace System.Collections.Generic;

public partial class List<T> : IList<T>, IReadOnlyList<T>, IList
{
    private T[] _items;
    private int _count;
    private int _version;

    public List() => _items = [];

    public List(int capacity) => _items = capacity < 0 ? throw new ArgumentOutOfRangeException(nameof(capacity), "Non-negative number required.")
        : new T[capacity];

    public List(IEnumerable<T> collection)
    {
        _items = [];
        AddRange(collection);
    }

    internal T[] Items => _items;

    public int Count => _count;

    bool ICollection<T>.IsReadOnly => false;

    public int Capacity
    {
        get => _items.Length;
        set => Array.Resize(ref _items, value < _count ? throw new ArgumentOutOfRangeException(nameof(value),
            "capacity was less than the current size.") : value);
    }

    public T this[int index]
    {
        get
        {
            CheckIndex(index);
            return _items[index];
        }

        set
        {
            CheckIndex(index);
            _items[index] = value;
            _version++;
        }
    }

    private void CheckIndex(int index)
    {
        if ((uint)index >= (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(index),
                "Index was out of range. Must be non-negative and less than the size of the collection.");
    }

    public void Add(T item)
    {
        _version++;
        if (_count == _items.Length)
            EnsureCapacity(_count + 1);
        _items[_count++] = item;
    }

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (_items.Length < capacity)
            Array.Resize(ref _items, Math.Max(capacity, Math.Max(4, _items.Length * 2)));
        return _items.Length;
    }

    internal void SetCount(int count)
    {
        EnsureCapacity(count);
        _count = count;
        _version++;
    }

    public void AddRange(IEnumerable<T> collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        if (ReferenceEquals(collection, this))
            collection = ToArray();
        foreach (T item in collection)
            Add(item);
    }

    public void Insert(int index, T item)
    {
        if ((uint)index > (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(index), "Index must be within the bounds of the List.");
        EnsureCapacity(_count + 1);
        Array.Copy(_items, index, _items, index + 1, _count - index);
        _items[index] = item;
        _count++;
        _version++;
    }

    public void RemoveAt(int index)
    {
        CheckIndex(index);
        _count--;
        Array.Copy(_items, index + 1, _items, index, _count - index);
        _items[_count] = default!;
        _version++;
    }

    public void RemoveRange(int index, int count)
    {
        Bounds.CheckPart(index, count, _count);
        Array.Copy(_items, index + count, _items, index, _count - index - count);
        Array.Clear(_items, _count - count, count);
        _count -= count;
        _version++;
    }

    public bool Remove(T item)
    {
        int index = IndexOf(item);
        if (index >= 0)
            RemoveAt(index);
        return index >= 0;
    }

    public int RemoveAll(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        int kept = 0;
        for (int i = 0; i < _count; i++)
            if (!match(_items[i]))
                _items[kept++] = _items[i];
        int removed = _count - kept;
        Array.Clear(_items, kept, removed);
        _count = kept;
        _version++;
        return removed;
    }

    public void Clear()
    {
        Array.Clear(_items, 0, _count);
        _count = 0;
        _version++;
    }

    public int IndexOf(T item)
    {
        for (int i = 0; i < _count; i++)
            if (EqualityComparer<T>.Default.Equals(_items[i], item))
                return i;
        return -1;
    }

    public bool Contains(T item) => IndexOf(item) >= 0;

    public void CopyTo(T[] array) => CopyTo(array, 0);

    public void CopyTo(T[] array, int arrayIndex) => Array.Copy(_items, 0, array, arrayIndex, _count);

    public T[] ToArray() => _items.AsSpan(0, _count).ToArray();

    public List<T> GetRange(int index, int count)
    {
        Bounds.CheckPart(index, count, _count);
        return new List<T>(_items.AsSpan(index, count).ToArray());
    }

    public void Reverse() => _items.AsSpan(0, _count).Reverse();

    public void Sort() => Sort(Comparer<T>.Default);

    public void Sort(IComparer<T>? comparer)
    {
        Sorting.Sort(_items.AsSpan(0, _count), comparer ?? Comparer<T>.Default);
        _version++;
    }

    public void Sort(Comparison<T> comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        Sort(Comparer<T>.Create(comparison));
    }

    public int BinarySearch(T item)
    {
        int low = 0;
        int high = _count - 1;
        while (low <= high)
        {
            int middle = low + (high - low) / 2;
            int order = Comparer<T>.Default.Compare(_items[middle], item);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    public T? Find(Predicate<T> match) => FindIndex(match) is var index && index >= 0 ? _items[index] : default;

    public int FindIndex(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        for (int i = 0; i < _count; i++)
            if (match(_items[i]))
                return i;
        return -1;
    }

    public List<T> FindAll(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        var found = new List<T>();
        for (int i = 0; i < _count; i++)
            if (match(_items[i]))
                found.Add(_items[i]);
        return found;
    }

    public bool Exists(Predicate<T> match) => FindIndex(match) >= 0;

    public bool TrueForAll(Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        return FindIndex(item => !match(item)) < 0;
    }

    public void ForEach(Action<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        int version = _version;
        for (int i = 0; i < _count; i++)
        {
            if (version != _version)
                throw Bounds.Modified();
            action(_items[i]);
        }
    }

    public List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)
    {
        ArgumentNullException.ThrowIfNull(converter);
        var made = new List<TOutput>(_count);
        for (int i = 0; i < _count; i++)
            made.Add(converter(_items[i]));
        return made;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => new Enumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => new Enumerator(this);

    public struct Enumerator : IEnumerator<T>
    {
        private readonly List<T> _list;
        private readonly int _version;
        private int _index;
        private T? _current;

        internal Enumerator(List<T> list)
        {
            _list = list;
            _version = list._version;
            _index = -1;
        }

        public readonly T Current => _current!;

        readonly object? IEnumerator.Current => (uint)_index < (uint)_list._count ? _current : throw Bounds.NotAtAnItem();

        public bool MoveNext()
        {
            CheckVersion();
            if (_index + 1 >= _list._count)
            {
                _index = _list._count;
                _current = default;
                return false;
            }

            _current = _list._items[++_index];
            return true;
        }

        private readonly void CheckVersion()
        {
            if (_version != _list._version)
                throw Bounds.Modified();
        }

        void IEnumerator.Reset()
        {
            CheckVersion();
            _index = -1;
            _current = default;
        }

        public readonly void Dispose()
        {
        }
    }
}
