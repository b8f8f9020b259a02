namespace System.Collections.Generic;

/// <summary>A heap in which every node has four children. Equal priorities come out in the order of .NET's heap, on which programs rely.</summary>
public class PriorityQueue<TElement, TPriority>
{
    private (TElement Element, TPriority Priority)[] _nodes;
    private readonly IComparer<TPriority> _comparer;
    private int _version;

    public PriorityQueue() : this(0, null)
    {
    }

    public PriorityQueue(int initialCapacity) : this(initialCapacity, null)
    {
    }

    public PriorityQueue(IComparer<TPriority>? comparer) : this(0, comparer)
    {
    }

    public PriorityQueue(int initialCapacity, IComparer<TPriority>? comparer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        _nodes = initialCapacity == 0 ? [] : new (TElement, TPriority)[initialCapacity];
        _comparer = comparer ?? Comparer<TPriority>.Default;
    }

    public PriorityQueue(IEnumerable<(TElement Element, TPriority Priority)> items) : this(items, null)
    {
    }

    public PriorityQueue(IEnumerable<(TElement Element, TPriority Priority)> items, IComparer<TPriority>? comparer) : this(0, comparer) =>
        EnqueueRange(items);

    public int Count { get; private set; }

    public int Capacity => _nodes.Length;

    public IComparer<TPriority> Comparer => _comparer;

    public UnorderedItemsCollection UnorderedItems => new(this);

    public void Enqueue(TElement element, TPriority priority)
    {
        EnsureCapacity(Count + 1);
        _version++;
        Rise(Count++, (element, priority));
    }

    public void EnqueueRange(IEnumerable<(TElement Element, TPriority Priority)> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (Count != 0)
        {
            foreach ((TElement element, TPriority priority) in items)
                Enqueue(element, priority);
            return;
        }

        foreach ((TElement, TPriority) item in items)
        {
            EnsureCapacity(Count + 1);
            _nodes[Count++] = item;
        }

        _version++;
        for (int i = (Count - 2) >> 2; i >= 0 && Count > 1; i--)
            Sink(i, _nodes[i]);
    }

    public void EnqueueRange(IEnumerable<TElement> elements, TPriority priority)
    {
        ArgumentNullException.ThrowIfNull(elements);
        foreach (TElement element in elements)
            Enqueue(element, priority);
    }

    public TElement Peek() => Count > 0 ? _nodes[0].Element : throw new InvalidOperationException("Queue empty.");

    public TElement Dequeue() => TryDequeue(out TElement? element, out _) ? element! : throw new InvalidOperationException("Queue empty.");

    public bool TryPeek([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TElement element,
        [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TPriority priority)
    {
        (element, priority) = Count > 0 ? _nodes[0] : default;
        return Count > 0;
    }

    public bool TryDequeue([Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TElement element,
        [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TPriority priority)
    {
        if (!TryPeek(out element, out priority))
            return false;
        _version++;
        (TElement, TPriority) last = _nodes[--Count];
        _nodes[Count] = default;
        if (Count > 0)
            Sink(0, last);
        return true;
    }

    /// <summary>Adds an element, then removes the least one.</summary>
    public TElement EnqueueDequeue(TElement element, TPriority priority)
    {
        if (Count == 0 || _comparer.Compare(priority, _nodes[0].Priority) <= 0)
            return element;
        TElement least = _nodes[0].Element;
        _version++;
        Sink(0, (element, priority));
        return least;
    }

    /// <summary>Removes the least element, then adds another.</summary>
    public TElement DequeueEnqueue(TElement element, TPriority priority)
    {
        TElement least = Peek();
        _version++;
        if (_comparer.Compare(priority, _nodes[0].Priority) > 0)
            Sink(0, (element, priority));
        else
            _nodes[0] = (element, priority);
        return least;
    }

    public bool Remove(TElement element, [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TElement removedElement,
        [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TPriority priority, IEqualityComparer<TElement>? equalityComparer = null)
    {
        equalityComparer ??= EqualityComparer<TElement>.Default;
        for (int i = 0; i < Count; i++)
        {
            if (!equalityComparer.Equals(element, _nodes[i].Element))
                continue;
            (removedElement, priority) = _nodes[i];
            (TElement Element, TPriority Priority) last = _nodes[--Count];
            _nodes[Count] = default;
            _version++;
            if (i < Count)
            {
                if (_comparer.Compare(last.Priority, priority) < 0)
                    Rise(i, last);
                else
                    Sink(i, last);
            }

            return true;
        }

        (removedElement, priority) = default((TElement, TPriority));
        return false;
    }

    public void Clear()
    {
        Array.Clear(_nodes);
        Count = 0;
        _version++;
    }

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (_nodes.Length < capacity)
            Array.Resize(ref _nodes, Math.Max(Math.Max(2 * _nodes.Length, _nodes.Length + 4), capacity));
        return _nodes.Length;
    }

    public void TrimExcess() => Array.Resize(ref _nodes, Count);

    private void Rise(int index, (TElement Element, TPriority Priority) node)
    {
        while (index > 0)
        {
            int parent = (index - 1) >> 2;
            if (_comparer.Compare(node.Priority, _nodes[parent].Priority) >= 0)
                break;
            _nodes[index] = _nodes[parent];
            index = parent;
        }

        _nodes[index] = node;
    }

    private void Sink(int index, (TElement Element, TPriority Priority) node)
    {
        for (int child; (child = (index << 2) + 1) < Count;)
        {
            int least = child;
            int end = Math.Min(child + 4, Count);
            while (++child < end)
                if (_comparer.Compare(_nodes[child].Priority, _nodes[least].Priority) < 0)
                    least = child;
            if (_comparer.Compare(node.Priority, _nodes[least].Priority) <= 0)
                break;
            _nodes[index] = _nodes[least];
            index = least;
        }

        _nodes[index] = node;
    }

    public sealed class UnorderedItemsCollection : IReadOnlyCollection<(TElement Element, TPriority Priority)>
    {
        private readonly PriorityQueue<TElement, TPriority> _queue;

        internal UnorderedItemsCollection(PriorityQueue<TElement, TPriority> queue) => _queue = queue;

        public int Count => _queue.Count;

        public Enumerator GetEnumerator() => new(_queue);

        IEnumerator<(TElement Element, TPriority Priority)> IEnumerable<(TElement Element, TPriority Priority)>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public struct Enumerator : IEnumerator<(TElement Element, TPriority Priority)>
        {
            private readonly PriorityQueue<TElement, TPriority> _queue;
            private readonly int _version;
            private int _index;

            internal Enumerator(PriorityQueue<TElement, TPriority> queue)
            {
                _queue = queue;
                _version = queue._version;
                _index = -1;
            }

            public readonly (TElement Element, TPriority Priority) Current => _queue._nodes[_index];

            readonly object IEnumerator.Current => Current;

            public bool MoveNext() => _version != _queue._version
                ? throw Bounds.ModifiedSince() : ++_index < _queue.Count;

            void IEnumerator.Reset() => _index = -1;

            public readonly void Dispose()
            {
            }
        }
    }
}
