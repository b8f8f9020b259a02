using System.Collections.Generic;

namespace System.Collections.ObjectModel;

public class ReadOnlyCollection<T>(IList<T> list) : IList<T>, IReadOnlyList<T>
{
    public static ReadOnlyCollection<T> Empty { get; } = new([]);

    public int Count => list.Count;

    protected IList<T> Items => list;

    public T this[int index] => list[index];

    public bool Contains(T value) => list.Contains(value);

    public int IndexOf(T value) => list.IndexOf(value);

    public void CopyTo(T[] array, int index) => list.CopyTo(array, index);

    public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    T IList<T>.this[int index]
    {
        get => list[index];
        set => throw new NotSupportedException("Collection is read-only.");
    }

    bool ICollection<T>.IsReadOnly => true;

    void ICollection<T>.Add(T value) => throw new NotSupportedException("Collection is read-only.");

    void ICollection<T>.Clear() => throw new NotSupportedException("Collection is read-only.");

    void IList<T>.Insert(int index, T value) => throw new NotSupportedException("Collection is read-only.");

    bool ICollection<T>.Remove(T value) => throw new NotSupportedException("Collection is read-only.");

    void IList<T>.RemoveAt(int index) => throw new NotSupportedException("Collection is read-only.");
}
