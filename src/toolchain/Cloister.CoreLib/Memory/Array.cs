using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

// SAFETY: every array has its length at 8, and its elements at 16, or behind the lengths of its dimensions (Support.Elements); objects don't
// move. Indices and lengths are compared with Length, a number of elements below 2^31, before places are computed, with 64 bits. References are
// copied as bytes only where the target takes every object of the source's element type; where not, as elements of object[], whose stores are
// checked.
public abstract unsafe partial class Array : IList, ICloneable
{
    public int Length => *(int*)(Support.AddressOf(this) + 8);

    public long LongLength => Length;

    public int Rank => Support.TypeOf(this)->ValueSize is 0 ? 1 : (int)Support.TypeOf(this)->ValueSize;

    public int GetLength(int dimension) => (uint)dimension >= (uint)Rank ? throw new IndexOutOfRangeException()
        : Support.TypeOf(this)->ValueSize == 0 ? Length : ((int*)(Support.AddressOf(this) + 16))[dimension];

    public int GetLowerBound(int dimension) => (uint)dimension < (uint)Rank ? 0 : throw new IndexOutOfRangeException();

    public int GetUpperBound(int dimension) => GetLength(dimension) - 1;

    public static T[] Empty<T>() => EmptyArray<T>.Value;

    public object Clone()
    {
        TypeDescriptor* type = Support.TypeOf(this);
        object copy;
        if (type->ValueSize == 0)
            copy = Support.NewArray(type, Length);
        else
            copy = Support.NewArrayWithDimensions(type, (int*)(Support.AddressOf(this) + 16), Rank);
        Memory.Move(Support.Elements(Unsafe.As<Array>(copy)), Support.Elements(this), (ulong)Length * type->Size);
        return copy;
    }

    public static void Copy(Array sourceArray, Array destinationArray, int length) => Copy(sourceArray, 0, destinationArray, 0, length);

