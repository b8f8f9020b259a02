using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

public static unsafe partial class Vector64
{
    /// <summary>The compiler knows.</summary>
    public static bool IsHardwareAccelerated => throw new NotSupportedException();

    public static Vector64<T> Create<T>(T value)
    {
        Vector64<T> made = default;
        for (int i = 0; i < Vector64<T>.Count; i++)
            ((T*)&made)[i] = value;
        return made;
    }

    public static Vector64<T> Create<T>(ReadOnlySpan<T> values)
    {
        if (values.Length < Vector64<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(values));
        return LoadUnsafe(ref values.Reference);
    }

    public static Vector64<T> Create<T>(T[] values) => Create((ReadOnlySpan<T>)values);

    public static Vector64<T> CreateScalar<T>(T value)
    {
        Vector64<T> made = default;
        *(T*)&made = value;
        return made;
    }

    public static Vector64<T> CreateScalarUnsafe<T>(T value) => CreateScalar(value);

    public static Vector64<T> CreateSequence<T>(T start, T step) => Vector64<T>.Indices * step + Create(start);

    public static Vector64<T> LoadUnsafe<T>(ref readonly T source) =>
        Unsafe.ReadUnaligned<Vector64<T>>(Unsafe.AsPointer(in source));

    public static Vector64<T> LoadUnsafe<T>(ref readonly T source, nuint elementOffset) =>
        Unsafe.ReadUnaligned<Vector64<T>>((T*)Unsafe.AsPointer(in source) + elementOffset);

    public static Vector64<T> Load<T>(T* source) => Unsafe.ReadUnaligned<Vector64<T>>(source);

    public static void StoreUnsafe<T>(this Vector64<T> source, ref T destination) =>
        Unsafe.WriteUnaligned(Unsafe.AsPointer(ref destination), source);

    public static void StoreUnsafe<T>(this Vector64<T> source, ref T destination, nuint elementOffset) =>
        Unsafe.WriteUnaligned((T*)Unsafe.AsPointer(ref destination) + elementOffset, source);

    public static void Store<T>(this Vector64<T> source, T* destination) => Unsafe.WriteUnaligned(destination, source);

    public static void CopyTo<T>(this Vector64<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector64<T>.Count)
            throw new ArgumentException("Destination is too short.", nameof(destination));
        vector.StoreUnsafe(ref destination.Reference);
    }

    public static void CopyTo<T>(this Vector64<T> vector, T[] destination) => vector.CopyTo(destination.AsSpan());

    public static bool TryCopyTo<T>(this Vector64<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector64<T>.Count)
            return false;
        vector.StoreUnsafe(ref destination.Reference);
        return true;
    }

    public static T GetElement<T>(this Vector64<T> vector, int index) =>
        (uint)index < (uint)Vector64<T>.Count ? ((T*)&vector)[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public static Vector64<T> WithElement<T>(this Vector64<T> vector, int index, T value)
    {
        if ((uint)index >= (uint)Vector64<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(index));
        ((T*)&vector)[index] = value;
        return vector;
    }

    public static T ToScalar<T>(this Vector64<T> vector) => *(T*)&vector;

    public static Vector64<TTo> As<TFrom, TTo>(this Vector64<TFrom> vector) => *(Vector64<TTo>*)&vector;

    public static Vector64<byte> AsByte<T>(this Vector64<T> vector) => *(Vector64<byte>*)&vector;

    public static Vector64<sbyte> AsSByte<T>(this Vector64<T> vector) => *(Vector64<sbyte>*)&vector;

    public static Vector64<short> AsInt16<T>(this Vector64<T> vector) => *(Vector64<short>*)&vector;

    public static Vector64<ushort> AsUInt16<T>(this Vector64<T> vector) => *(Vector64<ushort>*)&vector;

    public static Vector64<int> AsInt32<T>(this Vector64<T> vector) => *(Vector64<int>*)&vector;

    public static Vector64<uint> AsUInt32<T>(this Vector64<T> vector) => *(Vector64<uint>*)&vector;

    public static Vector64<long> AsInt64<T>(this Vector64<T> vector) => *(Vector64<long>*)&vector;

    public static Vector64<ulong> AsUInt64<T>(this Vector64<T> vector) => *(Vector64<ulong>*)&vector;

    public static Vector64<nint> AsNInt<T>(this Vector64<T> vector) => *(Vector64<nint>*)&vector;

    public static Vector64<nuint> AsNUInt<T>(this Vector64<T> vector) => *(Vector64<nuint>*)&vector;

    public static Vector64<float> AsSingle<T>(this Vector64<T> vector) => *(Vector64<float>*)&vector;

    public static Vector64<double> AsDouble<T>(this Vector64<T> vector) => *(Vector64<double>*)&vector;

    public static Vector128<T> ToVector128<T>(this Vector64<T> vector) => Vector128.Create(vector, default);

    public static Vector128<T> ToVector128Unsafe<T>(this Vector64<T> vector) => Vector128.Create(vector, default);
}
