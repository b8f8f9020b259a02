namespace System.Collections.Generic;

public partial class List<T>
{
    public void InsertRange(int index, IEnumerable<T> collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        if ((uint)index > (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(index), "Index must be within the bounds of the List.");
        T[] added = new List<T>(collection).ToArray();
        EnsureCapacity(_count + added.Length);
        Array.Copy(_items, index, _items, index + added.Length, _count - index);
        Array.Copy(added, 0, _items, index, added.Length);
        _count += added.Length;
        _version++;
    }

    public int IndexOf(T item, int index) => IndexOf(item, index, _count - index);

    public int IndexOf(T item, int index, int count)
    {
        if ((uint)index > (uint)_count || count < 0 || index > _count - count)
            throw new ArgumentOutOfRangeException(nameof(index));
        for (int i = index; i < index + count; i++)
            if (EqualityComparer<T>.Default.Equals(_items[i], item))
                return i;
        return -1;
    }

    public int LastIndexOf(T item)
    {
        for (int i = _count - 1; i >= 0; i--)
            if (EqualityComparer<T>.Default.Equals(_items[i], item))
                return i;
        return -1;
    }

    // What there is to search backwards in an empty list isn't said by an index.
    public int LastIndexOf(T item, int index) => index >= _count
        ? throw new ArgumentOutOfRangeException(nameof(index),
            "Index was out of range. Must be non-negative and less than the size of the collection.")
        : LastIndexOf(item, index, index + 1);

    public int LastIndexOf(T item, int index, int count)
    {
        if (_count == 0)
            return -1;
        if (index < 0 || count < 0)
            throw new ArgumentOutOfRangeException(index < 0 ? nameof(index) : nameof(count), "Non-negative number required.");
        if (index >= _count || count > index + 1)
            throw new ArgumentOutOfRangeException(index >= _count ? nameof(index) : nameof(count), "Larger than collection size.");
        return Array.LastIndexOf(_items, item, index, count);
    }

    public int FindIndex(int startIndex, Predicate<T> match) => FindIndex(startIndex, _count - startIndex, match);

    public int FindIndex(int startIndex, int count, Predicate<T> match)
    {
        CheckPart(startIndex, count);
        return Array.FindIndex(_items, startIndex, count, match);
    }

    private void CheckPart(int startIndex, int count)
    {
        if ((uint)startIndex > (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(startIndex),
                "Index was out of range. Must be non-negative and less than or equal to the size of the collection.");
        if (count < 0 || startIndex > _count - count)
            throw new ArgumentOutOfRangeException(nameof(count),
                "Count must be positive and count must refer to a location within the string/array/collection.");
    }

    public int FindLastIndex(Predicate<T> match) => FindLastIndex(_count - 1, _count, match);

    public int FindLastIndex(int startIndex, Predicate<T> match) => FindLastIndex(startIndex, startIndex + 1, match);

    public int FindLastIndex(int startIndex, int count, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(match);
        if (_count == 0 ? startIndex != -1 : (uint)startIndex >= (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(startIndex),
                "Index was out of range. Must be non-negative and less than the size of the collection.");
        if (count < 0 || startIndex - count + 1 < 0)
            throw new ArgumentOutOfRangeException(nameof(count),
                "Count must be positive and count must refer to a location within the string/array/collection.");
        for (int i = startIndex; i > startIndex - count; i--)
            if (match(_items[i]))
                return i;
        return -1;
    }

    public T? FindLast(Predicate<T> match) => FindLastIndex(match) is var index && index >= 0 ? _items[index] : default;

    public void Reverse(int index, int count)
    {
        Bounds.CheckPart(index, count, _count);
        _items.AsSpan(index, count).Reverse();
        _version++;
    }

    public void Sort(int index, int count, IComparer<T>? comparer)
    {
        Bounds.CheckPart(index, count, _count);
        Sorting.Sort(_items.AsSpan(index, count), comparer ?? Comparer<T>.Default);
        _version++;
    }

    public int BinarySearch(T item, IComparer<T>? comparer) => Array.BinarySearch(_items, 0, _count, item, comparer);

    public int BinarySearch(int index, int count, T item, IComparer<T>? comparer)
    {
        Bounds.CheckPart(index, count, _count);
        return Array.BinarySearch(_items, index, count, item, comparer);
    }

    public void CopyTo(int index, T[] array, int arrayIndex, int count)
    {
        if (_count - index < count)
            throw Bounds.PartOutside();
        Array.Copy(_items, index, array, arrayIndex, count);
    }

    public List<T> Slice(int start, int length) => GetRange(start, length);

    public void TrimExcess() => Capacity = _count;

    bool IList.IsFixedSize => false;

    bool IList.IsReadOnly => false;

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    object? IList.this[int index]
    {
        get => this[index];
        set => this[index] = Checked(value);
    }

    private static T Checked(object? value) => value is T or null && !(value is null && default(T) is not null) ? (T)value!
        : throw new ArgumentException("The value \"" + value + "\" is not of type \"" + typeof(T)
            + "\" and cannot be used in this generic collection.", nameof(value));

    int IList.Add(object? value)
    {
        Add(Checked(value));
        return _count - 1;
    }

    bool IList.Contains(object? value) => value is T item && Contains(item);

    int IList.IndexOf(object? value) => value is T item ? IndexOf(item) : -1;

    void IList.Insert(int index, object? value) => Insert(index, Checked(value));

    void IList.Remove(object? value)
    {
        if (value is T item)
            Remove(item);
    }

    void ICollection.CopyTo(Array array, int index) => Array.Copy(_items, 0, array, index, _count);

    public ObjectModel.ReadOnlyCollection<T> AsReadOnly() => new(this);
}
