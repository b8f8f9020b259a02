using System;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>Objects of one class that nobody uses at the moment, for the next who needs one.</summary>
public sealed class ObjectPool<T>(Func<T> create)
    where T : class
{
    private const int Capacity = 64;

    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly T?[] _free = new T?[Capacity];
    private int _count;

    /// <summary>Takes one that is free, or makes one.</summary>
    public T Take()
    {
        using (_lock.Enter())
        {
            if (_count > 0)
            {
                T item = _free[--_count]!;
                _free[_count] = null;
                return item;
            }
        }

        return create();
    }

    /// <summary>Gives one back; more than the pool keeps are let go.</summary>
    public void Give(T item)
    {
        using (_lock.Enter())
        {
            if (_count < Capacity)
                _free[_count++] = item;
        }
    }
}
