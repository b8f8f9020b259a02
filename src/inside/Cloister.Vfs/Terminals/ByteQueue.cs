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

    /// <summary>Moves bytes to a buffer; fewer than wanted where it is not writable.</summary>
    public int MoveTo(IIoBuffer buffer, int wanted)
    {
        int done = 0;
        wanted = Math.Min(wanted, Count);
        while (done < wanted)
        {
            int part = Math.Min(wanted - done, _ring.Length - _head);
            int stored = buffer.Store(_ring.AsSpan(_head, part));
            _head = (_head + stored) % _ring.Length;
            Count -= stored;
            done += stored;
            if (stored < part)
                break;
        }

        return done;
    }

    public void Clear() => Count = 0;
}
