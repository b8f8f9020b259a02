using System.Numerics;
using Cloister.Runtime;

namespace System.Runtime.Intrinsics;

/// <summary>64 bits of elements side by side.</summary>
public readonly unsafe struct Vector64<T> : IEquatable<Vector64<T>>
{
    private readonly ulong _word0;

    public static int Count => 8 / sizeof(T);

    public static bool IsSupported => Vectors.IsElement<T>();

    public static Vector64<T> Zero => default;

    public static Vector64<T> One => Vector64.Create(Number(1));

    public static Vector64<T> AllBitsSet => Vector64.Create(Vectors.AllBits<T>());

    public static Vector64<T> Indices
    {
        get
        {
            Vector64<T> made = default;
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

    public static Vector64<T> operator +(Vector64<T> left, Vector64<T> right) => Vectors.Add<Vector64<T>, T>(left, right);

    public static Vector64<T> operator -(Vector64<T> left, Vector64<T> right) => Vectors.Subtract<Vector64<T>, T>(left, right);

    public static Vector64<T> operator *(Vector64<T> left, Vector64<T> right) => Vectors.Multiply<Vector64<T>, T>(left, right);

    public static Vector64<T> operator &(Vector64<T> left, Vector64<T> right) => Vectors.And<Vector64<T>, T>(left, right);

    public static Vector64<T> operator |(Vector64<T> left, Vector64<T> right) => Vectors.Or<Vector64<T>, T>(left, right);

    public static Vector64<T> operator ^(Vector64<T> left, Vector64<T> right) => Vectors.Xor<Vector64<T>, T>(left, right);

    public static Vector64<T> operator *(Vector64<T> left, T right) => left * Vector64.Create(right);

    public static Vector64<T> operator *(T left, Vector64<T> right) => Vector64.Create(left) * right;

    // An element at a time, because dividing by zero throws.
    public static Vector64<T> operator /(Vector64<T> left, Vector64<T> right)
    {
        Vector64<T> made = default;
        for (int i = 0; i < Count; i++)
            ((T*)&made)[i] = Elements<T>.Divide(((T*)&left)[i], ((T*)&right)[i]);
        return made;
    }

    public static Vector64<T> operator /(Vector64<T> left, T right) => left / Vector64.Create(right);

    public static Vector64<T> operator ~(Vector64<T> vector) => vector ^ AllBitsSet;

    public static Vector64<T> operator -(Vector64<T> vector) => Vectors.Negate<Vector64<T>, T>(vector);

    public static Vector64<T> operator +(Vector64<T> value) => value;

    public static Vector64<T> operator <<(Vector64<T> value, int shiftCount) => Vectors.ShiftLeft<Vector64<T>, T>(value, shiftCount);

    public static Vector64<T> operator >>(Vector64<T> value, int shiftCount) => Vectors.ShiftRightArithmetic<Vector64<T>, T>(value, shiftCount);

    public static Vector64<T> operator >>>(Vector64<T> value, int shiftCount) => Vectors.ShiftRightLogical<Vector64<T>, T>(value, shiftCount);

    public static bool operator ==(Vector64<T> left, Vector64<T> right) => Vector64.EqualsAll(left, right);

    public static bool operator !=(Vector64<T> left, Vector64<T> right) => !Vector64.EqualsAll(left, right);

    // Unlike ==, a NaN equals itself.
    public bool Equals(Vector64<T> other)
    {
        Vector64<T> own = this;
        for (int i = 0; i < Count; i++)
            if (!((T*)&own)[i]!.Equals(((T*)&other)[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is Vector64<T> other && Equals(other);

    public override int GetHashCode()
    {
        Vector64<T> own = this;
        HashCode hash = default;
        for (int i = 0; i < Count; i++)
            hash.Add(((T*)&own)[i]);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        Vector64<T> own = this;
        var text = new Text.StringBuilder("<");
        for (int i = 0; i < Count; i++)
            text.Append(i > 0 ? ", " : "").Append(((T*)&own)[i]!.ToString());
        return text.Append('>').ToString();
    }
}
