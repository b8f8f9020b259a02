using System;
using Cloister.Contracts;

namespace Cloister.Vfs.Terminals;

/// <summary>What was typed: bytes, and where lines end. Its owner locks.</summary>
internal sealed class TerminalInput
{
    /// <summary>N_TTY_BUF_SIZE.</summary>
    private const int Capacity = 4096;

    private const ushort LineEnd = 0x100;

    /// <summary>An end of file: ends a line without being a byte of it.</summary>
    private const ushort EndOfFile = 0x200;

    private readonly ushort[] _ring = new ushort[Capacity];
    private int _head;

    /// <summary>Everything, the unfinished line too.</summary>
    public int Count { get; private set; }

    /// <summary>Finished lines.</summary>
    public int Lines { get; private set; }

    /// <summary>Characters since the last line end.</summary>
    public int Unfinished { get; private set; }

    /// <summary>Whether a byte would be lost; a line end still fits.</summary>
    public bool IsFull => Count >= Capacity - 1;

    public bool TryAdd(byte value, bool endsLine = false)
    {
        if (IsFull && !(endsLine && Count < Capacity))
            return false;
        Put((ushort)(value | (endsLine ? LineEnd : 0)));
        return true;
    }

    public void AddEndOfFile()
    {
        if (Count < Capacity)
            Put(LineEnd | EndOfFile);
    }

    /// <summary>Takes back the last character of the unfinished line; -1 where there is none.</summary>
    public int Erase()
    {
        if (Unfinished == 0)
            return -1;
        Count--;
        Unfinished--;
        return _ring[(_head + Count) % Capacity] & 0xFF;
    }

    /// <summary>The last character of the unfinished line, or -1.</summary>
    public int Last => Unfinished == 0 ? -1 : _ring[(_head + Count - 1) % Capacity] & 0xFF;

    /// <summary>Character of the unfinished line, from its start.</summary>
    public byte UnfinishedAt(int index) => (byte)_ring[(_head + Count - Unfinished + index) % Capacity];

    /// <summary>Bytes that a canonical read could get from all lines.</summary>
    public int FinishedBytes
    {
        get
        {
            int bytes = 0;
            for (int i = 0; i < Count - Unfinished; i++)
            {
                if ((_ring[(_head + i) % Capacity] & EndOfFile) == 0)
                    bytes++;
            }

            return bytes;
        }
    }

    /// <summary>Moves at most one line.</summary>
    /// <returns>Bytes; 0 for an end of file; -1 where the buffer's next page is absent.</returns>
    public int MoveLine(IIoBuffer buffer)
    {
        int done = 0;
        Span<byte> one = stackalloc byte[1];
        while (Count > 0)
        {
            ushort value = _ring[_head];
            bool isEnd = (value & LineEnd) != 0;
            if ((value & EndOfFile) == 0)
            {
                if (buffer.Remaining == 0)
                    break;
                one[0] = (byte)value;
                if (buffer.StorePresent(one) == 0)
                    return done > 0 ? done : -1;
                done++;
            }

            Drop(isEnd);
            if (isEnd)
                break;
        }

        return done;
    }

    /// <summary>Moves bytes as they are (non-canonical mode).</summary>
    public int MoveBytes(IIoBuffer buffer)
    {
        int done = 0;
        Span<byte> one = stackalloc byte[1];
        while (Count > 0 && buffer.Remaining > 0)
        {
            one[0] = (byte)_ring[_head];
            if (buffer.StorePresent(one) == 0)
                return done > 0 ? done : -1;
            done++;
            Drop(wasEnd: false);
        }

        return done;
    }

    /// <summary>
    /// Lines begin or cease to matter: what is there is one line, or bytes, an end of file among them a zero (n_tty_set_termios
    /// of Linux).
    /// </summary>
    public void Regroup(bool asLine)
    {
        for (int i = 0; i < Count; i++)
            _ring[(_head + i) % Capacity] &= 0xFF;
        Lines = 0;
        Unfinished = Count;
        if (!asLine || Count == 0)
            return;
        _ring[(_head + Count - 1) % Capacity] |= LineEnd;
        Lines = 1;
        Unfinished = 0;
    }

    public void Clear()
    {
        Count = 0;
        Lines = 0;
        Unfinished = 0;
    }

    private void Put(ushort value)
    {
        _ring[(_head + Count++) % Capacity] = value;
        if ((value & LineEnd) != 0)
        {
            Lines++;
            Unfinished = 0;
        }
        else
        {
            Unfinished++;
        }
    }

    private void Drop(bool wasEnd)
    {
        if (Count == Unfinished)
            Unfinished--;
        _head = (_head + 1) % Capacity;
        Count--;
        if (wasEnd)
            Lines--;
    }
}
