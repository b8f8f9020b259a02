using System;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.RiscV64;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Keystone;

/// <summary>
/// The processor as an enclave has it: a timer that the monitor keeps, and no other interrupt. So the timer comes often enough while programs run to
/// look for what the host has answered; and who has nothing to run gives the processor away.
/// </summary>
internal sealed unsafe class KeystoneProcessor : IInterruptController
{
    /// <summary>Ticks of the clock in a second. QEMU's has so many, and nobody tells an enclave otherwise: time is the host's anyway.</summary>
    public const ulong Frequency = 10_000_000;

    private const ulong LegacySetTimer = 0;
    private const ulong Never = ulong.MaxValue;
    private const long Second = 1_000_000_000;
    private const long Least = 1_000;
    private const long Tick = 4_000_000;

    private const int BellBit = 1 << (Interrupts.BellVector - Interrupts.TimerVector);

    private long _armedUntil = long.MinValue;
    private uint _seen;

    /// <summary>Who handles bells.</summary>
    public Interrupts? Interrupts { private get; set; }

    /// <inheritdoc/>
    public void Arm(long nanoseconds, long now)
    {
        nanoseconds = Math.Clamp(nanoseconds, Least, Tick);
        if (_armedUntil > now && _armedUntil <= now + nanoseconds)
            return;
        _armedUntil = now + nanoseconds;
        Set(CpuInstructions.ReadCounter() + (ulong)nanoseconds * Frequency / Second);
    }

    /// <inheritdoc/>
    public void End(int vector)
    {
        if (vector != Interrupts.TimerVector)
            return;
        _armedUntil = long.MinValue;
        Set(Never);
        if (HasNews())
            Interrupts?.Handle(Interrupts.BellVector);
    }

    /// <inheritdoc/>
    public void Wait(long nanoseconds, long now)
    {
        if (!HasNews())
            Launcher.Wait(nanoseconds == long.MaxValue ? nanoseconds : long.Max(nanoseconds, 0));
        else
            Interrupts?.Handle(Interrupts.BellVector);
    }

    /// <inheritdoc/>
    public ulong TakePending() => CpuInstructions.TakeInterrupts() & ~(ulong)BellBit | (HasNews() ? BellBit : 0UL);

    // Whether there are completions that no bell has been handled for.
    // SAFETY: the window is mapped, as long as it has to be.
    private bool HasNews()
    {
        Span<byte> window = new(LinearMemory.At(CpuInstructions.GetMachine()->Window), MachineWindow.Length);
        uint tail = Volatile.Read(ref HostRegionLayout.GetWord(window, HostRegionLayout.CompletionTail));
        if (tail == _seen)
            return false;
        _seen = tail;
        return true;
    }

    private static void Set(ulong moment) => RiscV64Instructions.CallFirmware(LegacySetTimer, 0, moment, 0);
}
