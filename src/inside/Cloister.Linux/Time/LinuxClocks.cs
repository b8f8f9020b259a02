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

    /// <summary>Monotonic deadline of a time from now.</summary>
    public static long ToDeadline(LinuxThread thread, long nanoseconds) => Deadline.After(thread.MonotonicNow, nanoseconds);

    /// <summary>Whose a dynamic CPU clock is: ~pid shifted by 3, with bit 2 for a thread (clock_getcpuclockid(3)).</summary>
    /// <param name="thread">The caller.</param>
    /// <param name="clock">The clock's id, negative.</param>
    /// <param name="process">The process.</param>
    /// <param name="target">The thread, where the clock is a thread's.</param>
    /// <returns>EINVAL.</returns>
    public static Errno FindCpuClock(LinuxThread thread, int clock, out LinuxProcess? process, out LinuxThread? target)
    {
        process = null;
        target = null;
        int id = ~(clock >> 3);
        if ((clock & 3) == 3)
            return Errno.EINVAL;
        if ((clock & 4) != 0)
        {
            target = id == 0 ? thread : thread.Kernel.Processes.FindThread(id);
            process = target?.Process;
            return process == thread.Process ? Errno.Success : Errno.EINVAL;
        }

        process = id == 0 ? thread.Process : thread.Kernel.Processes.Find(id);
        return process is null ? Errno.EINVAL : Errno.Success;
    }

    private static Errno ReadCpuClock(LinuxThread thread, int clock, out long nanoseconds)
    {
        Errno error = FindCpuClock(thread, clock, out LinuxProcess? process, out LinuxThread? target);
        nanoseconds = error != Errno.Success ? 0 : target?.CpuNanoseconds ?? process!.CpuNanoseconds;
        return error;
    }
}
