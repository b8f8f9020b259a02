using System.Threading;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Futexes;

/// <summary>
/// PI futexes (futex(2), "Priority-inheritance futexes"): the word holds the owner's tid, and the kernel hands it on.
/// Threads have no priorities here, so inheriting one is nothing to do; the ownership protocol is complete.
/// </summary>
internal static class PriorityFutexes
{
    public const uint WaitersBit = 0x80000000;
    public const uint OwnerDiedBit = 0x40000000;
    public const uint ThreadIdMask = 0x3FFFFFFF;

    /// <summary>FUTEX_LOCK_PI, FUTEX_LOCK_PI2 and FUTEX_TRYLOCK_PI.</summary>
    public static Errno Lock(LinuxThread thread, UserAddress address, bool isPrivate, long deadline, bool onlyTry)
    {
        Errno error;
        do
            error = TryLock(thread, address, isPrivate, deadline, onlyTry);
        while (error == Errno.EFAULT && thread.Memory.BringIn(address.Value, isWrite: true));
        return error;
    }

    private static Errno TryLock(LinuxThread thread, UserAddress address, bool isPrivate, long deadline, bool onlyTry)
    {
        FutexTable table = thread.Kernel.Futexes;
        Errno error = FutexTable.GetKey(thread, address, isPrivate, out FutexKey key);
        if (error != Errno.Success)
            return error;
        FutexBucket bucket = table.BucketOf(key);
        FutexWaiter waiter = thread.FutexWaiter;
        Interlocked.Increment(ref bucket.Count);
        using (bucket.Lock.Enter())
        {
            error = TryAcquire(thread, address, bucket, key, onlyTry, out bool acquired);
            if (error != Errno.Success || acquired || onlyTry)
            {
                Interlocked.Decrement(ref bucket.Count);
                return error != Errno.Success ? error : acquired ? Errno.Success : Errno.EAGAIN;
            }

            FutexTable.Enqueue(bucket, waiter, key, uint.MaxValue);
            waiter.IsPriorityInheriting = true;
        }

        error = FutexTable.Sleep(thread, waiter, deadline);

        // FUTEX_LOCK_PI is restarted whatever the handler's flags (ERESTARTNOINTR in futex_lock_pi).
        return error == Errno.ERESTARTSYS ? Errno.ERESTARTNOINTR : error;
    }

    /// <summary>FUTEX_UNLOCK_PI: the first waiter becomes owner.</summary>
    public static Errno Unlock(LinuxThread thread, UserAddress address, bool isPrivate)
    {
        FutexTable table = thread.Kernel.Futexes;
        Errno error = FutexTable.GetKey(thread, address, isPrivate, out FutexKey key);
        if (error != Errno.Success)
            return error;
        if (!thread.Memory.TryLoad(address, out uint value))
            return Errno.EFAULT;
        if ((value & ThreadIdMask) != (uint)thread.ThreadId)
            return Errno.EPERM;
        return HandOver(thread, address, table.BucketOf(key), key, 0);
    }

    /// <summary>Gives the word to its first waiter, or sets it free.</summary>
    /// <param name="thread">Whose memory it is.</param>
    /// <param name="address">The word.</param>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="key">Its key.</param>
    /// <param name="flags"><see cref="OwnerDiedBit"/> where the owner died.</param>
    public static Errno HandOver(LinuxThread thread, UserAddress address, FutexBucket bucket, in FutexKey key, uint flags)
    {
        Errno error;
        do
        {
            using (bucket.Lock.Enter())
                error = HandOverPresent(thread, address, bucket, key, flags);
        }
        while (error == Errno.EFAULT && thread.Memory.BringIn(address.Value, isWrite: true));
        return error;
    }

    private static Errno HandOverPresent(LinuxThread thread, UserAddress address, FutexBucket bucket, in FutexKey key, uint flags)
    {
        FutexWaiter? next = FutexTable.FirstOf(bucket, key);
        bool more = next is not null && FutexTable.FirstOf(bucket, key, next) is not null;
        uint desired = next is null ? flags : (uint)next.Thread.ThreadId | flags | (more ? WaitersBit : 0);
        if (!thread.Memory.TryLoadPresent(address, out uint value))
            return Errno.EFAULT;
        while (true)
        {
            if (!thread.Memory.TryCompareExchangePresent(address, value, desired, out uint found))
                return Errno.EFAULT;
            if (found == value)
                break;
            value = found;
        }

        if (next is not null)
            FutexTable.WakeOne(bucket, next);
        return Errno.Success;
    }

