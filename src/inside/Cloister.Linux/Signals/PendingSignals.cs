using System.Collections.Generic;

namespace Cloister.Linux.Signals;

/// <summary>Signals sent and not yet delivered. Guarded by the process's signal lock.</summary>
internal sealed class PendingSignals
{
    private readonly List<SignalInfo> _queue = [];

    /// <summary>One bit for each pending signal.</summary>
    public ulong Mask { get; private set; }

    /// <summary>How many are queued (RLIMIT_SIGPENDING).</summary>
    public int Count => _queue.Count;

    /// <summary>Adds a signal. A standard signal that is already pending is merged with it (signal(7)).</summary>
    /// <returns>Whether it was added.</returns>
    public bool Add(in SignalInfo info)
    {
        ulong bit = Signal.Bit(info.Signal);
        if (info.Signal < Signal.FirstRealTime && (Mask & bit) != 0)
            return false;
        Mask |= bit;
        _queue.Add(info);
        return true;
    }

    /// <summary>Takes the next signal of a set: faults first, then the lowest number, in order of arrival.</summary>
    public bool TryTake(ulong set, out SignalInfo info)
    {
        info = default;
        ulong candidates = Mask & set;
        if (candidates == 0)
            return false;
        if ((candidates & Signal.Synchronous) != 0)
            candidates &= Signal.Synchronous;
        int signal = System.Numerics.BitOperations.TrailingZeroCount(candidates) + 1;
        bool found = false;
        bool more = false;
        for (int i = 0; i < _queue.Count; i++)
        {
            if (_queue[i].Signal != signal)
                continue;
            if (found)
            {
                more = true;
                break;
            }

            info = _queue[i];
            found = true;
            _queue.RemoveAt(i--);
        }

        if (!more)
            Mask &= ~Signal.Bit(signal);
        return found;
    }

    /// <summary>Drops signals of a set.</summary>
    public void Remove(ulong set)
    {
        if ((Mask & set) == 0)
            return;
        Mask &= ~set;
        for (int i = _queue.Count - 1; i >= 0; i--)
        {
            if ((Signal.Bit(_queue[i].Signal) & set) != 0)
                _queue.RemoveAt(i);
        }
    }
}
