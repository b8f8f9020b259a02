using System;
using System.Text;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Ipc;

/// <summary>The System V objects of an enclave: one IPC namespace.</summary>
internal sealed class SystemVIpc
{
    public IpcTable<SharedMemorySegment> Segments { get; } = new(IpcLimits.Segments);

    public IpcTable<SemaphoreSet> Semaphores { get; } = new(IpcLimits.SemaphoreSets);

    public IpcTable<MessageQueue> Queues { get; } = new(IpcLimits.Queues);

    /// <summary>A table of /proc/sysvipc, in the columns of Linux (ipc/util.c, sysvipc_proc_show).</summary>
    public void Write(SystemVKind kind, IByteSink sink)
    {
        switch (kind)
        {
            case SystemVKind.SharedMemory:
                sink.Append("       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"u8);
                sink.Append("      atime      dtime      ctime                   rss                  swap\n"u8);
                Write(Segments, sink, WriteSegment);
                break;
            case SystemVKind.Semaphores:
                sink.Append("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"u8);
                Write(Semaphores, sink, WriteSet);
                break;
            default:
                sink.Append("       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid"u8);
                sink.Append("      stime      rtime      ctime\n"u8);
                Write(Queues, sink, WriteQueue);
                break;
        }
    }

    private static void Write<T>(IpcTable<T> table, IByteSink sink, Func<T, string> line)
        where T : IpcObject
    {
        using (table.Lock.Enter())
        {
            for (int i = 0; i < table.Places; i++)
            {
                if (table.At(i) is { } found)
                    sink.Append(Encoding.ASCII.GetBytes(line(found)));
            }
        }
    }

    private static string WriteSegment(SharedMemorySegment segment)
    {
        SharedMemoryStatus s = segment.Status;
        return $"{Head(s.Permissions, segment.Id)} {s.Size,21} {s.Creator,5} {s.LastUser,5}  {s.Attaches,5} {Owners(s.Permissions)} " +
            $"{s.AttachTime,10} {s.DetachTime,10} {s.ChangeTime,10} {segment.ResidentPages * Memory.AddressSpace.PageSize,21} {0,21}\n";
    }

    private static string WriteSet(SemaphoreSet set)
    {
        SemaphoreStatus s = set.Status;
        return $"{Head(s.Permissions, set.Id)} {s.Count,10} {Owners(s.Permissions)} {s.OperationTime,10} {s.ChangeTime,10}\n";
    }

    private static string WriteQueue(MessageQueue queue)
    {
        MessageQueueStatus s = queue.Status;
        return $"{Head(s.Permissions, queue.Id)}  {s.Bytes,10} {s.Messages,10} {s.LastSender,5} {s.LastReceiver,5} {Owners(s.Permissions)} " +
            $"{s.SendTime,10} {s.ReceiveTime,10} {s.ChangeTime,10}\n";
    }

    private static string Head(in IpcPermissions p, int id) => $"{p.Key,10} {id,10}  {Octal(p.Mode),4}";

    private static string Owners(in IpcPermissions p) => $"{p.UserId,5} {p.GroupId,5} {p.CreatorUserId,5} {p.CreatorGroupId,5}";

    private static string Octal(uint value)
    {
        string digits = "";
        do
        {
            digits = (char)('0' + (value & 7)) + digits;
            value >>= 3;
        }
        while (value != 0);
        return digits;
    }
}
