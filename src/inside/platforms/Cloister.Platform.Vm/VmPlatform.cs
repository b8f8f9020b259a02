using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged;
using Cloister.Platform.Paged.Cpu.X64;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Vm;

/// <summary>A virtual machine without TEE hardware: the kernel on its own page tables, below it QEMU. It protects nothing from the host.</summary>
public sealed class VmPlatform : IPlatform
{
    private readonly VmHostPort _port;
    private readonly X64Clock _clock = new();

    private unsafe VmPlatform()
    {
        X64Features.Enable();
        var apic = new X64LocalApic();
        X64Clock.Measure(apic);
        apic.Enable(Interrupts.SpuriousVector, Interrupts.TimerVector);
        var interrupts = new Interrupts(apic, _clock);
        X64Machine* machine = X64Instructions.GetMachine();
        const int mostRanges = 8;
        Span<FrameExtent> ranges = stackalloc FrameExtent[mostRanges];
        var frames = new FrameTable(ranges[..BootMemory.Frames(machine, ranges)]);
        _port = new VmHostPort(machine, _clock, interrupts);
        IoApic.RouteSerialLine(Interrupts.BellVector);
        SerialLine.EnableInterrupts();
        _clock.SetRealtime(_port.ReadTime());
        Frames = frames;
        Mmu = new X64Mmu(frames, interrupts, _clock);
        Cpus = new PagedCpus(interrupts);
    }

    /// <inheritdoc/>
    public string Name => "vm";

    /// <inheritdoc/>
    public bool IsConfidential => false;

    /// <inheritdoc/>
    public IFrames Frames { get; }

    /// <inheritdoc/>
    public IMmu Mmu { get; }

    /// <inheritdoc/>
    public ICpus Cpus { get; }

    /// <inheritdoc/>
    public IHostPort HostPort => _port;

    /// <inheritdoc/>
    public IClock Clock => _clock;

    /// <inheritdoc/>
    public IEntropy Entropy { get; } = new VmEntropy();

    /// <summary>Makes the platform of the machine that runs this. Once.</summary>
    public static VmPlatform Start() => new();

    /// <inheritdoc/>
    public void Begin()
    {
        // All is prepared at the start.
    }

    /// <summary>A copy of what the launcher has left in the window.</summary>
    public byte[] ReadConfiguration()
    {
        uint length = Volatile.Read(ref HostRegionLayout.GetWord(_port.Window, MachineWindow.ConfigurationLength));
        return length > MachineWindow.MostConfiguration ? [] : _port.Window.Slice(MachineWindow.Configuration, (int)length).ToArray();
    }

    /// <summary>Leaves the end's description in the window.</summary>
    public void WriteResult(ReadOnlySpan<byte> result)
    {
        if (result.Length > MachineWindow.MostResult)
            return;
        result.CopyTo(_port.Window[MachineWindow.Result..]);
        Volatile.Write(ref HostRegionLayout.GetWord(_port.Window, MachineWindow.ResultLength), (uint)result.Length);
    }
}
