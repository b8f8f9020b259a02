using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Ipc;

/// <summary>System V message queues (msgget(2), msgop(2)).</summary>
internal static class MessageQueueSyscalls
{
    [Syscall(68, "msgget")]
    public static SyscallResult Get(LinuxThread thread, int key, IpcFlags flags) =>
        thread.Kernel.Ipc.Queues.Get(thread, key, flags, 0, (out MessageQueue? made) => Make(thread, flags, out made));

    [Syscall(69, "msgsnd")]
    public static SyscallResult Send(LinuxThread thread, int id, UserAddress buffer, ulong length, IpcFlags flags)
    {
        if (!thread.Memory.TryRead(buffer, out long type))
            return Errno.EFAULT;
        if (length > IpcLimits.MessageBytes || id < 0 || type < 1)
            return Errno.EINVAL;
        byte[] text = new byte[length];
        if (thread.Memory.CopyIn(buffer.Offset(sizeof(long)), text) != Errno.Success)
            return Errno.EFAULT;
        IKernelMemory account = thread.KernelMemory;
        if (!account.TryTake(Message.WeightOf(text.Length)))
            return Errno.ENOMEM;
        var message = new Message(type, text, account);
        Errno error = Send(thread, id, message, (flags & IpcFlags.IPC_NOWAIT) == 0);
        if (error != Errno.Success)
            message.Forget();
        return error;
    }

    [Syscall(70, "msgrcv")]
    public static SyscallResult Receive(LinuxThread thread, int id, UserAddress buffer, ulong length, long type, IpcFlags flags)
    {
        if (id < 0 || length > long.MaxValue)
            return Errno.EINVAL;
        bool copies = (flags & IpcFlags.MSG_COPY) != 0;
        if (copies && ((flags & IpcFlags.MSG_EXCEPT) != 0 || (flags & IpcFlags.IPC_NOWAIT) == 0))
            return Errno.EINVAL;
        MessageChoice choice = copies ? MessageChoice.Place : type switch
        {
            0 => MessageChoice.Any,
            < 0 => MessageChoice.Lowest,
            _ => (flags & IpcFlags.MSG_EXCEPT) != 0 ? MessageChoice.Except : MessageChoice.Equal,
        };
        long wanted = choice == MessageChoice.Lowest ? type == long.MinValue ? long.MaxValue : -type : type;
        var receiver = new MessageReceiver(thread, choice, wanted, length, (flags & IpcFlags.MSG_NOERROR) != 0);
        Errno error = Receive(thread, id, receiver, (flags & IpcFlags.IPC_NOWAIT) == 0);
        if (error != Errno.Success)
            return error;
        Message message = receiver.Message!;
        int count = (int)Math.Min(length, (ulong)message.Text.Length);
        if (!copies)
            message.Forget();
        bool isWritten = thread.Memory.TryWrite(buffer, message.Type) &&
            thread.Memory.CopyOut(buffer.Offset(sizeof(long)), message.Text.AsSpan(0, count)) == Errno.Success;
        return isWritten ? count : Errno.EFAULT;
    }

    private static Errno Send(LinuxThread thread, int id, Message message, bool waits)
    {
        IpcTable<MessageQueue> table = thread.Kernel.Ipc.Queues;
        MessageQueue? queue = null;
        while (true)
        {
            using (table.Lock.Enter())
            {
                bool isFirst = queue is null;
                queue ??= table.Find(id);
                queue?.RemoveSender(thread);
                if (queue is null || queue.IsRemoved)
                    return isFirst ? Errno.EINVAL : Errno.EIDRM;
                if (!queue.Allows(thread, IpcObject.WriteAll))
                    return Errno.EACCES;
                if (queue.TrySend(thread, message))
                    return Errno.Success;
                if (!waits)
                    return Errno.EAGAIN;
                queue.AddSender(thread);
            }

            if (thread.Sleep(Deadline.Never) != WaitOutcome.Interrupted)
                continue;
            using (table.Lock.Enter())
            {
                queue.RemoveSender(thread);
                return queue.IsRemoved ? Errno.EIDRM : Errno.ERESTARTNOHAND;
            }
        }
    }

    private static Errno Receive(LinuxThread thread, int id, MessageReceiver receiver, bool waits)
    {
        IpcTable<MessageQueue> table = thread.Kernel.Ipc.Queues;
        MessageQueue? queue = null;
        bool isWaiting = false;
        while (true)
        {
            using (table.Lock.Enter())
            {
                bool isFirst = queue is null;
                queue ??= table.Find(id);
                if (isWaiting && receiver.Result is { } result and not Errno.EAGAIN)
                    return result;
                if (queue is null || queue.IsRemoved)
                    return isFirst ? Errno.EINVAL : Errno.EIDRM;
                if (!isWaiting || receiver.Result is not null)
                {
                    if (!queue.Allows(thread, IpcObject.ReadAll))
                        return Errno.EACCES;
                    Errno error = queue.TryReceive(receiver);
                    if (error != Errno.ENOMSG || !waits)
                        return error;
                    receiver.Result = null;
                    queue.Add(receiver);
                    isWaiting = true;
                }
            }

            if (thread.Sleep(Deadline.Never) != WaitOutcome.Interrupted)
                continue;
            using (table.Lock.Enter())
            {
                if (receiver.Result is { } result and not Errno.EAGAIN)
                    return result;
                queue.Remove(receiver);
                return Errno.ERESTARTNOHAND;
            }
        }
    }

    private static Errno Make(LinuxThread thread, IpcFlags flags, out MessageQueue? made)
    {
        made = null;
        if (!thread.KernelMemory.TryTake(MessageQueue.Weight))
            return Errno.ENOMEM;
        made = new MessageQueue(thread, flags);
        return Errno.Success;
    }
}
