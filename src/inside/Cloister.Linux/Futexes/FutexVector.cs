using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Futexes;

/// <summary>futex_waitv(2): a thread waits on several words, until one of them is woken.</summary>
internal static class FutexVector
{
    private const uint MostWaiters = 128;
    private const uint Size32 = 2;
    private const uint PrivateFlag = 128;

    [Syscall(449, "futex_waitv")]
    public static SyscallResult WaitVector(LinuxThread thread, UserAddress waiters, uint count, uint flags, UserAddress timeout, int clock)
    {
        if (flags != 0 || count is 0 or > MostWaiters || waiters.IsNull)
            return Errno.EINVAL;
        long deadline = Deadline.Never;
        if (!timeout.IsNull)
        {
            if ((ClockId)clock is not (ClockId.Monotonic or ClockId.Realtime))
                return Errno.EINVAL;
            if (!thread.Memory.TryRead(timeout, out Timespec time))
                return Errno.EFAULT;
            if (!time.IsValid)
                return Errno.EINVAL;
            deadline = thread.Kernel.Futexes.ToDeadline(time.TotalNanoseconds, (ClockId)clock == ClockId.Realtime, isAbsolute: true);
        }

        var entries = new Entry[count];
        if (thread.Memory.CopyIn(waiters, MemoryMarshal.AsBytes(entries.AsSpan())) != Errno.Success)
            return Errno.EFAULT;
        foreach (Entry entry in entries)
        {
            if ((entry.Flags & ~(Size32 | PrivateFlag)) != 0 || (entry.Flags & Size32) == 0 || entry.Reserved != 0 || entry.Value > uint.MaxValue)
                return Errno.EINVAL;
        }

        return Wait(thread, entries, deadline);
    }

    private static SyscallResult Wait(LinuxThread thread, Entry[] entries, long deadline)
    {
        var waiters = new FutexWaiter[entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            waiters[i] = new FutexWaiter(thread);
            Errno error = Enqueue(thread, waiters[i], entries[i]);
            if (error == Errno.Success)
                continue;

            // One that was woken meanwhile has been counted by its waker: that is what the call reports.
            int woken = Leave(waiters, i);
            return woken >= 0 ? woken : error;
        }

        while (true)
        {
            if (!IsAnyWoken(waiters))
            {
                WaitOutcome outcome = thread.Sleep(deadline);
                if (outcome == WaitOutcome.Woken)
                    continue;
                int late = Leave(waiters, waiters.Length);
                return late >= 0 ? late : outcome == WaitOutcome.TimedOut ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
            }

            return Leave(waiters, waiters.Length);
        }
    }

    private static Errno Enqueue(LinuxThread thread, FutexWaiter waiter, in Entry entry)
    {
        var address = new UserAddress(entry.Address);
        Errno error = FutexTable.GetKey(thread, address, (entry.Flags & PrivateFlag) != 0, out FutexKey key);
        if (error != Errno.Success)
            return error;
        FutexBucket bucket = thread.Kernel.Futexes.BucketOf(key);
        Interlocked.Increment(ref bucket.Count);
        do
        {
            using (bucket.Lock.Enter())
            {
                if (!thread.Memory.TryLoadPresent(address, out uint found))
                    continue;
                if (found == (uint)entry.Value)
                    FutexTable.Enqueue(bucket, waiter, key, uint.MaxValue);
                else
                    Interlocked.Decrement(ref bucket.Count);
                return found == (uint)entry.Value ? Errno.Success : Errno.EAGAIN;
            }
        }
        while (thread.Memory.BringIn(address.Value, isWrite: false));

        Interlocked.Decrement(ref bucket.Count);
        return Errno.EFAULT;
    }

    private static bool IsAnyWoken(FutexWaiter[] waiters)
    {
        foreach (FutexWaiter waiter in waiters)
        {
            if (Volatile.Read(ref waiter.IsWoken))
                return true;
        }

        return false;
    }

    /// <summary>Takes all off their queues.</summary>
    /// <returns>The last that had been woken, or -1 (futex_unqueue_multiple of Linux).</returns>
    private static int Leave(FutexWaiter[] waiters, int count)
    {
        int woken = -1;
        for (int i = 0; i < count; i++)
        {
            if (!FutexTable.TryRemove(waiters[i]))
                woken = i;
        }

        return woken;
    }

    /// <summary>struct futex_waitv.</summary>
    private readonly record struct Entry(ulong Value, ulong Address, uint Flags, uint Reserved);
}
