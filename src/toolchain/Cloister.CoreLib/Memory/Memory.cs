using System.Buffers;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System.Buffers
{
    public interface IPinnable
    {
        MemoryHandle Pin(int elementIndex);

        void Unpin();
    }

    /// <summary>Nothing moves, so a handle is only an address.</summary>
    // SAFETY: the pointer is kept and not followed.
    public unsafe struct MemoryHandle(void* pointer) : IDisposable
    {
        public void* Pointer { get; private set; } = pointer;

        public void Dispose() => Pointer = null;
    }

    public interface IMemoryOwner<T> : IDisposable
    {
        Memory<T> Memory { get; }
    }

    /// <summary>Memory that isn't an array: its owner gives out spans of it.</summary>
    public abstract class MemoryManager<T> : IMemoryOwner<T>, IPinnable
    {
        public virtual Memory<T> Memory => new(this, 0, GetSpan().Length);

        public abstract Span<T> GetSpan();

        public abstract MemoryHandle Pin(int elementIndex = 0);

        public abstract void Unpin();

        protected Memory<T> CreateMemory(int length) => new(this, 0, length);

        protected Memory<T> CreateMemory(int start, int length) => new(this, start, length);

        protected abstract void Dispose(bool disposing);

        void IDisposable.Dispose() => Dispose(true);
    }
}

namespace System
{
    /// <summary>A part of an array, of a string or of a <see cref="MemoryManager{T}"/> that may be kept on the heap.</summary>
    public readonly struct Memory<T> : IEquatable<Memory<T>>
    {
        private readonly object? _holder;
        private readonly int _start;
        private readonly int _length;

        public Memory(T[]? array) : this(array, 0, array?.Length ?? 0)
        {
        }

        public Memory(T[]? array, int start, int length)
        {
            if (array is null && (start | length) != 0)
                throw new ArgumentOutOfRangeException();
            Span<T> part = new(array, start, length);
            _holder = array;
            _start = start;
            _length = part.Length;
        }

        /// <summary>An array whose objects may be of a class derived from T: nothing is stored in it.</summary>
        internal static Memory<T> ForReading(T[]? array, int start, int length)
        {
            if (array is null && (start | length) != 0)
                throw new ArgumentOutOfRangeException();
            ReadOnlySpan<T> part = new(array, start, length);
            return new Memory<T>((object?)array, start, part.Length);
        }

        internal Memory(object? holder, int start, int length)
        {
            _holder = holder;
            _start = start;
            _length = length;
        }

        public static Memory<T> Empty => default;

        public int Length => _length;

        public bool IsEmpty => _length == 0;

        public Span<T> Span => _holder switch
        {
            null => default,
            MemoryManager<T> manager => manager.GetSpan().Slice(_start, _length),
            string text => Part(ref Unsafe.As<char, T>(ref text.Writable.Reference)),
            // The constructors have compared start and length with the array's.
            _ => Part(ref MemoryMarshal.GetArrayDataReference(Unsafe.As<T[]>(_holder))),
        };

        private Span<T> Part(ref T first) => new(ref Unsafe.Add(ref first, _start), _length);

        public static implicit operator Memory<T>(T[]? array) => new(array);

        public static implicit operator Memory<T>(ArraySegment<T> segment) => new(segment.Array, segment.Offset, segment.Count);

        public static implicit operator ReadOnlyMemory<T>(Memory<T> memory) => new(memory._holder, memory._start, memory._length);

        public Memory<T> Slice(int start) => (uint)start > (uint)_length ? throw new ArgumentOutOfRangeException(nameof(start))
            : new(_holder, _start + start, _length - start);

        public Memory<T> Slice(int start, int length) => (uint)start > (uint)_length || (uint)length > (uint)(_length - start)
            ? throw new ArgumentOutOfRangeException(nameof(start)) : new(_holder, _start + start, length);

        public void CopyTo(Memory<T> destination) => Span.CopyTo(destination.Span);

        public bool TryCopyTo(Memory<T> destination) => Span.TryCopyTo(destination.Span);

        public T[] ToArray() => Span.ToArray();

        // SAFETY: the span has an item where its address is taken. The handle doesn't keep the object; the memory it came from does.
        public unsafe MemoryHandle Pin() => _length == 0 ? default : new MemoryHandle(Unsafe.AsPointer(ref Span[0]));

        public bool Equals(Memory<T> other) => _holder == other._holder && _start == other._start && _length == other._length;

        public override bool Equals(object? obj) => obj is Memory<T> other && Equals(other);

        public override int GetHashCode() => _holder is null ? 0 : HashCode.Combine(RuntimeHelpers.GetHashCode(_holder), _start, _length);

        public override string ToString() => typeof(T) == typeof(char) ? Span.ToString() : "System.Memory<" + typeof(T).Name + ">[" + _length + "]";

        internal object? Holder => _holder;

        internal int Start => _start;
    }

    /// <summary>The same, to be read only.</summary>
    public readonly struct ReadOnlyMemory<T> : IEquatable<ReadOnlyMemory<T>>
    {
        private readonly Memory<T> _memory;

        public ReadOnlyMemory(T[]? array) => _memory = Memory<T>.ForReading(array, 0, array?.Length ?? 0);

        public ReadOnlyMemory(T[]? array, int start, int length) => _memory = Memory<T>.ForReading(array, start, length);

        internal ReadOnlyMemory(object? holder, int start, int length) => _memory = new Memory<T>(holder, start, length);

        public static ReadOnlyMemory<T> Empty => default;

        public int Length => _memory.Length;

        public bool IsEmpty => _memory.Length == 0;

        public ReadOnlySpan<T> Span => _memory.Span;

        internal Memory<T> Writable => _memory;

        public static implicit operator ReadOnlyMemory<T>(T[]? array) => new(array);

        public static implicit operator ReadOnlyMemory<T>(ArraySegment<T> segment) => new(segment.Array, segment.Offset, segment.Count);

        public ReadOnlyMemory<T> Slice(int start) => _memory.Slice(start);

        public ReadOnlyMemory<T> Slice(int start, int length) => _memory.Slice(start, length);

        public void CopyTo(Memory<T> destination) => _memory.CopyTo(destination);

        public bool TryCopyTo(Memory<T> destination) => _memory.TryCopyTo(destination);

        public T[] ToArray() => _memory.ToArray();

        public MemoryHandle Pin() => _memory.Pin();

        public bool Equals(ReadOnlyMemory<T> other) => _memory.Equals(other._memory);

        public override bool Equals(object? obj) => obj is ReadOnlyMemory<T> other && Equals(other);

        public override int GetHashCode() => _memory.GetHashCode();

        public override string ToString() => typeof(T) == typeof(char) ? Span.ToString() : "System.ReadOnlyMemory<" + typeof(T).Name + ">[" + Length
            + "]";
    }
}
