using Cloister.Hal;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>Spaces and contexts of an x86-64.</summary>
public sealed class X64Mmu(FrameTable frames, Interrupts interrupts, MachineClock clock) : IMmu
{
    private readonly PagedMmu<X64PageEntry> _mmu = new(frames);
    private readonly X64VectorState _vectors = new();

    /// <inheritdoc/>
    public IVdso? Vdso => null;

    /// <inheritdoc/>
    public CpuKind Cpu => CpuKind.X64;

    /// <inheritdoc/>
    public ulong HardwareCapabilities { get; } = X64Features.HardwareCapabilities;

    /// <inheritdoc/>
    public ulong HardwareCapabilities2 => X64Features.HardwareCapabilities2;

    /// <inheritdoc/>
    public IAddressSpace? CreateAddressSpace(IPageBudget budget) => _mmu.TryCreate(budget);

    /// <inheritdoc/>
    public IUserContext CreateContext() => new X64UserContext(_vectors, interrupts, clock);

    /// <inheritdoc/>
    public void Activate(IUserContext context, IAddressSpace space) => ((X64UserContext)context).Space = (PagedAddressSpace<X64PageEntry>)space;
}