    public static void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)
    {
        ArgumentNullException.ThrowIfNull(sourceArray);
        ArgumentNullException.ThrowIfNull(destinationArray);
        if (sourceArray.Rank != destinationArray.Rank)
            throw new RankException("The specified arrays must have the same number of dimensions.");
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (sourceIndex < 0)
            throw new ArgumentOutOfRangeException(nameof(sourceIndex));
        if (sourceIndex > sourceArray.Length - length)
            throw new ArgumentException("Source array was not long enough. Check the source index, length, and the array's lower bounds.",
                nameof(sourceArray));
        if (destinationIndex < 0)
            throw new ArgumentOutOfRangeException(nameof(destinationIndex));
        if (destinationIndex > destinationArray.Length - length)
            throw new ArgumentException("Destination array was not long enough. Check the destination index, length, and the array's lower bounds.",
                nameof(destinationArray));
        TypeDescriptor* from = Support.TypeOf(sourceArray)->Element;
        TypeDescriptor* to = Support.TypeOf(destinationArray)->Element;
        uint size = Support.TypeOf(sourceArray)->Size;
        byte* source = Support.Elements(sourceArray) + (long)sourceIndex * size;
        byte* target = Support.Elements(destinationArray) + (long)destinationIndex * size;
        bool areValues = (from->Flags & TypeFlags.ValueType) != 0;
        if (!HaveSameBits(from, to) && (areValues || (to->Flags & TypeFlags.ValueType) != 0))
        {
            CopyConverted(sourceArray, sourceIndex, destinationArray, destinationIndex, length);
            return;
        }

        if (HaveSameBits(from, to) || to == ((RuntimeType)typeof(object)).Descriptor)
        {
            Memory.Move(target, source, (ulong)length * size);
            return;
        }

        if (Support.TypeOf(sourceArray)->ValueSize != 0)
            throw new NotSupportedException("Arrays of several dimensions are copied only where their elements have the same type.");
        // Each element has to be one of the target's type.
        object[] sources = Unsafe.As<object[]>(sourceArray);
        object[] targets = Unsafe.As<object[]>(destinationArray);
        for (int i = 0; i < length; i++)
            try
            {
                targets[destinationIndex + i] = sources[sourceIndex + i];
            }
            catch (ArrayTypeMismatchException)
            {
                throw new InvalidCastException("At least one element in the source array could not be cast down to the destination array type.");
            }
    }

    public void CopyTo(Array array, int index)
    {
        if (array is { Rank: > 1 })
            throw new ArgumentException("Only single dimensional arrays are supported for the requested action.", nameof(array));
        Copy(this, 0, array, index, Length);
    }

    public static void Clear(Array array)
    {
        ArgumentNullException.ThrowIfNull(array);
        Memory.Fill(Support.Elements(array), 0, (ulong)array.Length * Support.TypeOf(array)->Size);
    }

    public static void Clear(Array array, int index, int length)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (index < 0 || length < 0 || index > array.Length - length)
            throw new IndexOutOfRangeException();
        Memory.Fill(Support.Elements(array) + (long)index * Support.TypeOf(array)->Size, 0, (ulong)length * Support.TypeOf(array)->Size);
    }

    public static void Fill<T>(T[] array, T value)
    {
        ArgumentNullException.ThrowIfNull(array);
        array.AsSpan().Fill(value);
    }

    public static void Resize<T>([NotNull] ref T[]? array, int newSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newSize);
        T[] larger = new T[newSize];
        if (array is not null)
            Copy(array, larger, Math.Min(array.Length, newSize));
        array = larger;
    }

    public static int IndexOf<T>(T[] array, T value)
    {
        ArgumentNullException.ThrowIfNull(array);
        for (int i = 0; i < array.Length; i++)
            if (EqualityComparer<T>.Default.Equals(array[i], value))
                return i;
        return -1;
    }

    public static void Reverse<T>(T[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        array.AsSpan().Reverse();
    }

    public static void Sort<T>(T[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        Sorting.Sort(array.AsSpan(), Comparer<T>.Default);
    }

    public static void Sort<T>(T[] array, IComparer<T>? comparer)
    {
        ArgumentNullException.ThrowIfNull(array);
        Sorting.Sort(array.AsSpan(), comparer ?? Comparer<T>.Default);
    }

    public static void Sort<T>(T[] array, Comparison<T> comparison)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(comparison);
        Sorting.Sort(array.AsSpan(), comparison);
    }

    public static int BinarySearch<T>(T[] array, T value)
    {
        ArgumentNullException.ThrowIfNull(array);
        return BinarySearch(array, 0, array.Length, value);
    }

    public static T? Find<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        foreach (T item in array)
            if (match(item))
                return item;
        return default;
    }

    public static int FindIndex<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        for (int i = 0; i < array.Length; i++)
            if (match(array[i]))
                return i;
        return -1;
    }

    public static T[] FindAll<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        var found = new List<T>();
        foreach (T item in array)
            if (match(item))
                found.Add(item);
        return found.ToArray();
    }

    public static bool Exists<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        return FindIndex(array, match) >= 0;
    }

    public static bool TrueForAll<T>(T[] array, Predicate<T> match)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(match);
        foreach (T item in array)
            if (!match(item))
                return false;
        return true;
    }

    public static void ForEach<T>(T[] array, Action<T> action)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(action);
        foreach (T item in array)
            action(item);
    }

    public static TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(converter);
        TOutput[] made = new TOutput[array.Length];
        for (int i = 0; i < made.Length; i++)
            made[i] = converter(array[i]);
        return made;
    }

    public object? GetValue(int index)
    {
        RefuseDimensions();
        return Item(index);
    }

    private void RefuseDimensions()
    {
        if (Support.TypeOf(this)->ValueSize != 0)
            throw new ArgumentException("Array was not a one-dimensional array.");
    }

    // Of all dimensions, row by row.
    private object? Item(int index)
    {
        if ((uint)index >= (uint)Length)
            throw new IndexOutOfRangeException();
        return Support.Load(Support.TypeOf(this)->Element, Support.Elements(this) + (long)index * Support.TypeOf(this)->Size);
    }

    public void SetValue(object? value, int index)
    {
        RefuseDimensions();
        if ((uint)index >= (uint)Length)
            throw new IndexOutOfRangeException();
        TypeDescriptor* element = Support.TypeOf(this)->Element;
        byte* place = Support.Elements(this) + (long)index * Support.TypeOf(this)->Size;
        if ((element->Flags & TypeFlags.ValueType) == 0)
        {
            try
            {
                Unsafe.As<object?[]>(this)[index] = value;
            }
            catch (ArrayTypeMismatchException)
            {
                throw new InvalidCastException("Object cannot be stored in an array of this type.");
            }
        }
        else if (value is null)
            Memory.Fill(place, 0, element->ValueSize);
        else if (Support.TypeOf(value) == element)
            Memory.Move(place, Support.AddressOf(value) + 8, element->ValueSize);
        else if (IsWider(Support.TypeOf(value), element))
            Widen(Support.TypeOf(value), Support.AddressOf(value) + 8, element, place);
        else if (IsNumber(Support.TypeOf(value)) && IsNumber(element))
            throw new ArgumentException("Cannot widen from source type to target type either because the source type is a not a primitive type or "
                + "the conversion cannot be accomplished.");
        else
            throw new InvalidCastException("Object cannot be stored in an array of this type.");
    }

    int ICollection.Count => Length;

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    bool IList.IsFixedSize => true;

    bool IList.IsReadOnly => false;

    int IList.Add(object? value) => throw new NotSupportedException("Collection was of a fixed size.");

    void IList.Clear() => Clear(this);

    bool IList.Contains(object? value) => ((IList)this).IndexOf(value) >= 0;

    int IList.IndexOf(object? value)
    {
        for (int i = 0; i < Length; i++)
            if (Equals(GetValue(i), value))
                return i;
        return -1;
    }

    void IList.Insert(int index, object? value) => throw new NotSupportedException("Collection was of a fixed size.");

    void IList.Remove(object? value) => throw new NotSupportedException("Collection was of a fixed size.");

    void IList.RemoveAt(int index) => throw new NotSupportedException("Collection was of a fixed size.");

    object? IList.this[int index]
    {
        get => GetValue(index);
        set => throw new NotSupportedException();
    }

    public IEnumerator GetEnumerator() => new UntypedEnumerator(this);

    private sealed class UntypedEnumerator(Array array) : IEnumerator
    {
        private int _index = -1;

        public object? Current => (uint)_index < (uint)array.Length ? array.Item(_index) : throw Bounds.NotAtAnItem();

        public bool MoveNext()
        {
            _index = Math.Min(_index + 1, array.Length);
            return _index < array.Length;
        }

        public void Reset() => _index = -1;
    }

    private static class EmptyArray<T>
    {
        public static readonly T[] Value = new T[0];
    }
}

