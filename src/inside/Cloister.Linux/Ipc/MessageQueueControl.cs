using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Ipc;

/// <summary>msgctl(2).</summary>
internal static class MessageQueueControl
{
    [Syscall(71, "msgctl")]
    public static SyscallResult Control(LinuxThread thread, int id, MessageCommand command, UserAddress buffer)
    {
        IpcTable<MessageQueue> table = thread.Kernel.Ipc.Queues;
        if (id < 0)
            return Errno.EINVAL;
        switch (command)
        {
            case MessageCommand.IPC_INFO or MessageCommand.MSG_INFO:
                return WriteLimits(thread, table, command == MessageCommand.MSG_INFO, buffer);
            case MessageCommand.IPC_STAT or MessageCommand.MSG_STAT or MessageCommand.MSG_STAT_ANY:
                return WriteStatus(thread, table, id, command, buffer);
            case MessageCommand.IPC_SET:
                return thread.Memory.TryRead(buffer, out MessageQueueStatus status) ? Set(thread, table, id, status) : Errno.EFAULT;
            case MessageCommand.IPC_RMID:
                return Remove(thread, table, id);
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult WriteStatus(LinuxThread thread, IpcTable<MessageQueue> table, int id, MessageCommand command, UserAddress buffer)
    {
        MessageQueueStatus status;
        int result = 0;
        using (table.Lock.Enter())
        {
            MessageQueue? queue = command == MessageCommand.IPC_STAT ? table.Find(id) : table.At(id);
            if (queue is null)
                return Errno.EINVAL;
            if (command != MessageCommand.MSG_STAT_ANY && !queue.Allows(thread, IpcObject.ReadAll))
                return Errno.EACCES;
            status = queue.Status;
            if (command != MessageCommand.IPC_STAT)
                result = queue.Id;
        }

        return thread.Memory.TryWrite(buffer, status) ? result : Errno.EFAULT;
    }

    private static SyscallResult Set(LinuxThread thread, IpcTable<MessageQueue> table, int id, in MessageQueueStatus status)
    {
        using (table.Lock.Enter())
        {
            MessageQueue? queue = table.Find(id);
            if (queue is null)
                return Errno.EINVAL;
            if (!queue.IsOwnedBy(thread) || (status.MostBytes > IpcLimits.QueueBytes && !thread.Identity.Has(Capability.SysResource)))
                return Errno.EPERM;
            queue.SetPermissions(thread, status.Permissions);
            queue.MostBytes = status.MostBytes;

            // Who waits may not be allowed to any more, or find room now.
            queue.WakeAll(Errno.EAGAIN);
            return 0;
        }
    }

    private static SyscallResult Remove(LinuxThread thread, IpcTable<MessageQueue> table, int id)
    {
        using (table.Lock.Enter())
        {
            Errno error = table.FindOwned(thread, id, out MessageQueue? queue);
            if (error != Errno.Success)
                return error;
            table.Remove(queue!);
            queue!.WakeAll(Errno.EIDRM);
            queue.Discard();
            return 0;
        }
    }

    private static SyscallResult WriteLimits(LinuxThread thread, IpcTable<MessageQueue> table, bool asUsed, UserAddress buffer)
    {
        const int segmentSize = 16; // MSGSSZ, which Linux has no use for
        var limits = new Limits
        {
            Pool = IpcLimits.Queues * IpcLimits.QueueBytes / 1024,
            MapEntries = IpcLimits.QueueBytes,
            MessageBytes = IpcLimits.MessageBytes,
            QueueBytes = IpcLimits.QueueBytes,
            Queues = IpcLimits.Queues,
            SegmentSize = segmentSize,
            Headers = IpcLimits.QueueBytes,
            Segments = ushort.MaxValue,
        };
        int highest;
        using (table.Lock.Enter())
        {
            highest = Math.Max(0, table.Places - 1);
            if (asUsed)
            {
                limits.Pool = table.Count;
                limits.MapEntries = 0;
                limits.Headers = 0;
                for (int i = 0; i < table.Places; i++)
                {
                    limits.MapEntries += table.At(i)?.Count ?? 0;
                    limits.Headers += (int)(table.At(i)?.Bytes ?? 0);
                }
            }
        }

        return thread.Memory.TryWrite(buffer, limits) ? highest : Errno.EFAULT;
    }

    /// <summary>struct msginfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public int Pool;
        public int MapEntries;
        public int MessageBytes;
        public int QueueBytes;
        public int Queues;
        public int SegmentSize;
        public int Headers;
        public ushort Segments;
    }
}
