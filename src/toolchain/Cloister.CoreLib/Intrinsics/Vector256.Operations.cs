using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

// Operations by name.
public static unsafe partial class Vector256
{
    public static Vector256<T> Add<T>(Vector256<T> left, Vector256<T> right) => left + right;

    public static Vector256<T> Subtract<T>(Vector256<T> left, Vector256<T> right) => left - right;

    public static Vector256<T> Multiply<T>(Vector256<T> left, Vector256<T> right) => left * right;

    public static Vector256<T> Divide<T>(Vector256<T> left, Vector256<T> right) => left / right;

    public static Vector256<T> BitwiseAnd<T>(Vector256<T> left, Vector256<T> right) => left & right;

    public static Vector256<T> BitwiseOr<T>(Vector256<T> left, Vector256<T> right) => left | right;

    public static Vector256<T> Xor<T>(Vector256<T> left, Vector256<T> right) => left ^ right;

    public static Vector256<T> AndNot<T>(Vector256<T> left, Vector256<T> right) => left & ~right;

    public static Vector256<T> OnesComplement<T>(Vector256<T> vector) => ~vector;

    public static Vector256<T> Negate<T>(Vector256<T> vector) => -vector;

    public static Vector256<T> ConditionalSelect<T>(Vector256<T> condition, Vector256<T> left, Vector256<T> right) =>
        (left & condition) | (right & ~condition);

    public static Vector256<T> Equals<T>(Vector256<T> left, Vector256<T> right) => Vectors.Equal<Vector256<T>, T>(left, right);

    public static Vector256<T> LessThan<T>(Vector256<T> left, Vector256<T> right) => Vectors.Less<Vector256<T>, T>(left, right);

    public static Vector256<T> LessThanOrEqual<T>(Vector256<T> left, Vector256<T> right) => Vectors.LessOrEqual<Vector256<T>, T>(left, right);

    public static Vector256<T> GreaterThan<T>(Vector256<T> left, Vector256<T> right) => Vectors.Less<Vector256<T>, T>(right, left);

    public static Vector256<T> GreaterThanOrEqual<T>(Vector256<T> left, Vector256<T> right) => Vectors.LessOrEqual<Vector256<T>, T>(right, left);

    public static bool EqualsAll<T>(Vector256<T> left, Vector256<T> right) => AreAllSet(Equals(left, right).AsUInt64());

    public static bool EqualsAny<T>(Vector256<T> left, Vector256<T> right) => IsAnySet(Equals(left, right).AsUInt64());

    public static bool LessThanAll<T>(Vector256<T> left, Vector256<T> right) => AreAllSet(LessThan(left, right).AsUInt64());

    public static bool LessThanAny<T>(Vector256<T> left, Vector256<T> right) => IsAnySet(LessThan(left, right).AsUInt64());

    public static bool LessThanOrEqualAll<T>(Vector256<T> left, Vector256<T> right) => AreAllSet(LessThanOrEqual(left, right).AsUInt64());

