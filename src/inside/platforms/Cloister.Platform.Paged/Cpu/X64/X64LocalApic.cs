namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>The local APIC in its page of memory (Intel SDM volume 3, chapter 11): interrupts of the timer, and their end.</summary>
// SAFETY: entry code maps the page, at the address that the processor starts with, without caching.
public sealed unsafe class X64LocalApic
{
    private const ulong Base = 0xfee0_0000;
    private const int EndOfInterrupt = 0xb0;
    private const int Spurious = 0xf0;
    private const int TimerEntry = 0x320;
    private const int InitialCount = 0x380;
    private const int CurrentCount = 0x390;
    private const int Divide = 0x3e0;
    private const uint ById1 = 0xb;
    private const uint Enabled = 0x100;
    private const uint Masked = 1 << 16;

    // Of the timer's clock: 1 GHz in QEMU and in KVM, so a tick is a nanosecond.
    private const uint MeasuredTicks = 4_000_000;

    private const long LongestWait = 4_000_000_000;

    // Programming costs an exit of the virtual machine: a deadline that is already armed is left alone.
    private long _armedUntil = long.MinValue;

    private static byte* Page => LinearMemory.At(Base);

    /// <summary>Switches it on.</summary>
    public void Enable(int spuriousVector, int timerVector)
    {
        X64Instructions.Write32(Page + Spurious, Enabled | (uint)spuriousVector);
        X64Instructions.Write32(Page + Divide, ById1);
        X64Instructions.Write32(Page + TimerEntry, (uint)timerVector);
    }

    /// <summary>The interrupt that was taken has been handled.</summary>
    public void End()
    {
        _armedUntil = long.MinValue;
        X64Instructions.Write32(Page + EndOfInterrupt, 0);
    }

    /// <summary>Asks for an interrupt.</summary>
    /// <param name="nanoseconds">After how long at the latest; long.MaxValue for never.</param>
    /// <param name="now">The time.</param>
    public void Arm(long nanoseconds, long now)
    {
        bool isArmed = _armedUntil > now;
        if (nanoseconds == long.MaxValue)
        {
            if (isArmed)
                X64Instructions.Write32(Page + InitialCount, 0);
            _armedUntil = long.MinValue;
            return;
        }

        nanoseconds = long.Clamp(nanoseconds, 1_000, LongestWait);
        if (isArmed && _armedUntil <= now + nanoseconds)
            return;
        _armedUntil = now + nanoseconds;
        X64Instructions.Write32(Page + InitialCount, (uint)nanoseconds);
    }

    /// <summary>Counts ticks of the time stamp counter.</summary>
    public ulong Measure(out uint nanoseconds)
    {
        X64Instructions.Write32(Page + TimerEntry, Masked);
        X64Instructions.Write32(Page + Divide, ById1);
        X64Instructions.Write32(Page + InitialCount, uint.MaxValue);
        uint first = X64Instructions.Read32(Page + CurrentCount);
        ulong start = X64Instructions.ReadTimeStamp();
        ulong end;
        do
        {
            nanoseconds = first - X64Instructions.Read32(Page + CurrentCount);
            end = X64Instructions.ReadTimeStamp();
        }
        while (nanoseconds < MeasuredTicks);
        X64Instructions.Write32(Page + InitialCount, 0);
        return end - start;
    }
}
