using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Futexes;

/// <summary>What a futex word is to the kernel: an address in an address space, or a place in shared memory.</summary>
internal readonly record struct FutexKey(object Space, ulong Offset)
{
    /// <summary>
    /// In the offset of a word in private memory that a call without FUTEX_PRIVATE_FLAG names: private and shared waits on
    /// one word don't meet (FUT_OFF_MMSHARED of Linux). Words are aligned, so the bit is free.
    /// </summary>
    public const ulong SharedOfSpace = 1;
}

/// <summary>A thread that waits on a futex word. One per thread, reused.</summary>
internal sealed class FutexWaiter(LinuxThread thread)
{
    public LinuxThread Thread => thread;

    public FutexKey Key;
    public uint BitSet;

    /// <summary>Whether the waiter has been taken off its queue by a waker.</summary>
    public bool IsWoken;

    /// <summary>Whether it waits to become owner of a PI futex.</summary>
    public bool IsPriorityInheriting;

    /// <summary>Place in the bucket that it is queued in; changes with a requeue. Guarded by that bucket's lock.</summary>
    public FutexBucket? Bucket;
}

/// <summary>Waiters of the keys that hash here, in order of arrival.</summary>
internal sealed class FutexBucket
{
    public KernelLock Lock { get; } = new(LockLevel.Futexes);

    public List<FutexWaiter> Waiters { get; } = [];

    /// <summary>Waiters, for wakers that have not taken the lock.</summary>
    public int Count;
}

/// <summary>
/// futex(2): threads that sleep until another one wakes their word. A plain hash table with a lock for each bucket;
/// operations on two words take both locks, lower bucket first.
/// </summary>
internal sealed class FutexTable
{
    private const int BucketCount = 256;

    private readonly FutexBucket[] _buckets = new FutexBucket[BucketCount];
    private readonly IClock _clock;

    public FutexTable(IClock clock)
    {
        _clock = clock;
        for (int i = 0; i < BucketCount; i++)
            _buckets[i] = new FutexBucket();
    }

    /// <summary>The bucket of a key.</summary>
    public FutexBucket BucketOf(in FutexKey key) => _buckets[IndexOf(key)];

    /// <summary>Finds out what a word is.</summary>
    public static Errno GetKey(LinuxThread thread, UserAddress address, bool isPrivate, out FutexKey key)
    {
        key = default;
        if ((address.Value & 3) != 0)
            return Errno.EINVAL;
        if (isPrivate)
        {
            key = new FutexKey(thread.Memory.Space, address.Value);
            return address.Value < thread.Memory.Space.Mmu.Highest ? Errno.Success : Errno.EFAULT;
        }

        return thread.Memory.Space.GetFutexKey(address.Value, out key);
    }

    /// <summary>FUTEX_WAIT and FUTEX_WAIT_BITSET.</summary>
    public Errno Wait(LinuxThread thread, UserAddress address, bool isPrivate, uint expected, uint bitSet, long deadline)
    {
        if (bitSet == 0)
            return Errno.EINVAL;
        Errno error = GetKey(thread, address, isPrivate, out FutexKey key);
        if (error != Errno.Success)
            return error;
        FutexWaiter waiter = thread.FutexWaiter;
        FutexBucket bucket = BucketOf(key);
        while (true)
        {
            Interlocked.Increment(ref bucket.Count);
            using (bucket.Lock.Enter())
            {
                // The word is read with the lock held: a waker changes it first and takes the lock then.
                bool isPresent = thread.Memory.TryLoadPresent(address, out uint value);
                if (isPresent && value == expected)
                {
                    Enqueue(bucket, waiter, key, bitSet);
                    break;
                }

                Interlocked.Decrement(ref bucket.Count);
                if (isPresent)
                    return Errno.EAGAIN;
            }

            if (!thread.Memory.BringIn(address.Value, isWrite: false))
                return Errno.EFAULT;
        }

        return Sleep(thread, waiter, deadline);
    }

