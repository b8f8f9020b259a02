using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

public static unsafe partial class Vector512
{
    /// <summary>The compiler knows.</summary>
    public static bool IsHardwareAccelerated => throw new NotSupportedException();

    public static Vector512<T> Create<T>(T value)
    {
        Vector512<T> made = default;
        for (int i = 0; i < Vector512<T>.Count; i++)
            ((T*)&made)[i] = value;
        return made;
    }

    public static Vector512<T> Create<T>(ReadOnlySpan<T> values)
    {
        if (values.Length < Vector512<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(values));
        return LoadUnsafe(ref values.Reference);
    }

    public static Vector512<T> Create<T>(T[] values) => Create((ReadOnlySpan<T>)values);

    public static Vector512<T> CreateScalar<T>(T value)
    {
        Vector512<T> made = default;
        *(T*)&made = value;
        return made;
    }

    public static Vector512<T> CreateScalarUnsafe<T>(T value) => CreateScalar(value);

    public static Vector512<T> CreateSequence<T>(T start, T step) => Vector512<T>.Indices * step + Create(start);

    public static Vector512<T> LoadUnsafe<T>(ref readonly T source) =>
        Unsafe.ReadUnaligned<Vector512<T>>(Unsafe.AsPointer(in source));

    public static Vector512<T> LoadUnsafe<T>(ref readonly T source, nuint elementOffset) =>
        Unsafe.ReadUnaligned<Vector512<T>>((T*)Unsafe.AsPointer(in source) + elementOffset);

    public static Vector512<T> Load<T>(T* source) => Unsafe.ReadUnaligned<Vector512<T>>(source);

    public static void StoreUnsafe<T>(this Vector512<T> source, ref T destination) =>
        Unsafe.WriteUnaligned(Unsafe.AsPointer(ref destination), source);

    public static void StoreUnsafe<T>(this Vector512<T> source, ref T destination, nuint elementOffset) =>
        Unsafe.WriteUnaligned((T*)Unsafe.AsPointer(ref destination) + elementOffset, source);

    public static void Store<T>(this Vector512<T> source, T* destination) => Unsafe.WriteUnaligned(destination, source);

    public static void CopyTo<T>(this Vector512<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector512<T>.Count)
            throw new ArgumentException("Destination is too short.", nameof(destination));
        vector.StoreUnsafe(ref destination.Reference);
    }

    public static void CopyTo<T>(this Vector512<T> vector, T[] destination) => vector.CopyTo(destination.AsSpan());

    public static bool TryCopyTo<T>(this Vector512<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector512<T>.Count)
            return false;
        vector.StoreUnsafe(ref destination.Reference);
        return true;
    }

    public static T GetElement<T>(this Vector512<T> vector, int index) =>
        (uint)index < (uint)Vector512<T>.Count ? ((T*)&vector)[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public static Vector512<T> WithElement<T>(this Vector512<T> vector, int index, T value)
    {
        if ((uint)index >= (uint)Vector512<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(index));
        ((T*)&vector)[index] = value;
        return vector;
    }

    public static T ToScalar<T>(this Vector512<T> vector) => *(T*)&vector;

    public static Vector512<TTo> As<TFrom, TTo>(this Vector512<TFrom> vector) => *(Vector512<TTo>*)&vector;

    public static Vector512<byte> AsByte<T>(this Vector512<T> vector) => *(Vector512<byte>*)&vector;

    public static Vector512<sbyte> AsSByte<T>(this Vector512<T> vector) => *(Vector512<sbyte>*)&vector;

    public static Vector512<short> AsInt16<T>(this Vector512<T> vector) => *(Vector512<short>*)&vector;

    public static Vector512<ushort> AsUInt16<T>(this Vector512<T> vector) => *(Vector512<ushort>*)&vector;

    public static Vector512<int> AsInt32<T>(this Vector512<T> vector) => *(Vector512<int>*)&vector;

    public static Vector512<uint> AsUInt32<T>(this Vector512<T> vector) => *(Vector512<uint>*)&vector;

    public static Vector512<long> AsInt64<T>(this Vector512<T> vector) => *(Vector512<long>*)&vector;

    public static Vector512<ulong> AsUInt64<T>(this Vector512<T> vector) => *(Vector512<ulong>*)&vector;

    public static Vector512<nint> AsNInt<T>(this Vector512<T> vector) => *(Vector512<nint>*)&vector;

    public static Vector512<nuint> AsNUInt<T>(this Vector512<T> vector) => *(Vector512<nuint>*)&vector;

    public static Vector512<float> AsSingle<T>(this Vector512<T> vector) => *(Vector512<float>*)&vector;

    public static Vector512<double> AsDouble<T>(this Vector512<T> vector) => *(Vector512<double>*)&vector;

    public static Vector512<T> Create<T>(Vector256<T> lower, Vector256<T> upper)
    {
        Vector512<T> made = default;
        ((Vector256<T>*)&made)[0] = lower;
        ((Vector256<T>*)&made)[1] = upper;
        return made;
    }

    public static Vector512<T> Create<T>(Vector256<T> value) => Create(value, value);

    public static Vector256<T> GetLower<T>(this Vector512<T> vector) => *(Vector256<T>*)&vector;

    public static Vector256<T> GetUpper<T>(this Vector512<T> vector) => ((Vector256<T>*)&vector)[1];

    public static Vector512<T> WithLower<T>(this Vector512<T> vector, Vector256<T> value) => Create(value, vector.GetUpper());

    public static Vector512<T> WithUpper<T>(this Vector512<T> vector, Vector256<T> value) => Create(vector.GetLower(), value);
}
