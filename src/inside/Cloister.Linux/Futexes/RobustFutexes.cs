using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Futexes;

/// <summary>Futexes that a dying thread still holds (get_robust_list(2), Documentation/locking/robust-futexes.rst).</summary>
internal static class RobustFutexes
{
    /// <summary>ROBUST_LIST_LIMIT: the list is the program's, and may be a circle.</summary>
    private const int MostEntries = 2048;

    /// <summary>sizeof(struct robust_list_head).</summary>
    public const ulong HeadSize = 24;

    /// <summary>Marks the held futexes as ownerless and wakes one waiter of each.</summary>
    public static void OnExit(LinuxThread thread)
    {
        UserAddress head = thread.RobustList;
        if (head.IsNull || !thread.Memory.TryRead(head, out RobustListHead list))
            return;
        ulong entry = list.Next;
        for (int i = 0; i < MostEntries && (entry & ~1UL) != head.Value; i++)
        {
            // The next pointer is read first: once woken, the new owner may change the entry.
            bool hasNext = thread.Memory.TryRead(new UserAddress(entry & ~1UL), out ulong next);
            if (entry != list.Pending && !Release(thread, new UserAddress((entry & ~1UL) + list.Offset), (entry & 1) != 0, false))
                return;
            if (!hasNext)
                return;
            entry = next;
        }

        if (list.Pending != 0)
            Release(thread, new UserAddress((list.Pending & ~1UL) + list.Offset), (list.Pending & 1) != 0, true);
    }

    private static bool Release(LinuxThread thread, UserAddress address, bool isPriorityInheriting, bool isPending)
    {
        if ((address.Value & 3) != 0 || !thread.Memory.TryLoad(address, out uint value))
            return false;
        while (true)
        {
            // Between unlocking and waking the owner died: wake the next in its stead (handle_futex_death).
            if (isPending && !isPriorityInheriting && value == 0)
            {
                thread.Kernel.Futexes.Wake(thread, address, isPrivate: false, 1, uint.MaxValue);
                return true;
            }

            if ((value & PriorityFutexes.ThreadIdMask) != (uint)thread.ThreadId)
                return true;
            if (isPriorityInheriting && FutexTable.GetKey(thread, address, false, out FutexKey key) == Errno.Success)
            {
                FutexBucket bucket = thread.Kernel.Futexes.BucketOf(key);
                return PriorityFutexes.HandOver(thread, address, bucket, key, PriorityFutexes.OwnerDiedBit) == Errno.Success;
            }

            uint desired = (value & PriorityFutexes.WaitersBit) | PriorityFutexes.OwnerDiedBit;
            if (!thread.Memory.TryCompareExchange(address, value, desired, out uint found))
                return false;
            if (found == value)
                break;
            value = found;
        }

        if ((value & PriorityFutexes.WaitersBit) != 0)
            thread.Kernel.Futexes.Wake(thread, address, isPrivate: false, 1, uint.MaxValue);

        return true;
    }

    /// <summary>struct robust_list_head.</summary>
    private readonly record struct RobustListHead(ulong Next, ulong Offset, ulong Pending);
}
