using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>
/// A thread that can wait on queues. One per user thread, and a few of the kernel's own.
/// </summary>
/// <remarks>
/// <see cref="Watch"/>, <see cref="Sleep"/> and <see cref="StopWatching"/> belong to the thread itself;
/// <see cref="Wake()"/> may be called by any.
/// </remarks>
public abstract class KernelThread
{
    private readonly IParker _parker;
    private readonly IClock _clock;
    private readonly List<SleeperEntry> _entries = [];
    private int _watching;

    /// <summary>Creates the thread's waiting state.</summary>
    protected KernelThread(IParker parker, IClock clock)
    {
        _parker = parker;
        _clock = clock;
    }

    /// <summary>Whether a sleep must end early: a deliverable signal is pending, or the thread has to exit.</summary>
    protected abstract bool IsInterruptPending { get; }

    /// <summary>Monotonic nanoseconds.</summary>
    public long MonotonicNow => _clock.MonotonicNanoseconds;

    /// <summary>Wall-clock nanoseconds since 1970.</summary>
    public long RealtimeNow => _clock.RealtimeNanoseconds;

    /// <summary>Whether the thread sleeps at the moment; for /proc.</summary>
    public bool IsSleeping { get; private set; }

    /// <inheritdoc cref="ICaller.Watch"/>
    public void Watch(IWaitQueue queue, bool exclusive = false)
    {
        // Entries are kept for the thread's life, so that waiting allocates only the first time.
        if (_watching == _entries.Count)
            _entries.Add(new SleeperEntry(_parker));
        SleeperEntry entry = _entries[_watching++];
        entry.IsExclusive = exclusive;
        entry.ResetTrigger();
        ((WaitQueue)queue).Add(entry);
    }

    /// <inheritdoc cref="ICaller.StopWatching"/>
    public void StopWatching()
    {
        for (int i = 0; i < _watching; i++)
            _entries[i].Leave();
        _watching = 0;
    }

    /// <summary>Whether a watched queue has woken the thread since it enlisted there.</summary>
    public bool WasWoken
    {
        get
        {
            for (int i = 0; i < _watching; i++)
            {
                if (_entries[i].Triggered)
                    return true;
            }

            return false;
        }
    }

    /// <inheritdoc cref="ICaller.Sleep"/>
    public WaitOutcome Sleep(long deadline)
    {
        LockOrder.AssertMayWait(WaitKinds.Thread);
        if (IsInterruptPending)
            return WaitOutcome.Interrupted;
        IsSleeping = true;
        bool token = _parker.Park(deadline);
        IsSleeping = false;
        if (IsInterruptPending)
            return WaitOutcome.Interrupted;
        return token ? WaitOutcome.Woken : WaitOutcome.TimedOut;
    }

    /// <summary>Sleeps whatever signals are pending: for waits that Linux calls uninterruptible.</summary>
    /// <returns>False at the deadline.</returns>
    public bool SleepUninterruptibly(long deadline)
    {
        LockOrder.AssertMayWait(WaitKinds.Thread);
        return _parker.Park(deadline);
    }

    /// <summary>Wakes the thread; it finds the reason itself.</summary>
    public void Wake() => _parker.Unpark();

    /// <summary>As <see cref="Wake()"/>, when the waker has left its lock.</summary>
    public void Wake(ref WakeBatch batch) => batch.Add(_parker);

    private sealed class SleeperEntry(IParker parker) : WaitEntry
    {
        private bool _triggered;

        public bool Triggered => Volatile.Read(ref _triggered);

        public void ResetTrigger() => _triggered = false;

        protected internal override bool OnWake(PollEvents events)
        {
            bool first = !_triggered;
            Volatile.Write(ref _triggered, true);
            parker.Unpark();
            return first;
        }

        protected internal override bool OnWake(PollEvents events, ref WakeBatch sleepers)
        {
            bool first = !_triggered;
            Volatile.Write(ref _triggered, true);
            sleepers.Add(parker);
            return first;
        }
    }
}