    /// <summary>Sleeps until a waker takes the waiter off its queue.</summary>
    public static Errno Sleep(LinuxThread thread, FutexWaiter waiter, long deadline)
    {
        while (true)
        {
            WaitOutcome outcome = Volatile.Read(ref waiter.IsWoken) ? WaitOutcome.Woken : thread.Sleep(deadline);
            if (Volatile.Read(ref waiter.IsWoken))
                return Errno.Success;
            if (outcome == WaitOutcome.Woken)
                continue;
            if (!TryRemove(waiter))
                return Errno.Success;
            return outcome == WaitOutcome.TimedOut ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
        }
    }

    /// <summary>FUTEX_WAKE and FUTEX_WAKE_BITSET.</summary>
    /// <returns>How many were woken, or an error.</returns>
    public SyscallResult Wake(LinuxThread thread, UserAddress address, bool isPrivate, int count, uint bitSet)
    {
        if (bitSet == 0)
            return Errno.EINVAL;
        Errno error = GetKey(thread, address, isPrivate, out FutexKey key);
        return error != Errno.Success ? error : Wake(key, count, bitSet);
    }

    /// <summary>Wakes waiters of a key.</summary>
    public int Wake(in FutexKey key, int count, uint bitSet = uint.MaxValue)
    {
        FutexBucket bucket = BucketOf(key);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref bucket.Count) == 0)
            return 0;
        var batch = new WakeBatch();
        int woken;
        using (bucket.Lock.Enter())
            woken = WakeLocked(bucket, key, count, bitSet, ref batch);
        batch.Wake();
        return woken;
    }

    /// <summary>FUTEX_REQUEUE and FUTEX_CMP_REQUEUE.</summary>
    public SyscallResult Requeue(
        LinuxThread thread, UserAddress from, UserAddress to, bool isPrivate, int wake, int requeue, uint? expected)
    {
        if (wake < 0 || requeue < 0)
            return Errno.EINVAL;
        // Outside the loop: a key that can't be had is no page that could be brought in.
        Errno error = GetKey(thread, from, isPrivate, out FutexKey fromKey);
        if (error != Errno.Success)
            return error;
        error = GetKey(thread, to, isPrivate, out FutexKey target);
        if (error != Errno.Success)
            return error;
        SyscallResult result;
        do
            result = TryRequeue(thread, from, fromKey, target, wake, requeue, expected);
        while (IsAbsent(result) && thread.Memory.BringIn(from.Value, isWrite: false));
        return result;
    }

    /// <summary>Whether an operation found the page of its word absent. It isn't brought in with a bucket's lock held.</summary>
    public static bool IsAbsent(SyscallResult result) => result.IsError && result.Errno == Errno.EFAULT;

    private SyscallResult TryRequeue(
        LinuxThread thread, UserAddress from, in FutexKey fromKey, in FutexKey target, int wake, int requeue, uint? expected)
    {
        (FutexBucket first, FutexBucket second) = Order(fromKey, target);
        var batch = new WakeBatch();
        SyscallResult result;
        using (first.Lock.Enter())
        {
            using (second.Lock.EnterNext())
            {
                if (expected is uint value)
                {
                    if (!thread.Memory.TryLoadPresent(from, out uint found))
                        return Errno.EFAULT;
                    if (found != value)
                        return Errno.EAGAIN;
                }

                FutexBucket source = BucketOf(fromKey);
                int woken = wake == 0 ? 0 : WakeLocked(source, fromKey, wake, uint.MaxValue, ref batch);
                int moved = MoveLocked(source, fromKey, target, requeue);
                
                // Both operations return both counts, whatever futex(2) says of FUTEX_REQUEUE (futex_requeue of Linux).
                result = woken + moved;
            }
        }

        batch.Wake();
        return result;
    }

    /// <summary>FUTEX_WAKE_OP: changes the second word, wakes on the first, and on the second if its old value compares.</summary>
    public SyscallResult WakeOperation(
        LinuxThread thread, UserAddress address, UserAddress second, bool isPrivate, int count, int secondCount, uint operation)
    {
        Errno error = GetKey(thread, address, isPrivate, out FutexKey key);
        if (error != Errno.Success)
            return error;
        error = GetKey(thread, second, isPrivate, out FutexKey secondKey);
        if (error != Errno.Success)
            return error;
        SyscallResult result;
        do
            result = TryWakeOperation(thread, key, second, secondKey, count, secondCount, operation);
        while (IsAbsent(result) && thread.Memory.BringIn(second.Value, isWrite: true));
        return result;
    }

    private SyscallResult TryWakeOperation(
        LinuxThread thread, in FutexKey key, UserAddress second, in FutexKey secondKey, int count, int secondCount, uint operation)
    {
        (FutexBucket a, FutexBucket b) = Order(key, secondKey);
        var batch = new WakeBatch();
        int woken;
        using (a.Lock.Enter())
        {
            using (b.Lock.EnterNext())
            {
                Errno error = Apply(thread, second, operation, out bool wakeSecond);
                if (error != Errno.Success)
                    return error;
                woken = WakeLocked(BucketOf(key), key, count, uint.MaxValue, ref batch);
                if (wakeSecond)
                    woken += WakeLocked(BucketOf(secondKey), secondKey, secondCount, uint.MaxValue, ref batch);
            }
        }

        batch.Wake();
        return woken;
    }

    /// <summary>Enlists a waiter. With the bucket's lock held and its count raised.</summary>
    public static void Enqueue(FutexBucket bucket, FutexWaiter waiter, in FutexKey key, uint bitSet)
    {
        waiter.Key = key;
        waiter.BitSet = bitSet;
        waiter.IsWoken = false;
        waiter.IsPriorityInheriting = false;
        waiter.Bucket = bucket;
        bucket.Waiters.Add(waiter);
    }

    /// <summary>Takes a waiter off its queue; false where a waker was faster.</summary>
    public static bool TryRemove(FutexWaiter waiter)
    {
        while (true)
        {
            FutexBucket? bucket = Volatile.Read(ref waiter.Bucket);
            if (bucket is null)
                return false;
            using (bucket.Lock.Enter())
            {
                if (waiter.Bucket != bucket)
                    continue; // requeued meanwhile
                Remove(bucket, bucket.Waiters.IndexOf(waiter));
                return true;
            }
        }
    }

    /// <summary>Takes waiters off, to be woken with the batch. With the bucket's lock held.</summary>
    public static int WakeLocked(FutexBucket bucket, in FutexKey key, int count, uint bitSet, ref WakeBatch batch)
    {
        int woken = 0;
        for (int i = 0; i < bucket.Waiters.Count; i++)
        {
            FutexWaiter waiter = bucket.Waiters[i];
            if (waiter.Key != key || (waiter.BitSet & bitSet) == 0 || waiter.IsPriorityInheriting)
                continue;
            Remove(bucket, i--);
            Volatile.Write(ref waiter.IsWoken, true);
            waiter.Thread.Wake(ref batch);

            // Counted first and compared then: a count of 0 wakes one too, as on Linux (futex_wake).
            if (++woken >= count)
                break;
        }

        return woken;
    }

    /// <summary>The first waiter of a PI futex; it stays queued. With the lock held.</summary>
    public static FutexWaiter? FirstOf(FutexBucket bucket, in FutexKey key, FutexWaiter? except = null)
    {
        foreach (FutexWaiter waiter in bucket.Waiters)
        {
            if (waiter.Key == key && waiter != except)
                return waiter;
        }

        return null;
    }

    /// <summary>Takes one waiter off and wakes it. With the lock held.</summary>
    public static void WakeOne(FutexBucket bucket, FutexWaiter waiter)
    {
        Remove(bucket, bucket.Waiters.IndexOf(waiter));
        Volatile.Write(ref waiter.IsWoken, true);
        waiter.Thread.Wake();
    }

    /// <summary>Moves waiters to another key. With both locks held.</summary>
    public int MoveLocked(FutexBucket source, in FutexKey from, in FutexKey to, int count)
    {
        FutexBucket target = BucketOf(to);
        int moved = 0;
        for (int i = 0; i < source.Waiters.Count && moved < count; i++)
        {
            FutexWaiter waiter = source.Waiters[i];
            if (waiter.Key != from)
                continue;
            if (source != target)
            {
                Remove(source, i--);
                Interlocked.Increment(ref target.Count);
                target.Waiters.Add(waiter);
                Volatile.Write(ref waiter.Bucket, target);
            }

            waiter.Key = to;
            moved++;
        }

        return moved;
    }

    /// <summary>Two buckets in the order of locking.</summary>
    public (FutexBucket First, FutexBucket Second) Order(in FutexKey a, in FutexKey b)
    {
        int first = IndexOf(a);
        int second = IndexOf(b);
        return first <= second ? (_buckets[first], _buckets[second]) : (_buckets[second], _buckets[first]);
    }

    private static void Remove(FutexBucket bucket, int index)
    {
        FutexWaiter waiter = bucket.Waiters[index];
        bucket.Waiters.RemoveAt(index);
        Volatile.Write(ref waiter.Bucket, null);
        Interlocked.Decrement(ref bucket.Count);
    }

    private static int IndexOf(in FutexKey key)
    {
        uint hash = (uint)(key.Offset >> 2) * 2654435761u ^ (uint)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Space);
        return (int)(hash >> 16 ^ hash) & (BucketCount - 1);
    }

    /// <summary>futex(2), FUTEX_WAKE_OP: op, cmp, oparg, cmparg in one word.</summary>
    private static Errno Apply(LinuxThread thread, UserAddress address, uint operation, out bool compares)
    {
        compares = false;
        const uint shiftArgument = 8;
        uint op = operation >> 28 & 0xF;
        uint comparison = operation >> 24 & 0xF;
        int argument = (int)(operation << 8) >> 20;
        int compareArgument = (int)(operation << 20) >> 20;
        if ((op & shiftArgument) != 0)
            argument = 1 << (argument & 31);
        op &= 7;
        if (op > 4 || comparison > 5)
            return Errno.ENOSYS;
        if (!thread.Memory.TryLoadPresent(address, out uint old))
            return Errno.EFAULT;
        while (true)
        {
            uint value = op switch
            {
                0 => (uint)argument,
                1 => old + (uint)argument,
                2 => old | (uint)argument,
                3 => old & ~(uint)argument,
                _ => old ^ (uint)argument,
            };
            if (!thread.Memory.TryCompareExchangePresent(address, old, value, out uint found))
                return Errno.EFAULT;
            if (found == old)
                break;
            old = found;
        }

        int signed = (int)old;
        compares = comparison switch
        {
            0 => signed == compareArgument,
            1 => signed != compareArgument,
            2 => signed < compareArgument,
            3 => signed <= compareArgument,
            4 => signed > compareArgument,
            _ => signed >= compareArgument,
        };
        return Errno.Success;
    }

    /// <summary>Absolute monotonic deadline of a futex timeout.</summary>
    public long ToDeadline(long nanoseconds, bool isRealtime, bool isAbsolute)
    {
        long now = _clock.MonotonicNanoseconds;
        long relative = !isAbsolute ? nanoseconds : isRealtime ? nanoseconds - _clock.RealtimeNanoseconds : nanoseconds - now;
        if (relative <= 0)
            return now;
        return relative > Deadline.Never - now ? Deadline.Never : now + relative;
    }
}
