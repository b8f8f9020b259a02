using System;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Threads;

/// <summary>
/// Interrupts come in user mode, and where the kernel waits for one: never in between. Who handles them runs as a part of the thread that
/// was interrupted, or of the one that found nothing to run.
/// </summary>
public sealed class Interrupts
{
    /// <summary>Vector of the timer.</summary>
    public const int TimerVector = 32;

    /// <summary>Vector of the host's bell.</summary>
    public const int BellVector = 33;

    private const int FirstVector = 32;

    private readonly IInterruptController _controller;
    private readonly MachineClock _clock;

    /// <summary>Begins to take them.</summary>
    public Interrupts(IInterruptController controller, MachineClock clock)
    {
        _controller = controller;
        _clock = clock;
        KernelScheduler.SetIdle((Action)Idle);
    }

    /// <summary>Called at the host's bell.</summary>
    public Action? Bell { private get; set; }

    /// <summary>Handles one that user mode was left for.</summary>
    public void Handle(int vector)
    {
        _controller.End(vector);
        if (vector == BellVector)
            Bell?.Invoke();
    }

    /// <summary>Handles those that wait.</summary>
    public void TakePending()
    {
        HandleNoted();
    }

    /// <summary>Sees that user mode is left when a thread's time is over, or another wants to be woken.</summary>
    /// <param name="slice">Nanoseconds that the thread may have while others are ready.</param>
    public void ArmFor(long slice)
    {
        long deadline = KernelScheduler.NextDeadline();
        long now = _clock.MonotonicNanoseconds;
        long left = KernelScheduler.HasReady() ? slice : long.MaxValue;
        if (deadline != long.MaxValue)
            left = long.Min(left, long.Max(deadline - now, 0));
        _controller.Arm(left, now);
    }

    private void Idle()
    {
        long deadline = KernelScheduler.NextDeadline(), now = _clock.MonotonicNanoseconds;
        _controller.Wait(deadline == long.MaxValue ? deadline : long.Max(deadline - now, 0), now);
        HandleNoted();
    }

    private void HandleNoted()
    {
        ulong noted = _controller.TakePending();
        for (int vector = FirstVector; noted != 0; vector++, noted >>= 1)
        {
            if ((noted & 1) != 0)
                Handle(vector);
        }
    }
}