    /// <summary>FUTEX_WAIT_REQUEUE_PI: waits on one word until it is moved to, and owns, a PI word.</summary>
    public static Errno WaitRequeue(
        LinuxThread thread, UserAddress address, UserAddress target, bool isPrivate, uint expected, long deadline)
    {
        if (address == target)
            return Errno.EINVAL;
        Errno error = FutexTable.GetKey(thread, target, isPrivate, out FutexKey targetKey);
        if (error != Errno.Success)
            return error;
        error = thread.Kernel.Futexes.Wait(thread, address, isPrivate, expected, uint.MaxValue, deadline);
        return error is Errno.ERESTARTSYS ? Errno.EINTR : error;
    }

    /// <summary>FUTEX_CMP_REQUEUE_PI: gives the PI word to one waiter and moves others to it.</summary>
    public static SyscallResult Requeue(
        LinuxThread thread, UserAddress from, UserAddress to, bool isPrivate, int requeue, uint expected)
    {
        SyscallResult result;
        do
            result = TryRequeue(thread, from, to, isPrivate, requeue, expected);
        while (FutexTable.IsAbsent(result) && thread.Memory.BringIn(from.Value, isWrite: false) && thread.Memory.BringIn(to.Value, isWrite: true));
        return result;
    }

    private static SyscallResult TryRequeue(
        LinuxThread thread, UserAddress from, UserAddress to, bool isPrivate, int requeue, uint expected)
    {
        FutexTable table = thread.Kernel.Futexes;
        Errno error = FutexTable.GetKey(thread, from, isPrivate, out FutexKey fromKey);
        if (error != Errno.Success)
            return error;
        error = FutexTable.GetKey(thread, to, isPrivate, out FutexKey toKey);
        if (error != Errno.Success)
            return error;
        if (fromKey == toKey || requeue < 0)
            return Errno.EINVAL;
        (FutexBucket first, FutexBucket second) = table.Order(fromKey, toKey);
        using (first.Lock.Enter())
        {
            using (second.Lock.EnterNext())
            {
                if (!thread.Memory.TryLoadPresent(from, out uint value))
                    return Errno.EFAULT;
                if (value != expected)
                    return Errno.EAGAIN;
                FutexBucket source = table.BucketOf(fromKey);
                FutexBucket target = table.BucketOf(toKey);
                int done = 0;
                while (done < (long)requeue + 1 && FutexTable.FirstOf(source, fromKey) is { } waiter)
                {
                    error = TryAcquire(waiter.Thread, to, target, toKey, false, out bool acquired);
                    if (error is not (Errno.Success or Errno.EDEADLK))
                        return error;
                    if (acquired)
                    {
                        FutexTable.WakeOne(source, waiter);
                    }
                    else
                    {
                        table.MoveLocked(source, fromKey, toKey, 1);
                        waiter.IsPriorityInheriting = true;
                    }

                    done++;
                }

                return done;
            }
        }
    }

    /// <summary>Takes a free word, or sets its waiters bit. With the bucket's lock held.</summary>
    private static Errno TryAcquire(LinuxThread thread, UserAddress address, FutexBucket bucket, in FutexKey key, bool onlyTry, out bool acquired)
    {
        acquired = false;
        uint self = (uint)thread.ThreadId;
        if (!thread.Memory.TryLoadPresent(address, out uint value))
            return Errno.EFAULT;
        while (true)
        {
            uint owner = value & ThreadIdMask;
            if (owner == self)
                return Errno.EDEADLK;
            bool isFree = owner == 0;
            if (!isFree && thread.Kernel.Processes.FindThread((int)owner) is null)
                return Errno.ESRCH;
            if (!isFree && onlyTry)
                return Errno.Success;
            bool hasWaiters = FutexTable.FirstOf(bucket, key) is not null;
            uint desired = isFree ? self | (value & OwnerDiedBit) | (hasWaiters ? WaitersBit : 0) : value | WaitersBit;
            if (!thread.Memory.TryCompareExchangePresent(address, value, desired, out uint found))
                return Errno.EFAULT;
            if (found == value)
            {
                acquired = isFree;
                return Errno.Success;
            }

            value = found;
        }
    }
}
