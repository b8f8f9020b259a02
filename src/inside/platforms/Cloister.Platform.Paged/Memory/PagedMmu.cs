using Cloister.Hal;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Memory;

/// <summary>Makes spaces, and knows which one the processor uses.</summary>
/// <typeparam name="TEntry">The processor's format of page tables.</typeparam>
internal sealed class PagedMmu<TEntry>
    where TEntry : struct, IPageEntry<TEntry>
{
    private readonly ulong _kernelRoot;

    public PagedMmu(FrameTable frames)
    {
        Frames = frames;
        _kernelRoot = CpuInstructions.ReadRoot();
    }

    /// <summary>The machine's frames.</summary>
    public FrameTable Frames { get; }

    /// <summary>Makes an empty space; null where there is no frame for its table.</summary>
    public PagedAddressSpace<TEntry>? TryCreate(IPageBudget budget) =>
        PageTable<TEntry>.TryCreate(Frames, _kernelRoot) is { } table ? new PagedAddressSpace<TEntry>(this, table, budget) : null;

    /// <summary>Makes the processor use a space. The kernel is in all of them.</summary>
    public static void Use(PagedAddressSpace<TEntry> space)
    {
        if (CpuInstructions.ReadRoot() != space.Root)
            CpuInstructions.WriteRoot(space.Root);
    }

    /// <summary>Makes the processor use another, since this one ends.</summary>
    public void Leave(PagedAddressSpace<TEntry> space)
    {
        if (CpuInstructions.ReadRoot() == space.Root)
            CpuInstructions.WriteRoot(_kernelRoot);
    }
}
