using System;
using System.Threading;
using Cloister.Contracts;
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
        _timers[0] = new IntervalTimer(process, Signal.Alarm, process.Kernel.MonotonicClock, waitsForSignal: true);
        var cpu = new ProcessCpuClock(process);
        _timers[1] = new IntervalTimer(process, Signal.VirtualAlarm, cpu, waitsForSignal: false);
        _timers[2] = new IntervalTimer(process, Signal.Profiling, cpu, waitsForSignal: false);
    }

    public IntervalTimer this[int which] => _timers[which];

    /// <summary>SIGALRM was taken off the process's queue: ITIMER_REAL goes on. With the signal lock held.</summary>
    public void OnAlarmTaken() => _timers[0].OnSignalTaken();

    public void DisarmAll()
    {
        foreach (IntervalTimer timer in _timers)
            timer.Set(0, 0, out _, out _);
    }
}

/// <summary>One interval timer.</summary>
/// <param name="process">Whose it is.</param>
/// <param name="signal">What it sends.</param>
/// <param name="clock">What it measures.</param>
/// <param name="waitsForSignal">
/// Whether the next interval is armed when the signal is taken only, as Linux does with ITIMER_REAL (dequeue_signal): what
/// would come before that could only be merged with it.
/// </param>
internal sealed class IntervalTimer(LinuxProcess process, int signal, TimerClock clock, bool waitsForSignal) : ITimerCallback
{
    /// <summary>What is left of a timer that is just expiring: one microsecond.</summary>
    private const long Least = 1000;

    // Lock order: a process's signal lock, this, the timer queue's.
    private readonly KernelLock _lock = new(LockLevel.ProcessTimer);
    private KernelTimer? _timer;
    private long _interval;
    private long _due;
    private bool _isExpired;

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
            if (_timer is not null)
                process.Kernel.Timers.Cancel(_timer);
            _isExpired = false;
            _due = 0;
            _interval = interval;
            if (value == 0)
                return;
            _due = Deadline.After(clock.Now, value);
            Arm();
        }
    }

    /// <inheritdoc/>
    public void OnExpired()
    {
        using (_lock.Enter())
        {
            if (_due == 0 || _isExpired)
                return;
            // CPU time passes more slowly than wall time: look again when it can be over at the earliest.
            if (clock.Now < _due)
            {
                Arm();
                return;
            }

            if (_interval == 0)
                _due = 0;
            else if (waitsForSignal)
                _isExpired = true;
            else
                GoOn();
        }

        process.Send(SignalInfo.Kernel(signal));
    }

    /// <summary>The signal is on its way to the program.</summary>
    public void OnSignalTaken()
    {
        using (_lock.Enter())
        {
            if (!_isExpired)
                return;
            _isExpired = false;
            GoOn();
        }
    }

    private void GoOn()
    {
        long late = Math.Max(0, clock.Now - _due);
        _due = Deadline.After(_due, _interval * (1 + late / _interval));
        Arm();
    }

    private void Arm() => process.Kernel.Timers.Arm(_timer ??= new KernelTimer(this), clock.EarliestDeadline(_due));

    private void Read(out long left, out long interval)
    {
        interval = _interval;
        left = _due == 0 || _isExpired ? 0 : Math.Max(Least, _due - clock.Now);
    }
}
