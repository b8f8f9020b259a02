using System.Threading;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus;

/// <summary>
/// All pages that can be had again from where they came from, of all files: given back where memory is short, those first
/// that nobody has used for longest.
/// </summary>
/// <remarks>
/// A clock: the hand goes from object to object and from page to page, and takes what nobody has used since it came by last.
/// </remarks>
internal sealed class PageCache
{
    private readonly KernelLock _lock = new(LockLevel.PageCache);
    private MemoryObject? _hand;
    private int _objects;
    private long _pages;

    /// <summary>Pages that can be given back, some of them perhaps only after they were written.</summary>
    public long Pages => System.Math.Max(0, Volatile.Read(ref _pages));

    /// <summary>Counts pages.</summary>
    public void Note(long change) => Interlocked.Add(ref _pages, change);

    /// <summary>Puts an object where the hand comes last.</summary>
    public void Add(MemoryObject added)
    {
        using (_lock.Enter())
        {
            if (added.IsInCache)
                return;
            added.IsInCache = true;
            _objects++;
            if (_hand is null)
            {
                added.NextInCache = added.PreviousInCache = _hand = added;
                return;
            }

            added.NextInCache = _hand;
            added.PreviousInCache = _hand.PreviousInCache;
            added.PreviousInCache!.NextInCache = added;
            _hand.PreviousInCache = added;
        }
    }

    /// <summary>Forgets an object.</summary>
    public void Remove(MemoryObject removed)
    {
        using (_lock.Enter())
        {
            if (!removed.IsInCache)
                return;
            removed.IsInCache = false;
            _objects--;
            if (_objects == 0)
            {
                _hand = null;
            }
            else
            {
                removed.PreviousInCache!.NextInCache = removed.NextInCache;
                removed.NextInCache!.PreviousInCache = removed.PreviousInCache;
                if (_hand == removed)
                    _hand = removed.NextInCache;
            }

            removed.NextInCache = removed.PreviousInCache = null;
        }
    }

    /// <summary>Gives pages back.</summary>
    /// <param name="wanted">How many.</param>
    /// <param name="mayWait">Whether the caller may wait for the host and for locks of address spaces.</param>
    /// <returns>How many there were.</returns>
    public long Reclaim(long wanted, bool mayWait)
    {
        // Twice around: the first time takes the marks of use away.
        long freed = 0;
        long left = 2L * Volatile.Read(ref _objects) + 2;
        while (freed < wanted && left > 0)
        {
            if (Current() is not { } current)
                break;
            freed += current.Reclaim(wanted - freed, mayWait, out bool isThrough);
            if (isThrough)
            {
                left--;
                Advance(current);
            }
        }

        return freed;
    }

    private MemoryObject? Current()
    {
        using (_lock.Enter())
            return _hand;
    }

    private void Advance(MemoryObject from)
    {
        using (_lock.Enter())
        {
            if (_hand == from)
                _hand = from.NextInCache;
        }
    }
}
