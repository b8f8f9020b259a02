using System;
using System.Numerics;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Memory;

/// <summary>Free frames in blocks of powers of two, which join with their neighbours again. Lists run through arrays: nothing is allocated.</summary>
internal sealed class FrameLists
{
    private const int LargestOrder = 10;
    private const int None = -1;

    private readonly int _first;
    private readonly int[] _next;
    private readonly int[] _previous;

    // Order of the free block that begins at a frame, plus one; 0 where none does.
    private readonly byte[] _orders;
    private readonly int[] _heads = new int[LargestOrder + 1];

    /// <summary>Begins without free frames.</summary>
    /// <param name="first">The lowest frame there may be.</param>
    /// <param name="count">How many numbers follow.</param>
    public FrameLists(int first, int count)
    {
        _first = first & ~((1 << LargestOrder) - 1);
        count += first - _first;
        _next = new int[count];
        _previous = new int[count];
        _orders = new byte[count];
        _heads.AsSpan().Fill(None);
    }

    /// <summary>Free frames.</summary>
    public long Count { get; private set; }

    /// <summary>Takes adjacent frames.</summary>
    public bool TryTake(int count, out FrameExtent extent)
    {
        int order = count <= 1 ? 0 : BitOperations.Log2((uint)(count - 1)) + 1;
        int found = order;
        while (found <= LargestOrder && _heads[found] == None)
            found++;
        extent = default;
        if (found > LargestOrder)
            return false;
        int block = _heads[found];
        Remove(block, found);
        extent = new FrameExtent(block + _first, count);
        Put(new FrameExtent(block + _first + count, (1 << found) - count));
        return true;
    }

    /// <summary>Puts frames back.</summary>
    public void Put(FrameExtent extent)
    {
        int at = extent.First - _first;
        int left = extent.Count;
        while (left > 0)
        {
            int order = at == 0 ? LargestOrder : int.Min(LargestOrder, BitOperations.TrailingZeroCount(at));
            order = int.Min(order, BitOperations.Log2((uint)left));
            PutBlock(at, order);
            at += 1 << order;
            left -= 1 << order;
        }
    }

    private void PutBlock(int block, int order)
    {
        while (order < LargestOrder)
        {
            int buddy = block ^ (1 << order);
            if ((uint)buddy >= (uint)_orders.Length || _orders[buddy] != order + 1)
                break;
            Remove(buddy, order);
            block = int.Min(block, buddy);
            order++;
        }

        int head = _heads[order];
        _next[block] = head;
        _previous[block] = None;
        if (head != None)
            _previous[head] = block;
        _heads[order] = block;
        _orders[block] = (byte)(order + 1);
        Count += 1L << order;
    }

    private void Remove(int block, int order)
    {
        int next = _next[block];
        int previous = _previous[block];
        if (previous == None)
            _heads[order] = next;
        else
            _next[previous] = next;
        if (next != None)
            _previous[next] = previous;
        _orders[block] = 0;
        Count -= 1L << order;
    }
}
