using Cloister.Runtime;

namespace System.Threading;

/// <summary>Who holds a lock. Who leaves it hands it to the thread that has waited longest, so that nobody starves.</summary>
internal struct Ownership
{
    private WaitQueue? _waiting;

    public Thread? Owner { get; private set; }

    public int Depth { get; private set; }

    public readonly bool IsUsed => Owner is not null;

    /// <summary>Takes the lock, as often as given, where it is free or the current thread's.</summary>
    public bool TryTake(int depth = 1)
    {
        Thread current = Scheduler.Current;
        if (Owner == current)
        {
            Depth += depth;
            return true;
        }

        if (Owner is not null)
            return false;
        Owner = current;
        Depth = depth;
        return true;
    }

    /// <summary>Waits for the lock until a moment.</summary>
    public bool Take(long deadline, int depth = 1)
    {
        if (TryTake(depth))
            return true;
        Scheduler.Current.SavedDepth = depth;
        return Scheduler.Block(_waiting ??= new WaitQueue(), deadline);
    }

    /// <summary>Leaves the lock once, or for good.</summary>
    public void Release(bool isForGood = false)
    {
        if (Owner != Scheduler.Current)
            throw new SynchronizationLockException();
        if (!isForGood && --Depth > 0)
            return;
        Owner = _waiting?.First;
        if (Owner is not { } next)
        {
            Depth = 0;
            return;
        }

        Depth = next.SavedDepth;
        Scheduler.Wake(next);
    }

    /// <summary>A thread that waits for something else waits for the lock from now on.</summary>
    public void Queue(Thread thread) => Scheduler.Move(thread, _waiting ??= new WaitQueue());
}
