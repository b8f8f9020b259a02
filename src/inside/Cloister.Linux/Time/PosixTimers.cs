using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Linux.Signals;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Time;

/// <summary>struct sigevent (sigevent(7)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SignalEvent
{
    [FieldOffset(0)]
    public ulong Value;

    [FieldOffset(8)]
    public int Signal;

    [FieldOffset(12)]
    public int Notify;

    [FieldOffset(16)]
    public int ThreadId;

    public const int NotifySignal = 0;
    public const int NotifyNone = 1;
    public const int NotifyThread = 2;
    public const int NotifyThreadId = 4;
}

/// <summary>timer_create(2) and its family: the timers of one process.</summary>
internal sealed class PosixTimers(LinuxProcess process)
{
    private readonly KernelLock _lock = new(LockLevel.ProcessTimers);
    private readonly Dictionary<int, PosixTimer> _timers = [];
    private int _lastId = -1;

    public int Create(int clock, in SignalEvent notification)
    {
        using (_lock.Enter())
        {
            int id = ++_lastId;
            _timers.Add(id, new PosixTimer(process, id, clock, notification));
            return id;
        }
    }

    public PosixTimer? Find(int id)
    {
        using (_lock.Enter())
            return _timers.GetValueOrDefault(id);
    }

    public Errno Delete(int id)
    {
        using (_lock.Enter())
        {
            if (!_timers.Remove(id, out PosixTimer? timer))
                return Errno.EINVAL;
            timer.Disarm();
            return Errno.Success;
        }
    }

    public void DeleteAll()
    {
        using (_lock.Enter())
        {
            foreach (PosixTimer timer in _timers.Values)
                timer.Disarm();
            _timers.Clear();
        }
    }
}

/// <summary>One POSIX timer.</summary>
internal sealed class PosixTimer(LinuxProcess process, int id, int clock, SignalEvent notification) : ITimerCallback
{
    private readonly KernelLock _lock = new(LockLevel.ProcessTimer);
    private TimerHandle _handle;
    private long _interval;
    private long _due;

    private bool _isSignalPending;
    private long _missed;

    /// <summary>Expirations that the last delivered signal stood for, beyond the first (timer_getoverrun(2)).</summary>
    public int Overrun { get; private set; }

    public int Clock => clock;

    /// <summary>Arms at a time of its clock, or disarms with 0.</summary>
    public IntervalTimespec Set(LinuxThread thread, in IntervalTimespec setting, bool isAbsolute)
    {
        using (_lock.Enter())
        {
            IntervalTimespec old = Read();
            if (_due != 0)
                process.Kernel.Timers.Cancel(_handle);
            _interval = setting.Interval.TotalNanoseconds;
            long value = setting.Value.TotalNanoseconds;
            _isSignalPending = false;
            _due = value == 0 ? 0 : LinuxClocks.ToDeadline(thread, clock, value, isAbsolute);
            if (_due != 0)
                _handle = process.Kernel.Timers.Arm(_due, this);
            return old;
        }
    }

    public IntervalTimespec Get()
    {
        using (_lock.Enter())
            return Read();
    }

    public void Disarm()
    {
        using (_lock.Enter())
        {
            if (_due != 0)
                process.Kernel.Timers.Cancel(_handle);
            _due = 0;
        }
    }

    /// <inheritdoc/>
    public void OnExpired()
    {
        using (_lock.Enter())
        {
            if (_due == 0)
                return;
            long now = process.Kernel.Platform.Clock.MonotonicNanoseconds;
            long missed = 0;
            if (_interval == 0)
            {
                _due = 0;
            }
            else
            {
                missed = System.Math.Max(0, now - _due) / _interval;
                _due += _interval * (missed + 1);
                _handle = process.Kernel.Timers.Arm(_due, this);
            }

            // One signal is queued for a timer at most; what comes before it is delivered counts as overrun.
            if (_isSignalPending)
            {
                _missed += missed + 1;
                return;
            }

            _missed = missed;
            _isSignalPending = notification.Notify != SignalEvent.NotifyNone;
        }

        if (notification.Notify == SignalEvent.NotifyNone)
            return;
        var info = new SignalInfo
        {
            Signal = notification.Signal,
            Code = SignalInfo.FromTimer,
            TimerId = id,
            Value = notification.Value,
        };
        if ((notification.Notify & SignalEvent.NotifyThreadId) != 0)
            process.Kernel.Processes.FindThread(notification.ThreadId)?.Send(info);
        else
            process.Send(info);
    }

    /// <summary>The signal is taken off its queue: it now stands for all that was missed.</summary>
    public int OnDelivered()
    {
        using (_lock.Enter())
        {
            Overrun = (int)System.Math.Min(_missed, int.MaxValue);
            _isSignalPending = false;
            _missed = 0;
            return Overrun;
        }
    }

    private IntervalTimespec Read()
    {
        long left = _due == 0 ? 0 : System.Math.Max(1, _due - process.Kernel.Platform.Clock.MonotonicNanoseconds);
        return new IntervalTimespec(Timespec.From(_interval), Timespec.From(left));
    }
}
