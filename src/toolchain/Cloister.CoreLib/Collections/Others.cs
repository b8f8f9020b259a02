namespace System.Collections.Generic;

public class HashSet<T> : ICollection<T>, IReadOnlyCollection<T>
{
    private readonly Dictionary<Box, bool> _items;

    // A set may hold null, a dictionary's key may not be.
    private readonly record struct Box(T Value);

    private sealed class BoxComparer(IEqualityComparer<T> comparer) : IEqualityComparer<Box>
    {
        public bool Equals(Box x, Box y) => comparer.Equals(x.Value, y.Value);

        public int GetHashCode(Box obj) => obj.Value is null ? 0 : comparer.GetHashCode(obj.Value);
    }

    public HashSet() : this((IEqualityComparer<T>?)null)
    {
    }

    public HashSet(IEqualityComparer<T>? comparer) => _items = new Dictionary<Box, bool>(new BoxComparer(comparer ?? EqualityComparer<T>.Default));

    public HashSet(IEnumerable<T> collection) : this() => UnionWith(collection);

    public int Count => _items.Count;

    public bool IsReadOnly => false;

    public bool Add(T item) => _items.TryAdd(new Box(item), true);

    void ICollection<T>.Add(T item) => Add(item);

    public bool Contains(T item) => _items.ContainsKey(new Box(item));

    public bool Remove(T item) => _items.Remove(new Box(item));

    public void Clear() => _items.Clear();

    public void UnionWith(IEnumerable<T> other)
    {
        foreach (T item in other)
            Add(item);
    }

    public void ExceptWith(IEnumerable<T> other)
    {
        foreach (T item in other)
            Remove(item);
    }

    public void IntersectWith(IEnumerable<T> other)
    {
        var kept = new HashSet<T>(other);
        foreach (T item in new List<T>(this))
            if (!kept.Contains(item))
                Remove(item);
    }

    public bool IsSubsetOf(IEnumerable<T> other) => new HashSet<T>(other).IsSupersetOf(this);

    public bool IsSupersetOf(IEnumerable<T> other)
    {
        foreach (T item in other)
            if (!Contains(item))
                return false;
        return true;
    }

    public bool Overlaps(IEnumerable<T> other)
    {
        foreach (T item in other)
            if (Contains(item))
                return true;
        return false;
    }

    public bool SetEquals(IEnumerable<T> other) => new HashSet<T>(other) is var set && set.Count == Count && IsSupersetOf(set);

    public void CopyTo(T[] array, int arrayIndex)
    {
        foreach (T item in this)
            array[arrayIndex++] = item;
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

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext() => _pairs.MoveNext();

        public void Reset() => _pairs.Reset();

        public readonly void Dispose()
        {
        }
    }
}

public class Queue<T> : IReadOnlyCollection<T>
{
    private T[] _items = new T[4];
    private int _head;

    public Queue()
    {
    }

    public Queue(int capacity) => _items = new T[Math.Max(capacity, 4)];

    public Queue(IEnumerable<T> collection)
    {
        foreach (T item in collection)
            Enqueue(item);
    }

    public int Count { get; private set; }

    public void Enqueue(T item)
    {
        if (Count == _items.Length)
        {
            T[] larger = new T[Count * 2];
            for (int i = 0; i < Count; i++)
                larger[i] = _items[(_head + i) % Count];
            _items = larger;
            _head = 0;
        }

        _items[(_head + Count++) % _items.Length] = item;
    }

    public T Dequeue() => TryDequeue(out T item) ? item : throw new InvalidOperationException("Queue empty.");

    public bool TryDequeue([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
            return false;
        _items[_head] = default!;
        _head = (_head + 1) % _items.Length;
        Count--;
        return true;
    }

    public T Peek() => TryPeek(out T item) ? item : throw new InvalidOperationException("Queue empty.");

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

    public T[] ToArray() => new List<T>(this).ToArray();

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private readonly Queue<T> _queue;
        private int _index;

        internal Enumerator(Queue<T> queue)
        {
            _queue = queue;
            _index = -1;
        }

        public readonly T Current => _queue._items[(_queue._head + _index) % _queue._items.Length];

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext() => ++_index < _queue.Count;

        public void Reset() => _index = -1;

        public readonly void Dispose()
        {
        }
    }
}

