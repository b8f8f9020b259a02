using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;

namespace Cloister.Linux.Time;

/// <summary>Values and deadlines of the clocks that programs name.</summary>
internal static class LinuxClocks
{
    /// <summary>Reads a clock, in nanoseconds.</summary>
    public static Errno Read(LinuxThread thread, int clock, out long nanoseconds)
    {
        nanoseconds = 0;
        if (clock < 0)
            return ReadCpuClock(thread, clock, out nanoseconds);
        switch ((ClockId)clock)
        {
            case ClockId.Realtime:
            case ClockId.RealtimeCoarse:
            case ClockId.Tai:
            case ClockId.Monotonic:
            case ClockId.MonotonicRaw:
            case ClockId.MonotonicCoarse:
            case ClockId.BootTime:
                nanoseconds = thread.Kernel.Platform.Clock.Read((ClockSource)clock);
                return Errno.Success;
            case ClockId.RealtimeAlarm:
                nanoseconds = thread.RealtimeNow;
                return Errno.Success;
            case ClockId.BootTimeAlarm:
                nanoseconds = thread.Kernel.Platform.Clock.Read(ClockSource.BootTime);
                return Errno.Success;
            case ClockId.ProcessCpuTime:
                nanoseconds = thread.Process.CpuNanoseconds;
                return Errno.Success;
            case ClockId.ThreadCpuTime:
                nanoseconds = thread.CpuNanoseconds;
                return Errno.Success;
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>Whether a clock can be slept on or have timers.</summary>
    public static Errno CheckWaitable(int clock) => (ClockId)clock switch
    {
        ClockId.Realtime or ClockId.Monotonic or ClockId.BootTime or ClockId.Tai or ClockId.RealtimeAlarm or ClockId.BootTimeAlarm => Errno.Success,
        ClockId.ProcessCpuTime => Errno.Success,
        ClockId.MonotonicRaw or ClockId.RealtimeCoarse or ClockId.MonotonicCoarse => Errno.EOPNOTSUPP,
        _ => Errno.EINVAL,
    };

    /// <summary>Monotonic deadline of a time on a clock.</summary>
    public static long ToDeadline(LinuxThread thread, int clock, long nanoseconds, bool isAbsolute)
    {
        long relative = nanoseconds;
        if (isAbsolute)
        {
            Read(thread, clock, out long now);
            relative = nanoseconds - now;
        }

        long monotonic = thread.MonotonicNow;
        if (relative <= 0)
            return monotonic;
        return relative > Deadline.Never - monotonic ? Deadline.Never : monotonic + relative;
    }

    /// <summary>Dynamic CPU clocks: ~pid shifted by 3, with bit 2 for a thread (clock_getcpuclockid(3)).</summary>
    private static Errno ReadCpuClock(LinuxThread thread, int clock, out long nanoseconds)
    {
        nanoseconds = 0;
        int id = ~(clock >> 3);
        if ((clock & 3) == 3)
            return Errno.EINVAL;
        if ((clock & 4) != 0)
        {
            LinuxThread? target = id == 0 ? thread : thread.Kernel.Processes.FindThread(id);
            if (target is null || target.Process != thread.Process)
                return Errno.EINVAL;
            nanoseconds = target.CpuNanoseconds;
            return Errno.Success;
        }

        LinuxProcess? process = id == 0 ? thread.Process : thread.Kernel.Processes.Find(id);
        if (process is null)
            return Errno.EINVAL;
        nanoseconds = process.CpuNanoseconds;
        return Errno.Success;
    }
}
