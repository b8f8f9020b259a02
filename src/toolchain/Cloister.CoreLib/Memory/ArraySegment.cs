using System.Collections;
using System.Collections.Generic;

namespace System;

public readonly struct ArraySegment<T> : IList<T>, IReadOnlyList<T>, IEquatable<ArraySegment<T>>
{
    public ArraySegment(T[] array) : this(array, 0, (array ?? throw new ArgumentNullException(nameof(array))).Length)
    {
    }

    public ArraySegment(T[] array, int offset, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (offset > array.Length - count)
            throw new ArgumentException("Offset and length were out of bounds for the array or count is greater than the number of elements " +
                "from index to the end of the source collection.");
        Array = array;
        Offset = offset;
        Count = count;
    }

    public static ArraySegment<T> Empty { get; } = new([]);

    public T[]? Array { get; }

    public int Offset { get; }

    public int Count { get; }

    public T this[int index]
    {
        get => (uint)index < (uint)Count ? Array![Offset + index] : throw OutOfRange();
        set => Array![(uint)index < (uint)Count ? Offset + index : throw OutOfRange()] = value;
    }

    // The default segment is over no array.
    private T[] Known => Array ?? throw new InvalidOperationException("The underlying array is null.");

    private static ArgumentOutOfRangeException OutOfRange() =>
        new("index", "Index was out of range. Must be non-negative and less than the size of the collection.");

    public static implicit operator ArraySegment<T>(T[]? array) => array is null ? default : new(array);

    public static bool operator ==(ArraySegment<T> a, ArraySegment<T> b) => a.Equals(b);

    public static bool operator !=(ArraySegment<T> a, ArraySegment<T> b) => !a.Equals(b);

    public ArraySegment<T> Slice(int index) => Slice(index, Count - index);

    public ArraySegment<T> Slice(int index, int count)
    {
        T[] array = Known;
        return (uint)index > (uint)Count || (uint)count > (uint)(Count - index) ? throw OutOfRange() : new ArraySegment<T>(array, Offset + index, count);
    }

    public T[] ToArray() => Known.AsSpan(Offset, Count).ToArray();

    public void CopyTo(T[] destination) => CopyTo(destination, 0);

    public void CopyTo(T[] destination, int destinationIndex) => System.Array.Copy(Known, Offset, destination, destinationIndex, Count);

    public bool Contains(T item) => ((IList<T>)this).IndexOf(item) >= 0;

    public bool Equals(ArraySegment<T> obj) => Array == obj.Array && Offset == obj.Offset && Count == obj.Count;

    public override bool Equals(object? obj) => obj is ArraySegment<T> other && Equals(other);

    public override int GetHashCode() => Array is null ? 0 : HashCode.Combine(Offset, Count, Array);

    public Enumerator GetEnumerator() => new(this);

    bool ICollection<T>.IsReadOnly => true;

    int IList<T>.IndexOf(T item)
    {
        for (int i = 0; i < Count; i++)
            if (EqualityComparer<T>.Default.Equals(this[i], item))
                return i;
        return -1;
    }

    void ICollection<T>.Add(T item) => throw new NotSupportedException();

    void ICollection<T>.Clear() => throw new NotSupportedException();

    bool ICollection<T>.Remove(T item) => throw new NotSupportedException();

    void IList<T>.Insert(int index, T item) => throw new NotSupportedException();

    void IList<T>.RemoveAt(int index) => throw new NotSupportedException();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private readonly ArraySegment<T> _segment;
        private int _index;

        internal Enumerator(ArraySegment<T> segment)
        {
            _ = segment.Known;
            _segment = segment;
            _index = -1;
        }

        public readonly T Current => _segment[_index];

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext() => ++_index < _segment.Count;

        void IEnumerator.Reset() => _index = -1;

        public readonly void Dispose()
        {
        }
    }
}
