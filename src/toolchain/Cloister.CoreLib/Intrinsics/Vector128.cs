using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

public static unsafe partial class Vector128
{
    /// <summary>The compiler knows.</summary>
    public static bool IsHardwareAccelerated => throw new NotSupportedException();

    public static Vector128<T> Create<T>(T value)
    {
        Vector128<T> made = default;
        for (int i = 0; i < Vector128<T>.Count; i++)
            ((T*)&made)[i] = value;
        return made;
    }

    public static Vector128<T> Create<T>(ReadOnlySpan<T> values)
    {
        if (values.Length < Vector128<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(values));
        return LoadUnsafe(ref values.Reference);
    }

    public static Vector128<T> Create<T>(T[] values) => Create((ReadOnlySpan<T>)values);

    public static Vector128<T> CreateScalar<T>(T value)
    {
        Vector128<T> made = default;
        *(T*)&made = value;
        return made;
    }

    public static Vector128<T> CreateScalarUnsafe<T>(T value) => CreateScalar(value);

    public static Vector128<T> CreateSequence<T>(T start, T step) => Vector128<T>.Indices * step + Create(start);

    public static Vector128<T> LoadUnsafe<T>(ref readonly T source) =>
        Unsafe.ReadUnaligned<Vector128<T>>(Unsafe.AsPointer(in source));

    public static Vector128<T> LoadUnsafe<T>(ref readonly T source, nuint elementOffset) =>
        Unsafe.ReadUnaligned<Vector128<T>>((T*)Unsafe.AsPointer(in source) + elementOffset);

    public static Vector128<T> Load<T>(T* source) => Unsafe.ReadUnaligned<Vector128<T>>(source);

    public static void StoreUnsafe<T>(this Vector128<T> source, ref T destination) =>
        Unsafe.WriteUnaligned(Unsafe.AsPointer(ref destination), source);

    public static void StoreUnsafe<T>(this Vector128<T> source, ref T destination, nuint elementOffset) =>
        Unsafe.WriteUnaligned((T*)Unsafe.AsPointer(ref destination) + elementOffset, source);

    public static void Store<T>(this Vector128<T> source, T* destination) => Unsafe.WriteUnaligned(destination, source);

    public static void CopyTo<T>(this Vector128<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector128<T>.Count)
            throw new ArgumentException("Destination is too short.", nameof(destination));
        vector.StoreUnsafe(ref destination.Reference);
    }

    public static void CopyTo<T>(this Vector128<T> vector, T[] destination) => vector.CopyTo(destination.AsSpan());

    public static bool TryCopyTo<T>(this Vector128<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector128<T>.Count)
            return false;
        vector.StoreUnsafe(ref destination.Reference);
        return true;
    }

    public static T GetElement<T>(this Vector128<T> vector, int index) =>
        (uint)index < (uint)Vector128<T>.Count ? ((T*)&vector)[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public static Vector128<T> WithElement<T>(this Vector128<T> vector, int index, T value)
    {
        if ((uint)index >= (uint)Vector128<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(index));
        ((T*)&vector)[index] = value;
        return vector;
    }

    public static T ToScalar<T>(this Vector128<T> vector) => *(T*)&vector;

    public static Vector128<TTo> As<TFrom, TTo>(this Vector128<TFrom> vector) => *(Vector128<TTo>*)&vector;

    public static Vector128<byte> AsByte<T>(this Vector128<T> vector) => *(Vector128<byte>*)&vector;

    public static Vector128<sbyte> AsSByte<T>(this Vector128<T> vector) => *(Vector128<sbyte>*)&vector;

    public static Vector128<short> AsInt16<T>(this Vector128<T> vector) => *(Vector128<short>*)&vector;

    public static Vector128<ushort> AsUInt16<T>(this Vector128<T> vector) => *(Vector128<ushort>*)&vector;

    public static Vector128<int> AsInt32<T>(this Vector128<T> vector) => *(Vector128<int>*)&vector;

    public static Vector128<uint> AsUInt32<T>(this Vector128<T> vector) => *(Vector128<uint>*)&vector;

    public static Vector128<long> AsInt64<T>(this Vector128<T> vector) => *(Vector128<long>*)&vector;

    public static Vector128<ulong> AsUInt64<T>(this Vector128<T> vector) => *(Vector128<ulong>*)&vector;

    public static Vector128<nint> AsNInt<T>(this Vector128<T> vector) => *(Vector128<nint>*)&vector;

    public static Vector128<nuint> AsNUInt<T>(this Vector128<T> vector) => *(Vector128<nuint>*)&vector;

    public static Vector128<float> AsSingle<T>(this Vector128<T> vector) => *(Vector128<float>*)&vector;

    public static Vector128<double> AsDouble<T>(this Vector128<T> vector) => *(Vector128<double>*)&vector;

    public static Vector256<T> ToVector256<T>(this Vector128<T> vector) => Vector256.Create(vector, default);

    public static Vector256<T> ToVector256Unsafe<T>(this Vector128<T> vector) => Vector256.Create(vector, default);

    public static Vector128<T> Create<T>(Vector64<T> lower, Vector64<T> upper)
    {
        Vector128<T> made = default;
        ((Vector64<T>*)&made)[0] = lower;
        ((Vector64<T>*)&made)[1] = upper;
        return made;
    }

    public static Vector128<T> Create<T>(Vector64<T> value) => Create(value, value);

    public static Vector64<T> GetLower<T>(this Vector128<T> vector) => *(Vector64<T>*)&vector;

    public static Vector64<T> GetUpper<T>(this Vector128<T> vector) => ((Vector64<T>*)&vector)[1];

    public static Vector128<T> WithLower<T>(this Vector128<T> vector, Vector64<T> value) => Create(value, vector.GetUpper());

    public static Vector128<T> WithUpper<T>(this Vector128<T> vector, Vector64<T> value) => Create(vector.GetLower(), value);
}
