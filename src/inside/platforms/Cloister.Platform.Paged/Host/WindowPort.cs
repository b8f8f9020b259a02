using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Host;

/// <summary>
/// The window. A bell costs more than most requests take, each way: so each side looks for a while by itself, and says so, before it has to be
/// rung for.
/// </summary>
// SAFETY: the window is a range of the memory map that nothing else uses, mapped as all memory is.
public sealed unsafe class WindowPort : IHostPort
{
    // As long as the host needs for a short request, or for waking up.
    private const long LongestPoll = 60_000;

    private readonly byte* _start;
    private readonly IClock _clock;
    private readonly IBell _bell;
    private IParker? _completions;

    /// <summary>Begins to take bells.</summary>
    public WindowPort(IClock clock, Interrupts interrupts, IBell bell)
    {
        _start = LinearMemory.At(CpuInstructions.GetMachine()->Window);
        _clock = clock;
        _bell = bell;
        interrupts.Bell = OnBell;
    }

    /// <summary>All of the window.</summary>
    public Span<byte> Window => new(_start, MachineWindow.Length);

    /// <inheritdoc/>
    public Span<byte> SharedMemory => new(_start, HostRegionLayout.RegionLength);

    /// <inheritdoc/>
    public void Ring()
    {
        ref uint polls = ref Word(MachineWindow.EnclavePolls);
        Volatile.Write(ref polls, 1);
        // What was submitted is to be seen by who has just stopped looking, or that one's flag is seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Word(MachineWindow.HostPolls)) == 0)
            _bell.Ring();
        uint head = Word(HostRegionLayout.CompletionHead);
        long end = _clock.MonotonicNanoseconds + LongestPoll;
        while (Volatile.Read(ref Word(HostRegionLayout.CompletionTail)) == head && _clock.MonotonicNanoseconds < end)
            CpuInstructions.Pause();
        Volatile.Write(ref polls, 0);
        Interlocked.MemoryBarrier();
    }

    /// <inheritdoc/>
    public void Attach(IParker completions) => _completions = completions;

    /// <summary>Asks the host for the time of day.</summary>
    public long ReadTime()
    {
        Volatile.Write(ref Word(MachineWindow.TimeRequest), 1);
        Interlocked.MemoryBarrier();
        _bell.Ring();
        const long patience = 2_000_000_000;
        long end = _clock.MonotonicNanoseconds + patience;
        while (Volatile.Read(ref Word(MachineWindow.TimeRequest)) != 0 && _clock.MonotonicNanoseconds < end)
            CpuInstructions.Pause();
        return MemoryMarshal.Read<long>(Window[MachineWindow.Time..]);
    }

    private void OnBell()
    {
        _bell.Answer();
        _completions?.Unpark();
    }

    private ref uint Word(int offset) => ref HostRegionLayout.GetWord(Window, offset);
}
