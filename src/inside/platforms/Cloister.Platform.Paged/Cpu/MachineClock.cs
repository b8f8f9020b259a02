using System;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>The processor's counter. Wall time begins with what the host says.</summary>
// SAFETY: the machine's block is a variable of the image.
public sealed unsafe class MachineClock : IClock
{
    private long _realtimeOffset;

    /// <inheritdoc/>
    public long MonotonicNanoseconds => Now();

    /// <inheritdoc/>
    public long RealtimeNanoseconds => Now() + _realtimeOffset;

    /// <summary>Nanoseconds since the machine started; for those who have no object.</summary>
    public static long Now()
    {
        MachineState* machine = CpuInstructions.GetMachine();
        ulong ticks = CpuInstructions.ReadCounter() - machine->ClockStart;
        ulong high = Math.BigMul(ticks, machine->ClockFactor, out ulong low);
        return (long)(high << 32 | low >> 32);
    }

    /// <summary>Says how fast the counter is.</summary>
    /// <param name="ticks">Ticks.</param>
    /// <param name="nanoseconds">How long they take.</param>
    public static void SetSpeed(ulong ticks, ulong nanoseconds) =>
        CpuInstructions.GetMachine()->ClockFactor = (ulong)(((UInt128)nanoseconds << 32) / ticks);

    /// <summary>Sets wall time.</summary>
    public void SetRealtime(long nanoseconds) => _realtimeOffset = nanoseconds - Now();
}