/// <summary>The class whose methods T[] has; the compiler makes it the base class of T[], and no object is of this class itself.</summary>
internal abstract class ArrayOf<T> : Array, IList<T>, IReadOnlyList<T>
{
    private T[] Items => Unsafe.As<T[]>(this);

    public T this[int index]
    {
        get => (uint)index < (uint)Length ? Items[index] : throw new ArgumentOutOfRangeException(nameof(index));
        set => Items[index] = value;
    }

    public int Count => Items.Length;

    public bool IsReadOnly => true;

    public bool Contains(T item) => IndexOf(item) >= 0;

    public int IndexOf(T item) => IndexOf(Items, item);

    public void CopyTo(T[] array, int arrayIndex) => Copy(Items, 0, array, arrayIndex, Length);

    public void Add(T item) => throw new NotSupportedException("Collection was of a fixed size.");

    public void Insert(int index, T item) => throw new NotSupportedException("Collection was of a fixed size.");

    public bool Remove(T item) => throw new NotSupportedException("Collection was of a fixed size.");

    public void RemoveAt(int index) => throw new NotSupportedException("Collection was of a fixed size.");

    public void Clear() => throw new NotSupportedException("Collection is read-only.");

    public new IEnumerator<T> GetEnumerator() => new Enumerator(Items);

    private sealed class Enumerator(T[] items) : IEnumerator<T>
    {
        private int _index = -1;

        public T Current => (uint)_index < (uint)items.Length ? items[_index] : throw Bounds.NotAtAnItem();

        object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            _index = Math.Min(_index + 1, items.Length);
            return _index < items.Length;
        }

        public void Reset() => _index = -1;

        public void Dispose()
        {
        }
    }
}
