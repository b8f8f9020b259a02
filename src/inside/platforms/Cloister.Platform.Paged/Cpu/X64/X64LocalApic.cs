using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>The local APIC in its page of memory (Intel SDM volume 3, chapter 11): interrupts of the timer, and their end.</summary>
// SAFETY: entry code maps the page, at the address that the processor starts with, without caching.
public sealed unsafe class X64LocalApic : IInterruptController
{
    private const ulong Base = 0xfee0_0000;
    private const int EndOfInterrupt = 0xb0;
    private const int Spurious = 0xf0;
    private const int TimerEntry = 0x320;
    private const int InitialCount = 0x380;
    private const int CurrentCount = 0x390;
    private const int Divide = 0x3e0;
    private const uint ById1 = 0xb;
    private const int SpuriousVector = 255;
    private const uint Enabled = 0x100;
    private const uint Masked = 1 << 16;

    // Of the timer's clock: 1 GHz in QEMU and in KVM, so a tick is a nanosecond.
    private const uint MeasuredTicks = 4_000_000;

    private const long LongestWait = 4_000_000_000;

    // Programming costs an exit of the virtual machine: a deadline that is already armed is left alone.
    private long _armedUntil = long.MinValue;

    private static byte* Page => LinearMemory.At(Base);

    /// <summary>Switches it on.</summary>
    public void Enable(int timerVector)
    {
        CpuInstructions.Write32(Page + Spurious, Enabled | SpuriousVector);
        CpuInstructions.Write32(Page + Divide, ById1);
        CpuInstructions.Write32(Page + TimerEntry, (uint)timerVector);
    }

    /// <inheritdoc/>
    public void End(int vector)
    {
        // One that went away before it was taken isn't acknowledged.
        if (vector == SpuriousVector)
            return;
        _armedUntil = long.MinValue;
        CpuInstructions.Write32(Page + EndOfInterrupt, 0);
    }

    /// <inheritdoc/>
    public void Arm(long nanoseconds, long now)
    {
        bool isArmed = _armedUntil > now;
        if (nanoseconds == long.MaxValue)
        {
            if (isArmed)
                CpuInstructions.Write32(Page + InitialCount, 0);
            _armedUntil = long.MinValue;
            return;
        }

        nanoseconds = long.Clamp(nanoseconds, 1_000, LongestWait);
        if (isArmed && _armedUntil <= now + nanoseconds)
            return;
        _armedUntil = now + nanoseconds;
        CpuInstructions.Write32(Page + InitialCount, (uint)nanoseconds);
    }

    /// <summary>Measures the time stamp counter.</summary>
    public static void MeasureClock()
    {
        uint nanoseconds;
        CpuInstructions.Write32(Page + TimerEntry, Masked);
        CpuInstructions.Write32(Page + Divide, ById1);
        CpuInstructions.Write32(Page + InitialCount, uint.MaxValue);
        uint first = CpuInstructions.Read32(Page + CurrentCount);
        ulong start = CpuInstructions.ReadCounter();
        ulong end;
        do
        {
            nanoseconds = first - CpuInstructions.Read32(Page + CurrentCount);
            end = CpuInstructions.ReadCounter();
        }
        while (nanoseconds < MeasuredTicks);
        CpuInstructions.Write32(Page + InitialCount, 0);
        MachineClock.SetSpeed(end - start, nanoseconds);
    }
}
