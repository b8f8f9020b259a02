using Cloister.Runtime;

namespace System.Threading;

/// <summary>A lock that a thread may enter again while it holds it.</summary>
public sealed class Lock
{
    private Ownership _ownership;

    public bool IsHeldByCurrentThread => _ownership.Owner == Scheduler.Current;

    public void Enter() => _ownership.Take(Scheduler.Forever);

    public bool TryEnter() => _ownership.TryTake();

    public bool TryEnter(int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        return _ownership.TryTake() || millisecondsTimeout != 0 && _ownership.Take(Scheduler.Deadline(millisecondsTimeout));
    }

    public bool TryEnter(TimeSpan timeout) => TryEnter(Timeout.Milliseconds(timeout, nameof(timeout)));

    public void Exit() => _ownership.Release();

    public Scope EnterScope()
    {
        Enter();
        return new Scope(this);
    }

    public ref struct Scope
    {
        private Lock? _owner;

        internal Scope(Lock owner) => _owner = owner;

        public void Dispose()
        {
            Lock? owner = _owner;
            _owner = null;
            owner?.Exit();
        }
    }
}

public class SynchronizationLockException : SystemException
{
    public SynchronizationLockException() : base("Object synchronization method was called from an unsynchronized block of code.")
    {
    }

    public SynchronizationLockException(string? message) : base(message)
    {
    }
}
