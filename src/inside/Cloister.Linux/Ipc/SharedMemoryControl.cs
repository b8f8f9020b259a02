using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Memory;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Ipc;

/// <summary>shmctl(2).</summary>
internal static class SharedMemoryControl
{
    [Syscall(31, "shmctl", Note = "SHM_LOCK is kept and shown: enclave memory is never paged out by us.")]
    public static SyscallResult Control(LinuxThread thread, int id, SharedMemoryCommand command, UserAddress buffer)
    {
        IpcTable<SharedMemorySegment> table = thread.Kernel.Ipc.Segments;
        if (id < 0)
            return Errno.EINVAL;
        switch (command)
        {
            case SharedMemoryCommand.IPC_INFO:
                return WriteLimits(thread, table, buffer);
            case SharedMemoryCommand.SHM_INFO:
                return WriteUse(thread, table, buffer);
            case SharedMemoryCommand.IPC_STAT or SharedMemoryCommand.SHM_STAT or SharedMemoryCommand.SHM_STAT_ANY:
                return WriteStatus(thread, table, id, command, buffer);
            case SharedMemoryCommand.IPC_SET:
                return thread.Memory.TryRead(buffer, out SharedMemoryStatus status) ? Set(thread, table, id, status.Permissions) : Errno.EFAULT;
            case SharedMemoryCommand.IPC_RMID:
                return Remove(thread, table, id);
            case SharedMemoryCommand.SHM_LOCK or SharedMemoryCommand.SHM_UNLOCK:
                return SetLocked(thread, table, id, command == SharedMemoryCommand.SHM_LOCK);
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult WriteStatus(
        LinuxThread thread, IpcTable<SharedMemorySegment> table, int id, SharedMemoryCommand command, UserAddress buffer)
    {
        SharedMemoryStatus status;
        int result = 0;
        using (table.Lock.Enter())
        {
            SharedMemorySegment? segment = command == SharedMemoryCommand.IPC_STAT ? table.Find(id) : table.At(id);
            if (segment is null)
                return Errno.EINVAL;
            if (command != SharedMemoryCommand.SHM_STAT_ANY && !segment.Allows(thread, IpcObject.ReadAll))
                return Errno.EACCES;
            status = segment.Status;
            if (command != SharedMemoryCommand.IPC_STAT)
                result = segment.Id;
        }

        return thread.Memory.TryWrite(buffer, status) ? result : Errno.EFAULT;
    }

    private static SyscallResult Set(LinuxThread thread, IpcTable<SharedMemorySegment> table, int id, in IpcPermissions permissions)
    {
        using (table.Lock.Enter())
        {
            Errno error = table.FindOwned(thread, id, out SharedMemorySegment? segment);
            if (error != Errno.Success)
                return error;
            segment!.SetPermissions(thread, permissions);
            return 0;
        }
    }

    private static SyscallResult Remove(LinuxThread thread, IpcTable<SharedMemorySegment> table, int id)
    {
        SharedMemorySegment? segment;
        using (table.Lock.Enter())
        {
            Errno error = table.FindOwned(thread, id, out segment);
            if (error != Errno.Success)
                return error;
            segment!.IsDoomed = true;
            table.ForgetKey(segment);
        }

        segment.OnUnmapped();
        return 0;
    }

    private static SyscallResult SetLocked(LinuxThread thread, IpcTable<SharedMemorySegment> table, int id, bool isLocked)
    {
        using (table.Lock.Enter())
        {
            SharedMemorySegment? segment = table.Find(id);
            if (segment is null)
                return Errno.EINVAL;
            if (!thread.Identity.Has(Capability.IpcLock))
            {
                uint user = thread.Identity.EffectiveUserId;
                if (user != segment.UserId && user != segment.CreatorUserId)
                    return Errno.EPERM;
                if (isLocked && thread.Process.Limits[ResourceLimits.LockedMemory].Soft == 0)
                    return Errno.EPERM;
            }

            segment.IsLocked = isLocked;
            return 0;
        }
    }

    private static SyscallResult WriteLimits(LinuxThread thread, IpcTable<SharedMemorySegment> table, UserAddress buffer)
    {
        var limits = new Limits
        {
            MostBytes = IpcLimits.MostSharedBytes,
            Least = 1,
            Segments = IpcLimits.Segments,
            PerProcess = IpcLimits.Segments,
            All = IpcLimits.MostSharedBytes,
        };
        return thread.Memory.TryWrite(buffer, limits) ? HighestIndex(table) : Errno.EFAULT;
    }

    private static SyscallResult WriteUse(LinuxThread thread, IpcTable<SharedMemorySegment> table, UserAddress buffer)
    {
        Use use = default;
        using (table.Lock.Enter())
        {
            use.Count = table.Count;
            for (int i = 0; i < table.Places; i++)
            {
                if (table.At(i) is not { } segment)
                    continue;
                use.Pages += segment.Pages;
                use.Resident += segment.ResidentPages;
            }
        }

        return thread.Memory.TryWrite(buffer, use) ? HighestIndex(table) : Errno.EFAULT;
    }

    private static int HighestIndex(IpcTable<SharedMemorySegment> table)
    {
        using (table.Lock.Enter())
            return System.Math.Max(0, table.Places - 1);
    }

    /// <summary>struct shminfo64.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 72)]
    private struct Limits
    {
        public ulong MostBytes;
        public ulong Least;
        public ulong Segments;
        public ulong PerProcess;
        public ulong All;
    }

    /// <summary>struct shm_info.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 48)]
    private struct Use
    {
        public int Count;
        public ulong Pages;
        public ulong Resident;
    }
}
