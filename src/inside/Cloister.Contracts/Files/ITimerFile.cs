using System;
using Cloister.Abi;

namespace Cloister.Contracts.Files;

/// <summary>A timerfd (timerfd_create(2)). Times are nanoseconds.</summary>
public interface ITimerFile
{
    /// <summary>timerfd_settime(2).</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="isAbsolute">TFD_TIMER_ABSTIME.</param>
    /// <param name="value">First expiration; 0 disarms.</param>
    /// <param name="interval">Time between expirations; 0 for one only.</param>
    void SetTime(ICaller caller, bool isAbsolute, long value, long interval);

    /// <summary>timerfd_gettime(2): time until the next expiration, 0 where disarmed.</summary>
    void GetTime(ICaller caller, out long value, out long interval);
}

/// <summary>Signals that a signalfd reads: those pending for a process and its threads. Implemented by the Linux personality.</summary>
public interface ISignalSource
{
    /// <summary>Woken when a signal becomes pending that is blocked, so that nobody handles it.</summary>
    IWaitQueue SignalQueue { get; }

    /// <summary>The same for a thread that reads the file: it takes signals of its own process.</summary>
    IWaitQueue QueueOf(ICaller caller);

    /// <summary>Whether a signal of a set is pending for the process or any of its threads.</summary>
    bool IsPending(ulong set);

    /// <summary>Takes a pending signal of a set for the calling thread, as a struct signalfd_siginfo of 128 bytes.</summary>
    bool TryTake(ICaller caller, ulong set, Span<byte> information);
}

/// <summary>A signalfd (signalfd(2)).</summary>
public interface ISignalFile
{
    /// <summary>Changes the set.</summary>
    void SetMask(ulong mask);
}
