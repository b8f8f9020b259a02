using System.Collections.Generic;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>Names an armed timer.</summary>
public readonly record struct TimerHandle(long Id);

/// <summary>Hears that a timer has expired.</summary>
public interface ITimerCallback
{
    /// <summary>Called once, on the timer thread. Must not block.</summary>
    void OnExpired();
}

/// <summary>One-shot timers on the monotonic clock.</summary>
public interface ITimerQueue
{
    /// <summary>Arms a timer.</summary>
    /// <param name="deadline">Monotonic nanoseconds; in the past means at once.</param>
    /// <param name="callback">Who is told.</param>
    TimerHandle Arm(long deadline, ITimerCallback callback);

    /// <summary>Disarms a timer. It may be expiring on the timer thread at this moment.</summary>
    /// <returns>Whether it was still armed.</returns>
    bool Cancel(TimerHandle timer);
}

/// <summary>The timer thread: sleeps until the next deadline.</summary>
public sealed class TimerQueue : ITimerQueue, IKernelThreadEntry
{
    private readonly KernelLock _lock = new(LockLevel.TimerQueue);
    private readonly PriorityQueue<long, long> _deadlines = new();
    private readonly Dictionary<long, ITimerCallback> _armed = [];
    private readonly ICpus _cpus;
    private readonly IClock _clock;
    private readonly IParker _parker;
    private long _lastId;
    private bool _isRunning;

    /// <summary>Creates the queue; its thread starts with the first timer.</summary>
    public TimerQueue(ICpus cpus, IClock clock)
    {
        _cpus = cpus;
        _clock = clock;
        _parker = cpus.CreateParker();
    }

    /// <inheritdoc/>
    public TimerHandle Arm(long deadline, ITimerCallback callback)
    {
        bool isNext;
        bool start;
        long id;
        using (_lock.Enter())
        {
            id = ++_lastId;
            isNext = !_deadlines.TryPeek(out _, out long next) || deadline < next;
            _deadlines.Enqueue(id, deadline);
            _armed.Add(id, callback);
            start = !_isRunning;
            _isRunning = true;
        }

        if (start)
            _cpus.Start(this);
        else if (isNext)
            _parker.Unpark();
        return new TimerHandle(id);
    }

    /// <inheritdoc/>
    public bool Cancel(TimerHandle timer)
    {
        // The queue entry stays until its time and is skipped then.
        using (_lock.Enter())
            return _armed.Remove(timer.Id);
    }

    /// <inheritdoc/>
    void IKernelThreadEntry.Run()
    {
        while (true)
        {
            ITimerCallback? expired = null;
            long next = Deadline.Never;
            using (_lock.Enter())
            {
                while (_deadlines.TryPeek(out long id, out next))
                {
                    if (!_armed.TryGetValue(id, out ITimerCallback? callback))
                    {
                        _deadlines.Dequeue();
                        next = Deadline.Never;
                        continue;
                    }

                    if (next > _clock.MonotonicNanoseconds)
                        break;
                    _deadlines.Dequeue();
                    _armed.Remove(id);
                    expired = callback;
                    break;
                }

                if (_deadlines.Count == 0 && expired is null)
                    next = Deadline.Never;
            }

            if (expired is null)
                _parker.Park(next);
            else
                expired.OnExpired();
        }
    }
}
