using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>
/// The heap: objects of size classes in blocks of 64 KiB, larger ones in runs of blocks. Collection marks from the stack and the registers, where
/// every word may be a reference, and from static fields; inside objects the type descriptors say where references are. Nothing moves. A block's
/// cells are swept when the block is allocated from again. It runs only in an allocation, and never allocates.
/// </summary>
// SAFETY: the platform gives one range of memory that nobody else uses, which Start divides: descriptions of classes and blocks, the mark stack,
// blocks. Indices of blocks are below s_blockCount, and every one of these has a description; those below s_fresh are initialized. A cell lies in
// one block, because a class takes cells only up to the last that fits. Threads don't switch in here, and nothing in here allocates, so that no
// other code sees the tables half changed; only Start does, at its end.
internal static unsafe partial class Collector
{
    private const int BlockShift = 16;
    private const int BlockSize = 1 << BlockShift;
    private const int MaximumCell = 8192;
    private const int ClassCount = 28;
    private const uint NoBlock = uint.MaxValue;
    private const ulong SmallestHeap = 1 << 20;

    // What is zeroed at a time: it should still be in the first cache when it becomes objects.
    private const uint RunSize = 4096;

    private static byte* s_heap;
    private static uint s_blockCount;

    // No block before this one is free.
    private static uint s_firstFree;

    // Blocks from here on have never been used; neither they nor their descriptions are zero.
    private static uint s_fresh;
    private static Block* s_blocks;
    private static SizeClass* s_classes;
    private static byte** s_markStack;
    private static long s_markDepth;
    private static long s_markLimit;
    private static bool s_markOverflowed;
    private static ulong s_allocated;
    private static ulong s_threshold;
    private static int s_collections;
    private static ulong s_live;
    private static ulong s_liveObjects;
    private static ulong s_allocatedBefore;
    private static int s_sinceCollection;

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

    /// <summary>The thread that runs, in the ring of all that live; null while there is only one.</summary>
    public static ThreadContext* Contexts { get; set; }

    /// <summary>
    /// AllocationRun of cloister.h: neighbouring cells, zeroed and marked as allocated, of which allocation takes one after the other, without a
    /// call where the size is known. Both pointers are equal where none is left.
    /// </summary>
    private struct Run
    {
        public byte* Next;
        public byte* End;
    }

    public static int Collections => s_collections;

    /// <summary>Bytes allocated since the program began.</summary>
    public static ulong TotalAllocatedBytes => s_allocatedBefore + s_allocated;

    /// <summary>Bytes of objects that the last collection found, and of those made since.</summary>
    public static ulong UsedBytes => s_live + s_allocated;

    /// <summary>Bytes of cells and blocks whose objects the last collection found, and the number of these.</summary>
    public static ulong LiveBytes => s_live;

    public static ulong LiveObjects => s_liveObjects;

    /// <summary>Zeroed memory for an object of that many bytes; null where there is none left.</summary>
    public static byte* Allocate(ulong size)
    {
        if (s_heap == null)
            Start();
        if (size > MaximumCell)
            return AllocateLarge(size);
        int index = ClassOf((uint)size);
        Run* run = Runs + index;
        if (run->Next == run->End)
        {
            if (s_allocated >= s_threshold)
                Pace();
            if (!Refill(index))
            {
                Collect();
                if (!Refill(index))
                    return null;
            }
        }

        byte* cell = run->Next;
        run->Next += s_classes[index].CellSize;
        return cell;
    }

    private static void Pace()
    {
        if (++s_sinceCollection >= CollectEvery)
            Collect();
    }

    private static void Start()
    {
        byte* memory = Platform.HeapStart;
        ulong size = (ulong)Platform.HeapSize;
        if (HeapLimit > 0 && (ulong)HeapLimit < size)
            size = (ulong)HeapLimit;
        if (size < SmallestHeap)
        {
            Boards.Report.Write("There is less than 1 MiB of memory for the heap.\n");
            Platform.Exit(134);
        }

        byte* end = memory + size;
        s_classes = (SizeClass*)memory;
        memory += 1024;
        Memory.Fill((byte*)s_classes, 0, 1024);
        // 16 to 256 bytes in steps of 16, then four classes for each power of two.
        for (uint i = 0; i < 16; i++)
            s_classes[i].CellSize = (i + 1) * 16;
        for (uint i = 16; i < ClassCount + 8; i++)
            s_classes[i].CellSize = (256u << (int)((i - 16) / 4)) / 4 * (5 + (i - 16) % 4);
        for (uint i = 0; i < ClassCount + 8; i++)
        {
            s_classes[i].Reciprocal = uint.MaxValue / s_classes[i].CellSize + 1;
            s_classes[i].Current = NoBlock;
        }

        s_blocks = (Block*)memory;
        // Each block costs its description and its part of the mark stack besides.
        s_blockCount = (uint)(size / (BlockSize + (ulong)sizeof(Block) + BlockSize / 64));
        memory += s_blockCount * (ulong)sizeof(Block);
        s_markStack = (byte**)memory;
        s_markLimit = (long)(s_blockCount * (ulong)(BlockSize / 64) / 8);
        memory += s_markLimit * 8;
        s_heap = (byte*)(((ulong)memory + BlockSize - 1) & ~(ulong)(BlockSize - 1));
        // Alignment may have cost one; there is never a block without a description.
        s_blockCount = System.Math.Min(s_blockCount, (uint)((ulong)(end - s_heap) >> BlockShift));
        s_threshold = InitialThreshold();
        Support.ReserveException();
    }

    // Where every so many allocations collect, the threshold is always passed, and they are counted.
    private static ulong InitialThreshold() => CollectEvery > 0 ? 0 : System.Math.Min(8ul << 20, (ulong)s_blockCount * BlockSize / 4);

    private static int ClassOf(uint size)
    {
        if (size <= 256)
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

    private static void Clear(Block* block)
    {
        for (int i = 0; i < 64; i++)
            block->Allocated[i] = block->Marked[i] = 0;
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

    public static void Collect()
    {
        if (s_heap == null)
            Start();
        long before = Platform.Time;
        s_collections++;
        s_sinceCollection = 0;
        s_live = s_liveObjects = 0;
        s_markDepth = 0;
        for (uint i = 0; i < s_fresh; i++)
        {
            s_blocks[i].IsMarked = false;
            if (s_blocks[i].Kind == BlockKind.Cells)
                for (int word = 0; word < 64; word++)
                    s_blocks[i].Marked[word] = 0;
        }

        Root* roots = Roots;
        for (int i = 0; i < RootCount; i++)
            MarkRange(roots[i].Start, roots[i].Start + roots[i].Size);
        ScanStack(&MarkRange);
        MarkThreads();
        // Where the mark stack was too small, marked objects are visited again until none is left with an unmarked child.
        while (s_markOverflowed)
        {
            s_markOverflowed = false;
            VisitAllMarked();
        }

        Release();
        s_allocatedBefore += s_allocated;
        s_allocated = 0;
        s_threshold = CollectEvery > 0 ? 0 : System.Math.Max(InitialThreshold(), s_live);
        CollectorStatistics.Add(Platform.Time - before);
    }

    private static void Release()
    {
        s_firstFree = 0;
        for (int i = 0; i < ClassCount + 8; i++)
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

    private static extern Run* Runs
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }
}
