using System;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>The time stamp counter, measured once against the local APIC's timer. Wall time begins with what the host says.</summary>
// SAFETY: the machine's block is a variable of the image.
public sealed unsafe class X64Clock : IClock
{
    private long _realtimeOffset;

    /// <inheritdoc/>
    public long MonotonicNanoseconds => Now();

    /// <inheritdoc/>
    public long RealtimeNanoseconds => Now() + _realtimeOffset;

    /// <summary>Nanoseconds since the machine started; for those who have no object.</summary>
    public static long Now()
    {
        X64Machine* machine = X64Instructions.GetMachine();
        ulong ticks = X64Instructions.ReadTimeStamp() - machine->ClockStart;
        ulong high = Math.BigMul(ticks, machine->ClockFactor, out ulong low);
        return (long)(high << 32 | low >> 32);
    }

    /// <summary>Measures the counter.</summary>
    public static void Measure(X64LocalApic apic)
    {
        X64Machine* machine = X64Instructions.GetMachine();
        ulong ticks = apic.Measure(out uint nanoseconds);
        machine->ClockFactor = (ulong)(((UInt128)nanoseconds << 32) / ticks);
    }

    /// <summary>Sets wall time.</summary>
    public void SetRealtime(long nanoseconds) => _realtimeOffset = nanoseconds - Now();
}
