using System;
using Cloister.Abi.Files;

namespace Cloister.Vfs.Pipes;

/// <summary>
/// How the bytes of a pipe lie in pages: Linux's room is counted in these, not in bytes. A page that has been read in part holds its
/// place until all of it is read, and takes more only at its end (struct pipe_buffer).
/// </summary>
/// <remarks>The bytes themselves are in one ring, since that is what makes copies long.</remarks>
internal sealed class PipeSlots
{
    /// <summary>Bytes of a page.</summary>
    public const int Size = FileLimits.PIPE_BUF;

    private Slot[] _slots = new Slot[4];
    private int _head;

    /// <summary>Pages in use.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the first page; there is one.</summary>
    public int FirstLength => _slots[_head].Length;

    /// <summary>Whether the first page is a packet (O_DIRECT); there is one.</summary>
    public bool IsFirstPacket => _slots[_head].IsPacket;

    /// <summary>Whether a number of bytes goes into the last page, behind what is there.</summary>
    public bool FitsBehindLast(int length) => Count != 0 && Last is { IsPacket: false } last && last.Start + last.Length + length <= Size;

    private ref Slot Last => ref _slots[(_head + Count - 1) & (_slots.Length - 1)];

    /// <summary>How many of the first bytes come before a packet.</summary>
    public int PlainBytes(int wanted)
    {
        int bytes = 0;
        for (int i = 0; i < Count && bytes < wanted; i++)
        {
            Slot slot = _slots[(_head + i) & (_slots.Length - 1)];
            if (slot.IsPacket)
                return bytes;
            bytes += slot.Length;
        }

        return Math.Min(bytes, wanted);
    }

    /// <summary>Adds bytes to the last page.</summary>
    public void Extend(int length) => Last.Length += length;

    /// <summary>Adds pages.</summary>
    public void Add(int length, bool asPackets)
    {
        for (; length > 0; length -= Size)
        {
            MakeRoom();
            Count++;
            Last = new Slot { Length = Math.Min(length, Size), IsPacket = asPackets };
        }
    }

    /// <summary>Takes bytes from the front.</summary>
    public void Take(int length)
    {
        while (length > 0)
        {
            ref Slot first = ref _slots[_head];
            int taken = Math.Min(length, first.Length);
            first.Start += taken;
            first.Length -= taken;
            length -= taken;
            if (first.Length == 0)
                DropFirst();
        }
    }

    /// <summary>Takes the first page, whatever is in it.</summary>
    public void DropFirst()
    {
        _head = (_head + 1) & (_slots.Length - 1);
        Count--;
    }

    /// <summary>Puts bytes back in front: where they were, as far as their page is still there.</summary>
    public void PutBack(int length)
    {
        if (Count != 0)
        {
            ref Slot first = ref _slots[_head];
            int back = Math.Min(length, first.Start);
            first.Start -= back;
            first.Length += back;
            length -= back;
        }

        for (; length > 0; length -= Size)
        {
            MakeRoom();
            Count++;
            _head = (_head - 1) & (_slots.Length - 1);
            int part = Math.Min(length, Size);
            _slots[_head] = new Slot { Start = Size - part, Length = part };
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;

    private void MakeRoom()
    {
        if (Count < _slots.Length)
            return;
        var slots = new Slot[_slots.Length * 2];
        for (int i = 0; i < Count; i++)
            slots[i] = _slots[(_head + i) & (_slots.Length - 1)];
        _slots = slots;
        _head = 0;
    }

    private struct Slot
    {
        public int Start;
        public int Length;
        public bool IsPacket;
    }
}
