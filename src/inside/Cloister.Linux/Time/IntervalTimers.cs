using System.Threading;
using Cloister.Linux.Signals;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Time;

/// <summary>The three interval timers of a process (setitimer(2)).</summary>
internal sealed class IntervalTimers
{
    public const int Count = 3;

    private readonly IntervalTimer[] _timers = new IntervalTimer[Count];

    public IntervalTimers(LinuxProcess process)
    {
        _timers[0] = new IntervalTimer(process, Signal.Alarm, measuresCpu: false);
        _timers[1] = new IntervalTimer(process, Signal.VirtualAlarm, measuresCpu: true);
        _timers[2] = new IntervalTimer(process, Signal.Profiling, measuresCpu: true);
    }

    public IntervalTimer this[int which] => _timers[which];

    public void DisarmAll()
    {
        foreach (IntervalTimer timer in _timers)
            timer.Set(0, 0, out _, out _);
    }
}

/// <summary>One interval timer.</summary>
internal sealed class IntervalTimer(LinuxProcess process, int signal, bool measuresCpu) : ITimerCallback
{
    private readonly KernelLock _lock = new(LockLevel.ProcessTimers);
    private TimerHandle _handle;
    private long _interval;
    private long _due;

    /// <summary>Time left and interval, in nanoseconds; 0 where disarmed.</summary>
    public void Get(out long left, out long interval)
    {
        using (_lock.Enter())
            Read(out left, out interval);
    }

    /// <summary>Arms for a time from now, or disarms with 0.</summary>
    public void Set(long value, long interval, out long oldLeft, out long oldInterval)
    {
        using (_lock.Enter())
        {
            Read(out oldLeft, out oldInterval);
            if (_due != 0)
                process.Kernel.Timers.Cancel(_handle);
            _due = 0;
            _interval = interval;
            if (value == 0)
                return;
            _due = Now + value;
            Arm();
        }
    }

    /// <inheritdoc/>
    public void OnExpired()
    {
        using (_lock.Enter())
        {
            if (_due == 0)
                return;
            // CPU time passes more slowly than wall time: look again when it can be over at the earliest.
            if (measuresCpu && Now < _due)
            {
                Arm();
                return;
            }

            if (_interval == 0)
            {
                _due = 0;
            }
            else
            {
                long late = Now - _due;
                _due += _interval * (1 + System.Math.Max(0, late) / _interval);
                Arm();
            }
        }

        process.Send(SignalInfo.Kernel(signal));
    }

    private long Now => measuresCpu ? process.CpuNanoseconds : process.Kernel.Platform.Clock.MonotonicNanoseconds;

    private void Arm()
    {
        const long shortestSample = 1_000_000;
        long wait = _due - Now;
        if (measuresCpu && wait < shortestSample)
            wait = shortestSample;
        _handle = process.Kernel.Timers.Arm(process.Kernel.Platform.Clock.MonotonicNanoseconds + wait, this);
    }

    private void Read(out long left, out long interval)
    {
        interval = _interval;
        left = _due == 0 ? 0 : System.Math.Max(1000, _due - Now);
    }
}
