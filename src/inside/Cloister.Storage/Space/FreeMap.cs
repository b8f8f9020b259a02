using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Cloister.Storage.Space;

/// <summary>Which blocks of the device are in use: one bit each. The owner locks.</summary>
internal sealed class FreeMap
{
    // How far ahead a long run is looked for before shorter ones will do: 64 Ki blocks.
    private const int RunSearchWords = 1024;

    // 256 KiB. The host keeps what was written together at such a place in few large folios, which it finds faster than many small ones.
    private const int Alignment = 64;

    // 16 MiB: so many free blocks that were written before are worth going back for.
    private const long EnoughWritten = 4096;

    private ulong[] _used;
    private long _next;

    // Behind the last block that was ever in use, as far as is known.
    private long _written;

    public FreeMap(long blocks)
    {
        Blocks = blocks;
        _used = new ulong[(blocks + 63) / 64];
        MarkBeyondEnd();
        Free = blocks;
    }

    public long Blocks { get; private set; }

    /// <summary>Blocks not in use.</summary>
    public long Free { get; private set; }

    /// <summary>Bytes of the map when written.</summary>
    public int Size => _used.Length * 8;

    public bool IsUsed(long block) => (_used[block >> 6] >> (int)(block & 63) & 1) != 0;

    /// <summary>Leaves out up to <see cref="Alignment"/> - 1 blocks, so that a long write can begin at a multiple of it, if there is room.</summary>
    public void Align(int count)
    {
        long first = (_next + Alignment - 1) / Alignment * Alignment;
        if (count < Alignment || first + count > Blocks)
            return;
        for (long word = first >> 6; word <= (first + count - 1) >> 6; word++)
        {
            if (_used[word] != 0)
                return;
        }

        _next = first;
    }

    /// <summary>
    /// Goes back to the beginning where only blocks would follow that were never written, and there are enough that were. The host's file has
    /// those: a flush needn't wait until its file system has written down where new ones lie, which takes longer than all else.
    /// </summary>
    public void ReturnToWritten()
    {
        if (_next >= _written && Free - (Blocks - _written) >= Math.Min(_written / 2, EnoughWritten))
            _next = 0;
    }

    /// <summary>Takes neighbouring blocks, the next ones after those taken last.</summary>
    /// <param name="wanted">At most so many.</param>
    /// <param name="first">The first.</param>
    /// <returns>How many; 0 where the volume is full.</returns>
    public int Allocate(int wanted, out long first)
    {
        first = 0;
        if (Free == 0)
            return 0;
        if (_next >= Blocks)
            _next = 0;
        long position = _next;
        long best = -1;
        int bestLength = 0;
        int words = 0;
        for (bool wrapped = false; ;)
        {
            long start = NextFree(position);
            if (start < 0)
            {
                if (wrapped || bestLength > 0)
                    break;
                wrapped = true;
                position = 0;
                continue;
            }

            int length = FreeRun(start, wanted);
            if (length > bestLength)
            {
                best = start;
                bestLength = length;
            }

            words += (int)Math.Min((start - position) >> 6, RunSearchWords) + 1;
            if (bestLength == wanted || words > RunSearchWords)
                break;
            position = start + length;
        }

        if (bestLength == 0)
            return 0;
        first = best;
        Mark(best, bestLength);
        _next = best + bestLength;
        return bestLength;
    }

    /// <summary>Marks blocks as used.</summary>
    public void Mark(long first, long count)
    {
        _written = Math.Max(_written, first + count);
        for (long block = first; block < first + count; block++)
        {
            ulong bit = 1UL << (int)(block & 63);
            if ((_used[block >> 6] & bit) == 0)
                Free--;
            _used[block >> 6] |= bit;
        }
    }

    /// <summary>Marks blocks as free.</summary>
    public void Release(long first, long count)
    {
        for (long block = first; block < first + count; block++)
        {
            ulong bit = 1UL << (int)(block & 63);
            if ((_used[block >> 6] & bit) != 0)
                Free++;
            _used[block >> 6] &= ~bit;
        }
    }

    /// <summary>Finds free blocks that lie together.</summary>
    /// <returns>False where none follow.</returns>
    public bool TryFindFree(long from, out long first, out long count)
    {
        first = from < Blocks ? NextFree(from) : -1;
        count = 0;
        if (first < 0)
            return false;
        long end = first;
        while (end < Blocks && !IsUsed(end))
            end++;
        count = end - first;
        return true;
    }

    /// <summary>Makes this map equal to another of the same size or smaller, whose missing blocks are free.</summary>
    public void CopyFrom(FreeMap other)
    {
        if (_used.Length != other._used.Length)
            _used = new ulong[other._used.Length];
        other._used.CopyTo(_used, 0);
        Blocks = other.Blocks;
        Free = other.Free;
    }

    public void Grow(long blocks)
    {
        Debug.Assert(blocks >= Blocks);
        long old = Blocks;
        Array.Resize(ref _used, (int)((blocks + 63) / 64));
        Blocks = blocks;
        long oldEnd = Math.Min((old + 63) & ~63L, blocks);
        for (long block = old; block < oldEnd; block++)
            _used[block >> 6] &= ~(1UL << (int)(block & 63));
        Free += blocks - old;
        MarkBeyondEnd();
    }

    public void Write(Span<byte> into) => MemoryMarshal.AsBytes(_used.AsSpan()).CopyTo(into);

    /// <summary>Reads a map that was written when the device had at most as many blocks as now.</summary>
    public void Read(ReadOnlySpan<byte> from, long blocks)
    {
        long now = Blocks;
        Blocks = blocks;
        _used = new ulong[(blocks + 63) / 64];
        from.CopyTo(MemoryMarshal.AsBytes(_used.AsSpan()));
        MarkBeyondEnd();
        long used = 0;
        _written = 0;
        for (int i = 0; i < _used.Length; i++)
        {
            used += BitOperations.PopCount(_used[i]);
            if (i < blocks >> 6 && _used[i] != 0)
                _written = (i + 1) * 64L;
        }

        Free = blocks - (used - (_used.Length * 64L - blocks));
        if (now > blocks)
            Grow(now);
    }

    private void MarkBeyondEnd()
    {
        if ((Blocks & 63) != 0)
            _used[^1] |= ~0UL << (int)(Blocks & 63);
    }

    private long NextFree(long from)
    {
        if (from >= Blocks)
            return -1;
        long word = from >> 6;
        ulong free = ~_used[word] & (~0UL << (int)(from & 63));
        while (free == 0)
        {
            if (++word == _used.Length)
                return -1;
            free = ~_used[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(free);
    }

    private int FreeRun(long start, int limit)
    {
        int length = 1;
        while (length < limit && start + length < Blocks && !IsUsed(start + length))
            length++;
        return length;
    }
}
