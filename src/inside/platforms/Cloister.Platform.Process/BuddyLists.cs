using System.Collections.Generic;
using System.Numerics;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Free frames, in blocks of powers of two that become larger again when both halves are free. Not synchronised.</summary>
/// <remarks>
/// A block of 2^n frames begins at a multiple of 2^n frames. What is left of a block that was joined with its neighbour
/// stays on its stack, and is passed over when it comes up.
/// </remarks>
internal sealed unsafe class BuddyLists
{
    /// <summary>log2 of the frames in the largest block.</summary>
    public const int LargestOrder = 9;

    private const int SlackOfStacks = 64;

    private readonly Stack<int>[] _stacks = new Stack<int>[LargestOrder + 1];
    private readonly int[] _counts = new int[LargestOrder + 1];

    // For each frame the order of the free block that begins there, plus one; 0 where none does. Not on the runtime's heap, where an array of that
    // size is reason for a collection; it lives as long as the process.
    private readonly byte* _blocks;
    private readonly int _length;

    /// <summary>Begins without any free frame.</summary>
    /// <param name="total">How many frames there are; the first has number 1.</param>
    public BuddyLists(int total)
    {
        _length = total + 1;
        // SAFETY: as long as is said here; every index is a frame's number, which is at most the total.
        _blocks = Host.mmap(null, (nuint)_length, Host.ProtRead | Host.ProtWrite, Host.MapPrivate | Host.MapAnonymous | Host.MapNoReserve, -1, 0);
        if (_blocks == (byte*)-1)
            throw new PlatformException("The host has no memory for the list of frames.");
        for (int i = 0; i <= LargestOrder; i++)
            _stacks[i] = new Stack<int>();
    }

    /// <summary>Free frames.</summary>
    public long Count { get; private set; }

    /// <summary>Takes adjacent frames.</summary>
    /// <param name="count">How many.</param>
    /// <param name="extent">The frames.</param>
    /// <param name="order">Order of the block that they come from.</param>
    /// <returns>False where there are none, or not so many adjacent ones.</returns>
    public bool TryTake(int count, out FrameExtent extent, out int order)
    {
        for (order = count == 1 ? 0 : BitOperations.Log2((uint)(count - 1)) + 1; order <= LargestOrder; order++)
        {
            if (_counts[order] == 0)
                continue;
            int first = Pop(order);
            extent = new FrameExtent(first, count);
            PutBlocks(first + count, (1 << order) - count);
            return true;
        }

        extent = default;
        return false;
    }

    /// <summary>Puts frames back.</summary>
    /// <param name="extent">The frames.</param>
    /// <param name="threshold">An order.</param>
    /// <param name="grown">Blocks of at least this order that frames have become part of.</param>
    public void Put(FrameExtent extent, int threshold, List<FrameExtent> grown)
    {
        int first = extent.First;
        int end = extent.First + extent.Count;
        while (first < end)
        {
            int order = OrderAt(first, end - first);
            int block = first;
            int joined = order;
            first += 1 << order;
            while (joined < LargestOrder && TryTakeBuddy(block, joined, out int buddy))
            {
                block = int.Min(block, buddy);
                joined++;
                if (joined == threshold)
                    grown.Add(new FrameExtent(block, 1 << joined));
            }

            if (order >= threshold)
                grown.Add(new FrameExtent(first - (1 << order), 1 << order));
            Push(block, joined);
        }
    }

    /// <summary>Puts what is left of a taken block: it has no free neighbour to be joined with.</summary>
    private void PutBlocks(int first, int count)
    {
        for (int end = first + count; first < end;)
        {
            int order = OrderAt(first, end - first);
            Push(first, order);
            first += 1 << order;
        }
    }

    /// <summary>Order of the largest block that may begin at a frame and isn't longer than <paramref name="most"/>.</summary>
    private static int OrderAt(int first, int most)
    {
        int aligned = first == 1 ? LargestOrder : BitOperations.TrailingZeroCount(first - 1);
        return int.Min(LargestOrder, int.Min(aligned, BitOperations.Log2((uint)most)));
    }

    private bool TryTakeBuddy(int block, int order, out int buddy)
    {
        buddy = ((block - 1) ^ (1 << order)) + 1;
        if (buddy >= _length || _blocks[buddy] != order + 1)
            return false;
        _blocks[buddy] = 0;
        _counts[order]--;
        Count -= 1L << order;
        return true;
    }

    private void Push(int first, int order)
    {
        _blocks[first] = (byte)(order + 1);
        _counts[order]++;
        Count += 1L << order;
        Stack<int> stack = _stacks[order];
        if (stack.Count > 2 * _counts[order] + SlackOfStacks)
            Compact(order);
        stack.Push(first);
    }

    private int Pop(int order)
    {
        while (true)
        {
            int first = _stacks[order].Pop();
            if (_blocks[first] != order + 1)
                continue;
            _blocks[first] = 0;
            _counts[order]--;
            Count -= 1L << order;
            return first;
        }
    }

    private void Compact(int order)
    {
        // A block may be on the stack more than once: the mark tells which entry has been kept.
        var kept = new List<int>();
        foreach (int first in _stacks[order])
        {
            if (_blocks[first] != order + 1)
                continue;
            _blocks[first] = byte.MaxValue;
            kept.Add(first);
        }

        _stacks[order].Clear();
        for (int i = kept.Count - 1; i >= 0; i--)
        {
            _blocks[kept[i]] = (byte)(order + 1);
            _stacks[order].Push(kept[i]);
        }
    }
}
