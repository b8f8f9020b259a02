namespace System.Collections.Generic;

public class Stack<T> : IReadOnlyCollection<T>, ICollection
{
    private readonly List<T> _items = [];

    public Stack()
    {
    }

    public Stack(int capacity) => _items.Capacity = capacity;

    public Stack(IEnumerable<T> collection) => _items.AddRange(collection);

    public int Count => _items.Count;

    public void Push(T item) => _items.Add(item);

    public T Pop() => TryPop(out T? item) ? item : throw new InvalidOperationException("Stack empty.");

    public bool TryPop([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
            return false;
        _items.RemoveAt(_items.Count - 1);
        return true;
    }

    public T Peek() => TryPeek(out T? item) ? item : throw new InvalidOperationException("Stack empty.");

    public bool TryPeek([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        result = Count > 0 ? _items[Count - 1] : default!;
        return Count > 0;
    }

    public int Capacity => _items.Capacity;

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        return _items.EnsureCapacity(capacity);
    }

    /// <summary>Gives memory back where more than a tenth isn't used.</summary>
    public void TrimExcess()
    {
        if (Count < (int)(_items.Capacity * 0.9))
            _items.Capacity = Count;
    }

    public void TrimExcess(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, Count);
        _items.Capacity = capacity;
    }

    public void Clear() => _items.Clear();

    public bool Contains(T item) => _items.Contains(item);

    public void CopyTo(T[] array, int arrayIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        if ((uint)arrayIndex > (uint)array.Length)
            throw new ArgumentOutOfRangeException(nameof(arrayIndex), "Index must be within the bounds of the array.");
        if (array.Length - arrayIndex < Count)
            throw Bounds.PartOutside();
        ToArray().CopyTo(array, arrayIndex);
    }

    public T[] ToArray()
    {
        T[] items = _items.ToArray();
        Array.Reverse(items);
        return items;
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
        private readonly Stack<T> _stack;
        private int _index;
        private T? _current;

        internal Enumerator(Stack<T> stack)
        {
            _stack = stack;
            _index = stack.Count;
            _current = default;
        }

        public readonly T Current => _current!;

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            _index = Math.Max(_index - 1, -1);
            _current = _index >= 0 ? _stack._items[_index] : default;
            return _index >= 0;
        }

        void IEnumerator.Reset()
        {
            _index = _stack.Count;
            _current = default;
        }

        public readonly void Dispose()
        {
        }
    }
}
