namespace System.Collections.Generic;

public class Queue<T> : IReadOnlyCollection<T>, ICollection
{
    private T[] _items = [];
    private int _head;

    public Queue()
    {
    }

    public Queue(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _items = new T[capacity];
    }

    public Queue(IEnumerable<T> collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        foreach (T item in collection)
            Enqueue(item);
    }

    public int Count { get; private set; }

    public void Enqueue(T item)
    {
        if (Count == _items.Length)
            SetCapacity(Math.Max(Count * 2, Count + 4));
        _items[(_head + Count++) % _items.Length] = item;
    }

    public int Capacity => _items.Length;

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (_items.Length < capacity)
            SetCapacity(Math.Max(capacity, Math.Max(_items.Length * 2, _items.Length + 4)));
        return _items.Length;
    }

    /// <summary>Gives memory back where more than a tenth isn't used.</summary>
    public void TrimExcess()
    {
        if (Count < (int)(_items.Length * 0.9))
            SetCapacity(Count);
    }

    public void TrimExcess(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, Count);
        if (capacity != _items.Length)
            SetCapacity(capacity);
    }

    private void SetCapacity(int capacity)
    {
        T[] moved = new T[capacity];
        for (int i = 0; i < Count; i++)
            moved[i] = _items[(_head + i) % _items.Length];
        _items = moved;
        _head = 0;
    }

    public T Dequeue() => TryDequeue(out T? item) ? item : throw new InvalidOperationException("Queue empty.");

    public bool TryDequeue([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
            return false;
        _items[_head] = default!;
        _head = (_head + 1) % _items.Length;
        Count--;
        return true;
    }

    public T Peek() => TryPeek(out T? item) ? item : throw new InvalidOperationException("Queue empty.");

    public bool TryPeek([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        result = Count > 0 ? _items[_head] : default!;
        return Count > 0;
    }

    public void Clear()
    {
        Array.Clear(_items);
        _head = Count = 0;
    }

    public bool Contains(T item)
    {
        foreach (T candidate in this)
            if (EqualityComparer<T>.Default.Equals(candidate, item))
                return true;
        return false;
    }

    public void CopyTo(T[] array, int arrayIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        if ((uint)arrayIndex > (uint)array.Length)
            throw new ArgumentOutOfRangeException(nameof(arrayIndex), "Index must be within the bounds of the array.");
        if (array.Length - arrayIndex < Count)
            throw Bounds.PartOutside();
        foreach (T item in this)
            array[arrayIndex++] = item;
    }

    public T[] ToArray() => new List<T>(this).ToArray();

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
        private readonly Queue<T> _queue;
        private int _index;
        private T? _current;

        internal Enumerator(Queue<T> queue)
        {
            _queue = queue;
            _index = -1;
            _current = default;
        }

        public readonly T Current => _current!;

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            bool isThere = _index + 1 < _queue.Count;
            _index = isThere ? _index + 1 : _queue.Count;
            _current = isThere ? _queue._items[(_queue._head + _index) % _queue._items.Length] : default;
            return isThere;
        }

        void IEnumerator.Reset()
        {
            _index = -1;
            _current = default;
        }

        public readonly void Dispose()
        {
        }
    }
}
