using Cloister.Hal;
using Cloister.Platform.Paged;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.RiscV64;
using Cloister.Platform.Paged.Host;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Keystone;

/// <summary>An enclave of Keystone: the kernel in supervisor mode, below it the security monitor, beside it a Linux that can't reach it.</summary>
public sealed class KeystonePlatform : PagedPlatform
{
    private KeystonePlatform(in PlatformParts parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override string Name => "keystone";

    /// <inheritdoc/>
    public override bool IsConfidential => true;

    /// <inheritdoc/>
    public override IRootOfTrust RootOfTrust { get; } = new KeystoneRootOfTrust();

    /// <summary>Makes the platform of the enclave that runs this. Once.</summary>
    public static KeystonePlatform Start()
    {
        var clock = new MachineClock();
        var processor = new KeystoneProcessor();
        var interrupts = new Interrupts(processor, clock);
        processor.Interrupts = interrupts;
        FrameTable frames = EnclaveMemory.CreateFrames();
        var port = new WindowPort(clock, interrupts, new Launcher());
        clock.SetRealtime(port.ReadTime());
        return new KeystonePlatform(new PlatformParts(frames, new RiscV64Mmu(frames, interrupts, clock), interrupts, clock, port, new KeystoneEntropy()));
    }

    /// <summary>What the enclave is to run: a part of its measurement.</summary>
    public override byte[] ReadConfiguration() => EnclaveMemory.ReadConfiguration();
}
