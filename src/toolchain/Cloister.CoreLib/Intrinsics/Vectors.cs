using System;
using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>
/// Operations on all elements of a vector at once. The compiler implements them with the vectors of the C compiler, which takes what instructions the
/// processor has.
/// </summary>
internal static class Vectors
{
    public static TVector Add<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Subtract<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Multiply<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector And<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Or<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Xor<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Equal<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Less<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector LessOrEqual<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector Shuffle<TVector, TElement>(TVector left, TVector right) => throw new NotSupportedException();

    public static TVector ShiftLeft<TVector, TElement>(TVector value, int count) => throw new NotSupportedException();

    public static TVector ShiftRightLogical<TVector, TElement>(TVector value, int count) => throw new NotSupportedException();

    public static TVector ShiftRightArithmetic<TVector, TElement>(TVector value, int count) => throw new NotSupportedException();

    public static TVector Negate<TVector, TElement>(TVector value) => throw new NotSupportedException();

    /// <summary>Numbers that a vector may hold; .NET throws for all others as well.</summary>
    public static bool IsElement<T>() =>
        typeof(T) == typeof(byte) || typeof(T) == typeof(sbyte) || typeof(T) == typeof(short) || typeof(T) == typeof(ushort) ||
        typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(long) || typeof(T) == typeof(ulong) ||
        typeof(T) == typeof(nint) || typeof(T) == typeof(nuint) || typeof(T) == typeof(float) || typeof(T) == typeof(double);

    /// <summary>
    /// Refuses elements that hold references, which the collector wouldn't find in a vector, and sizes that no number has.
    /// </summary>
    // SAFETY: sizeof alone; no address is taken.
    public static unsafe void RequireElement<T>()
    {
        // Tests for equality, of which the compiler knows the result: callers aren't to be methods that may throw.
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>() || sizeof(T) != 1 && sizeof(T) != 2 && sizeof(T) != 4 && sizeof(T) != 8)
            throw new NotSupportedException("Specified type is not supported");
    }

    // SAFETY: T has at most 8 bytes and no references.
    public static unsafe T AllBits<T>()
    {
        RequireElement<T>();
        ulong bits = ulong.MaxValue;
        return *(T*)&bits;
    }
}
