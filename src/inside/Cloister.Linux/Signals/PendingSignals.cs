using System.Numerics;
using Cloister.Linux.Identity;
using Cloister.Linux.Time;

namespace Cloister.Linux.Signals;

/// <summary>One signal in a queue (struct sigqueue).</summary>
internal sealed class QueuedSignal
{
    public SignalInfo Info;

    /// <summary>The timer that owns the entry, for as long as it exists; null for all others.</summary>
    public PosixTimer? Timer { get; init; }

    /// <summary>Whose account it is on.</summary>
    public uint User { get; set; }

    /// <summary>Whether it is in a queue.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Next of the same number.</summary>
    public QueuedSignal? Next { get; set; }
}

/// <summary>Signals sent and not yet delivered. Guarded by the process's signal lock.</summary>
/// <remarks>A list for each number, so that adding and taking cost the same however many are queued.</remarks>
internal sealed class PendingSignals
{
    /// <summary>Entries kept for the next signals, so that one now and then allocates nothing.</summary>
    private const int MostSpare = 8;

    private List[]? _lists;
    private QueuedSignal? _spare;
    private int _spareCount;

    /// <summary>One bit for each pending signal.</summary>
    public ulong Mask { get; private set; }

    /// <summary>How many are queued.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a signal that is on a user's account.</summary>
    public void Add(in SignalInfo info, uint user)
    {
        QueuedSignal entry = _spare ?? new QueuedSignal();
        if (entry == _spare)
        {
            _spare = entry.Next;
            _spareCount--;
        }

        entry.Info = info;
        entry.User = user;
        Add(entry);
    }

    /// <summary>Adds an entry.</summary>
    public void Add(QueuedSignal entry)
    {
        int signal = entry.Info.Signal;
        _lists ??= new List[Signal.Last + 1];
        ref List list = ref _lists[signal];
        entry.IsQueued = true;
        entry.Next = null;
        if (list.Last is null)
            list.First = entry;
        else
            list.Last.Next = entry;
        list.Last = entry;
        Mask |= Signal.Bit(signal);
        Count++;
    }

    /// <summary>Marks a signal as pending for which there is no room: it will come as if from nobody.</summary>
    public void AddWithoutDetails(int signal) => Mask |= Signal.Bit(signal);

    /// <summary>Takes the next signal of a set: faults first, then the lowest number, in order of arrival.</summary>
    /// <param name="set">The set.</param>
    /// <param name="users">The accounts.</param>
    /// <param name="info">The signal.</param>
    /// <param name="timer">The timer that it is from.</param>
    public bool TryTake(ulong set, UserAccounts users, out SignalInfo info, out PosixTimer? timer)
    {
        info = default;
        timer = null;
        ulong candidates = Mask & set;
        if (candidates == 0)
            return false;
        if ((candidates & Signal.Synchronous) != 0)
            candidates &= Signal.Synchronous;
        int signal = BitOperations.TrailingZeroCount(candidates) + 1;
        if (_lists?[signal].First is { } entry)
        {
            info = entry.Info;
            timer = entry.Timer;
            Unlink(ref _lists[signal], users);
        }
        else
        {
            info.Signal = signal;
        }

        if (_lists?[signal].First is null)
            Mask &= ~Signal.Bit(signal);
        return true;
    }

    /// <summary>Drops signals of a set. Timers go on without the signal.</summary>
    public void Remove(ulong set, UserAccounts users)
    {
        for (ulong removed = Mask & set; removed != 0; removed &= removed - 1)
        {
            int signal = BitOperations.TrailingZeroCount(removed) + 1;
            while (_lists?[signal].First is { } entry)
            {
                Unlink(ref _lists[signal], users);
                entry.Timer?.OnDiscarded();
            }
        }

        Mask &= ~set;
    }

    /// <summary>Takes one entry out, wherever it is.</summary>
    public void Remove(QueuedSignal entry)
    {
        if (!entry.IsQueued || _lists is null)
            return;
        ref List list = ref _lists[entry.Info.Signal];
        QueuedSignal? before = null;
        for (QueuedSignal? at = list.First; at is not null && at != entry; at = at.Next)
            before = at;
        if (before is null)
            list.First = entry.Next;
        else
            before.Next = entry.Next;
        if (list.Last == entry)
            list.Last = before;
        entry.IsQueued = false;
        entry.Next = null;
        Count--;
        if (list.First is null)
            Mask &= ~Signal.Bit(entry.Info.Signal);
    }

    /// <summary>Drops the signals of timers (execve: flush_itimer_signals of Linux).</summary>
    public void RemoveOfTimers(UserAccounts users)
    {
        for (int signal = 1; _lists is not null && signal <= Signal.Last; signal++)
        {
            QueuedSignal? kept = _lists[signal].First;
            if (kept is null)
                continue;
            QueuedSignal? next;
            _lists[signal] = default;
            Mask &= ~Signal.Bit(signal);
            for (; kept is not null; kept = next)
            {
                next = kept.Next;
                Count--;
                kept.IsQueued = false;
                if (kept.Timer is null)
                    Add(kept);
            }
        }
    }

    private void Unlink(ref List list, UserAccounts users)
    {
        QueuedSignal entry = list.First!;
        list.First = entry.Next;
        if (list.First is null)
            list.Last = null;
        entry.IsQueued = false;
        entry.Next = null;
        Count--;
        if (entry.Timer is not null)
            return; // the timer's, and on an account for as long as that exists
        users.Remove(entry.User, UserResource.QueuedSignals);
        if (_spareCount == MostSpare)
            return;
        entry.Next = _spare;
        _spare = entry;
        _spareCount++;
    }

    private struct List
    {
        public QueuedSignal? First;
        public QueuedSignal? Last;
    }
}
