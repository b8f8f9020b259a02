using System.Collections.Generic;
using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Locks;

/// <summary>Which owner of record locks waits for which: finds the cycles that fcntl(2) calls EDEADLK.</summary>
internal sealed class LockWaits
{
    private readonly KernelLock _lock = new(LockLevel.RecordLockWaits);
    private readonly Dictionary<object, object> _waits = [];

    /// <summary>Notes a wait; false where it would close a cycle.</summary>
    public bool TryWait(object owner, object blocker)
    {
        using (_lock.Enter())
        {
            object at = blocker;

            // Several threads of one owner may wait, so a walk could in theory turn in circles of others; it is bounded.
            for (int steps = 0; steps < 100; steps++)
            {
                if (!_waits.TryGetValue(at, out object? next))
                    break;
                if (next == owner)
                    return false;
                at = next;
            }

            _waits[owner] = blocker;
            return true;
        }
    }

    public void EndWait(object owner)
    {
        using (_lock.Enter())
            _waits.Remove(owner);
    }
}
