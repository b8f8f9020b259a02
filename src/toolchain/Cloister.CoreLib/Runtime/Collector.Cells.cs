using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>Cells: places of equal size in a block for the objects of a size class, and the runs of free ones that allocation takes from.</summary>
// SAFETY: see Collector.cs. Numbers of classes are below ClassCount, the length of cl_runs; an offset is at most that of the end of the last cell.
internal static unsafe partial class Collector
{
    // What is zeroed at a time: it should still be in the first cache when it becomes objects.
    private const uint RunSize = 4096;

    private struct SizeClass
    {
        public uint CellSize;

        /// <summary>2^32 / CellSize, rounded up: offsets in a block are divided by a multiplication.</summary>
        public uint Reciprocal;

        /// <summary>The block that runs come from, and where in it the search for the next one begins; NoBlock for none.</summary>
        public uint Current;
        public uint Offset;

        /// <summary>Blocks before this one have been swept since the last collection.</summary>
        public uint NextBlock;
    }

    /// <summary>
    /// AllocationRun of cloister.h: neighbouring cells, zeroed and marked as allocated, of which allocation takes one after the other, without a
    /// call where the size is known. Both pointers are equal where none is left.
    /// </summary>
    private struct Run
    {
        public byte* Next;
        public byte* End;
    }

    private static int ClassOf(uint size)
    {
        if (size <= LargestInRun)
            return (int)((size + 15) / 16) - 1;
        int index = 16;
        while (s_classes[index].CellSize < size)
            index++;
        return index;
    }

    // A run of free cells for a class: of the block at hand, of one that is still to be swept, or of a new one.
    private static bool Refill(int number)
    {
        SizeClass* sizeClass = s_classes + number;
        while (sizeClass->Current == NoBlock || !TakeRun(sizeClass, Runs + number))
        {
            uint index = NextUnswept(sizeClass, (byte)number);
            if (index == NoBlock)
            {
                index = FindRun(1);
                if (index == NoBlock)
                    return false;
                Block* fresh = s_blocks + index;
                fresh->Kind = BlockKind.Cells;
                fresh->SizeClass = (byte)number;
                Clear(fresh);
            }

            s_blocks[index].IsUnswept = false;
            sizeClass->Current = index;
            sizeClass->Offset = 0;
        }

        return true;
    }

    private static uint NextUnswept(SizeClass* sizeClass, byte number)
    {
        while (sizeClass->NextBlock < s_fresh)
        {
            Block* block = s_blocks + sizeClass->NextBlock++;
            if (block->Kind == BlockKind.Cells && block->SizeClass == number && block->IsUnswept)
                return sizeClass->NextBlock - 1;
        }

        return NoBlock;
    }

    // The next neighbouring cells that hold no object.
    private static bool TakeRun(SizeClass* sizeClass, Run* run)
    {
        Block* block = s_blocks + sizeClass->Current;
        uint cellSize = sizeClass->CellSize;
        uint end = BlockSize / cellSize * cellSize;
        uint first = sizeClass->Offset;
        while (first < end && IsAllocated(block, first))
            first += cellSize;
        uint last = first;
        // Where allocations are counted, each comes here.
        uint limit = System.Math.Min(end, first + (CollectEvery > 0 ? cellSize : RunSize));
        // Word by word of the bits, which stay in a register.
        for (bool isFree = true; isFree && last < limit;)
        {
            uint index = last >> 10;
            ulong word = block->Allocated[index];
            while (last < limit && last >> 10 == index)
            {
                ulong bit = 1ul << (int)(last >> 4 & 63);
                isFree = (word & bit) == 0;
                if (!isFree)
                    break;
                word |= bit;
                last += cellSize;
            }

            block->Allocated[index] = word;
        }

        sizeClass->Offset = last;
        if (first == last)
        {
            sizeClass->Current = NoBlock;
            return false;
        }

        byte* start = s_heap + ((ulong)(block - s_blocks) << BlockShift);
        run->Next = start + first;
        run->End = start + last;
        Memory.Fill(run->Next, 0, last - first);
        s_allocated += last - first;
        return true;
    }

    private static bool IsAllocated(Block* block, uint offset) => (block->Allocated[offset >> 10] >> (int)(offset >> 4 & 63) & 1) != 0;

    private static extern Run* Runs
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }
}
