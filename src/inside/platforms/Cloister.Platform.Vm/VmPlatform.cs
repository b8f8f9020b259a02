using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.X64;
using Cloister.Platform.Paged.Host;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Vm;

/// <summary>A virtual machine without TEE hardware: the kernel on its own page tables, below it QEMU. It protects nothing from the host.</summary>
public sealed class VmPlatform : PagedPlatform
{
    private VmPlatform(in PlatformParts parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override string Name => "vm";

    /// <inheritdoc/>
    public override bool IsConfidential => false;

    /// <summary>Makes the platform of the machine that runs this. Once.</summary>
    public static VmPlatform Start()
    {
        X64Features.Enable();
        X64LocalApic.MeasureClock();
        var apic = new X64LocalApic();
        apic.Enable(Interrupts.TimerVector);
        var clock = new MachineClock();
        var interrupts = new Interrupts(apic, clock);
        FrameTable frames = BootMemory.CreateFrames();
        var port = new WindowPort(clock, interrupts, new SerialBell());
        IoApic.RouteSerialLine(Interrupts.BellVector);
        Uart16550<Com1>.EnableInterrupts();
        clock.SetRealtime(port.ReadTime());
        return new VmPlatform(new PlatformParts(frames, new X64Mmu(frames, interrupts, clock), interrupts, clock, port, new VmEntropy()));
    }

    private sealed class SerialBell : IBell
    {
        public void Ring() => Uart16550<Com1>.Send(MachineWindow.Bell);

        public void Answer() => Uart16550<Com1>.Drain();
    }
}
