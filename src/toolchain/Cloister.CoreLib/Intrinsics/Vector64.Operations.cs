using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

// Operations by name.
public static unsafe partial class Vector64
{
    public static Vector64<T> Add<T>(Vector64<T> left, Vector64<T> right) => left + right;

    public static Vector64<T> Subtract<T>(Vector64<T> left, Vector64<T> right) => left - right;

    public static Vector64<T> Multiply<T>(Vector64<T> left, Vector64<T> right) => left * right;

    public static Vector64<T> Divide<T>(Vector64<T> left, Vector64<T> right) => left / right;

    public static Vector64<T> BitwiseAnd<T>(Vector64<T> left, Vector64<T> right) => left & right;

    public static Vector64<T> BitwiseOr<T>(Vector64<T> left, Vector64<T> right) => left | right;

    public static Vector64<T> Xor<T>(Vector64<T> left, Vector64<T> right) => left ^ right;

    public static Vector64<T> AndNot<T>(Vector64<T> left, Vector64<T> right) => left & ~right;

    public static Vector64<T> OnesComplement<T>(Vector64<T> vector) => ~vector;

    public static Vector64<T> Negate<T>(Vector64<T> vector) => -vector;

    public static Vector64<T> ConditionalSelect<T>(Vector64<T> condition, Vector64<T> left, Vector64<T> right) =>
        (left & condition) | (right & ~condition);

    public static Vector64<T> Equals<T>(Vector64<T> left, Vector64<T> right) => Vectors.Equal<Vector64<T>, T>(left, right);

    public static Vector64<T> LessThan<T>(Vector64<T> left, Vector64<T> right) => Vectors.Less<Vector64<T>, T>(left, right);

    public static Vector64<T> LessThanOrEqual<T>(Vector64<T> left, Vector64<T> right) => Vectors.LessOrEqual<Vector64<T>, T>(left, right);

    public static Vector64<T> GreaterThan<T>(Vector64<T> left, Vector64<T> right) => Vectors.Less<Vector64<T>, T>(right, left);

    public static Vector64<T> GreaterThanOrEqual<T>(Vector64<T> left, Vector64<T> right) => Vectors.LessOrEqual<Vector64<T>, T>(right, left);

    public static bool EqualsAll<T>(Vector64<T> left, Vector64<T> right) => AreAllSet(Equals(left, right).AsUInt64());

    public static bool EqualsAny<T>(Vector64<T> left, Vector64<T> right) => IsAnySet(Equals(left, right).AsUInt64());

    public static bool LessThanAll<T>(Vector64<T> left, Vector64<T> right) => AreAllSet(LessThan(left, right).AsUInt64());

    public static bool LessThanAny<T>(Vector64<T> left, Vector64<T> right) => IsAnySet(LessThan(left, right).AsUInt64());

    public static bool LessThanOrEqualAll<T>(Vector64<T> left, Vector64<T> right) => AreAllSet(LessThanOrEqual(left, right).AsUInt64());

