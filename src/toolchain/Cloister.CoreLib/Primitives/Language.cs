using System.Runtime.CompilerServices;

namespace System.Runtime.CompilerServices
{
    using System;

    // What the C# compiler looks for to know which features the library supports.
    public static class RuntimeFeature
    {
        public const string DefaultImplementationsOfInterfaces = nameof(DefaultImplementationsOfInterfaces);
        public const string VirtualStaticsInInterfaces = nameof(VirtualStaticsInInterfaces);
        public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
        public const string CovariantReturnsOfClasses = nameof(CovariantReturnsOfClasses);
        public const string ByRefFields = nameof(ByRefFields);
        public const string ByRefLikeGenerics = nameof(ByRefLikeGenerics);
        public const string NumericIntPtr = nameof(NumericIntPtr);
        public const string PortablePdb = nameof(PortablePdb);
    }

    public static class IsVolatile;

    public static class IsExternalInit;

    public enum MethodImplOptions { NoInlining = 8, AggressiveInlining = 256, AggressiveOptimization = 512, InternalCall = 4096, Synchronized = 32 }

    public sealed class MethodImplAttribute(MethodImplOptions options) : Attribute
    {
        public MethodImplOptions Value { get; } = options;
    }

    // SAFETY: the C# compiler alone names fields by handles, with arrays and elements of just the size of the data, which is constant. Addresses
    // of objects are only numbers here.
    public static unsafe class RuntimeHelpers
    {
        /// <summary>Addresses don't change, so they serve as identity.</summary>
        public static int GetHashCode(object? o)
        {
            ulong address = (ulong)Cloister.Runtime.Support.AddressOf(o!);
            return (int)((address >> 4) * 0x9E3779B97F4A7C15 >> 33);
        }

        public static new bool Equals(object? o1, object? o2) => o1 == o2;

        public static void InitializeArray(Array array, RuntimeFieldHandle fldHandle) =>
            Cloister.Runtime.Memory.Move(Cloister.Runtime.Support.Elements(array), fldHandle.Value->Bytes, (ulong)fldHandle.Value->Size);

        public static ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle fldHandle) =>
            new(fldHandle.Value->Bytes, (int)fldHandle.Value->Size / sizeof(T));

        /// <summary>Implemented by the compiler.</summary>
        public static bool IsReferenceOrContainsReferences<T>() where T : allows ref struct => throw new NotSupportedException();

        /// <summary>Implemented by the compiler: whether equal values have equal bytes.</summary>
        internal static bool IsBitwiseEquatable<T>() => throw new NotSupportedException();

        public static T[] GetSubArray<T>(T[] array, Range range)
        {
            (int offset, int length) = range.GetOffsetAndLength(array.Length);
            T[] part = new T[length];
            Array.Copy(array, offset, part, 0, length);
            return part;
        }

