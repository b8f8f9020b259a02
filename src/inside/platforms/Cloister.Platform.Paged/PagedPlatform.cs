using System;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Host;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged;

/// <summary>The parts of a board's platform.</summary>
/// <param name="Frames">The machine's frames.</param>
/// <param name="Mmu">Its processor's spaces and contexts.</param>
/// <param name="Interrupts">Its interrupts.</param>
/// <param name="Clock">Its clock.</param>
/// <param name="Port">The window that the host sees.</param>
/// <param name="Entropy">Its random numbers.</param>
public readonly record struct PlatformParts(
    FrameTable Frames, IMmu Mmu, Interrupts Interrupts, MachineClock Clock, WindowPort Port, IEntropy Entropy);

/// <summary>The kernel on its own page tables; how it came there and what the devices are, boards know.</summary>
public abstract class PagedPlatform(in PlatformParts parts) : IPlatform
{
    private readonly WindowPort _port = parts.Port;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract bool IsConfidential { get; }

    /// <inheritdoc/>
    public IFrames Frames { get; } = parts.Frames;

    /// <inheritdoc/>
    public IMmu Mmu { get; } = parts.Mmu;

    /// <inheritdoc/>
    public ICpus Cpus { get; } = new PagedCpus(parts.Interrupts);

    /// <inheritdoc/>
    public IHostPort HostPort => _port;

    /// <inheritdoc/>
    public IClock Clock { get; } = parts.Clock;

    /// <inheritdoc/>
    public IEntropy Entropy { get; } = parts.Entropy;

    /// <inheritdoc/>
    public virtual IRootOfTrust? RootOfTrust => null;

    /// <inheritdoc/>
    public void Begin()
    {
        // All is prepared at the start.
    }

    /// <summary>What to run: a copy of what the launcher has left in the window, where nothing better is known.</summary>
    public virtual byte[] ReadConfiguration()
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
