using System;
using System.Threading;

namespace Cloister.Vfs.Core;

/// <summary>Objects of one class that nobody uses at the moment, for the next who needs one.</summary>
internal sealed class ObjectPool<T>(Func<T> create)
    where T : class
{
    private const int Capacity = 64;

    private readonly Lock _lock = new();
    private readonly T?[] _free = new T?[Capacity];
    private int _count;

    public T Take()
    {
        lock (_lock)
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

    public void Give(T item)
    {
        lock (_lock)
        {
            if (_count < Capacity)
                _free[_count++] = item;
        }
    }
}
