namespace Cloister.Runtime;

/// <summary>What a collection found no way to is free afterwards; where that is asked for, it is filled with bytes that give a later use away.</summary>
// SAFETY: see Collector.cs. Marked bits are set only for cells that are allocated, so poison stays within cells of the block.
internal static unsafe partial class Collector
{
    private static void Release()
    {
        s_firstFree = 0;
        for (int i = 0; i < ClassCount; i++)
        {
            Runs[i] = default;
            s_classes[i].Current = NoBlock;
            s_classes[i].NextBlock = 0;
        }

        for (uint i = 0; i < s_fresh; i++)
        {
            Block* block = s_blocks + i;
            if (block->Kind == BlockKind.Cells)
            {
                ulong any = 0;
                for (int word = 0; word < 64; word++)
                {
                    ulong marked = block->Marked[word];
                    if (CollectEvery > 0)
                        Poison(i, word, block->Allocated[word] & ~marked);
                    block->Allocated[word] = marked;
                    any |= marked;
                    uint count = (uint)System.Numerics.BitOperations.PopCount(marked);
                    s_liveObjects += count;
                    s_live += (ulong)count * s_classes[block->SizeClass].CellSize;
                }

                block->IsUnswept = true;
                if (any == 0)
                    block->Kind = BlockKind.Free;
            }
            else if (block->Kind == BlockKind.LargeFirst)
            {
                uint count = block->Run;
                if (block->IsMarked)
                {
                    s_live += (ulong)count << BlockShift;
                    s_liveObjects++;
                }
                else
                {
                    if (CollectEvery > 0)
                        Memory.Fill(s_heap + ((ulong)i << BlockShift), PoisonByte, (ulong)count << BlockShift);
                    for (uint rest = 0; rest < count; rest++)
                        s_blocks[i + rest].Kind = BlockKind.Free;
                }

                i += count - 1;
            }
        }
    }

    // A use of an object that the collector missed is to be seen: as an address, these bytes are in no memory.
    private const byte PoisonByte = 0xdb;

    private static void Poison(uint index, int word, ulong dead)
    {
        for (; dead != 0; dead &= dead - 1)
        {
            ulong granule = (ulong)(word * 64 + System.Numerics.BitOperations.TrailingZeroCount(dead));
            Memory.Fill(s_heap + ((ulong)index << BlockShift) + granule * 16, PoisonByte, s_classes[s_blocks[index].SizeClass].CellSize);
        }
    }
}
