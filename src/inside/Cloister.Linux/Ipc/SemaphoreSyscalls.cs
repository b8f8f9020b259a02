using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Ipc;

/// <summary>System V semaphores (semget(2), semop(2)).</summary>
internal static class SemaphoreSyscalls
{
    [Syscall(64, "semget")]
    public static SyscallResult Get(LinuxThread thread, int key, int count, IpcFlags flags)
    {
        if (count is < 0 or > IpcLimits.SemaphoresOfSet)
            return Errno.EINVAL;
        return thread.Kernel.Ipc.Semaphores.Get(thread, key, flags, (ulong)count, (out SemaphoreSet? made) => Make(thread, count, flags, out made));
    }

    [Syscall(65, "semop")]
    public static SyscallResult Operate(LinuxThread thread, int id, UserAddress operations, ulong count) =>
        OperateUntil(thread, id, operations, count, default);

    [Syscall(220, "semtimedop")]
    public static SyscallResult OperateUntil(LinuxThread thread, int id, UserAddress operations, ulong count, UserAddress timeout)
    {
        if (count == 0 || id < 0)
            return Errno.EINVAL;
        if (count > IpcLimits.Operations)
            return Errno.E2BIG;
        Errno error = WaitTime.FromTimespec(thread, timeout, out long deadline);
        if (error != Errno.Success)
            return error;

        var wanted = new SemaphoreOperation[count];
        if (thread.Memory.CopyIn(operations, MemoryMarshal.AsBytes(wanted.AsSpan())) != Errno.Success)
            return Errno.EFAULT;
        uint access = IpcObject.ReadAll;
        int highest = 0;
        foreach (SemaphoreOperation operation in wanted)
        {
            highest = Math.Max(highest, operation.Number);
            if (operation.Value != 0)
                access = IpcObject.WriteAll;
        }

        return Operate(thread, id, new SemaphoreWaiter(thread, wanted), highest, access, deadline);
    }

    private static SyscallResult Operate(LinuxThread thread, int id, SemaphoreWaiter waiter, int highest, uint access, long deadline)
    {
        IpcTable<SemaphoreSet> table = thread.Kernel.Ipc.Semaphores;
        SemaphoreSet? set;
        using (table.Lock.Enter())
        {
            set = table.Find(id);
            if (set is null)
                return Errno.EINVAL;
            if (highest >= set.Count)
                return Errno.EFBIG;
            if (!set.Allows(thread, access))
                return Errno.EACCES;
            Errno error = set.TryOperate(waiter);
            if (error == Errno.Success)
                set.Update();
            if (error != Errno.EAGAIN || !waiter.Blocking.Waits)
                return error;
            set.Add(waiter);
        }

        while (true)
        {
            WaitOutcome outcome = thread.Sleep(deadline);
            using (table.Lock.Enter())
            {
                if (waiter.Result is { } result)
                    return result;
                if (outcome == WaitOutcome.Woken)
                    continue;
                set.Remove(waiter);

                // Never repeated after a handler (signal(7)).
                return outcome == WaitOutcome.Interrupted ? Errno.EINTR : Errno.EAGAIN;
            }
        }
    }

    /// <summary>The end of a process.</summary>
    internal static void OnExit(LinuxProcess process)
    {
        if (process.SemaphoreUndos is null)
            return;
        long now = process.Kernel.Platform.Clock.RealtimeNanoseconds / Timespec.PerSecond;
        using (process.Kernel.Ipc.Semaphores.Lock.Enter())
        {
            foreach (SemaphoreUndo undo in process.SemaphoreUndos)
                undo.Set.Undo(undo, now);
            process.SemaphoreUndos = null;
        }
    }

    private static Errno Make(LinuxThread thread, int count, IpcFlags flags, out SemaphoreSet? made)
    {
        made = null;
        if (count == 0)
            return Errno.EINVAL;
        if (!thread.KernelMemory.TryTake(SemaphoreSet.WeightOf(count)))
            return Errno.ENOMEM;
        made = new SemaphoreSet(thread, flags, count);
        return Errno.Success;
    }
}
