using System.Runtime.CompilerServices;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

public static unsafe partial class Vector256
{
    /// <summary>The compiler knows.</summary>
    public static bool IsHardwareAccelerated => throw new NotSupportedException();

    public static Vector256<T> Create<T>(T value)
    {
        Vector256<T> made = default;
        for (int i = 0; i < Vector256<T>.Count; i++)
            ((T*)&made)[i] = value;
        return made;
    }

    public static Vector256<T> Create<T>(ReadOnlySpan<T> values)
    {
        if (values.Length < Vector256<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(values));
        return LoadUnsafe(ref values.Reference);
    }

    public static Vector256<T> Create<T>(T[] values) => Create((ReadOnlySpan<T>)values);

    public static Vector256<T> CreateScalar<T>(T value)
    {
        Vector256<T> made = default;
        *(T*)&made = value;
        return made;
    }

    public static Vector256<T> CreateScalarUnsafe<T>(T value) => CreateScalar(value);

    public static Vector256<T> CreateSequence<T>(T start, T step) => Vector256<T>.Indices * step + Create(start);

    public static Vector256<T> LoadUnsafe<T>(ref readonly T source) =>
        Unsafe.ReadUnaligned<Vector256<T>>(Unsafe.AsPointer(in source));

    public static Vector256<T> LoadUnsafe<T>(ref readonly T source, nuint elementOffset) =>
        Unsafe.ReadUnaligned<Vector256<T>>((T*)Unsafe.AsPointer(in source) + elementOffset);

    public static Vector256<T> Load<T>(T* source) => Unsafe.ReadUnaligned<Vector256<T>>(source);

    public static void StoreUnsafe<T>(this Vector256<T> source, ref T destination) =>
        Unsafe.WriteUnaligned(Unsafe.AsPointer(ref destination), source);

    public static void StoreUnsafe<T>(this Vector256<T> source, ref T destination, nuint elementOffset) =>
        Unsafe.WriteUnaligned((T*)Unsafe.AsPointer(ref destination) + elementOffset, source);

    public static void Store<T>(this Vector256<T> source, T* destination) => Unsafe.WriteUnaligned(destination, source);

    public static void CopyTo<T>(this Vector256<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector256<T>.Count)
            throw new ArgumentException("Destination is too short.", nameof(destination));
        vector.StoreUnsafe(ref destination.Reference);
    }

    public static void CopyTo<T>(this Vector256<T> vector, T[] destination) => vector.CopyTo(destination.AsSpan());

    public static bool TryCopyTo<T>(this Vector256<T> vector, Span<T> destination)
    {
        if (destination.Length < Vector256<T>.Count)
            return false;
        vector.StoreUnsafe(ref destination.Reference);
        return true;
    }

    public static T GetElement<T>(this Vector256<T> vector, int index) =>
        (uint)index < (uint)Vector256<T>.Count ? ((T*)&vector)[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public static Vector256<T> WithElement<T>(this Vector256<T> vector, int index, T value)
    {
        if ((uint)index >= (uint)Vector256<T>.Count)
            throw new ArgumentOutOfRangeException(nameof(index));
        ((T*)&vector)[index] = value;
        return vector;
    }

    public static T ToScalar<T>(this Vector256<T> vector) => *(T*)&vector;

    public static Vector256<TTo> As<TFrom, TTo>(this Vector256<TFrom> vector) => *(Vector256<TTo>*)&vector;

    public static Vector256<byte> AsByte<T>(this Vector256<T> vector) => *(Vector256<byte>*)&vector;

    public static Vector256<sbyte> AsSByte<T>(this Vector256<T> vector) => *(Vector256<sbyte>*)&vector;

    public static Vector256<short> AsInt16<T>(this Vector256<T> vector) => *(Vector256<short>*)&vector;

    public static Vector256<ushort> AsUInt16<T>(this Vector256<T> vector) => *(Vector256<ushort>*)&vector;

    public static Vector256<int> AsInt32<T>(this Vector256<T> vector) => *(Vector256<int>*)&vector;

    public static Vector256<uint> AsUInt32<T>(this Vector256<T> vector) => *(Vector256<uint>*)&vector;

    public static Vector256<long> AsInt64<T>(this Vector256<T> vector) => *(Vector256<long>*)&vector;

    public static Vector256<ulong> AsUInt64<T>(this Vector256<T> vector) => *(Vector256<ulong>*)&vector;

    public static Vector256<nint> AsNInt<T>(this Vector256<T> vector) => *(Vector256<nint>*)&vector;

    public static Vector256<nuint> AsNUInt<T>(this Vector256<T> vector) => *(Vector256<nuint>*)&vector;

    public static Vector256<float> AsSingle<T>(this Vector256<T> vector) => *(Vector256<float>*)&vector;

    public static Vector256<double> AsDouble<T>(this Vector256<T> vector) => *(Vector256<double>*)&vector;

    public static Vector512<T> ToVector512<T>(this Vector256<T> vector) => Vector512.Create(vector, default);

    public static Vector512<T> ToVector512Unsafe<T>(this Vector256<T> vector) => Vector512.Create(vector, default);

    public static Vector256<T> Create<T>(Vector128<T> lower, Vector128<T> upper)
    {
        Vector256<T> made = default;
        ((Vector128<T>*)&made)[0] = lower;
        ((Vector128<T>*)&made)[1] = upper;
        return made;
    }

    public static Vector256<T> Create<T>(Vector128<T> value) => Create(value, value);

    public static Vector128<T> GetLower<T>(this Vector256<T> vector) => *(Vector128<T>*)&vector;

    public static Vector128<T> GetUpper<T>(this Vector256<T> vector) => ((Vector128<T>*)&vector)[1];

    public static Vector256<T> WithLower<T>(this Vector256<T> vector, Vector128<T> value) => Create(value, vector.GetUpper());

    public static Vector256<T> WithUpper<T>(this Vector256<T> vector, Vector128<T> value) => Create(vector.GetLower(), value);
}
