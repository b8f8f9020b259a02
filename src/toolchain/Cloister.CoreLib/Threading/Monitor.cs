using Cloister.Runtime;

namespace System.Threading;

/// <summary>
/// Locks of objects. Objects have no place for a lock; those that are in use have a record in a table by their addresses, which never change.
/// </summary>
public static class Monitor
{
    private static Record?[]? s_table;
    private static Record? s_free;
    private static int s_count;

    private sealed class Record
    {
        public object? Key;
        public Record? Next;
        public Ownership Ownership;

        /// <summary>Threads in Wait.</summary>
        public readonly WaitQueue Waiting = new();
    }

    public static void Enter(object obj)
    {
        RefuseNull(obj);
        RecordOf(obj).Ownership.Take(Scheduler.Forever);
    }

    public static void Enter(object obj, ref bool lockTaken)
    {
        RefuseTaken(lockTaken);
        Enter(obj);
        lockTaken = true;
    }

    public static bool TryEnter(object obj)
    {
        RefuseNull(obj);
        return RecordOf(obj).Ownership.TryTake();
    }

    public static void TryEnter(object obj, ref bool lockTaken)
    {
        RefuseTaken(lockTaken);
        lockTaken = TryEnter(obj);
    }

    public static bool TryEnter(object obj, int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (TryEnter(obj))
            return true;
        return millisecondsTimeout != 0 && RecordOf(obj).Ownership.Take(Scheduler.Deadline(millisecondsTimeout));
    }

    public static void TryEnter(object obj, int millisecondsTimeout, ref bool lockTaken)
    {
        RefuseTaken(lockTaken);
        lockTaken = TryEnter(obj, millisecondsTimeout);
    }

    public static bool TryEnter(object obj, TimeSpan timeout) => TryEnter(obj, Timeout.Milliseconds(timeout, nameof(timeout)));

    public static void TryEnter(object obj, TimeSpan timeout, ref bool lockTaken) =>
        TryEnter(obj, Timeout.Milliseconds(timeout, nameof(timeout)), ref lockTaken);

    public static bool Wait(object obj, TimeSpan timeout) => Wait(obj, Timeout.Milliseconds(timeout, nameof(timeout)));

    public static void Exit(object obj)
    {
        Record record = Owned(obj);
        record.Ownership.Release();
        Drop(record);
    }

    public static bool IsEntered(object obj)
    {
        RefuseNull(obj);
        return Find(obj) is { } record && record.Ownership.Owner == Scheduler.Current;
    }

    public static bool Wait(object obj) => Wait(obj, Timeout.Infinite);

    /// <summary>Leaves the lock until another thread pulses, or until the time is over, and takes it again.</summary>
    /// <returns>Whether it was pulsed in time.</returns>
    public static bool Wait(object obj, int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        Record record = Owned(obj);
        int depth = record.Ownership.Depth;
        Scheduler.Current.SavedDepth = depth;
        record.Ownership.Release(isForGood: true);
        // Whoever pulses makes this thread wait for the lock; whoever leaves it then hands it over.
        if (Scheduler.Block(record.Waiting, Scheduler.Deadline(millisecondsTimeout)))
            return true;
        // Meanwhile the record may have become another object's.
        RecordOf(obj).Ownership.Take(Scheduler.Forever, depth);
        return false;
    }

    public static void Pulse(object obj)
    {
        Record record = Owned(obj);
        if (record.Waiting.First is { } thread)
            record.Ownership.Queue(thread);
    }

    public static void PulseAll(object obj)
    {
        Record record = Owned(obj);
        while (record.Waiting.First is { } thread)
            record.Ownership.Queue(thread);
    }

    // .NET names no parameter here.
    private static void RefuseNull(object? obj)
    {
        if (obj is null)
            throw new ArgumentNullException();
    }

    private static void RefuseTaken(bool lockTaken)
    {
        if (lockTaken)
            throw new ArgumentException("Argument must be initialized to false", nameof(lockTaken));
    }

    private static Record Owned(object obj)
    {
        RefuseNull(obj);
        if (Find(obj) is not { } record || record.Ownership.Owner != Scheduler.Current)
            throw new SynchronizationLockException();
        return record;
    }

    // SAFETY: the address is only a number here; obj isn't null (RefuseNull). It stays the same, because objects don't move.
    private static unsafe uint Hash(object obj) => (uint)((ulong)Support.AddressOf(obj) >> 4);

    private static Record? Find(object obj)
    {
        if (s_table is not { } table)
            return null;
        Record? record = table[Hash(obj) & (uint)(table.Length - 1)];
        while (record is not null && record.Key != obj)
            record = record.Next;
        return record;
    }

    private static Record RecordOf(object obj)
    {
        if (Find(obj) is { } found)
            return found;
        if (s_table is null || s_count >= s_table.Length)
            Grow();
        Record record = s_free ?? new Record();
        s_free = record.Next;
        record.Key = obj;
        ref Record? place = ref s_table![Hash(obj) & (uint)(s_table.Length - 1)];
        record.Next = place;
        place = record;
        s_count++;
        return record;
    }

    private static void Grow()
    {
        Record?[] old = s_table ?? [];
        Record?[] table = new Record?[Math.Max(old.Length * 2, 64)];
        foreach (Record? first in old)
        {
            for (Record? record = first; record is not null;)
            {
                Record? next = record.Next;
                uint index = Hash(record.Key!) & (uint)(table.Length - 1);
                record.Next = table[index];
                table[index] = record;
                record = next;
            }
        }

        s_table = table;
    }

    // The record of an object that nobody holds and nobody waits for is free for another one.
    private static void Drop(Record record)
    {
        if (record.Ownership.IsUsed || record.Waiting.First is not null)
            return;
        ref Record? place = ref s_table![Hash(record.Key!) & (uint)(s_table.Length - 1)];
        while (place != record)
            place = ref place!.Next;
        place = record.Next;
        record.Key = null;
        record.Next = s_free;
        s_free = record;
        s_count--;
    }
}
