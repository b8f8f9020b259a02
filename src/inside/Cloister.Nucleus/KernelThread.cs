using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus.HostWaits;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>
/// A thread that can wait on queues. One per user thread, and a few of the kernel's own.
/// </summary>
/// <remarks>
/// <see cref="Watch(IWaitQueue, bool)"/>, <see cref="Sleep"/> and <see cref="StopWatching"/> belong to the thread itself;
/// <see cref="Wake()"/> may be called by any.
/// </remarks>
public abstract partial class KernelThread
{
    private readonly IParker _parker;
    private readonly IClock _clock;
    private readonly List<SleeperEntry> _entries = [];
    private int _watching;
    private bool _isSleeping;

    // The thread was interrupted, and is looking for what a queue woke it for.
    private bool _hadLastTry;

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
    public bool IsSleeping => Volatile.Read(ref _isSleeping);

    /// <inheritdoc cref="ICaller.Watch(IWaitQueue, bool)"/>
    public void Watch(IWaitQueue queue, bool exclusive = false) => Watch(queue, exclusive, PollEvents.All);

    /// <inheritdoc cref="ICaller.Watch(IWaitQueue, bool, PollEvents)"/>
    public void Watch(IWaitQueue queue, bool exclusive, PollEvents interest)
    {
        // Entries are kept for the thread's life, so that waiting allocates only the first time.
        if (_watching == _entries.Count)
            _entries.Add(new SleeperEntry(_parker));
        SleeperEntry entry = _entries[_watching++];
        entry.IsExclusive = exclusive;
        entry.Interest = interest;
        entry.ResetTrigger();
        ((WaitQueue)queue).Add(entry);
    }

    /// <inheritdoc cref="ICaller.StopWatching"/>
    public void StopWatching()
    {
        for (int i = 0; i < _watching; i++)
            _entries[i].LeaveAndHandOn();
        _watching = 0;
        _hadLastTry = false;
    }

    /// <inheritdoc cref="ICaller.Sleep"/>
    /// <remarks>
    /// A thread that a queue has woken tries once more, whatever else ended its sleep: what it was woken for may be meant
    /// for it alone (prepare_to_wait_event of Linux). Where it still gives up, <see cref="StopWatching"/> wakes another.
    /// </remarks>
    public WaitOutcome Sleep(long deadline)
    {
        LockOrder.AssertMayWait(WaitKinds.Thread);
        bool token = false;
        if (!IsInterruptPending)
        {
            Volatile.Write(ref _isSleeping, true);
            if (!TrySleepInHost(deadline, out token))
                token = _parker.Park(deadline);
            Volatile.Write(ref _isSleeping, false);
        }

        bool isInterrupted = IsInterruptPending;
        if (isInterrupted && _hadLastTry)
            return WaitOutcome.Interrupted;
        bool wasWoken = TakeTriggers();
        if (isInterrupted && !wasWoken)
            return WaitOutcome.Interrupted;
        _hadLastTry = isInterrupted;
        return token || wasWoken ? WaitOutcome.Woken : WaitOutcome.TimedOut;
    }

    // Wake-ups from here on are for what the thread is about to look for.
    private bool TakeTriggers()
    {
        bool any = false;
        for (int i = 0; i < _watching; i++)
            any |= _entries[i].TakeTrigger();
        return any;
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
        // Events of the wake-ups since the last reset; 0 without any. Changed with the queue's lock held, or by the thread.
        private uint _trigger;

        /// <summary>What the thread waits for.</summary>
        public PollEvents Interest { get; set; }

        /// <summary>What of the host the queue is about; null for nothing.</summary>
        public HostSource? Source => Volatile.Read(ref Queue)?.Source;

        public void ResetTrigger() => _trigger = 0;

        public bool TakeTrigger() => Volatile.Read(ref _trigger) != 0 && Interlocked.Exchange(ref _trigger, 0) != 0;

        public void LeaveAndHandOn()
        {
            WaitQueue? queue = Volatile.Read(ref Queue);
            Leave();
            if (IsExclusive && _trigger != 0)
                queue?.WakeNext((PollEvents)_trigger);
        }

        protected internal override bool OnWake(PollEvents events)
        {
            bool isFirst = Note(events);
            parker.Unpark();
            return isFirst;
        }

        protected internal override bool OnWake(PollEvents events, ref WakeBatch sleepers)
        {
            bool isFirst = Note(events);
            sleepers.Add(parker);
            return isFirst;
        }

        protected internal override bool FollowsSource => true;

        // The thread goes on to sleep in the host.
        protected internal override void OnSource(ref WakeBatch sleepers) => OnWake(PollEvents.None, ref sleepers);

        // One wake-up is spent on a thread only once until it has looked: the next one goes to the next thread.
        private bool Note(PollEvents events) => Interlocked.Or(ref _trigger, (uint)events | WakeWithoutEvents) == 0;
    }

    // Distinguishes a wake-up that names no event from none; beyond PollEvents.All.
    private const uint WakeWithoutEvents = 1u << 31;
}
