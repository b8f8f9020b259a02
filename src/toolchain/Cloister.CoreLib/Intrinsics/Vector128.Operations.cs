using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

// Operations by name.
public static unsafe partial class Vector128
{
    public static Vector128<T> Add<T>(Vector128<T> left, Vector128<T> right) => left + right;

    public static Vector128<T> Subtract<T>(Vector128<T> left, Vector128<T> right) => left - right;

    public static Vector128<T> Multiply<T>(Vector128<T> left, Vector128<T> right) => left * right;

    public static Vector128<T> Divide<T>(Vector128<T> left, Vector128<T> right) => left / right;

    public static Vector128<T> BitwiseAnd<T>(Vector128<T> left, Vector128<T> right) => left & right;

    public static Vector128<T> BitwiseOr<T>(Vector128<T> left, Vector128<T> right) => left | right;

    public static Vector128<T> Xor<T>(Vector128<T> left, Vector128<T> right) => left ^ right;

    public static Vector128<T> AndNot<T>(Vector128<T> left, Vector128<T> right) => left & ~right;

    public static Vector128<T> OnesComplement<T>(Vector128<T> vector) => ~vector;

    public static Vector128<T> Negate<T>(Vector128<T> vector) => -vector;

    public static Vector128<T> ConditionalSelect<T>(Vector128<T> condition, Vector128<T> left, Vector128<T> right) =>
        (left & condition) | (right & ~condition);

    public static Vector128<T> Equals<T>(Vector128<T> left, Vector128<T> right) => Vectors.Equal<Vector128<T>, T>(left, right);

    public static Vector128<T> LessThan<T>(Vector128<T> left, Vector128<T> right) => Vectors.Less<Vector128<T>, T>(left, right);

    public static Vector128<T> LessThanOrEqual<T>(Vector128<T> left, Vector128<T> right) => Vectors.LessOrEqual<Vector128<T>, T>(left, right);

    public static Vector128<T> GreaterThan<T>(Vector128<T> left, Vector128<T> right) => Vectors.Less<Vector128<T>, T>(right, left);

    public static Vector128<T> GreaterThanOrEqual<T>(Vector128<T> left, Vector128<T> right) => Vectors.LessOrEqual<Vector128<T>, T>(right, left);

    public static bool EqualsAll<T>(Vector128<T> left, Vector128<T> right) => AreAllSet(Equals(left, right).AsUInt64());

    public static bool EqualsAny<T>(Vector128<T> left, Vector128<T> right) => IsAnySet(Equals(left, right).AsUInt64());

    public static bool LessThanAll<T>(Vector128<T> left, Vector128<T> right) => AreAllSet(LessThan(left, right).AsUInt64());

    public static bool LessThanAny<T>(Vector128<T> left, Vector128<T> right) => IsAnySet(LessThan(left, right).AsUInt64());

    public static bool LessThanOrEqualAll<T>(Vector128<T> left, Vector128<T> right) => AreAllSet(LessThanOrEqual(left, right).AsUInt64());

