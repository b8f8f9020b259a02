using System;
using Cloister.Contracts;

namespace Cloister.Vfs.Terminals;

/// <summary>A bounded queue of bytes. Its owner locks.</summary>
internal sealed class ByteQueue(int capacity)
{
    private readonly byte[] _ring = new byte[capacity];
    private int _head;

    public int Count { get; private set; }

    public int Room => _ring.Length - Count;

    public bool TryAdd(byte value)
    {
        if (Count == _ring.Length)
            return false;
        _ring[(_head + Count++) % _ring.Length] = value;
        return true;
    }

    /// <summary>Moves bytes to a buffer; fewer than wanted where its next page is absent.</summary>
    public int MoveTo(IIoBuffer buffer, int wanted)
    {
        int done = 0;
        wanted = Math.Min(wanted, Count);
        while (done < wanted)
        {
            int part = Math.Min(wanted - done, _ring.Length - _head);
            int stored = buffer.StorePresent(_ring.AsSpan(_head, part));
            _head = (_head + stored) % _ring.Length;
            Count -= stored;
            done += stored;
            if (stored < part)
                break;
        }

        return done;
    }

    /// <summary>Takes a byte; -1 where there is none.</summary>
    public int Take()
    {
        if (Count == 0)
            return -1;
        byte value = _ring[_head];
        _head = (_head + 1) % _ring.Length;
        Count--;
        return value;
    }

    public void Clear() => Count = 0;
}
