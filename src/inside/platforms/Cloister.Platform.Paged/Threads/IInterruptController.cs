using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Threads;

/// <summary>A processor's timer, and the end of its interrupts.</summary>
public interface IInterruptController
{
    /// <summary>Asks for an interrupt of the timer.</summary>
    /// <param name="nanoseconds">After how long at the latest; long.MaxValue for never.</param>
    /// <param name="now">The time.</param>
    void Arm(long nanoseconds, long now);

    /// <summary>An interrupt is being handled.</summary>
    void End(int vector);

    /// <summary>Sleeps until an interrupt.</summary>
    /// <param name="nanoseconds">For how long at most; long.MaxValue for ever.</param>
    /// <param name="now">The time.</param>
    void Wait(long nanoseconds, long now)
    {
        Arm(nanoseconds, now);
        CpuInstructions.WaitForInterrupt();
    }

    /// <summary>The interrupts that wait, and from now on are the caller's: bit 0 is <see cref="Interrupts.TimerVector"/>.</summary>
    ulong TakePending() => CpuInstructions.TakeInterrupts();
}
