using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus.HostWaits;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>
/// Threads and poll tables that wait for something to happen to one object.
/// </summary>
/// <remarks>
/// The protocol that loses no wake-up: enlist, then test the condition, then sleep. The waker changes the condition,
/// then calls <see cref="Wake"/>. A wake-up between the test and the sleep leaves a token at the sleeper's parker.
/// Lock order: an object's own lock may be held while calling any method here; the queue's lock is innermost.
/// </remarks>
public sealed class WaitQueue : IWaitQueue
{
    private readonly KernelLock _lock = new(LockLevel.WaitQueue);
    private WaitEntry? _head;
    private WaitEntry? _tail;
    private volatile HostSource? _source;
    private volatile bool _isReported;

    /// <summary>What of the host makes the object ready, beside what happens inside; null for nothing.</summary>
    public HostSource? Source => _source;

    /// <summary>Sets <see cref="Source"/>, and tells those who wait already. The host may be asked.</summary>
    public void SetSource(HostSource? source)
    {
        var sleepers = new WakeBatch();
        using (_lock.Enter())
        {
            _source = source;
            for (WaitEntry? entry = _head; entry is not null; entry = entry.Next)
                entry.OnSource(ref sleepers);
        }

        sleepers.Wake();
        Interlocked.MemoryBarrier();
        if (_isReported)
            source?.RequireReports();
    }

    /// <summary>Somebody has to hear of what happens who doesn't look for it in the host. The host may be asked.</summary>
    private void RequireReports()
    {
        _isReported = true;
        Interlocked.MemoryBarrier();
        _source?.RequireReports();
    }

    /// <summary>Whether nobody waits. Racy by nature; a hint that spares wakers the lock when it is true after a full fence.</summary>
    public bool IsEmpty
    {
        get
        {
            // The caller has just made its condition true; the waiter has enlisted before it tests the condition.
            // Without the fence both could read the old value of the other's word.
            Interlocked.MemoryBarrier();
            return Volatile.Read(ref _head) is null;
        }
    }

    /// <summary>
    /// Adds an entry: shared ones in front, so that a wake-up reaches all of them; exclusive ones at the end, where one at a
    /// time is woken, in order.
    /// </summary>
    public void Add(WaitEntry entry)
    {
        using (_lock.Enter())
        {
            entry.Queue = this;
            WaitEntry? before = entry.IsExclusive ? _tail : null;
            WaitEntry? after = entry.IsExclusive ? null : _head;
            entry.Previous = before;
            entry.Next = after;
            if (before is null)
                _head = entry;
            else
                before.Next = entry;
            if (after is null)
                _tail = entry;
            else
                after.Previous = entry;
        }

        // Orders the enlistment before the test of the condition that follows.
        Interlocked.MemoryBarrier();
        if (!entry.FollowsSource)
            RequireReports();
    }

    /// <summary>Removes an entry; nothing happens where it is not enlisted.</summary>
    public void Remove(WaitEntry entry)
    {
        using (_lock.Enter())
        {
            if (entry.Queue != this)
                return;
            if (entry.Previous is null)
                _head = entry.Next;
            else
                entry.Previous.Next = entry.Next;
            if (entry.Next is null)
                _tail = entry.Previous;
            else
                entry.Next.Previous = entry.Previous;
            entry.Queue = null;
            entry.Previous = null;
            entry.Next = null;
        }
    }

    /// <summary>Wakes every shared entry and the first exclusive one that accepts.</summary>
    /// <param name="events">What has happened; entries that wait for something else may ignore it.</param>
    public void Wake(PollEvents events = PollEvents.All)
    {
        if (!IsEmpty)
            WakeEntries(events, 1);
    }

    /// <summary>Wakes one exclusive entry only: something is left for the next one, or a waiter that was woken gave up.</summary>
    public void WakeNext(PollEvents events)
    {
        if (!IsEmpty)
            WakeEntries(events, 1, onlyExclusive: true);
    }

    /// <summary>Wakes every entry, the exclusive ones too.</summary>
    public void WakeAll(PollEvents events = PollEvents.All)
    {
        if (!IsEmpty)
            WakeEntries(events, int.MaxValue);
    }

    private void WakeEntries(PollEvents events, int exclusive, bool onlyExclusive = false)
    {
        var sleepers = new WakeBatch();
        using (_lock.Enter())
        {
            WaitEntry? next;
            for (WaitEntry? entry = _head; entry is not null; entry = next)
            {
                next = entry.Next;
                if (onlyExclusive && !entry.IsExclusive)
                    continue;
                if (entry.OnWake(events, ref sleepers) && entry.IsExclusive && --exclusive == 0)
                    break;
            }
        }

        sleepers.Wake();
    }
}

/// <summary>One place in one <see cref="WaitQueue"/>. Reused by its owner; enlisted in at most one queue at a time.</summary>
public abstract class WaitEntry
{
    /// <summary>Whether one wake-up is enough for all exclusive entries of a queue (accept, EPOLLEXCLUSIVE).</summary>
    public bool IsExclusive { get; set; }

    /// <summary>
    /// Whether its owner looks for itself, in the host, at what a queue's <see cref="WaitQueue.Source"/> does. Others hear of it by reports.
    /// </summary>
    protected internal virtual bool FollowsSource => false;

    internal WaitQueue? Queue;
    internal WaitEntry? Next;
    internal WaitEntry? Previous;

    /// <summary>Leaves the queue this entry is in, if any.</summary>
    public void Leave() => Volatile.Read(ref Queue)?.Remove(this);

    /// <summary>
    /// Called with the queue's lock held when something happened. Must not block and must not touch the queue.
    /// </summary>
    /// <returns>Whether the wake-up was used.</returns>
    protected internal abstract bool OnWake(PollEvents events);

    /// <summary>As the other; an entry that wakes a thread leaves that to the batch.</summary>
    protected internal virtual bool OnWake(PollEvents events, ref WakeBatch sleepers) => OnWake(events);

    /// <summary>The queue has got another <see cref="WaitQueue.Source"/>. Called with the queue's lock held, as <see cref="OnWake(PollEvents)"/>.</summary>
    protected internal virtual void OnSource(ref WakeBatch sleepers)
    {
    }
}
