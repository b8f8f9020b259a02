using System;
using System.Threading;

namespace Cloister.Runtime;

/// <summary>
/// What a kernel asks of the scheduler beyond .NET's classes: its members are C functions, which the kernel declares as its own.
/// </summary>
internal static class KernelScheduler
{
    /// <summary>Sets what runs where no thread can: it waits for an interrupt, handles it, and returns.</summary>
    public static void SetIdle(object action) => Scheduler.Idle = (Action)action;

    /// <summary>The current thread waits until it is woken, or until a moment of the platform's clock; long.MaxValue is never.</summary>
    /// <returns>Whether it was woken.</returns>
    public static bool Block(long deadline) => Scheduler.Block(null, deadline);

    /// <summary>Lets a thread that waits in <see cref="Block"/> run when its turn comes.</summary>
    public static void Wake(object thread) => Scheduler.Wake((Thread)thread);

    /// <summary>Whether another thread could run.</summary>
    public static bool HasReady() => Scheduler.HasReady;

    /// <summary>When the first thread wants to be woken; long.MaxValue where none does.</summary>
    public static long NextDeadline() => Scheduler.NextDeadline;
}
