using System.Runtime.CompilerServices;

namespace Cloister.Platform.Paged.Threads;

/// <summary>The runtime's scheduler, as far as .NET's classes don't show it: Cloister.Runtime.KernelScheduler of the core library.</summary>
public static class KernelScheduler
{
    /// <summary>Sets what runs where no thread can.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SetIdle(object action);

    /// <summary>Waits until the thread is woken, or until a moment.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern bool Block(long deadline);

    /// <summary>Wakes a thread that waits.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Wake(object thread);

    /// <summary>Whether another thread could run.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern bool HasReady();

    /// <summary>When the first thread wants to be woken; long.MaxValue where none does.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long NextDeadline();
}
