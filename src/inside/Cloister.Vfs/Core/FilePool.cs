using System;
using System.Threading;

namespace Cloister.Vfs.Core;

/// <summary>Closed open-file objects of one class, for the next open.</summary>
internal sealed class FilePool<T>(Func<T> create) where T : OpenFile
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
                T file = _free[--_count]!;
                _free[_count] = null;
                return file;
            }
        }

        return create();
    }

    public void Give(T file)
    {
        lock (_lock)
        {
            if (_count < Capacity)
                _free[_count++] = file;
        }
    }
}
