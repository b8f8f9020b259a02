using System.Runtime.InteropServices;
using Cloister.Abi;

namespace Cloister.Linux.Time;

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timespec(long Seconds, long Nanoseconds)
{
    internal const long PerSecond = 1_000_000_000;

    /// <summary>Whether it is normalised and not negative.</summary>
    public bool IsValid => Seconds >= 0 && (ulong)Nanoseconds < PerSecond;

    /// <summary>All in nanoseconds; what doesn't fit is the longest time that does.</summary>
    public long TotalNanoseconds => Seconds >= long.MaxValue / PerSecond ? long.MaxValue : Seconds * PerSecond + Nanoseconds;

    /// <summary>From nanoseconds, not negative.</summary>
    public static Timespec From(long nanoseconds) => new(nanoseconds / PerSecond, nanoseconds % PerSecond);
}

/// <summary>struct timeval.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timeval(long Seconds, long Microseconds)
{
    /// <summary>Whether it is normalised and not negative.</summary>
    public bool IsValid => Seconds >= 0 && (ulong)Microseconds < 1_000_000;

    /// <summary>All in nanoseconds; what doesn't fit is the longest time that does.</summary>
    public long TotalNanoseconds =>
        Seconds >= long.MaxValue / Timespec.PerSecond ? long.MaxValue : Seconds * Timespec.PerSecond + Microseconds * 1000;

    /// <summary>From nanoseconds, not negative.</summary>
    public static Timeval From(long nanoseconds) => new(nanoseconds / Timespec.PerSecond, nanoseconds % Timespec.PerSecond / 1000);
}

/// <summary>struct itimerspec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct IntervalTimespec(Timespec Interval, Timespec Value);

/// <summary>struct itimerval.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct IntervalTimeval(Timeval Interval, Timeval Value);

/// <summary>A call that a signal interrupted and that goes on with what was left (restart_syscall(2)).</summary>
internal interface IRestartableCall
{
    /// <summary>Goes on.</summary>
    SyscallResult Restart(LinuxThread thread);
}

/// <summary>Clocks of clock_gettime(2).</summary>
internal enum ClockId
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpuTime = 2,
    ThreadCpuTime = 3,
    MonotonicRaw = 4,
    RealtimeCoarse = 5,
    MonotonicCoarse = 6,
    BootTime = 7,
    RealtimeAlarm = 8,
    BootTimeAlarm = 9,
    Tai = 11,
}