    public static bool LessThanOrEqualAny<T>(Vector64<T> left, Vector64<T> right) => IsAnySet(LessThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanAll<T>(Vector64<T> left, Vector64<T> right) => AreAllSet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanAny<T>(Vector64<T> left, Vector64<T> right) => IsAnySet(GreaterThan(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAll<T>(Vector64<T> left, Vector64<T> right) => AreAllSet(GreaterThanOrEqual(left, right).AsUInt64());

    public static bool GreaterThanOrEqualAny<T>(Vector64<T> left, Vector64<T> right) => IsAnySet(GreaterThanOrEqual(left, right).AsUInt64());

    private static bool AreAllSet(Vector64<ulong> mask)
    {
        ulong all = ulong.MaxValue;
        for (int i = 0; i < 1; i++)
            all &= ((ulong*)&mask)[i];
        return all == ulong.MaxValue;
    }

    private static bool IsAnySet(Vector64<ulong> mask)
    {
        ulong any = 0;
        for (int i = 0; i < 1; i++)
            any |= ((ulong*)&mask)[i];
        return any != 0;
    }

    public static Vector64<T> Abs<T>(Vector64<T> vector) => EachOf(vector, &Elements<T>.Abs);

    public static Vector64<T> Sqrt<T>(Vector64<T> vector) => EachOf(vector, &Elements<T>.Sqrt);

    public static Vector64<T> Min<T>(Vector64<T> left, Vector64<T> right) => EachOf(left, right, &Elements<T>.Min);

    public static Vector64<T> Max<T>(Vector64<T> left, Vector64<T> right) => EachOf(left, right, &Elements<T>.Max);

    public static Vector64<T> Clamp<T>(Vector64<T> value, Vector64<T> min, Vector64<T> max) => Min(Max(value, min), max);

    private static Vector64<T> EachOf<T>(Vector64<T> vector, delegate*<T, T> function)
    {
        for (int i = 0; i < Vector64<T>.Count; i++)
            ((T*)&vector)[i] = function(((T*)&vector)[i]);
        return vector;
    }

    private static Vector64<T> EachOf<T>(Vector64<T> left, Vector64<T> right, delegate*<T, T, T> function)
    {
        for (int i = 0; i < Vector64<T>.Count; i++)
            ((T*)&left)[i] = function(((T*)&left)[i], ((T*)&right)[i]);
        return left;
    }

    public static T Sum<T>(Vector64<T> vector)
    {
        T sum = default!;
        for (int i = 0; i < Vector64<T>.Count; i++)
            sum = Elements<T>.Add(sum, ((T*)&vector)[i]);
        return sum;
    }

    public static T Dot<T>(Vector64<T> left, Vector64<T> right) => Sum(left * right);

    public static uint ExtractMostSignificantBits<T>(this Vector64<T> vector)
    {
        uint bits = 0;
        for (int i = 0; i < Vector64<T>.Count; i++)
            bits |= (uint)(((byte*)&vector)[(i + 1) * sizeof(T) - 1] >> 7) << i;
        return bits;
    }

    public static Vector64<byte> Shuffle(Vector64<byte> vector, Vector64<byte> indices) =>
        Vectors.Shuffle<Vector64<byte>, byte>(vector, indices.As<byte, byte>());

    public static Vector64<sbyte> Shuffle(Vector64<sbyte> vector, Vector64<sbyte> indices) =>
        Vectors.Shuffle<Vector64<sbyte>, sbyte>(vector, indices.As<sbyte, sbyte>());

    public static Vector64<short> Shuffle(Vector64<short> vector, Vector64<short> indices) =>
        Vectors.Shuffle<Vector64<short>, short>(vector, indices.As<short, short>());

    public static Vector64<ushort> Shuffle(Vector64<ushort> vector, Vector64<ushort> indices) =>
        Vectors.Shuffle<Vector64<ushort>, ushort>(vector, indices.As<ushort, ushort>());

    public static Vector64<int> Shuffle(Vector64<int> vector, Vector64<int> indices) =>
        Vectors.Shuffle<Vector64<int>, int>(vector, indices.As<int, int>());

    public static Vector64<uint> Shuffle(Vector64<uint> vector, Vector64<uint> indices) =>
        Vectors.Shuffle<Vector64<uint>, uint>(vector, indices.As<uint, uint>());

    public static Vector64<float> Shuffle(Vector64<float> vector, Vector64<int> indices) =>
        Vectors.Shuffle<Vector64<float>, float>(vector, indices.As<int, float>());

    public static Vector64<byte> ShiftLeft(Vector64<byte> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<sbyte> ShiftLeft(Vector64<sbyte> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<short> ShiftLeft(Vector64<short> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<ushort> ShiftLeft(Vector64<ushort> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<int> ShiftLeft(Vector64<int> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<uint> ShiftLeft(Vector64<uint> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<long> ShiftLeft(Vector64<long> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<ulong> ShiftLeft(Vector64<ulong> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<nint> ShiftLeft(Vector64<nint> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<nuint> ShiftLeft(Vector64<nuint> vector, int shiftCount) => vector << shiftCount;

    public static Vector64<byte> ShiftRightLogical(Vector64<byte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<sbyte> ShiftRightLogical(Vector64<sbyte> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<short> ShiftRightLogical(Vector64<short> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<ushort> ShiftRightLogical(Vector64<ushort> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<int> ShiftRightLogical(Vector64<int> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<uint> ShiftRightLogical(Vector64<uint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<long> ShiftRightLogical(Vector64<long> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<ulong> ShiftRightLogical(Vector64<ulong> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<nint> ShiftRightLogical(Vector64<nint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<nuint> ShiftRightLogical(Vector64<nuint> vector, int shiftCount) => vector >>> shiftCount;

    public static Vector64<sbyte> ShiftRightArithmetic(Vector64<sbyte> vector, int shiftCount) => vector >> shiftCount;

    public static Vector64<short> ShiftRightArithmetic(Vector64<short> vector, int shiftCount) => vector >> shiftCount;

    public static Vector64<int> ShiftRightArithmetic(Vector64<int> vector, int shiftCount) => vector >> shiftCount;

    public static Vector64<long> ShiftRightArithmetic(Vector64<long> vector, int shiftCount) => vector >> shiftCount;

    public static Vector64<nint> ShiftRightArithmetic(Vector64<nint> vector, int shiftCount) => vector >> shiftCount;
}
