using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

// Operations by name.
public static unsafe partial class Vector512
{
    public static Vector512<T> Add<T>(Vector512<T> left, Vector512<T> right) => left + right;

    public static Vector512<T> Subtract<T>(Vector512<T> left, Vector512<T> right) => left - right;

    public static Vector512<T> Multiply<T>(Vector512<T> left, Vector512<T> right) => left * right;

    public static Vector512<T> Divide<T>(Vector512<T> left, Vector512<T> right) => left / right;

    public static Vector512<T> BitwiseAnd<T>(Vector512<T> left, Vector512<T> right) => left & right;

    public static Vector512<T> BitwiseOr<T>(Vector512<T> left, Vector512<T> right) => left | right;

    public static Vector512<T> Xor<T>(Vector512<T> left, Vector512<T> right) => left ^ right;

    public static Vector512<T> AndNot<T>(Vector512<T> left, Vector512<T> right) => left & ~right;

    public static Vector512<T> OnesComplement<T>(Vector512<T> vector) => ~vector;

    public static Vector512<T> Negate<T>(Vector512<T> vector) => -vector;

    public static Vector512<T> ConditionalSelect<T>(Vector512<T> condition, Vector512<T> left, Vector512<T> right) =>
        (left & condition) | (right & ~condition);

    public static Vector512<T> Equals<T>(Vector512<T> left, Vector512<T> right) => Vectors.Equal<Vector512<T>, T>(left, right);

    public static Vector512<T> LessThan<T>(Vector512<T> left, Vector512<T> right) => Vectors.Less<Vector512<T>, T>(left, right);

    public static Vector512<T> LessThanOrEqual<T>(Vector512<T> left, Vector512<T> right) => Vectors.LessOrEqual<Vector512<T>, T>(left, right);

    public static Vector512<T> GreaterThan<T>(Vector512<T> left, Vector512<T> right) => Vectors.Less<Vector512<T>, T>(right, left);

    public static Vector512<T> GreaterThanOrEqual<T>(Vector512<T> left, Vector512<T> right) => Vectors.LessOrEqual<Vector512<T>, T>(right, left);

    public static bool EqualsAll<T>(Vector512<T> left, Vector512<T> right) => AreAllSet(Equals(left, right).AsUInt64());

    public static bool EqualsAny<T>(Vector512<T> left, Vector512<T> right) => IsAnySet(Equals(left, right).AsUInt64());

    public static bool LessThanAll<T>(Vector512<T> left, Vector512<T> right) => AreAllSet(LessThan(left, right).AsUInt64());

    public static bool LessThanAny<T>(Vector512<T> left, Vector512<T> right) => IsAnySet(LessThan(left, right).AsUInt64());

    public static bool LessThanOrEqualAll<T>(Vector512<T> left, Vector512<T> right) => AreAllSet(LessThanOrEqual(left, right).AsUInt64());

