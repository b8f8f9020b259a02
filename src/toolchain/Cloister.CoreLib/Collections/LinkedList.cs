namespace System.Collections.Generic;

public sealed class LinkedListNode<T>(T value)
{
    private T _value = value;

    internal LinkedList<T>? Owner;
    internal LinkedListNode<T>? After;
    internal LinkedListNode<T>? Before;

    public T Value
    {
        get => _value;
        set => _value = value;
    }

    public ref T ValueRef => ref _value;

    public LinkedList<T>? List => Owner;

    public LinkedListNode<T>? Next => After;

    public LinkedListNode<T>? Previous => Before;
}

public class LinkedList<T> : ICollection<T>, IReadOnlyCollection<T>, ICollection
{
    private int _version;

    public LinkedList()
    {
    }

    public LinkedList(IEnumerable<T> collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        foreach (T item in collection)
            AddLast(item);
    }

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
        Link(made, Own(node), node.After);
        return made;
    }

    public LinkedListNode<T> AddBefore(LinkedListNode<T> node, T value)
    {
        var made = new LinkedListNode<T>(value);
        Link(made, Own(node).Before, node);
        return made;
    }

    public void AddLast(LinkedListNode<T> node) => Link(Free(node), Last, null);

    public void AddFirst(LinkedListNode<T> node) => Link(Free(node), null, First);

    public void AddAfter(LinkedListNode<T> node, LinkedListNode<T> newNode) => Link(Free(newNode), Own(node), node.After);

    public void AddBefore(LinkedListNode<T> node, LinkedListNode<T> newNode) => Link(Free(newNode), Own(node).Before, node);

    private static LinkedListNode<T> Free(LinkedListNode<T> node) => (node ?? throw new ArgumentNullException(nameof(node))).Owner is null ? node
        : throw new InvalidOperationException("The LinkedList node already belongs to a LinkedList.");

    private LinkedListNode<T> Own(LinkedListNode<T> node) => (node ?? throw new ArgumentNullException(nameof(node))).Owner == this ? node
        : throw new InvalidOperationException("The LinkedList node does not belong to current LinkedList.");

    public LinkedListNode<T>? Find(T value)
    {
        for (LinkedListNode<T>? node = First; node is not null; node = node.After)
            if (EqualityComparer<T>.Default.Equals(node.Value, value))
                return node;
        return null;
    }

    public LinkedListNode<T>? FindLast(T value)
    {
        for (LinkedListNode<T>? node = Last; node is not null; node = node.Before)
            if (EqualityComparer<T>.Default.Equals(node.Value, value))
                return node;
        return null;
    }

    public bool Contains(T value) => Find(value) is not null;

    public bool Remove(T value)
    {
        LinkedListNode<T>? node = Find(value);
        if (node is not null)
            Remove(node);
        return node is not null;
    }

    public void Clear()
    {
        while (First is not null)
            RemoveFirst();
    }

    public void CopyTo(T[] array, int index)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, array.Length);
        if (array.Length - index < Count)
            throw new ArgumentException("Insufficient space in the target location to copy the information.");
        foreach (T item in this)
            array[index++] = item;
    }

    bool ICollection<T>.IsReadOnly => false;

    void ICollection<T>.Add(T value) => AddLast(value);

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
        _version++;
    }

    public void Remove(LinkedListNode<T> node)
    {
        Own(node);
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
        _version++;
    }

    public void RemoveFirst() => Remove(First ?? throw new InvalidOperationException("The LinkedList is empty."));

    public void RemoveLast() => Remove(Last ?? throw new InvalidOperationException("The LinkedList is empty."));

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
        private readonly LinkedList<T> _list;
        private LinkedListNode<T>? _node;
        private bool _isStarted;
        private T? _current;
        private readonly int _version;

        internal Enumerator(LinkedList<T> list)
        {
            _list = list;
            _node = null;
            _isStarted = false;
            _current = default;
            _version = list._version;
        }

        // Behind the last item it is still the last one, as in .NET.
        public readonly T Current => _current!;

        readonly object? IEnumerator.Current => _node is null ? throw Bounds.NotAtAnItem() : _current;

        public bool MoveNext()
        {
            if (_version != _list._version)
                throw Bounds.ModifiedSince();
            _node = _isStarted ? _node?.After : _list.First;
            _isStarted = true;
            if (_node is not null)
                _current = _node.Value;
            return _node is not null;
        }

        void IEnumerator.Reset()
        {
            if (_version != _list._version)
                throw Bounds.ModifiedSince();
            _node = null;
            _isStarted = false;
            _current = default;
        }

        public readonly void Dispose()
        {
        }
    }
}
