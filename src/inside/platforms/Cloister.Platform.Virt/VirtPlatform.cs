using Cloister.Platform.Paged;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.RiscV64;
using Cloister.Platform.Paged.Host;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Virt;

/// <summary>QEMU's machine `virt` for RISC-V, with firmware that knows SBI below. It protects nothing from the host.</summary>
public sealed class VirtPlatform : PagedPlatform
{
    private VirtPlatform(in PlatformParts parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override string Name => "vm";

    /// <inheritdoc/>
    public override bool IsConfidential => false;

    /// <summary>Makes the platform of the machine that runs this. Once.</summary>
    public static VirtPlatform Start()
    {
        var clock = new MachineClock();
        var interrupts = new Interrupts(new RiscV64Timer(VirtMemory.Tree.TimebaseFrequency()), clock);
        var entropy = new VirtEntropy(VirtMemory.Tree.RandomSeed());
        FrameTable frames = VirtMemory.CreateFrames();
        var port = new WindowPort(clock, interrupts, new Plic(Hart));
        Uart16550<VirtUart>.EnableInterrupts();
        clock.SetRealtime(port.ReadTime());
        return new VirtPlatform(new PlatformParts(frames, new RiscV64Mmu(frames, interrupts, clock), interrupts, clock, port, entropy));
    }

    // SAFETY: the machine's block is a variable of the image.
    private static unsafe ulong Hart => CpuInstructions.GetMachine()->Processor;
}
