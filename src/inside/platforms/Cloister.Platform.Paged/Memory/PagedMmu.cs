using Cloister.Hal;
using Cloister.Platform.Paged.Cpu.X64;

namespace Cloister.Platform.Paged.Memory;

/// <summary>Makes spaces, and knows which one the processor uses.</summary>
internal sealed class PagedMmu
{
    private readonly ulong _kernelRoot;

    public PagedMmu(FrameTable frames)
    {
        Frames = frames;
        _kernelRoot = X64Instructions.ReadRoot();
    }

    /// <summary>The machine's frames.</summary>
    public FrameTable Frames { get; }

    /// <summary>Makes an empty space; null where there is no frame for its table.</summary>
    public PagedAddressSpace? TryCreate(IPageBudget budget) =>
        X64PageTable.TryCreate(Frames, _kernelRoot) is { } table ? new PagedAddressSpace(this, table, budget) : null;

    /// <summary>Makes the processor use a space. The kernel is in all of them.</summary>
    public static void Use(PagedAddressSpace space)
    {
        if (X64Instructions.ReadRoot() != space.Root)
            X64Instructions.WriteRoot(space.Root);
    }

    /// <summary>Makes the processor use another, since this one ends.</summary>
    public void Leave(PagedAddressSpace space)
    {
        if (X64Instructions.ReadRoot() == space.Root)
            X64Instructions.WriteRoot(_kernelRoot);
    }
}
