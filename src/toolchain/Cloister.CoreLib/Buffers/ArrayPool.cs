using System.Numerics;

namespace System.Buffers;

/// <summary>Arrays to be used again. There is no shared pool: who needs one creates it.</summary>
public abstract class ArrayPool<T>
{
    public static ArrayPool<T> Create() => Create(1024 * 1024, 50);

    public static ArrayPool<T> Create(int maxArrayLength, int maxArraysPerBucket) => new BucketPool<T>(maxArrayLength, maxArraysPerBucket);

    public abstract T[] Rent(int minimumLength);

    public abstract void Return(T[] array, bool clearArray = false);
}

/// <summary>A stack of arrays for each power of two from 16.</summary>
internal sealed class BucketPool<T>(int maxArrayLength, int maxArraysPerBucket) : ArrayPool<T>
{
    private readonly Collections.Generic.Stack<T[]>[] _buckets = new Collections.Generic.Stack<T[]>[Bucket(Math.Max(maxArrayLength, 16)) + 1];

    private static int Bucket(int length) => BitOperations.Log2((uint)(length - 1) | 15) - 3;

    public override T[] Rent(int minimumLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumLength);
        if (minimumLength == 0)
            return [];
        int bucket = Bucket(minimumLength);
        if (bucket >= _buckets.Length)
            return new T[minimumLength];
        return _buckets[bucket] is { } arrays && arrays.TryPop(out T[]? array) ? array : new T[16 << bucket];
    }

    public override void Return(T[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Length == 0)
            return;
        int bucket = Bucket(array.Length);
        if (bucket >= _buckets.Length)
            return;
        if (array.Length != 16 << bucket)
            throw new ArgumentException("The buffer is not associated with this pool and may not be returned to it.", nameof(array));
        if (clearArray)
            Array.Clear(array);
        Collections.Generic.Stack<T[]> arrays = _buckets[bucket] ??= new();
        if (arrays.Count < maxArraysPerBucket)
            arrays.Push(array);
    }
}
