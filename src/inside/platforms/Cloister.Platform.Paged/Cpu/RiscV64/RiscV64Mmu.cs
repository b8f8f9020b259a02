using Cloister.Hal;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>Spaces and contexts of a RISC-V.</summary>
public sealed class RiscV64Mmu(FrameTable frames, Interrupts interrupts, MachineClock clock) : IMmu
{
    // A bit for each letter: I, M, A, F, D, C.
    private const ulong Extensions = 1 << ('I' - 'A') | 1 << ('M' - 'A') | 1 | 1 << ('F' - 'A') | 1 << ('D' - 'A') | 1 << ('C' - 'A');

    private readonly PagedMmu<RiscV64PageEntry> _mmu = new(frames);
    private readonly RiscV64FloatingState _floats = new();

    /// <inheritdoc/>
    public IVdso? Vdso => null;

    /// <inheritdoc/>
    public CpuKind Cpu => CpuKind.RiscV64;

    /// <inheritdoc/>
    public ulong HardwareCapabilities => Extensions;

    /// <inheritdoc/>
    public ulong HardwareCapabilities2 => 0;

    /// <inheritdoc/>
    public IAddressSpace? CreateAddressSpace(IPageBudget budget) => _mmu.TryCreate(budget);

    /// <inheritdoc/>
    public IUserContext CreateContext() => new RiscV64UserContext(_floats, interrupts, clock);

    /// <inheritdoc/>
    public void Activate(IUserContext context, IAddressSpace space) => ((RiscV64UserContext)context).Space = (PagedAddressSpace<RiscV64PageEntry>)space;
}
