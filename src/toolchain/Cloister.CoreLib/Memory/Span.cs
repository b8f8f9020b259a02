using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System;

// SAFETY: _length elements of T lie at _reference: constructors take that from an array after comparing its length, from a span after comparing
// start and length, or from their caller (pointer; reference and length, internal). Indices are compared with _length. Nothing moves, so a
// reference into an object is as good as an address; it also keeps the object, as the collector knows addresses inside objects.
public readonly unsafe ref struct Span<T>
{
    private readonly ref T _reference;
    private readonly int _length;

    public Span(T[]? array)
    {
        if (array is null)
        {
            this = default;
            return;
        }

        RefuseVariance(array);
        _reference = ref *(T*)(Support.AddressOf(array) + 16);
        _length = array.Length;
    }

    public Span(T[]? array, int start, int length)
    {
        int count = array is null ? 0 : array.Length;
        if ((uint)start > (uint)count || (uint)length > (uint)(count - start))
            throw new ArgumentOutOfRangeException();
        if (array is null)
        {
            this = default;
            return;
        }

        RefuseVariance(array);
        _reference = ref ((T*)(Support.AddressOf(array) + 16))[start];
        _length = length;
    }

    // Nothing checks what is stored through a span, so the array has to take every T.
    private static void RefuseVariance(T[] array)
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Support.TypeOf(array)->Element != ((RuntimeType)typeof(T)).Descriptor)
            throw new ArrayTypeMismatchException();
    }

    public Span(void* pointer, int length)
    {
        if (length < 0)
            throw new ArgumentOutOfRangeException();
        _reference = ref *(T*)pointer;
        _length = length;
    }

    public Span(ref T reference)
    {
        _reference = ref reference;
        _length = 1;
    }

    internal Span(ref T reference, int length)
    {
        _reference = ref reference;
        _length = length;
    }

    internal ref T Reference => ref _reference;

    public int Length => _length;

    public bool IsEmpty => _length == 0;

    public static Span<T> Empty => default;

    public ref T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_length)
                throw new IndexOutOfRangeException();
            return ref Unsafe.Add(ref _reference, index);
        }
    }

    public static implicit operator Span<T>(T[]? array) => new(array);

    public static implicit operator ReadOnlySpan<T>(Span<T> span) => new(ref span._reference, span._length);

    public Span<T> Slice(int start)
    {
        if ((uint)start > (uint)_length)
            throw new ArgumentOutOfRangeException();
        return new Span<T>(ref Unsafe.Add(ref _reference, start), _length - start);
    }

    public Span<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)_length || (uint)length > (uint)(_length - start))
            throw new ArgumentOutOfRangeException();
        return new Span<T>(ref Unsafe.Add(ref _reference, start), length);
    }

    public void Clear() => Memory.Fill((byte*)Unsafe.AsPointer(ref _reference), 0, (ulong)_length * (ulong)sizeof(T));

    public void Fill(T value)
    {
        for (int i = 0; i < _length; i++)
            Unsafe.Add(ref _reference, i) = value;
    }

    public void CopyTo(Span<T> destination) => ((ReadOnlySpan<T>)this).CopyTo(destination);

    public bool TryCopyTo(Span<T> destination) => ((ReadOnlySpan<T>)this).TryCopyTo(destination);

    public T[] ToArray() => ((ReadOnlySpan<T>)this).ToArray();

    public ref T GetPinnableReference() => ref _reference;

    public static bool operator ==(Span<T> left, Span<T> right) => left._length == right._length
        && Unsafe.AreSame(ref left._reference, ref right._reference);

    public static bool operator !=(Span<T> left, Span<T> right) => !(left == right);

    public override string ToString() => typeof(T) == typeof(char) ? ((ReadOnlySpan<T>)this).ToString()
        : "System.Span<" + typeof(T).Name + ">[" + _length + "]";

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator(Span<T> span) : Collections.Generic.IEnumerator<T>
    {
        readonly T Collections.Generic.IEnumerator<T>.Current => Current;

        readonly object? Collections.IEnumerator.Current => Current;

        void Collections.IEnumerator.Reset() => _index = -1;

        readonly void IDisposable.Dispose()
        {
        }

        private readonly Span<T> _span = span;
        private int _index = -1;

        public readonly ref T Current => ref _span[_index];

        public bool MoveNext() => ++_index < _span.Length;
    }
}