    public static bool LessThanOrEqualAny<T>(Vector256<T> left, Vector256<T> right) => IsAnySet(LessThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanAll<T>(Vector256<T> left, Vector256<T> right) => AreAllSet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanAny<T>(Vector256<T> left, Vector256<T> right) => IsAnySet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAll<T>(Vector256<T> left, Vector256<T> right) => AreAllSet(GreaterThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAny<T>(Vector256<T> left, Vector256<T> right) => IsAnySet(GreaterThanOrEqual(left, right).AsUInt64());

    private static bool AreAllSet(Vector256<ulong> mask)
    {
        ulong all = ulong.MaxValue;
        for (int i = 0; i < 4; i++)
            all &= ((ulong*)&mask)[i];
        return all == ulong.MaxValue;
    }

    private static bool IsAnySet(Vector256<ulong> mask)
    {
        ulong any = 0;
        for (int i = 0; i < 4; i++)
            any |= ((ulong*)&mask)[i];
        return any != 0;
    }

    public static Vector256<T> Abs<T>(Vector256<T> vector) => EachOf(vector, &Elements<T>.Abs);

    public static Vector256<T> Sqrt<T>(Vector256<T> vector) => EachOf(vector, &Elements<T>.Sqrt);

    public static Vector256<T> Min<T>(Vector256<T> left, Vector256<T> right) => EachOf(left, right, &Elements<T>.Min);

    public static Vector256<T> Max<T>(Vector256<T> left, Vector256<T> right) => EachOf(left, right, &Elements<T>.Max);

    public static Vector256<T> Clamp<T>(Vector256<T> value, Vector256<T> min, Vector256<T> max) => Min(Max(value, min), max);

    private static Vector256<T> EachOf<T>(Vector256<T> vector, delegate*<T, T> function)
    {
        for (int i = 0; i < Vector256<T>.Count; i++)
            ((T*)&vector)[i] = function(((T*)&vector)[i]);
        return vector;
    }

    private static Vector256<T> EachOf<T>(Vector256<T> left, Vector256<T> right, delegate*<T, T, T> function)
    {
        for (int i = 0; i < Vector256<T>.Count; i++)
            ((T*)&left)[i] = function(((T*)&left)[i], ((T*)&right)[i]);
        return left;
    }

    // Halves first: the order is visible where elements are rounded.
    public static T Sum<T>(Vector256<T> vector) => Elements<T>.Add(Vector128.Sum(vector.GetLower()), Vector128.Sum(vector.GetUpper()));

    public static T Dot<T>(Vector256<T> left, Vector256<T> right) => Sum(left * right);

    public static uint ExtractMostSignificantBits<T>(this Vector256<T> vector)
    {
        uint bits = 0;
        for (int i = 0; i < Vector256<T>.Count; i++)
            bits |= (uint)(((byte*)&vector)[(i + 1) * sizeof(T) - 1] >> 7) << i;
        return bits;
    }

    public static Vector256<byte> Shuffle(Vector256<byte> vector, Vector256<byte> indices) =>
        Vectors.Shuffle<Vector256<byte>, byte>(vector, indices.As<byte, byte>());

    public static Vector256<sbyte> Shuffle(Vector256<sbyte> vector, Vector256<sbyte> indices) =>
        Vectors.Shuffle<Vector256<sbyte>, sbyte>(vector, indices.As<sbyte, sbyte>());

    public static Vector256<short> Shuffle(Vector256<short> vector, Vector256<short> indices) =>
        Vectors.Shuffle<Vector256<short>, short>(vector, indices.As<short, short>());

    public static Vector256<ushort> Shuffle(Vector256<ushort> vector, Vector256<ushort> indices) =>
        Vectors.Shuffle<Vector256<ushort>, ushort>(vector, indices.As<ushort, ushort>());

    public static Vector256<int> Shuffle(Vector256<int> vector, Vector256<int> indices) =>
        Vectors.Shuffle<Vector256<int>, int>(vector, indices.As<int, int>());

    public static Vector256<uint> Shuffle(Vector256<uint> vector, Vector256<uint> indices) =>
        Vectors.Shuffle<Vector256<uint>, uint>(vector, indices.As<uint, uint>());

    public static Vector256<long> Shuffle(Vector256<long> vector, Vector256<long> indices) =>
        Vectors.Shuffle<Vector256<long>, long>(vector, indices.As<long, long>());

    public static Vector256<ulong> Shuffle(Vector256<ulong> vector, Vector256<ulong> indices) =>
        Vectors.Shuffle<Vector256<ulong>, ulong>(vector, indices.As<ulong, ulong>());

    public static Vector256<float> Shuffle(Vector256<float> vector, Vector256<int> indices) =>
        Vectors.Shuffle<Vector256<float>, float>(vector, indices.As<int, float>());

    public static Vector256<double> Shuffle(Vector256<double> vector, Vector256<long> indices) =>
        Vectors.Shuffle<Vector256<double>, double>(vector, indices.As<long, double>());

    public static Vector256<byte> ShiftLeft(Vector256<byte> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<sbyte> ShiftLeft(Vector256<sbyte> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<short> ShiftLeft(Vector256<short> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<ushort> ShiftLeft(Vector256<ushort> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<int> ShiftLeft(Vector256<int> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<uint> ShiftLeft(Vector256<uint> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<long> ShiftLeft(Vector256<long> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<ulong> ShiftLeft(Vector256<ulong> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<nint> ShiftLeft(Vector256<nint> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<nuint> ShiftLeft(Vector256<nuint> vector, int shiftCount) => vector << shiftCount;

    public static Vector256<byte> ShiftRightLogical(Vector256<byte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<sbyte> ShiftRightLogical(Vector256<sbyte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<short> ShiftRightLogical(Vector256<short> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<ushort> ShiftRightLogical(Vector256<ushort> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<int> ShiftRightLogical(Vector256<int> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<uint> ShiftRightLogical(Vector256<uint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<long> ShiftRightLogical(Vector256<long> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<ulong> ShiftRightLogical(Vector256<ulong> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<nint> ShiftRightLogical(Vector256<nint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<nuint> ShiftRightLogical(Vector256<nuint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector256<sbyte> ShiftRightArithmetic(Vector256<sbyte> vector, int shiftCount) => vector >> shiftCount;

    public static Vector256<short> ShiftRightArithmetic(Vector256<short> vector, int shiftCount) => vector >> shiftCount;

    public static Vector256<int> ShiftRightArithmetic(Vector256<int> vector, int shiftCount) => vector >> shiftCount;

    public static Vector256<long> ShiftRightArithmetic(Vector256<long> vector, int shiftCount) => vector >> shiftCount;

    public static Vector256<nint> ShiftRightArithmetic(Vector256<nint> vector, int shiftCount) => vector >> shiftCount;
}
