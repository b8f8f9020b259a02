namespace Cloister.Runtime;

/// <summary>Blocks of 64 KiB: what each is used for, which are free, and the runs of them that hold a large object.</summary>
// SAFETY: see Collector.cs. FindRun gives indices of blocks that exist, and initializes their descriptions.
internal static unsafe partial class Collector
{
    private enum BlockKind : byte { Free, Cells, LargeFirst, LargeRest }

    private struct Block
    {
        public BlockKind Kind;
        public byte SizeClass;
        public bool IsMarked;

        /// <summary>Not allocated from since the last collection.</summary>
        public bool IsUnswept;

        /// <summary>Of a large object's first block, the number of its blocks; of others, how far back the first one is.</summary>
        public uint Run;
        public ulong LargeSize;

        /// <summary>A bit for each 16 bytes: an object begins here; and it was marked.</summary>
        public fixed ulong Allocated[64];
        public fixed ulong Marked[64];
    }

    private static void Clear(Block* block)
    {
        for (int i = 0; i < 64; i++)
            block->Allocated[i] = block->Marked[i] = 0;
    }

    private static uint FindRun(uint count)
    {
        uint length = 0;
        for (uint i = s_firstFree; i < s_blockCount; i++)
        {
            length = i >= s_fresh || s_blocks[i].Kind == BlockKind.Free ? length + 1 : 0;
            if (length == count)
            {
                for (; s_fresh <= i; s_fresh++)
                    Memory.Fill((byte*)(s_blocks + s_fresh), 0, (ulong)sizeof(Block));
                // The search for one block takes the first that is free.
                if (count == 1)
                    s_firstFree = i + 1;
                return i + 1 - count;
            }
        }

        return uint.MaxValue;
    }

    private static byte* AllocateLarge(ulong size)
    {
        if (s_allocated >= s_threshold)
            Pace();
        if (size > (ulong)s_blockCount << BlockShift)
            return null;
        uint count = (uint)((size + BlockSize - 1) >> BlockShift);
        uint index = FindRun(count);
        if (index == uint.MaxValue)
        {
            Collect();
            index = FindRun(count);
            if (index == uint.MaxValue)
                return null;
        }

        for (uint i = 0; i < count; i++)
        {
            s_blocks[index + i].Kind = i == 0 ? BlockKind.LargeFirst : BlockKind.LargeRest;
            s_blocks[index + i].Run = i == 0 ? count : i;
        }

        s_blocks[index].LargeSize = size;
        s_blocks[index].IsMarked = false;
        byte* memory = s_heap + ((ulong)index << BlockShift);
        Memory.Fill(memory, 0, size);
        s_allocated += (ulong)count << BlockShift;
        return memory;
    }
}