// SAFETY: as Span. Arrays of a class derived from T are welcome, since nothing is stored.
public readonly unsafe ref struct ReadOnlySpan<T>
{
    private readonly ref T _reference;
    private readonly int _length;

    public ReadOnlySpan(T[]? array)
    {
        if (array is null)
        {
            this = default;
            return;
        }

        _reference = ref *(T*)(Support.AddressOf(array) + 16);
        _length = array.Length;
    }

    public ReadOnlySpan(T[]? array, int start, int length)
    {
        int count = array is null ? 0 : array.Length;
        if ((uint)start > (uint)count || (uint)length > (uint)(count - start))
            throw new ArgumentOutOfRangeException();
        if (array is null)
        {
            this = default;
            return;
        }

        _reference = ref ((T*)(Support.AddressOf(array) + 16))[start];
        _length = length;
    }

    public ReadOnlySpan(void* pointer, int length)
    {
        if (length < 0)
            throw new ArgumentOutOfRangeException();
        _reference = ref *(T*)pointer;
        _length = length;
    }

    public ReadOnlySpan(ref readonly T reference)
    {
        _reference = ref Unsafe.AsRef(in reference);
        _length = 1;
    }

    internal ReadOnlySpan(ref T reference, int length)
    {
        _reference = ref reference;
        _length = length;
    }

    internal ref T Reference => ref _reference;

    public int Length => _length;

    public bool IsEmpty => _length == 0;

    public static ReadOnlySpan<T> Empty => default;

    public ref readonly T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_length)
                throw new IndexOutOfRangeException();
            return ref Unsafe.Add(ref _reference, index);
        }
    }

    public static implicit operator ReadOnlySpan<T>(T[]? array) => new(array);

    public static ReadOnlySpan<T> CastUp<TDerived>(ReadOnlySpan<TDerived> items) where TDerived : class?, T =>
        new(ref Unsafe.As<TDerived, T>(ref items.Reference), items.Length);

    public ReadOnlySpan<T> Slice(int start)
    {
        if ((uint)start > (uint)_length)
            throw new ArgumentOutOfRangeException();
        return new ReadOnlySpan<T>(ref Unsafe.Add(ref _reference, start), _length - start);
    }

    public ReadOnlySpan<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)_length || (uint)length > (uint)(_length - start))
            throw new ArgumentOutOfRangeException();
        return new ReadOnlySpan<T>(ref Unsafe.Add(ref _reference, start), length);
    }

    public void CopyTo(Span<T> destination)
    {
        if (!TryCopyTo(destination))
            throw new ArgumentException("Destination is too short.", nameof(destination));
    }

    public bool TryCopyTo(Span<T> destination)
    {
        if (_length > destination.Length)
            return false;
        Memory.Move((byte*)Unsafe.AsPointer(ref destination.Reference), (byte*)Unsafe.AsPointer(ref _reference), (ulong)_length * (ulong)sizeof(T));
        return true;
    }

    public T[] ToArray()
    {
        if (_length == 0)
            return [];
        T[] array = new T[_length];
        CopyTo(array);
        return array;
    }

    public ref readonly T GetPinnableReference() => ref _reference;

    public static bool operator ==(ReadOnlySpan<T> left, ReadOnlySpan<T> right) => left._length == right._length
        && Unsafe.AreSame(ref left._reference, ref right._reference);

    public static bool operator !=(ReadOnlySpan<T> left, ReadOnlySpan<T> right) => !(left == right);

    public override string ToString() => typeof(T) == typeof(char)
        ? new string(new ReadOnlySpan<char>(Unsafe.AsPointer(ref _reference), _length)) : "System.ReadOnlySpan<" + typeof(T).Name + ">[" + _length
            + "]";

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator(ReadOnlySpan<T> span) : Collections.Generic.IEnumerator<T>
    {
        readonly T Collections.Generic.IEnumerator<T>.Current => Current;

        readonly object? Collections.IEnumerator.Current => Current;

        void Collections.IEnumerator.Reset() => _index = -1;

        readonly void IDisposable.Dispose()
        {
        }

        private readonly ReadOnlySpan<T> _span = span;
        private int _index = -1;

        public readonly ref readonly T Current => ref _span[_index];

        public bool MoveNext() => ++_index < _span.Length;
    }
}
