using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux.Identity;

namespace Cloister.Linux.Time;

/// <summary>A clock that timers and sleeps run on. Times are nanoseconds.</summary>
internal abstract class TimerClock
{
    /// <summary>What the clock shows.</summary>
    public abstract long Now { get; }

    /// <summary>The clock that measures times from now: setting a clock must not change them.</summary>
    public virtual TimerClock Relative => this;

    /// <summary>Monotonic time at which the clock can show a time at the earliest: when to look again.</summary>
    public abstract long EarliestDeadline(long due);

    /// <summary>Finds the clock of an id (clock_gettime(2)) for timers and sleeps.</summary>
    /// <returns>EINVAL, EOPNOTSUPP for clocks that can only be read, EPERM for those that wake the machine.</returns>
    public static Errno Open(LinuxThread thread, int clock, out TimerClock opened)
    {
        const int wakeAlarm = 35;
        IClock source = thread.Kernel.Platform.Clock;
        opened = thread.Kernel.MonotonicClock;
        if (clock < 0)
            return OpenCpuClock(thread, clock, out opened);
        switch ((ClockId)clock)
        {
            case ClockId.RealtimeAlarm or ClockId.BootTimeAlarm when !thread.Identity.Has(wakeAlarm):
                return Errno.EPERM;
            case ClockId.Monotonic:
                return Errno.Success;
            case ClockId.BootTime or ClockId.BootTimeAlarm:
                opened = new WallClock(source, ClockSource.BootTime, thread.Kernel.MonotonicClock);
                return Errno.Success;
            case ClockId.Realtime or ClockId.RealtimeAlarm:
                opened = new WallClock(source, ClockSource.Realtime, thread.Kernel.MonotonicClock);
                return Errno.Success;
            case ClockId.Tai:
                opened = new WallClock(source, ClockSource.Tai, thread.Kernel.MonotonicClock);
                return Errno.Success;
            case ClockId.ProcessCpuTime:
                opened = new ProcessCpuClock(thread.Process);
                return Errno.Success;
            case ClockId.ThreadCpuTime:
                opened = new ThreadCpuClock(thread);
                return Errno.Success;
            case ClockId.MonotonicRaw or ClockId.RealtimeCoarse or ClockId.MonotonicCoarse:
                return Errno.EOPNOTSUPP;
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>Dynamic CPU clocks: ~pid shifted by 3, with bit 2 for a thread (clock_getcpuclockid(3)).</summary>
    private static Errno OpenCpuClock(LinuxThread thread, int clock, out TimerClock opened)
    {
        opened = thread.Kernel.MonotonicClock;
        if (LinuxClocks.FindCpuClock(thread, clock, out LinuxProcess? process, out LinuxThread? target) is var error && error != Errno.Success)
            return error;
        opened = target is not null ? new ThreadCpuClock(target) : new ProcessCpuClock(process!);
        return Errno.Success;
    }
}

/// <summary>CLOCK_MONOTONIC.</summary>
internal sealed class MonotonicClock(IClock clock) : TimerClock
{
    /// <inheritdoc/>
    public override long Now => clock.MonotonicNanoseconds;

    /// <inheritdoc/>
    public override long EarliestDeadline(long due) => due;
}

/// <summary>A clock that can be set, or that counts from another point.</summary>
internal sealed class WallClock(IClock clock, ClockSource source, TimerClock monotonic) : TimerClock
{
    /// <inheritdoc/>
    public override long Now => clock.Read(source);

    /// <inheritdoc/>
    public override TimerClock Relative => monotonic;

    /// <inheritdoc/>
    public override long EarliestDeadline(long due) => Deadline.After(monotonic.Now, Math.Max(0, due - Now));
}

/// <summary>CPU time of a process: it passes as fast as its threads run.</summary>
internal sealed class ProcessCpuClock(LinuxProcess process) : TimerClock
{
    /// <summary>As short as Linux's tick may be; it looks at CPU timers once a tick too.</summary>
    public const long ShortestSample = 1_000_000;

    /// <inheritdoc/>
    public override long Now => process.CpuNanoseconds;

    /// <inheritdoc/>
    public override long EarliestDeadline(long due)
    {
        int running = Math.Clamp(process.ThreadCount, 1, process.Kernel.Platform.Cpus.Count);
        long wait = Math.Max(0, due - Now) / running;
        return Deadline.After(process.Kernel.Platform.Clock.MonotonicNanoseconds, Math.Max(wait, ShortestSample));
    }
}

/// <summary>CPU time of a thread.</summary>
internal sealed class ThreadCpuClock(LinuxThread thread) : TimerClock
{
    /// <inheritdoc/>
    public override long Now => thread.CpuNanoseconds;

    /// <inheritdoc/>
    public override long EarliestDeadline(long due) =>
        Deadline.After(thread.MonotonicNow, Math.Max(due - Now, ProcessCpuClock.ShortestSample));
}