    public static bool LessThanOrEqualAny<T>(Vector128<T> left, Vector128<T> right) => IsAnySet(LessThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanAll<T>(Vector128<T> left, Vector128<T> right) => AreAllSet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanAny<T>(Vector128<T> left, Vector128<T> right) => IsAnySet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAll<T>(Vector128<T> left, Vector128<T> right) => AreAllSet(GreaterThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAny<T>(Vector128<T> left, Vector128<T> right) => IsAnySet(GreaterThanOrEqual(left, right).AsUInt64());

    private static bool AreAllSet(Vector128<ulong> mask)
    {
        ulong all = ulong.MaxValue;
        for (int i = 0; i < 2; i++)
            all &= ((ulong*)&mask)[i];
        return all == ulong.MaxValue;
    }

    private static bool IsAnySet(Vector128<ulong> mask)
    {
        ulong any = 0;
        for (int i = 0; i < 2; i++)
            any |= ((ulong*)&mask)[i];
        return any != 0;
    }

    public static Vector128<T> Abs<T>(Vector128<T> vector) => EachOf(vector, &Elements<T>.Abs);

    public static Vector128<T> Sqrt<T>(Vector128<T> vector) => EachOf(vector, &Elements<T>.Sqrt);

    public static Vector128<T> Min<T>(Vector128<T> left, Vector128<T> right) => EachOf(left, right, &Elements<T>.Min);

    public static Vector128<T> Max<T>(Vector128<T> left, Vector128<T> right) => EachOf(left, right, &Elements<T>.Max);

    public static Vector128<T> Clamp<T>(Vector128<T> value, Vector128<T> min, Vector128<T> max) => Min(Max(value, min), max);

    private static Vector128<T> EachOf<T>(Vector128<T> vector, delegate*<T, T> function)
    {
        for (int i = 0; i < Vector128<T>.Count; i++)
            ((T*)&vector)[i] = function(((T*)&vector)[i]);
        return vector;
    }

    private static Vector128<T> EachOf<T>(Vector128<T> left, Vector128<T> right, delegate*<T, T, T> function)
    {
        for (int i = 0; i < Vector128<T>.Count; i++)
            ((T*)&left)[i] = function(((T*)&left)[i], ((T*)&right)[i]);
        return left;
    }

    // Halves first: the order is visible where elements are rounded.
    public static T Sum<T>(Vector128<T> vector) => Elements<T>.Add(Vector64.Sum(vector.GetLower()), Vector64.Sum(vector.GetUpper()));

    public static T Dot<T>(Vector128<T> left, Vector128<T> right) => Sum(left * right);

    public static uint ExtractMostSignificantBits<T>(this Vector128<T> vector)
    {
        uint bits = 0;
        for (int i = 0; i < Vector128<T>.Count; i++)
            bits |= (uint)(((byte*)&vector)[(i + 1) * sizeof(T) - 1] >> 7) << i;
        return bits;
    }

    public static Vector128<byte> Shuffle(Vector128<byte> vector, Vector128<byte> indices) =>
        Vectors.Shuffle<Vector128<byte>, byte>(vector, indices.As<byte, byte>());

    public static Vector128<sbyte> Shuffle(Vector128<sbyte> vector, Vector128<sbyte> indices) =>
        Vectors.Shuffle<Vector128<sbyte>, sbyte>(vector, indices.As<sbyte, sbyte>());

    public static Vector128<short> Shuffle(Vector128<short> vector, Vector128<short> indices) =>
        Vectors.Shuffle<Vector128<short>, short>(vector, indices.As<short, short>());

    public static Vector128<ushort> Shuffle(Vector128<ushort> vector, Vector128<ushort> indices) =>
        Vectors.Shuffle<Vector128<ushort>, ushort>(vector, indices.As<ushort, ushort>());

    public static Vector128<int> Shuffle(Vector128<int> vector, Vector128<int> indices) =>
        Vectors.Shuffle<Vector128<int>, int>(vector, indices.As<int, int>());

    public static Vector128<uint> Shuffle(Vector128<uint> vector, Vector128<uint> indices) =>
        Vectors.Shuffle<Vector128<uint>, uint>(vector, indices.As<uint, uint>());

    public static Vector128<long> Shuffle(Vector128<long> vector, Vector128<long> indices) =>
        Vectors.Shuffle<Vector128<long>, long>(vector, indices.As<long, long>());

    public static Vector128<ulong> Shuffle(Vector128<ulong> vector, Vector128<ulong> indices) =>
        Vectors.Shuffle<Vector128<ulong>, ulong>(vector, indices.As<ulong, ulong>());

    public static Vector128<float> Shuffle(Vector128<float> vector, Vector128<int> indices) =>
        Vectors.Shuffle<Vector128<float>, float>(vector, indices.As<int, float>());

    public static Vector128<double> Shuffle(Vector128<double> vector, Vector128<long> indices) =>
        Vectors.Shuffle<Vector128<double>, double>(vector, indices.As<long, double>());

    public static Vector128<byte> ShiftLeft(Vector128<byte> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<sbyte> ShiftLeft(Vector128<sbyte> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<short> ShiftLeft(Vector128<short> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<ushort> ShiftLeft(Vector128<ushort> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<int> ShiftLeft(Vector128<int> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<uint> ShiftLeft(Vector128<uint> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<long> ShiftLeft(Vector128<long> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<ulong> ShiftLeft(Vector128<ulong> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<nint> ShiftLeft(Vector128<nint> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<nuint> ShiftLeft(Vector128<nuint> vector, int shiftCount) => vector << shiftCount;

    public static Vector128<byte> ShiftRightLogical(Vector128<byte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<sbyte> ShiftRightLogical(Vector128<sbyte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<short> ShiftRightLogical(Vector128<short> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<ushort> ShiftRightLogical(Vector128<ushort> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<int> ShiftRightLogical(Vector128<int> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<uint> ShiftRightLogical(Vector128<uint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<long> ShiftRightLogical(Vector128<long> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<ulong> ShiftRightLogical(Vector128<ulong> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<nint> ShiftRightLogical(Vector128<nint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<nuint> ShiftRightLogical(Vector128<nuint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector128<sbyte> ShiftRightArithmetic(Vector128<sbyte> vector, int shiftCount) => vector >> shiftCount;

    public static Vector128<short> ShiftRightArithmetic(Vector128<short> vector, int shiftCount) => vector >> shiftCount;

    public static Vector128<int> ShiftRightArithmetic(Vector128<int> vector, int shiftCount) => vector >> shiftCount;

    public static Vector128<long> ShiftRightArithmetic(Vector128<long> vector, int shiftCount) => vector >> shiftCount;

    public static Vector128<nint> ShiftRightArithmetic(Vector128<nint> vector, int shiftCount) => vector >> shiftCount;
}
