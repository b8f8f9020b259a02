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
    private const int ClassCount = 36;

    // The number of a size class up to here is the number of its 16 bytes; of larger ones it has to be searched.
    private const ulong LargestInRun = 256;
    private const uint NoBlock = uint.MaxValue;
    private const ulong SmallestHeap = 1 << 20;

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

    /// <summary>The thread that runs, in the ring of all that live; null while there is only one.</summary>
    public static ThreadContext* Contexts { get; set; }

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
        if (size > LargestInRun)
            return AllocateAny(size);
        Run* run = Runs + ((uint)size + 15) / 16 - 1;
        byte* cell = run->Next;
        if (cell == run->End)
            return AllocateAny(size);
        run->Next = cell + (((uint)size + 15) & ~15u);
        return cell;
    }

    private static byte* AllocateAny(ulong size)
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
        for (uint i = 16; i < ClassCount; i++)
            s_classes[i].CellSize = (256u << (int)((i - 16) / 4)) / 4 * (5 + (i - 16) % 4);
        for (uint i = 0; i < ClassCount; i++)
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

    /// <summary>Allocations after which a collection is forced; 0 for none. An option of the compiler.</summary>
    private static extern int CollectEvery
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    /// <summary>The largest heap in bytes; 0 for all memory. An option of the compiler.</summary>
    private static extern long HeapLimit
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }
}
