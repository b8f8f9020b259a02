using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Time;

/// <summary>Clocks, sleeping and timers.</summary>
internal static class TimeSyscalls
{
    private const int TimerAbsolute = 1;
    private const long LowResolutionTick = 4_000_000;

    [Syscall(228, "clock_gettime")]
    public static SyscallResult ClockGetTime(LinuxThread thread, int clock, UserAddress result)
    {
        Errno error = LinuxClocks.Read(thread, clock, out long now);
        if (error != Errno.Success)
            return error;
        return thread.Memory.TryWrite(result, Timespec.From(now)) ? 0 : Errno.EFAULT;
    }

    [Syscall(229, "clock_getres")]
    public static SyscallResult ClockGetResolution(LinuxThread thread, int clock, UserAddress result)
    {
        Errno error = LinuxClocks.Read(thread, clock, out _);
        if (error != Errno.Success)
            return error;
        long resolution = (ClockId)clock is ClockId.RealtimeCoarse or ClockId.MonotonicCoarse ? LowResolutionTick : 1;
        return result.IsNull || thread.Memory.TryWrite(result, Timespec.From(resolution)) ? 0 : Errno.EFAULT;
    }

    [Syscall(227, "clock_settime", Note = "The clock is the platform's: EPERM, as for a user without CAP_SYS_TIME.")]
    public static SyscallResult ClockSetTime(LinuxThread thread, int clock, UserAddress time)
    {
        if ((ClockId)clock != ClockId.Realtime)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(time, out Timespec value))
            return Errno.EFAULT;
        return value.IsValid ? Errno.EPERM : Errno.EINVAL;
    }

    [Syscall(96, "gettimeofday")]
    public static SyscallResult GetTimeOfDay(LinuxThread thread, UserAddress time, UserAddress zone)
    {
        if (!time.IsNull && !thread.Memory.TryWrite(time, Timeval.From(thread.RealtimeNow)))
            return Errno.EFAULT;
        return zone.IsNull || thread.Memory.TryWrite(zone, 0L) ? 0 : Errno.EFAULT;
    }

    [Syscall(164, "settimeofday", Note = "The clock is the platform's: EPERM.")]
    public static SyscallResult SetTimeOfDay(LinuxThread thread, UserAddress time, UserAddress zone) => Errno.EPERM;

    [Syscall(201, "time")]
    public static SyscallResult Time(LinuxThread thread, UserAddress result)
    {
        long seconds = thread.RealtimeNow / Timespec.PerSecond;
        return result.IsNull || thread.Memory.TryWrite(result, seconds) ? seconds : Errno.EFAULT;
    }

    [Syscall(35, "nanosleep")]
    public static SyscallResult Nanosleep(LinuxThread thread, UserAddress request, UserAddress remaining)
    {
        if (!thread.Memory.TryRead(request, out Timespec time))
            return Errno.EFAULT;
        if (!time.IsValid)
            return Errno.EINVAL;
        TimerClock clock = thread.Kernel.MonotonicClock;
        return SleepUntil(thread, clock, Deadline.After(clock.Now, time.TotalNanoseconds), remaining, isRelative: true);
    }

    [Syscall(230, "clock_nanosleep")]
    public static SyscallResult ClockNanosleep(LinuxThread thread, int clock, int flags, UserAddress request, UserAddress remaining)
    {
        Errno error = TimerClock.Open(thread, clock, out TimerClock opened);
        if (error != Errno.Success)
            return error;
        // A thread can't wait for its own CPU time (posix_cpu_nsleep of Linux).
        if ((ClockId)clock == ClockId.ThreadCpuTime)
            return Errno.EOPNOTSUPP;
        if (clock < 0 && LinuxClocks.FindCpuClock(thread, clock, out _, out LinuxThread? target) == Errno.Success && target == thread)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(request, out Timespec time))
            return Errno.EFAULT;
        if (!time.IsValid)
            return Errno.EINVAL;
        bool isAbsolute = (flags & TimerAbsolute) != 0;
        TimerClock running = isAbsolute ? opened : opened.Relative;
        long due = isAbsolute ? time.TotalNanoseconds : Deadline.After(running.Now, time.TotalNanoseconds);
        return SleepUntil(thread, running, due, remaining, !isAbsolute);
    }

    [Syscall(219, "restart_syscall")]
    public static SyscallResult RestartSyscall(LinuxThread thread) => thread.RestartBlock?.Restart(thread) ?? Errno.EINTR;

    [Syscall(34, "pause")]
    public static SyscallResult Pause(LinuxThread thread)
    {
        while (thread.Sleep(Deadline.Never) != WaitOutcome.Interrupted)
        {
        }

        return Errno.ERESTARTNOHAND;
    }

    [Syscall(36, "getitimer")]
    public static SyscallResult GetIntervalTimer(LinuxThread thread, int which, UserAddress current)
    {
        if ((uint)which >= IntervalTimers.Count)
            return Errno.EINVAL;
        thread.Process.IntervalTimers[which].Get(out long left, out long interval);
        return thread.Memory.TryWrite(current, new IntervalTimeval(Timeval.From(interval), Timeval.From(left))) ? 0 : Errno.EFAULT;
    }

    [Syscall(38, "setitimer")]
    public static SyscallResult SetIntervalTimer(LinuxThread thread, int which, UserAddress setting, UserAddress old)
    {
        if ((uint)which >= IntervalTimers.Count)
            return Errno.EINVAL;
        IntervalTimeval value = default;
        if (!setting.IsNull && !thread.Memory.TryRead(setting, out value))
            return Errno.EFAULT;
        if (!value.Value.IsValid || !value.Interval.IsValid)
            return Errno.EINVAL;
        thread.Process.IntervalTimers[which].Set(value.Value.TotalNanoseconds, value.Interval.TotalNanoseconds, out long left, out long interval);
        return old.IsNull || thread.Memory.TryWrite(old, new IntervalTimeval(Timeval.From(interval), Timeval.From(left))) ? 0 : Errno.EFAULT;
    }

    [Syscall(37, "alarm")]
    public static SyscallResult Alarm(LinuxThread thread, uint seconds)
    {
        thread.Process.IntervalTimers[0].Set(seconds * Timespec.PerSecond, 0, out long left, out _);
        // Rounded to the next second, but never to 0 (alarm(2); do_alarm of Linux).
        return left == 0 ? 0 : Math.Max(1, (left + Timespec.PerSecond / 2) / Timespec.PerSecond);
    }

    [Syscall(222, "timer_create")]
    public static SyscallResult TimerCreate(LinuxThread thread, int clock, UserAddress notification, UserAddress result)
    {
        Errno error = TimerClock.Open(thread, clock, out TimerClock opened);
        if (error != Errno.Success)
            return error;
        SignalEvent? sigevent = null;
        LinuxThread? target = null;
        if (!notification.IsNull)
        {
            if (!thread.Memory.TryRead(notification, out SignalEvent value))
                return Errno.EFAULT;
            bool isKnown = value.Notify is SignalEvent.NotifySignal or SignalEvent.NotifyNone or SignalEvent.NotifyThread or
                SignalEvent.NotifyThreadId;
            if (!isKnown || (value.Notify != SignalEvent.NotifyNone && value.Signal is < 1 or > Signal.Last))
                return Errno.EINVAL;
            if (value.Notify == SignalEvent.NotifyThreadId)
            {
                target = thread.Kernel.Processes.FindThread(value.ThreadId);
                if (target?.Process != thread.Process)
                    return Errno.EINVAL;
            }

            sigevent = value;
        }

        error = thread.Process.PosixTimers.Create(opened, sigevent, target, out int id);
        if (error != Errno.Success)
            return error;
        if (thread.Memory.TryWrite(result, id))
            return 0;
        thread.Process.PosixTimers.Delete(id);
        return Errno.EFAULT;
    }

    [Syscall(223, "timer_settime")]
    public static SyscallResult TimerSetTime(LinuxThread thread, int id, int flags, UserAddress setting, UserAddress old)
    {
        if (thread.Process.PosixTimers.Find(id) is not { } timer)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(setting, out IntervalTimespec value))
            return setting.IsNull ? Errno.EINVAL : Errno.EFAULT;
        if (!value.Value.IsValid || !value.Interval.IsValid)
            return Errno.EINVAL;
        IntervalTimespec previous = timer.Set(value, (flags & TimerAbsolute) != 0);
        return old.IsNull || thread.Memory.TryWrite(old, previous) ? 0 : Errno.EFAULT;
    }

    [Syscall(224, "timer_gettime")]
    public static SyscallResult TimerGetTime(LinuxThread thread, int id, UserAddress current)
    {
        if (thread.Process.PosixTimers.Find(id) is not { } timer)
            return Errno.EINVAL;
        return thread.Memory.TryWrite(current, timer.Get()) ? 0 : Errno.EFAULT;
    }

    [Syscall(225, "timer_getoverrun")]
    public static SyscallResult TimerGetOverrun(LinuxThread thread, int id) =>
        thread.Process.PosixTimers.Find(id) is { } timer ? timer.Overrun : Errno.EINVAL;

    [Syscall(226, "timer_delete")]
    public static SyscallResult TimerDelete(LinuxThread thread, int id) => thread.Process.PosixTimers.Delete(id);

    private static SyscallResult SleepUntil(LinuxThread thread, TimerClock clock, long due, UserAddress remaining, bool isRelative)
    {
        while (clock.Now < due)
        {
            if (thread.Sleep(clock.EarliestDeadline(due)) != WaitOutcome.Interrupted)
                continue;
            if (!isRelative)
                return Errno.ERESTARTNOHAND;
            long left = Math.Max(0, due - clock.Now);
            if (!remaining.IsNull && !thread.Memory.TryWrite(remaining, Timespec.From(left)))
                return Errno.EFAULT;
            thread.RestartBlock = new RestartedSleep(clock, due, remaining);
            return Errno.ERESTART_RESTARTBLOCK;
        }

        return 0;
    }

    private sealed class RestartedSleep(TimerClock clock, long due, UserAddress remaining) : IRestartableCall
    {
        public SyscallResult Restart(LinuxThread thread) => SleepUntil(thread, clock, due, remaining, isRelative: true);
    }
}
