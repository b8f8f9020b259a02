using System.Collections.Generic;

namespace System.Collections.ObjectModel;

public class ReadOnlyCollection<T>(IList<T> list) : IList<T>, IReadOnlyList<T>
{
    private readonly IList<T> _list = list ?? throw new ArgumentNullException(nameof(list));

    public static ReadOnlyCollection<T> Empty { get; } = new([]);

    public int Count => _list.Count;

    protected IList<T> Items => _list;

    public T this[int index] => _list[index];

    public bool Contains(T value) => _list.Contains(value);

    public int IndexOf(T value) => _list.IndexOf(value);

    public void CopyTo(T[] array, int index) => _list.CopyTo(array, index);

    public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    T IList<T>.this[int index]
    {
        get => _list[index];
        set => throw new NotSupportedException("Collection is read-only.");
    }

    bool ICollection<T>.IsReadOnly => true;

    void ICollection<T>.Add(T value) => throw new NotSupportedException("Collection is read-only.");

    void ICollection<T>.Clear() => throw new NotSupportedException("Collection is read-only.");

    void IList<T>.Insert(int index, T value) => throw new NotSupportedException("Collection is read-only.");

    bool ICollection<T>.Remove(T value) => throw new NotSupportedException("Collection is read-only.");

    void IList<T>.RemoveAt(int index) => throw new NotSupportedException("Collection is read-only.");
}
