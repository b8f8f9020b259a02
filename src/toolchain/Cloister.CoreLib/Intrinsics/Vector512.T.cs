using System.Numerics;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

/// <summary>512 bits of elements side by side.</summary>
public readonly unsafe struct Vector512<T> : IEquatable<Vector512<T>>
{
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;
    private readonly ulong _word4;
    private readonly ulong _word5;
    private readonly ulong _word6;
    private readonly ulong _word7;

    public static int Count => 64 / sizeof(T);

    public static bool IsSupported => Vectors.IsElement<T>();

    public static Vector512<T> Zero => default;

    public static Vector512<T> One => Vector512.Create(Number(1));

    public static Vector512<T> AllBitsSet => Vector512.Create(Vectors.AllBits<T>());

    public static Vector512<T> Indices
    {
        get
        {
            Vector512<T> made = default;
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

    public static Vector512<T> operator +(Vector512<T> left, Vector512<T> right) => Vectors.Add<Vector512<T>, T>(left, right);

    public static Vector512<T> operator -(Vector512<T> left, Vector512<T> right) => Vectors.Subtract<Vector512<T>, T>(left, right);

    public static Vector512<T> operator *(Vector512<T> left, Vector512<T> right) => Vectors.Multiply<Vector512<T>, T>(left, right);

    public static Vector512<T> operator &(Vector512<T> left, Vector512<T> right) => Vectors.And<Vector512<T>, T>(left, right);

    public static Vector512<T> operator |(Vector512<T> left, Vector512<T> right) => Vectors.Or<Vector512<T>, T>(left, right);

    public static Vector512<T> operator ^(Vector512<T> left, Vector512<T> right) => Vectors.Xor<Vector512<T>, T>(left, right);

    public static Vector512<T> operator *(Vector512<T> left, T right) => left * Vector512.Create(right);

    public static Vector512<T> operator *(T left, Vector512<T> right) => Vector512.Create(left) * right;

    // An element at a time, because dividing by zero throws.
    public static Vector512<T> operator /(Vector512<T> left, Vector512<T> right)
    {
        Vector512<T> made = default;
        for (int i = 0; i < Count; i++)
            ((T*)&made)[i] = Elements<T>.Divide(((T*)&left)[i], ((T*)&right)[i]);
        return made;
    }

    public static Vector512<T> operator /(Vector512<T> left, T right) => left / Vector512.Create(right);

    public static Vector512<T> operator ~(Vector512<T> vector) => vector ^ AllBitsSet;

    public static Vector512<T> operator -(Vector512<T> vector) => Vectors.Negate<Vector512<T>, T>(vector);

    public static Vector512<T> operator +(Vector512<T> value) => value;

    public static Vector512<T> operator <<(Vector512<T> value, int shiftCount) => Vectors.ShiftLeft<Vector512<T>, T>(value, shiftCount);

    public static Vector512<T> operator >>(Vector512<T> value, int shiftCount) => Vectors.ShiftRightArithmetic<Vector512<T>, T>(value, shiftCount);

    public static Vector512<T> operator >>>(Vector512<T> value, int shiftCount) => Vectors.ShiftRightLogical<Vector512<T>, T>(value, shiftCount);

    public static bool operator ==(Vector512<T> left, Vector512<T> right) => Vector512.EqualsAll(left, right);

    public static bool operator !=(Vector512<T> left, Vector512<T> right) => !Vector512.EqualsAll(left, right);

    // Unlike ==, a NaN equals itself.
    public bool Equals(Vector512<T> other)
    {
        Vector512<T> own = this;
        for (int i = 0; i < Count; i++)
            if (!((T*)&own)[i]!.Equals(((T*)&other)[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is Vector512<T> other && Equals(other);

    public override int GetHashCode()
    {
        Vector512<T> own = this;
        HashCode hash = default;
        for (int i = 0; i < Count; i++)
            hash.Add(((T*)&own)[i]);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        Vector512<T> own = this;
        var text = new Text.StringBuilder("<");
        for (int i = 0; i < Count; i++)
            text.Append(i > 0 ? ", " : "").Append(((T*)&own)[i]!.ToString());
        return text.Append('>').ToString();
    }
}