public class Stack<T> : IReadOnlyCollection<T>
{
    private readonly List<T> _items = [];

    public Stack()
    {
    }

    public Stack(int capacity) => _items.Capacity = capacity;

    public Stack(IEnumerable<T> collection) => _items.AddRange(collection);

    public int Count => _items.Count;

    public void Push(T item) => _items.Add(item);

    public T Pop() => TryPop(out T item) ? item : throw new InvalidOperationException("Stack empty.");

    public bool TryPop([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
            return false;
        _items.RemoveAt(_items.Count - 1);
        return true;
    }

    public T Peek() => TryPeek(out T item) ? item : throw new InvalidOperationException("Stack empty.");

    public bool TryPeek([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        result = Count > 0 ? _items[Count - 1] : default!;
        return Count > 0;
    }

    public void Clear() => _items.Clear();

    public bool Contains(T item) => _items.Contains(item);

    public T[] ToArray()
    {
        T[] items = _items.ToArray();
        Array.Reverse(items);
        return items;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private readonly Stack<T> _stack;
        private int _index;

        internal Enumerator(Stack<T> stack)
        {
            _stack = stack;
            _index = stack.Count;
        }

        public readonly T Current => _stack._items[_index];

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext() => --_index >= 0;

        public void Reset() => _index = _stack.Count;

        public readonly void Dispose()
        {
        }
    }
}

public sealed class LinkedListNode<T>(T value)
{
    internal LinkedList<T>? Owner;
    internal LinkedListNode<T>? After;
    internal LinkedListNode<T>? Before;

    public T Value { get; set; } = value;

    public LinkedList<T>? List => Owner;

    public LinkedListNode<T>? Next => After;

    public LinkedListNode<T>? Previous => Before;
}

public class LinkedList<T> : IReadOnlyCollection<T>
{
    public int Count { get; private set; }

    public LinkedListNode<T>? First { get; private set; }

    public LinkedListNode<T>? Last { get; private set; }

    public LinkedListNode<T> AddLast(T value)
    {
        var node = new LinkedListNode<T>(value);
        Link(node, Last, null);
        return node;
    }

    public LinkedListNode<T> AddFirst(T value)
    {
        var node = new LinkedListNode<T>(value);
        Link(node, null, First);
        return node;
    }

    public LinkedListNode<T> AddAfter(LinkedListNode<T> node, T value)
    {
        var made = new LinkedListNode<T>(value);
        Link(made, node, node.After);
        return made;
    }

    public LinkedListNode<T> AddBefore(LinkedListNode<T> node, T value)
    {
        var made = new LinkedListNode<T>(value);
        Link(made, node.Before, node);
        return made;
    }

    private void Link(LinkedListNode<T> node, LinkedListNode<T>? before, LinkedListNode<T>? after)
    {
        node.Owner = this;
        node.Before = before;
        node.After = after;
        if (before is null)
            First = node;
        else
            before.After = node;
        if (after is null)
            Last = node;
        else
            after.Before = node;
        Count++;
    }

    public void Remove(LinkedListNode<T> node)
    {
        if (node.Owner != this)
            throw new InvalidOperationException("The LinkedList node does not belong to current LinkedList.");
        if (node.Before is null)
            First = node.After;
        else
            node.Before.After = node.After;
        if (node.After is null)
            Last = node.Before;
        else
            node.After.Before = node.Before;
        node.Owner = null;
        node.Before = node.After = null;
        Count--;
    }

    public void RemoveFirst() => Remove(First ?? throw new InvalidOperationException("The LinkedList is empty."));

    public void RemoveLast() => Remove(Last ?? throw new InvalidOperationException("The LinkedList is empty."));

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private readonly LinkedList<T> _list;
        private LinkedListNode<T>? _node;
        private bool _isStarted;

        internal Enumerator(LinkedList<T> list)
        {
            _list = list;
            _node = null;
            _isStarted = false;
        }

        public readonly T Current => _node!.Value;

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            _node = _isStarted ? _node?.After : _list.First;
            _isStarted = true;
            return _node is not null;
        }

        public void Reset() => _isStarted = false;

        public readonly void Dispose()
        {
        }
    }
}
