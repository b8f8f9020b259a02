using System.Numerics;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

/// <summary>256 bits of elements side by side.</summary>
public readonly unsafe struct Vector256<T> : IEquatable<Vector256<T>>
{
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    public static int Count => 32 / sizeof(T);

    public static bool IsSupported => Vectors.IsElement<T>();

    public static Vector256<T> Zero => default;

    public static Vector256<T> One => Vector256.Create(Number(1));

    public static Vector256<T> AllBitsSet => Vector256.Create(Vectors.AllBits<T>());

    public static Vector256<T> Indices
    {
        get
        {
            Vector256<T> made = default;
            for (int i = 0; i < Count; i++)
                ((T*)&made)[i] = Number(i);
            return made;
        }
    }

    public T this[int index] => this.GetElement(index);

    internal static T Number(int value)
    {
        if (typeof(T) == typeof(float))
        {
            float single = value;
            return *(T*)&single;
        }

        if (typeof(T) == typeof(double))
        {
            double wide = value;
            return *(T*)&wide;
        }

        long bits = value;
        return *(T*)&bits;
    }

    public static Vector256<T> operator +(Vector256<T> left, Vector256<T> right) => Vectors.Add<Vector256<T>, T>(left, right);

    public static Vector256<T> operator -(Vector256<T> left, Vector256<T> right) => Vectors.Subtract<Vector256<T>, T>(left, right);

    public static Vector256<T> operator *(Vector256<T> left, Vector256<T> right) => Vectors.Multiply<Vector256<T>, T>(left, right);

    public static Vector256<T> operator &(Vector256<T> left, Vector256<T> right) => Vectors.And<Vector256<T>, T>(left, right);

    public static Vector256<T> operator |(Vector256<T> left, Vector256<T> right) => Vectors.Or<Vector256<T>, T>(left, right);

    public static Vector256<T> operator ^(Vector256<T> left, Vector256<T> right) => Vectors.Xor<Vector256<T>, T>(left, right);

    public static Vector256<T> operator *(Vector256<T> left, T right) => left * Vector256.Create(right);

    public static Vector256<T> operator *(T left, Vector256<T> right) => Vector256.Create(left) * right;

    // An element at a time, because dividing by zero throws.
    public static Vector256<T> operator /(Vector256<T> left, Vector256<T> right)
    {
        Vector256<T> made = default;
        for (int i = 0; i < Count; i++)
            ((T*)&made)[i] = Elements<T>.Divide(((T*)&left)[i], ((T*)&right)[i]);
        return made;
    }

    public static Vector256<T> operator /(Vector256<T> left, T right) => left / Vector256.Create(right);

    public static Vector256<T> operator ~(Vector256<T> vector) => vector ^ AllBitsSet;

    public static Vector256<T> operator -(Vector256<T> vector) => Vectors.Negate<Vector256<T>, T>(vector);

    public static Vector256<T> operator +(Vector256<T> value) => value;

    public static Vector256<T> operator <<(Vector256<T> value, int shiftCount) => Vectors.ShiftLeft<Vector256<T>, T>(value, shiftCount);

    public static Vector256<T> operator >>(Vector256<T> value, int shiftCount) => Vectors.ShiftRightArithmetic<Vector256<T>, T>(value, shiftCount);

    public static Vector256<T> operator >>>(Vector256<T> value, int shiftCount) => Vectors.ShiftRightLogical<Vector256<T>, T>(value, shiftCount);

    public static bool operator ==(Vector256<T> left, Vector256<T> right) => Vector256.EqualsAll(left, right);

    public static bool operator !=(Vector256<T> left, Vector256<T> right) => !Vector256.EqualsAll(left, right);

    // Unlike ==, a NaN equals itself.
    public bool Equals(Vector256<T> other)
    {
        Vector256<T> own = this;
        for (int i = 0; i < Count; i++)
            if (!((T*)&own)[i]!.Equals(((T*)&other)[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is Vector256<T> other && Equals(other);

    public override int GetHashCode()
    {
        Vector256<T> own = this;
        HashCode hash = default;
        for (int i = 0; i < Count; i++)
            hash.Add(((T*)&own)[i]);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        Vector256<T> own = this;
        var text = new Text.StringBuilder("<");
        for (int i = 0; i < Count; i++)
            text.Append(i > 0 ? ", " : "").Append(((T*)&own)[i]!.ToString());
        return text.Append('>').ToString();
    }
}
