using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Signals;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Time;

/// <summary>One POSIX timer.</summary>
/// <remarks>
/// As on Linux, a periodic timer is armed again when its signal is taken, and what passed until then counts as overrun:
/// one entry in the signal queue, and no work for the kernel, however short the interval and however long the signal is
/// blocked.
/// </remarks>
internal sealed class PosixTimer : ITimerCallback
{
    /// <summary>How often the timer of an ignored signal expires, at most: it has nobody to wait for.</summary>
    private const long ShortestIgnored = 1_000_000;

    private readonly LinuxProcess _process;
    private readonly TimerClock _clock;
    private readonly SignalEvent _notification;
    private readonly LinuxThread? _target;
    private readonly QueuedSignal _entry;
    private readonly KernelTimer _timer;

    // Lock order: the process's signal lock, this, the timer queue's.
    private readonly KernelLock _lock = new(LockLevel.ProcessTimer);
    private TimerClock _running;
    private long _interval;
    private long _due;
    private bool _isExpired;
    private long _generation;

    public PosixTimer(LinuxProcess process, int id, TimerClock clock, SignalEvent notification, LinuxThread? target, uint user)
    {
        _process = process;
        _clock = clock;
        _running = clock;
        _notification = notification;
        _target = target;
        _timer = new KernelTimer(this);
        _entry = new QueuedSignal
        {
            Timer = this,
            User = user,
            Info = new SignalInfo
            {
                Signal = notification.Signal,
                Code = SignalInfo.FromTimer,
                TimerId = id,
                Value = notification.Value,
            },
        };
    }

    /// <summary>timer_getoverrun(2): of the signal that was delivered last.</summary>
    public int Overrun { get; private set; }

    private bool Notifies => _notification.Notify != SignalEvent.NotifyNone;

    /// <summary>Arms for a time of the clock, absolute or from now, or disarms with 0.</summary>
    public IntervalTimespec Set(in IntervalTimespec setting, bool isAbsolute)
    {
        using (_lock.Enter())
        {
            IntervalTimespec old = Read();
            _process.Kernel.Timers.Cancel(_timer);
            _generation++;
            _isExpired = false;
            _interval = setting.Interval.TotalNanoseconds;
            long value = setting.Value.TotalNanoseconds;
            _due = 0;
            if (value == 0)
                return old;
            _running = isAbsolute ? _clock : _clock.Relative;
            _due = isAbsolute ? value : Deadline.After(_running.Now, value);
            Arm();
            return old;
        }
    }

    public IntervalTimespec Get()
    {
        using (_lock.Enter())
            return Read();
    }

    /// <summary>The timer is deleted, and its signal, where it has sent one, comes no more.</summary>
    public void Delete()
    {
        using (_process.SignalLock.Enter())
        {
            (_target?.Pending ?? _process.Pending).Remove(_entry);
            using (_lock.Enter())
            {
                _process.Kernel.Timers.Cancel(_timer);
                _generation++;
                _due = 0;
            }
        }

        _process.Kernel.Users.Remove(_entry.User, UserResource.QueuedSignals);
    }

    /// <inheritdoc/>
    public void OnExpired()
    {
        long generation;
        using (_lock.Enter())
        {
            if (_due == 0 || _isExpired)
                return;
            // CPU time passes more slowly than wall time, and wall time may have been set back.
            if (_running.Now < _due)
            {
                Arm();
                return;
            }

            _isExpired = true;
            generation = _generation;
        }

        if (_target is { HasEnded: true } || _process.Send(_entry, _target))
            return;
        using (_lock.Enter())
        {
            // Ignored: nobody will take it, so the next interval begins by itself.
            if (generation == _generation)
                GoOn(ShortestIgnored);
        }
    }

    /// <summary>The signal is taken off its queue: it stands for all that was missed. With the signal lock held.</summary>
    public int OnTaken()
    {
        using (_lock.Enter())
            return Overrun = (int)Math.Min(GoOn(0), int.MaxValue);
    }

    /// <summary>The signal was dropped since it is ignored now. With the signal lock held.</summary>
    public void OnDiscarded()
    {
        using (_lock.Enter())
            GoOn(ShortestIgnored);
    }

    /// <summary>Begins the next interval.</summary>
    /// <returns>How many have passed unnoticed.</returns>
    private long GoOn(long least)
    {
        if (!_isExpired)
            return 0; // a signal of an earlier setting
        _isExpired = false;
        if (_interval == 0)
        {
            _due = 0;
            return 0;
        }

        long now = _running.Now;
        long missed = Math.Max(0, now - _due) / _interval;
        _due = Deadline.After(_due, (missed + 1) * _interval);
        if (_due - now < least)
            _due = Deadline.After(now, least);
        Arm();
        return missed;
    }

    private void Arm()
    {
        if (Notifies)
            _process.Kernel.Timers.Arm(_timer, _running.EarliestDeadline(_due));
    }

    private IntervalTimespec Read()
    {
        long left = 0;
        if (_due != 0)
        {
            // Expired, but its signal is still queued (or it sends none): what is left of the interval that is under way.
            left = _due - _running.Now;
            if (left <= 0)
                left = _interval != 0 && (_isExpired || !Notifies) ? _interval - -left % _interval : Notifies ? 1 : 0;
        }

        return new IntervalTimespec(Timespec.From(_interval), Timespec.From(left));
    }
}
