using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
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

    /// <summary>What a timer without one does: SIGALRM with the timer's id (timer_create(2)).</summary>
    public static SignalEvent Default(int id) => new() { Signal = Signals.Signal.Alarm, Value = (ulong)id };

    public const int NotifySignal = 0;
    public const int NotifyNone = 1;
    public const int NotifyThread = 2;
    public const int NotifyThreadId = 4;
}

/// <summary>timer_create(2) and its family: the timers of one process.</summary>
internal sealed class PosixTimers(LinuxProcess process)
{
    // Lock order: this, the process's signal lock, a timer's.
    private readonly KernelLock _lock = new(LockLevel.ProcessTimers);
    private readonly Dictionary<int, PosixTimer> _timers = [];
    private int _lastId = -1;

    /// <summary>Makes a timer, whose signal is on the user's account from the start.</summary>
    /// <returns>EAGAIN where the user has too many (RLIMIT_SIGPENDING).</returns>
    public Errno Create(TimerClock clock, SignalEvent? notification, LinuxThread? target, out int id)
    {
        id = 0;
        uint user = process.UserId;
        if (!process.Kernel.Users.TryAdd(user, UserResource.QueuedSignals, process.Limits[ResourceLimits.PendingSignals].Soft))
            return Errno.EAGAIN;
        using (_lock.Enter())
        {
            do
                _lastId = (_lastId + 1) & int.MaxValue;
            while (_timers.ContainsKey(_lastId));
            id = _lastId;
            _timers.Add(id, new PosixTimer(process, id, clock, notification ?? SignalEvent.Default(id), target, user));
            return Errno.Success;
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
            timer.Delete();
            return Errno.Success;
        }
    }

    public void DeleteAll()
    {
        using (_lock.Enter())
        {
            foreach (PosixTimer timer in _timers.Values)
                timer.Delete();
            _timers.Clear();
        }
    }
}
