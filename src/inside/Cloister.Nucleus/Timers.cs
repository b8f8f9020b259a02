using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>Hears that a timer has expired.</summary>
public interface ITimerCallback
{
    /// <summary>Called once for each time it was armed, on the timer thread. Must not block.</summary>
    void OnExpired();
}

/// <summary>A timer of its owner's: armed for one point in time at most, as often as wanted.</summary>
public sealed class KernelTimer(ITimerCallback callback)
{
    /// <summary>Place in the queue's heap, or -1. Guarded by the queue's lock.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>When it expires. Guarded by the queue's lock.</summary>
    internal long Due { get; set; }

    /// <summary>Who is told.</summary>
    public ITimerCallback Callback => callback;
}

/// <summary>One-shot timers on the monotonic clock.</summary>
public interface ITimerQueue
{
    /// <summary>Arms a timer, in place of what it was armed for before.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="deadline">Monotonic nanoseconds; in the past means at once.</param>
    void Arm(KernelTimer timer, long deadline);

    /// <summary>Disarms a timer. It may be expiring on the timer thread at this moment.</summary>
    /// <returns>Whether it was still armed.</returns>
    bool Cancel(KernelTimer timer);
}

/// <summary>The timer thread: sleeps until the next deadline.</summary>
/// <remarks>
/// A binary heap whose entries know their place, so that a cancelled timer leaves at once: what is queued is what programs
/// have armed, however often they have changed their minds. The lock is innermost.
/// </remarks>
public sealed class TimerQueue : ITimerQueue, IKernelThreadEntry
{
    private readonly KernelLock _lock = new(LockLevel.TimerQueue);
    private readonly ICpus _cpus;
    private readonly IClock _clock;
    private readonly IParker _parker;
    private KernelTimer[] _heap = new KernelTimer[64];
    private int _count;
    private bool _isRunning;

    /// <summary>Creates the queue; its thread starts with the first timer.</summary>
    public TimerQueue(ICpus cpus, IClock clock)
    {
        _cpus = cpus;
        _clock = clock;
        _parker = cpus.CreateParker();
    }

    /// <summary>How many timers are armed.</summary>
    public int Count
    {
        get
        {
            using (_lock.Enter())
                return _count;
        }
    }

    /// <inheritdoc/>
    public void Arm(KernelTimer timer, long deadline)
    {
        bool isNext;
        bool start;
        using (_lock.Enter())
        {
            if (timer.Index < 0)
            {
                if (_count == _heap.Length)
                    Array.Resize(ref _heap, _count * 2);
                timer.Index = _count;
                _heap[_count++] = timer;
            }

            timer.Due = deadline;
            MoveUp(timer);
            MoveDown(timer);
            isNext = timer.Index == 0;
            start = !_isRunning;
            _isRunning = true;
        }

        if (start)
            _cpus.Start(this);
        else if (isNext)
            _parker.Unpark();
    }

    /// <inheritdoc/>
    public bool Cancel(KernelTimer timer)
    {
        using (_lock.Enter())
            return TryRemove(timer);
    }

    /// <inheritdoc/>
    void IKernelThreadEntry.Run()
    {
        while (true)
        {
            KernelTimer? expired = null;
            long next = Deadline.Never;
            using (_lock.Enter())
            {
                if (_count > 0)
                {
                    next = _heap[0].Due;
                    if (next <= _clock.MonotonicNanoseconds)
                    {
                        expired = _heap[0];
                        TryRemove(expired);
                    }
                }
            }

            if (expired is null)
                _parker.Park(next);
            else
                Expire(expired);
        }
    }

    /// <summary>Hears of exceptions in callbacks: other timers must not suffer.</summary>
    public Action<Exception>? Defect { get; set; }

    private void Expire(KernelTimer expired)
    {
        try
        {
            expired.Callback.OnExpired();
        }
        catch (Exception defect) when (defect is not LockOrderException && Defect is not null)
        {
            Defect(defect);
        }
    }

    private bool TryRemove(KernelTimer timer)
    {
        int index = timer.Index;
        if (index < 0)
            return false;
        timer.Index = -1;
        KernelTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (last != timer)
        {
            Place(last, index);
            MoveUp(last);
            MoveDown(last);
        }

        if (_count < _heap.Length / 4 && _heap.Length > 64)
            Array.Resize(ref _heap, _heap.Length / 2);
        return true;
    }

    private void MoveUp(KernelTimer timer)
    {
        int index = timer.Index;
        while (index > 0 && _heap[(index - 1) / 2] is var parent && parent.Due > timer.Due)
        {
            Place(parent, index);
            index = (index - 1) / 2;
        }

        Place(timer, index);
    }

    private void MoveDown(KernelTimer timer)
    {
        int index = timer.Index;
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _heap[child + 1].Due < _heap[child].Due)
                child++;
            if (_heap[child].Due >= timer.Due)
                break;
            Place(_heap[child], index);
            index = child;
        }

        Place(timer, index);
    }

    private void Place(KernelTimer timer, int index)
    {
        _heap[index] = timer;
        timer.Index = index;
    }
}
