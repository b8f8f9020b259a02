using System.Numerics;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

/// <summary>128 bits of elements side by side.</summary>
public readonly unsafe struct Vector128<T> : IEquatable<Vector128<T>>
{
    private readonly ulong _word0;
    private readonly ulong _word1;

    public static int Count => 16 / sizeof(T);

    public static bool IsSupported => Vectors.IsElement<T>();

    public static Vector128<T> Zero => default;

    public static Vector128<T> One => Vector128.Create(Number(1));

    public static Vector128<T> AllBitsSet => Vector128.Create(Vectors.AllBits<T>());

    public static Vector128<T> Indices
    {
        get
        {
            Vector128<T> made = default;
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

    public static Vector128<T> operator +(Vector128<T> left, Vector128<T> right) => Vectors.Add<Vector128<T>, T>(left, right);

    public static Vector128<T> operator -(Vector128<T> left, Vector128<T> right) => Vectors.Subtract<Vector128<T>, T>(left, right);

    public static Vector128<T> operator *(Vector128<T> left, Vector128<T> right) => Vectors.Multiply<Vector128<T>, T>(left, right);

    public static Vector128<T> operator &(Vector128<T> left, Vector128<T> right) => Vectors.And<Vector128<T>, T>(left, right);

    public static Vector128<T> operator |(Vector128<T> left, Vector128<T> right) => Vectors.Or<Vector128<T>, T>(left, right);

    public static Vector128<T> operator ^(Vector128<T> left, Vector128<T> right) => Vectors.Xor<Vector128<T>, T>(left, right);

    public static Vector128<T> operator *(Vector128<T> left, T right) => left * Vector128.Create(right);

    public static Vector128<T> operator *(T left, Vector128<T> right) => Vector128.Create(left) * right;

    // An element at a time, because dividing by zero throws.
    public static Vector128<T> operator /(Vector128<T> left, Vector128<T> right)
    {
        Vector128<T> made = default;
        for (int i = 0; i < Count; i++)
            ((T*)&made)[i] = Elements<T>.Divide(((T*)&left)[i], ((T*)&right)[i]);
        return made;
    }

    public static Vector128<T> operator /(Vector128<T> left, T right) => left / Vector128.Create(right);

    public static Vector128<T> operator ~(Vector128<T> vector) => vector ^ AllBitsSet;

    public static Vector128<T> operator -(Vector128<T> vector) => Vectors.Negate<Vector128<T>, T>(vector);

    public static Vector128<T> operator +(Vector128<T> value) => value;

    public static Vector128<T> operator <<(Vector128<T> value, int shiftCount) => Vectors.ShiftLeft<Vector128<T>, T>(value, shiftCount);

    public static Vector128<T> operator >>(Vector128<T> value, int shiftCount) => Vectors.ShiftRightArithmetic<Vector128<T>, T>(value, shiftCount);

    public static Vector128<T> operator >>>(Vector128<T> value, int shiftCount) => Vectors.ShiftRightLogical<Vector128<T>, T>(value, shiftCount);

    public static bool operator ==(Vector128<T> left, Vector128<T> right) => Vector128.EqualsAll(left, right);

    public static bool operator !=(Vector128<T> left, Vector128<T> right) => !Vector128.EqualsAll(left, right);

    // Unlike ==, a NaN equals itself.
    public bool Equals(Vector128<T> other)
    {
        Vector128<T> own = this;
        for (int i = 0; i < Count; i++)
            if (!((T*)&own)[i]!.Equals(((T*)&other)[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is Vector128<T> other && Equals(other);

    public override int GetHashCode()
    {
        Vector128<T> own = this;
        HashCode hash = default;
        for (int i = 0; i < Count; i++)
            hash.Add(((T*)&own)[i]);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        Vector128<T> own = this;
        var text = new Text.StringBuilder("<");
        for (int i = 0; i < Count; i++)
            text.Append(i > 0 ? ", " : "").Append(((T*)&own)[i]!.ToString());
        return text.Append('>').ToString();
    }
}
