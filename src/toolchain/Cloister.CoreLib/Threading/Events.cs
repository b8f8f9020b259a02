using Cloister.Runtime;

namespace System.Threading;

/// <summary>An object that threads wait for.</summary>
public abstract class WaitHandle : IDisposable
{
    public const int WaitTimeout = 258;

    public bool WaitOne() => WaitOne(Timeout.Infinite);

    public abstract bool WaitOne(int millisecondsTimeout);

    public bool WaitOne(TimeSpan timeout) => WaitOne(Timeout.Milliseconds(timeout, nameof(timeout)));

    /// <param name="exitContext">There are no contexts to leave.</param>
    public bool WaitOne(int millisecondsTimeout, bool exitContext) => WaitOne(millisecondsTimeout);

    /// <inheritdoc cref="WaitOne(int, bool)"/>
    public bool WaitOne(TimeSpan timeout, bool exitContext) => WaitOne(timeout);

    public virtual void Close()
    {
    }

    public void Dispose() => Close();
}

public enum EventResetMode { AutoReset, ManualReset }

/// <summary>An event; one that resets itself lets one thread through.</summary>
public class EventWaitHandle(bool initialState, EventResetMode mode) : WaitHandle
{
    private readonly WaitQueue _waiting = new();
    private bool _isSet = initialState;

    public bool Set()
    {
        if (mode == EventResetMode.AutoReset && _waiting.First is { } first)
        {
            Scheduler.Wake(first);
            return true;
        }

        _isSet = true;
        while (_waiting.First is { } waiting)
            Scheduler.Wake(waiting);
        return true;
    }

    public bool Reset()
    {
        _isSet = false;
        return true;
    }

    public override bool WaitOne(int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (!_isSet)
            return millisecondsTimeout != 0 && Scheduler.Block(_waiting, Scheduler.Deadline(millisecondsTimeout));
        if (mode == EventResetMode.AutoReset)
            _isSet = false;
        return true;
    }
}

public sealed class AutoResetEvent(bool initialState) : EventWaitHandle(initialState, EventResetMode.AutoReset);

public sealed class ManualResetEvent(bool initialState) : EventWaitHandle(initialState, EventResetMode.ManualReset);

public class ManualResetEventSlim(bool initialState) : IDisposable
{
    private readonly EventWaitHandle _event = new(initialState, EventResetMode.ManualReset);

    public ManualResetEventSlim() : this(false)
    {
    }

    public bool IsSet => _event.WaitOne(0);

    public void Set() => _event.Set();

    public void Reset() => _event.Reset();

    public void Wait() => _event.WaitOne();

    public bool Wait(int millisecondsTimeout) => _event.WaitOne(millisecondsTimeout);

    public bool Wait(TimeSpan timeout) => _event.WaitOne(Timeout.Milliseconds(timeout, nameof(timeout)));

    public WaitHandle WaitHandle => _event;

    public void Dispose()
    {
    }
}

public class SemaphoreFullException() : SystemException("Adding the specified count to the semaphore would cause it to exceed its maximum count.");

public class SemaphoreSlim : IDisposable
{
    private readonly WaitQueue _waiting = new();
    private readonly int _maximum;

    public SemaphoreSlim(int initialCount) : this(initialCount, int.MaxValue)
    {
    }

    public SemaphoreSlim(int initialCount, int maxCount)
    {
        if (initialCount < 0 || initialCount > maxCount)
            throw new ArgumentOutOfRangeException(nameof(initialCount), initialCount,
                "The initialCount argument must be non-negative and less than or equal to the maximumCount.");
        CurrentCount = initialCount;
        _maximum = maxCount;
    }

    public int CurrentCount { get; private set; }

    public void Wait() => Wait(Timeout.Infinite);

    public bool Wait(int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (CurrentCount == 0)
            return millisecondsTimeout != 0 && Scheduler.Block(_waiting, Scheduler.Deadline(millisecondsTimeout));
        CurrentCount--;
        return true;
    }

    public bool Wait(TimeSpan timeout) => Wait(Timeout.Milliseconds(timeout, nameof(timeout),
        "The value needs to translate in milliseconds to -1 (signifying an infinite timeout), or be non-negative."));

    public int Release() => Release(1);

    public int Release(int releaseCount)
    {
        if (releaseCount < 1)
            throw new ArgumentOutOfRangeException(nameof(releaseCount), releaseCount, "The releaseCount argument must be greater than zero.");
        if (_maximum - CurrentCount < releaseCount)
            throw new SemaphoreFullException();
        int before = CurrentCount;
        for (; releaseCount > 0; releaseCount--)
        {
            if (_waiting.First is { } waiting)
                Scheduler.Wake(waiting);
            else
                CurrentCount++;
        }

        return before;
    }

    public void Dispose()
    {
    }
}
