using System;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>The timer, which the firmware programs (SBI, extension TIME).</summary>
public sealed class RiscV64Timer(ulong frequency) : IInterruptController
{
    private const ulong TimeExtension = 0x5449_4d45;
    private const ulong Never = ulong.MaxValue;
    private const long Second = 1_000_000_000;
    private const long LongestWait = 4 * Second;

    // A deadline that is already armed is left alone.
    private long _armedUntil = long.MinValue;

    /// <inheritdoc/>
    public void Arm(long nanoseconds, long now)
    {
        bool isArmed = _armedUntil > now;
        if (nanoseconds == long.MaxValue)
        {
            if (isArmed)
                Set(Never);
            _armedUntil = long.MinValue;
            return;
        }

        nanoseconds = Math.Clamp(nanoseconds, 1_000, LongestWait);
        if (isArmed && _armedUntil <= now + nanoseconds)
            return;
        _armedUntil = now + nanoseconds;
        Set(CpuInstructions.ReadCounter() + (ulong)nanoseconds * frequency / Second);
    }

    /// <inheritdoc/>
    public void End(int vector)
    {
        if (vector != Interrupts.TimerVector)
            return;
        _armedUntil = long.MinValue;
        Set(Never);
    }

    private static void Set(ulong moment) => RiscV64Instructions.CallFirmware(TimeExtension, 0, moment, 0);
}
