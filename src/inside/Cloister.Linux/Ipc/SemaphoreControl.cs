using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Ipc;

/// <summary>semctl(2).</summary>
internal static class SemaphoreControl
{
    [Syscall(66, "semctl")]
    public static SyscallResult Control(LinuxThread thread, int id, int number, SemaphoreCommand command, ulong argument)
    {
        IpcTable<SemaphoreSet> table = thread.Kernel.Ipc.Semaphores;
        if (id < 0)
            return Errno.EINVAL;
        switch (command)
        {
            case SemaphoreCommand.IPC_INFO or SemaphoreCommand.SEM_INFO:
                return WriteLimits(thread, table, command == SemaphoreCommand.SEM_INFO, new UserAddress(argument));
            case SemaphoreCommand.IPC_STAT or SemaphoreCommand.SEM_STAT or SemaphoreCommand.SEM_STAT_ANY:
                return WriteStatus(thread, table, id, command, new UserAddress(argument));
            case SemaphoreCommand.GETALL:
                return GetAll(thread, table, id, new UserAddress(argument));
            case SemaphoreCommand.GETVAL or SemaphoreCommand.GETPID or SemaphoreCommand.GETNCNT or SemaphoreCommand.GETZCNT:
                return GetOne(thread, table, id, number, command);
            case SemaphoreCommand.SETALL:
                return SetAll(thread, table, id, new UserAddress(argument));
            case SemaphoreCommand.SETVAL:
                return SetValue(thread, table, id, number, (int)argument);
            case SemaphoreCommand.IPC_SET:
                return SemaphoreStatus.TryRead(thread, new UserAddress(argument), out IpcPermissions permissions)
                    ? Set(thread, table, id, permissions)
                    : Errno.EFAULT;
            case SemaphoreCommand.IPC_RMID:
                return Remove(thread, table, id);
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult WriteStatus(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, SemaphoreCommand command, UserAddress buffer)
    {
        SemaphoreStatus status;
        int result = 0;
        using (table.Lock.Enter())
        {
            SemaphoreSet? set = command == SemaphoreCommand.IPC_STAT ? table.Find(id) : table.At(id);
            if (set is null)
                return Errno.EINVAL;
            if (command != SemaphoreCommand.SEM_STAT_ANY && !set.Allows(thread, IpcObject.ReadAll))
                return Errno.EACCES;
            status = set.Status;
            if (command != SemaphoreCommand.IPC_STAT)
                result = set.Id;
        }

        return status.TryWrite(thread, buffer) ? result : Errno.EFAULT;
    }

    private static SyscallResult GetOne(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, int number, SemaphoreCommand command)
    {
        using (table.Lock.Enter())
        {
            Errno error = table.Find(thread, id, IpcObject.ReadAll, out SemaphoreSet? set);
            if (error != Errno.Success)
                return error;
            if ((uint)number >= (uint)set!.Count)
                return Errno.EINVAL;
            return command switch
            {
                SemaphoreCommand.GETVAL => set.ValueOf(number),
                SemaphoreCommand.GETPID => set.ProcessOf(number),
                SemaphoreCommand.GETNCNT => set.CountWaiters(number, forZero: false),
                _ => set.CountWaiters(number, forZero: true),
            };
        }
    }

    private static SyscallResult GetAll(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, UserAddress buffer)
    {
        ushort[] values;
        using (table.Lock.Enter())
        {
            Errno error = table.Find(thread, id, IpcObject.ReadAll, out SemaphoreSet? set);
            if (error != Errno.Success)
                return error;
            values = new ushort[set!.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = (ushort)set.ValueOf(i);
        }

        return thread.Memory.CopyOut(buffer, MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static SyscallResult SetAll(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, UserAddress buffer)
    {
        // How many there are is known with the lock only, and with it nothing may be read from the program.
        int count;
        using (table.Lock.Enter())
        {
            Errno error = table.Find(thread, id, IpcObject.WriteAll, out SemaphoreSet? set);
            if (error != Errno.Success)
                return error;
            count = set!.Count;
        }

        ushort[] values = new ushort[count];
        if (thread.Memory.CopyIn(buffer, MemoryMarshal.AsBytes(values.AsSpan())) != Errno.Success)
            return Errno.EFAULT;
        foreach (ushort value in values)
        {
            if (value > IpcLimits.SemaphoreValue)
                return Errno.ERANGE;
        }

        using (table.Lock.Enter())
        {
            if (table.Find(id) is not { } set || set.Count != count)
                return Errno.EIDRM;
            for (int i = 0; i < count; i++)
                set.SetValue(thread, i, values[i]);
            set.Update();
            return 0;
        }
    }

    private static SyscallResult SetValue(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, int number, int value)
    {
        if (value is < 0 or > IpcLimits.SemaphoreValue)
            return Errno.ERANGE;
        using (table.Lock.Enter())
        {
            SemaphoreSet? set = table.Find(id);
            if (set is null || (uint)number >= (uint)set.Count)
                return Errno.EINVAL;
            if (!set.Allows(thread, IpcObject.WriteAll))
                return Errno.EACCES;
            set.SetValue(thread, number, value);
            set.Update();
            return 0;
        }
    }

    private static SyscallResult Set(LinuxThread thread, IpcTable<SemaphoreSet> table, int id, in IpcPermissions permissions)
    {
        using (table.Lock.Enter())
        {
            Errno error = table.FindOwned(thread, id, out SemaphoreSet? set);
            if (error != Errno.Success)
                return error;
            set!.SetPermissions(thread, permissions);
            return 0;
        }
    }

    private static SyscallResult Remove(LinuxThread thread, IpcTable<SemaphoreSet> table, int id)
    {
        using (table.Lock.Enter())
        {
            Errno error = table.FindOwned(thread, id, out SemaphoreSet? set);
            if (error != Errno.Success)
                return error;
            table.Remove(set!);
            set!.EndAll();
            set.Discard();
            return 0;
        }
    }

    private static SyscallResult WriteLimits(LinuxThread thread, IpcTable<SemaphoreSet> table, bool asUsed, UserAddress buffer)
    {
        Limits limits = Limits.Default;
        int highest;
        using (table.Lock.Enter())
        {
            highest = Math.Max(0, table.Places - 1);
            if (asUsed)
            {
                limits.UndoSize = table.Count;
                limits.MostAdjustment = 0;
                for (int i = 0; i < table.Places; i++)
                    limits.MostAdjustment += table.At(i)?.Count ?? 0;
            }
        }

        return thread.Memory.TryWrite(buffer, limits) ? highest : Errno.EFAULT;
    }

    /// <summary>struct seminfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public int MapEntries;
        public int Sets;
        public int Semaphores;
        public int Undos;
        public int OfSet;
        public int Operations;
        public int UndosOfProcess;
        public int UndoSize;
        public int MostValue;
        public int MostAdjustment;

        public static Limits Default => new()
        {
            MapEntries = IpcLimits.Semaphores,
            Sets = IpcLimits.SemaphoreSets,
            Semaphores = IpcLimits.Semaphores,
            Undos = IpcLimits.Semaphores,
            OfSet = IpcLimits.SemaphoresOfSet,
            Operations = IpcLimits.Operations,
            UndosOfProcess = IpcLimits.Operations,
            UndoSize = IpcLimits.UndoSize,
            MostValue = IpcLimits.SemaphoreValue,
            MostAdjustment = IpcLimits.SemaphoreValue,
        };
    }
}
