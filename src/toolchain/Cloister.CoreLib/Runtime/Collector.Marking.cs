using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>What is reachable: from stacks, registers and static fields, through the references of objects.</summary>
// SAFETY: a word is taken for a reference only if it points into a cell or a large block that is allocated, so what it is said to point to can be
// read. The first word of such memory is a type descriptor, or zero until there is an object in it. Descriptors are the compiler's, and their
// offsets lie within the object. Stacks, registers and static fields are ranges that the runtime's C and the compiler give. The mark stack is
// never written behind s_markLimit.
internal static unsafe partial class Collector
{
    // Those that don't run have their registers on their stacks.
    private static void MarkThreads()
    {
        ThreadContext* first = Contexts;
        if (first == null)
            return;
        ThreadContext* context = first;
        do
        {
            // A part of the array that is the thread's stack.
            Mark((byte*)context);
            Mark(context->Thread);
            if (context != first)
                ScanContext(context, &MarkRange);
            context = context->Next;
        }
        while (context != first);
        Drain();
    }

    private static void MarkRange(byte* start, byte* end)
    {
        for (byte** place = (byte**)(((ulong)start + 7) & ~7ul); place + 1 <= end; place++)
            Mark(*place);
        Drain();
    }

    // The word may point into an object, or be no address at all.
    private static void Mark(byte* word)
    {
        ulong offset = (ulong)(word - s_heap);
        if (offset >= (ulong)s_fresh << BlockShift)
            return;
        uint index = (uint)(offset >> BlockShift);
        Block* block = s_blocks + index;
        byte* item;
        switch (block->Kind)
        {
            case BlockKind.Cells:
            {
                SizeClass* sizeClass = s_classes + block->SizeClass;
                uint inner = (uint)(offset & (BlockSize - 1));
                inner = (uint)((ulong)inner * sizeClass->Reciprocal >> 32) * sizeClass->CellSize;
                uint granule = inner >> 4;
                ulong bit = 1ul << (int)(granule & 63);
                if ((block->Allocated[granule >> 6] & bit) == 0 || (block->Marked[granule >> 6] & bit) != 0)
                    return;
                block->Marked[granule >> 6] |= bit;
                item = s_heap + ((ulong)index << BlockShift) + inner;
                break;
            }

            case BlockKind.LargeFirst or BlockKind.LargeRest:
                if (block->Kind == BlockKind.LargeRest)
                {
                    index -= block->Run;
                    block = s_blocks + index;
                }

                if (block->IsMarked)
                    return;
                block->IsMarked = true;
                item = s_heap + ((ulong)index << BlockShift);
                break;
            default:
                return;
        }

        if (s_markDepth < s_markLimit)
            s_markStack[s_markDepth++] = item;
        else
            s_markOverflowed = true;
    }

    private static void Drain()
    {
        while (s_markDepth > 0)
            Visit(s_markStack[--s_markDepth]);
    }

    private static void Visit(byte* item)
    {
        TypeDescriptor* type = *(TypeDescriptor**)item;
        // Memory that an allocation has handed out and not yet made an object of.
        if (type == null)
            return;
        if ((type->Flags & TypeFlags.Array) == 0)
        {
            for (uint i = 0; i < type->ReferenceCount; i++)
                Mark(*(byte**)(item + type->References[i]));
            return;
        }

        if (type->ReferenceCount == 0)
            return;
        byte* element = item + 16 + (type->ValueSize + 1) / 2 * 8;
        for (uint count = *(uint*)(item + 8); count > 0; count--, element += type->Size)
            for (uint i = 0; i < type->ReferenceCount; i++)
                Mark(*(byte**)(element + type->References[i]));
    }

    private static void VisitAllMarked()
    {
        for (uint i = 0; i < s_fresh; i++)
        {
            Block* block = s_blocks + i;
            byte* start = s_heap + ((ulong)i << BlockShift);
            if (block->Kind == BlockKind.LargeFirst && block->IsMarked)
                Visit(start);
            else if (block->Kind == BlockKind.Cells)
                for (uint granule = 0; granule < BlockSize / 16; granule++)
                    if ((block->Marked[granule >> 6] & (1ul << (int)(granule & 63))) != 0)
                        Visit(start + granule * 16);
            Drain();
        }
    }

    private struct Root
    {
        public byte* Start;
        public ulong Size;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ScanStack(delegate*<byte*, byte*, void> callback);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ScanContext(ThreadContext* context, delegate*<byte*, byte*, void> callback);

    private static extern Root* Roots
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    private static extern int RootCount
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }
}