    public static bool LessThanOrEqualAny<T>(Vector512<T> left, Vector512<T> right) => IsAnySet(LessThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanAll<T>(Vector512<T> left, Vector512<T> right) => AreAllSet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanAny<T>(Vector512<T> left, Vector512<T> right) => IsAnySet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAll<T>(Vector512<T> left, Vector512<T> right) => AreAllSet(GreaterThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAny<T>(Vector512<T> left, Vector512<T> right) => IsAnySet(GreaterThanOrEqual(left, right).AsUInt64());

    private static bool AreAllSet(Vector512<ulong> mask)
    {
        ulong all = ulong.MaxValue;
        for (int i = 0; i < 8; i++)
            all &= ((ulong*)&mask)[i];
        return all == ulong.MaxValue;
    }

    private static bool IsAnySet(Vector512<ulong> mask)
    {
        ulong any = 0;
        for (int i = 0; i < 8; i++)
            any |= ((ulong*)&mask)[i];
        return any != 0;
    }

    public static Vector512<T> Abs<T>(Vector512<T> vector) => EachOf(vector, &Elements<T>.Abs);

    public static Vector512<T> Sqrt<T>(Vector512<T> vector) => EachOf(vector, &Elements<T>.Sqrt);

    public static Vector512<T> Min<T>(Vector512<T> left, Vector512<T> right) => EachOf(left, right, &Elements<T>.Min);

    public static Vector512<T> Max<T>(Vector512<T> left, Vector512<T> right) => EachOf(left, right, &Elements<T>.Max);

    public static Vector512<T> Clamp<T>(Vector512<T> value, Vector512<T> min, Vector512<T> max) => Min(Max(value, min), max);

    private static Vector512<T> EachOf<T>(Vector512<T> vector, delegate*<T, T> function)
    {
        for (int i = 0; i < Vector512<T>.Count; i++)
            ((T*)&vector)[i] = function(((T*)&vector)[i]);
        return vector;
    }

    private static Vector512<T> EachOf<T>(Vector512<T> left, Vector512<T> right, delegate*<T, T, T> function)
    {
        for (int i = 0; i < Vector512<T>.Count; i++)
            ((T*)&left)[i] = function(((T*)&left)[i], ((T*)&right)[i]);
        return left;
    }

    // Halves first: the order is visible where elements are rounded.
    public static T Sum<T>(Vector512<T> vector) => Elements<T>.Add(Vector256.Sum(vector.GetLower()), Vector256.Sum(vector.GetUpper()));

    public static T Dot<T>(Vector512<T> left, Vector512<T> right) => Sum(left * right);

    public static ulong ExtractMostSignificantBits<T>(this Vector512<T> vector)
    {
        ulong bits = 0;
        for (int i = 0; i < Vector512<T>.Count; i++)
            bits |= (ulong)(((byte*)&vector)[(i + 1) * sizeof(T) - 1] >> 7) << i;
        return bits;
    }

    public static Vector512<byte> Shuffle(Vector512<byte> vector, Vector512<byte> indices) =>
        Vectors.Shuffle<Vector512<byte>, byte>(vector, indices.As<byte, byte>());

    public static Vector512<sbyte> Shuffle(Vector512<sbyte> vector, Vector512<sbyte> indices) =>
        Vectors.Shuffle<Vector512<sbyte>, sbyte>(vector, indices.As<sbyte, sbyte>());

    public static Vector512<short> Shuffle(Vector512<short> vector, Vector512<short> indices) =>
        Vectors.Shuffle<Vector512<short>, short>(vector, indices.As<short, short>());

    public static Vector512<ushort> Shuffle(Vector512<ushort> vector, Vector512<ushort> indices) =>
        Vectors.Shuffle<Vector512<ushort>, ushort>(vector, indices.As<ushort, ushort>());

    public static Vector512<int> Shuffle(Vector512<int> vector, Vector512<int> indices) =>
        Vectors.Shuffle<Vector512<int>, int>(vector, indices.As<int, int>());

    public static Vector512<uint> Shuffle(Vector512<uint> vector, Vector512<uint> indices) =>
        Vectors.Shuffle<Vector512<uint>, uint>(vector, indices.As<uint, uint>());

    public static Vector512<long> Shuffle(Vector512<long> vector, Vector512<long> indices) =>
        Vectors.Shuffle<Vector512<long>, long>(vector, indices.As<long, long>());

    public static Vector512<ulong> Shuffle(Vector512<ulong> vector, Vector512<ulong> indices) =>
        Vectors.Shuffle<Vector512<ulong>, ulong>(vector, indices.As<ulong, ulong>());

    public static Vector512<float> Shuffle(Vector512<float> vector, Vector512<int> indices) =>
        Vectors.Shuffle<Vector512<float>, float>(vector, indices.As<int, float>());

    public static Vector512<double> Shuffle(Vector512<double> vector, Vector512<long> indices) =>
        Vectors.Shuffle<Vector512<double>, double>(vector, indices.As<long, double>());

    public static Vector512<byte> ShiftLeft(Vector512<byte> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<sbyte> ShiftLeft(Vector512<sbyte> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<short> ShiftLeft(Vector512<short> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<ushort> ShiftLeft(Vector512<ushort> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<int> ShiftLeft(Vector512<int> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<uint> ShiftLeft(Vector512<uint> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<long> ShiftLeft(Vector512<long> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<ulong> ShiftLeft(Vector512<ulong> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<nint> ShiftLeft(Vector512<nint> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<nuint> ShiftLeft(Vector512<nuint> vector, int shiftCount) => vector << shiftCount;

    public static Vector512<byte> ShiftRightLogical(Vector512<byte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<sbyte> ShiftRightLogical(Vector512<sbyte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<short> ShiftRightLogical(Vector512<short> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<ushort> ShiftRightLogical(Vector512<ushort> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<int> ShiftRightLogical(Vector512<int> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<uint> ShiftRightLogical(Vector512<uint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<long> ShiftRightLogical(Vector512<long> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<ulong> ShiftRightLogical(Vector512<ulong> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<nint> ShiftRightLogical(Vector512<nint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<nuint> ShiftRightLogical(Vector512<nuint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector512<sbyte> ShiftRightArithmetic(Vector512<sbyte> vector, int shiftCount) => vector >> shiftCount;

    public static Vector512<short> ShiftRightArithmetic(Vector512<short> vector, int shiftCount) => vector >> shiftCount;

    public static Vector512<int> ShiftRightArithmetic(Vector512<int> vector, int shiftCount) => vector >> shiftCount;

    public static Vector512<long> ShiftRightArithmetic(Vector512<long> vector, int shiftCount) => vector >> shiftCount;

    public static Vector512<nint> ShiftRightArithmetic(Vector512<nint> vector, int shiftCount) => vector >> shiftCount;
}