        public static void EnsureSufficientExecutionStack()
        {
        }
    }

    // SAFETY: as in .NET, the caller answers for the types, the offsets and the life of what is referred to. "fixed" pins nothing, as nothing
    // moves; references and pointers are the same addresses.
    public static unsafe class Unsafe
    {
        public static ref T Unbox<T>(object box) where T : struct
        {
            if (box is not T)
                throw new InvalidCastException();
            return ref *(T*)(Cloister.Runtime.Support.AddressOf(box) + 8);
        }

        public static T As<T>(object? o) where T : class? => *(T*)&o;

        public static ref TTo As<TFrom, TTo>(ref TFrom source) where TFrom : allows ref struct where TTo : allows ref struct
        {
            fixed (TFrom* place = &source)
                return ref *(TTo*)place;
        }

        public static ref T AsRef<T>(void* source) where T : allows ref struct => ref *(T*)source;

        public static ref T AsRef<T>(ref readonly T source) where T : allows ref struct
        {
            fixed (T* place = &source)
                return ref *place;
        }

        public static void* AsPointer<T>(ref readonly T value) where T : allows ref struct
        {
            fixed (T* place = &value)
                return place;
        }

        public static int SizeOf<T>() where T : allows ref struct => sizeof(T);

        public static ref T Add<T>(ref T source, int elementOffset)
        {
            fixed (T* place = &source)
                return ref place[elementOffset];
        }

        public static ref T Add<T>(ref T source, nint elementOffset)
        {
            fixed (T* place = &source)
                return ref place[elementOffset];
        }

        public static ref T Add<T>(ref T source, nuint elementOffset)
        {
            fixed (T* place = &source)
                return ref place[elementOffset];
        }

        public static ref T AddByteOffset<T>(ref T source, nint byteOffset)
        {
            fixed (T* place = &source)
                return ref *(T*)((byte*)place + byteOffset);
        }

        public static nint ByteOffset<T>(ref readonly T origin, ref readonly T target)
        {
            fixed (T* from = &origin, to = &target)
                return (nint)((byte*)to - (byte*)from);
        }

        public static bool AreSame<T>(ref readonly T left, ref readonly T right)
        {
            fixed (T* one = &left, other = &right)
                return one == other;
        }

        public static bool IsNullRef<T>(ref readonly T source)
        {
            fixed (T* place = &source)
                return place == null;
        }

        public static ref T NullRef<T>() => ref *(T*)null;

        public static TTo BitCast<TFrom, TTo>(TFrom source) => *(TTo*)&source;

        // The compiler implements the following three.
        public static T ReadUnaligned<T>(ref readonly byte source) => throw new NotSupportedException();

        public static T ReadUnaligned<T>(void* source) => throw new NotSupportedException();

        public static void WriteUnaligned<T>(ref byte destination, T value) => throw new NotSupportedException();

        public static void WriteUnaligned<T>(void* destination, T value) => throw new NotSupportedException();

        public static void SkipInit<T>(out T value) => throw new NotSupportedException();
    }

    public sealed class StrongBox<T>(T value)
    {
        public T Value = value;
    }

    [Serializable]
    public sealed class SwitchExpressionException : InvalidOperationException
    {
        private const string NoMatch = "Non-exhaustive switch expression failed to match its input.";

        public SwitchExpressionException() : base(NoMatch)
        {
        }

        public SwitchExpressionException(object? unmatchedValue) : base(NoMatch + "\nUnmatched value was " + unmatchedValue + ".") =>
            UnmatchedValue = unmatchedValue;

        public object? UnmatchedValue { get; }
    }
}

namespace System.Runtime.InteropServices
{
    using System;
    using System.Collections.Generic;

    public enum LayoutKind { Sequential = 0, Explicit = 2, Auto = 3 }

    public enum UnmanagedType { Bool = 2, I4 = 7 }

    public sealed class StructLayoutAttribute(LayoutKind layoutKind) : Attribute
    {
        public int Pack;
        public int Size;

        public LayoutKind Value { get; } = layoutKind;
    }

    // SAFETY: bytes are read as values, and values as bytes, only of types without references (RefuseReferences), and only as many as the span
    // has. Any alignment is allowed on the targets, and read as such (ReadUnaligned); for Cast and AsRef the caller answers for it, as in .NET.
    // For lengths given to CreateSpan, and for zero-terminated text, too. Elements of T[] begin at 16.
    public static unsafe class MemoryMarshal
    {
        public static ref T GetReference<T>(Span<T> span) => ref span.Reference;

        public static ref T GetReference<T>(ReadOnlySpan<T> span) => ref span.Reference;

        public static ref T GetArrayDataReference<T>(T[] array)
        {
            if (array is null)
                throw new NullReferenceException();
            return ref *(T*)(Cloister.Runtime.Support.AddressOf(array) + 16);
        }

        public static Span<T> CreateSpan<T>(scoped ref T reference, int length) =>
            new(ref Unsafe.AsRef<T>(Unsafe.AsPointer(ref reference)), length);

        public static ReadOnlySpan<T> CreateReadOnlySpan<T>(scoped ref readonly T reference, int length) =>
            new(ref Unsafe.AsRef<T>(Unsafe.AsPointer(in reference)), length);

        // Bytes of a structure with references could be made into references to anything.
        private static void RefuseReferences<T>()
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                throw new ArgumentException("Cannot use type '" + typeof(T) +
                    "'. Only value types without pointers or references are supported.");
        }

        public static Span<byte> AsBytes<T>(Span<T> span) where T : struct
        {
            RefuseReferences<T>();
            return new(Unsafe.AsPointer(ref span.Reference), checked(span.Length * sizeof(T)));
        }

        public static ReadOnlySpan<byte> AsBytes<T>(ReadOnlySpan<T> span) where T : struct
        {
            RefuseReferences<T>();
            return new(Unsafe.AsPointer(ref span.Reference), checked(span.Length * sizeof(T)));
        }

