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
}