        public static Span<TTo> Cast<TFrom, TTo>(Span<TFrom> span) where TFrom : struct where TTo : struct
        {
            RefuseReferences<TFrom>();
            RefuseReferences<TTo>();
            return new(Unsafe.AsPointer(ref span.Reference), checked((int)((long)span.Length * sizeof(TFrom) / sizeof(TTo))));
        }

        public static ReadOnlySpan<TTo> Cast<TFrom, TTo>(ReadOnlySpan<TFrom> span) where TFrom : struct where TTo : struct
        {
            RefuseReferences<TFrom>();
            RefuseReferences<TTo>();
            return new(Unsafe.AsPointer(ref span.Reference), checked((int)((long)span.Length * sizeof(TFrom) / sizeof(TTo))));
        }

        public static T Read<T>(ReadOnlySpan<byte> source) where T : struct
        {
            RefuseReferences<T>();
            return source.Length < sizeof(T) ? throw new ArgumentOutOfRangeException("length") : Unsafe.ReadUnaligned<T>(ref source.Reference);
        }

        public static void Write<T>(Span<byte> destination, in T value) where T : struct
        {
            RefuseReferences<T>();
            if (destination.Length < sizeof(T))
                throw new ArgumentOutOfRangeException("length");
            Unsafe.WriteUnaligned(ref destination.Reference, value);
        }

        public static bool TryRead<T>(ReadOnlySpan<byte> source, out T value) where T : struct
        {
            RefuseReferences<T>();
            value = source.Length < sizeof(T) ? default : Unsafe.ReadUnaligned<T>(ref source.Reference);
            return source.Length >= sizeof(T);
        }

        public static bool TryWrite<T>(Span<byte> destination, in T value) where T : struct
        {
            RefuseReferences<T>();
            if (destination.Length < sizeof(T))
                return false;
            Unsafe.WriteUnaligned(ref destination.Reference, value);
            return true;
        }

        public static bool TryGetArray<T>(ReadOnlyMemory<T> memory, out ArraySegment<T> segment)
        {
            Memory<T> writable = memory.Writable;
            segment = writable.Holder is T[] array ? new ArraySegment<T>(array, writable.Start, writable.Length)
                : writable.Length == 0 ? ArraySegment<T>.Empty : default;
            return writable.Holder is T[] || writable.Length == 0;
        }

        public static Memory<T> AsMemory<T>(ReadOnlyMemory<T> memory) => memory.Writable;

        public static ReadOnlySpan<byte> CreateReadOnlySpanFromNullTerminated(byte* value)
        {
            int length = 0;
            while (value != null && value[length] != 0)
                length++;
            return new ReadOnlySpan<byte>(value, length);
        }

        public static ref readonly T AsRef<T>(ReadOnlySpan<byte> span) where T : struct
        {
            RefuseReferences<T>();
            if (span.Length < sizeof(T))
                throw new ArgumentOutOfRangeException("length");
            return ref Unsafe.As<byte, T>(ref span.Reference);
        }

        public static ref T AsRef<T>(Span<byte> span) where T : struct
        {
            RefuseReferences<T>();
            if (span.Length < sizeof(T))
                throw new ArgumentOutOfRangeException("length");
            return ref Unsafe.As<byte, T>(ref span.Reference);
        }
    }

    public static class CollectionsMarshal
    {
        public static Span<T> AsSpan<T>(List<T>? list) => list is null ? default : list.Items.AsSpan(0, list.Count);

        public static void SetCount<T>(List<T> list, int count) => list.SetCount(count);

        public static ref TValue? GetValueRefOrAddDefault<TKey, TValue>(Dictionary<TKey, TValue> dictionary, TKey key, out bool exists)
            where TKey : notnull => ref dictionary.GetOrAdd(key, out exists);
    }
}

namespace System.Diagnostics
{
    public static class Debug
    {
        [Conditional("DEBUG")]
        public static void Assert(bool condition)
        {
        }

        [Conditional("DEBUG")]
        public static void Assert(bool condition, string? message)
        {
        }
    }

    public class UnreachableException : Exception
    {
        public UnreachableException() : base("The program executed an instruction that was thought to be unreachable.")
        {
        }

        public UnreachableException(string? message) : base(message)
        {
        }
    }
}
