using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Ipc;

/// <summary>POSIX message queues (mq_overview(7)).</summary>
internal static class PosixQueueSyscalls
{
    private const uint AccessMode = 3;
    private const int LongestName = 255;

    [Syscall(240, "mq_open", SyscallSupport.Partial, Note = "The file system mqueue can't be mounted.")]
    public static SyscallResult Open(LinuxThread thread, UserString name, OpenFlags flags, FileMode mode, UserAddress attributes)
    {
        QueueAttributes? given = null;
        if ((flags & OpenFlags.O_CREAT) != 0 && !attributes.IsNull)
        {
            if (!thread.Memory.TryRead(attributes, out QueueAttributes value))
                return Errno.EFAULT;
            given = value;
        }

        Errno error = ReadName(thread, name, out int length);
        uint access = (uint)flags & AccessMode;
        if (error == Errno.Success && access == AccessMode)
            error = Errno.EINVAL;
        if (error != Errno.Success)
            return error;
        const uint read = 4;
        const uint write = 2;
        uint wanted = access switch { 0 => read, 1 => write, _ => read | write };
        uint permissions = mode.Value & FileModes.S_IALLUGO & ~thread.Process.FileSystemContext.Umask;
        error = thread.Kernel.PosixQueues.Open(
            thread, thread.PathBuffer[..length], wanted, (flags & OpenFlags.O_CREAT) != 0, (flags & OpenFlags.O_EXCL) != 0,
            permissions, given, out PosixQueue? queue);
        if (error != Errno.Success)
            return error;
        error = thread.Kernel.Vfs.CreateMessageQueueFile(thread, queue!, thread.PathBuffer[..length], flags, out IOpenFile? file);
        if (error != Errno.Success)
        {
            queue!.OnClosed();
            return error;
        }

        return OpenSyscalls.Install(thread, file!, closeOnExec: true);
    }

    [Syscall(241, "mq_unlink")]
    public static SyscallResult Unlink(LinuxThread thread, UserString name)
    {
        Errno error = ReadName(thread, name, out int length);
        return error != Errno.Success ? error : thread.Kernel.PosixQueues.Unlink(thread, thread.PathBuffer[..length]);
    }

    [Syscall(242, "mq_timedsend")]
    public static SyscallResult Send(LinuxThread thread, Fd descriptor, UserAddress text, ulong length, uint priority, UserAddress timeout)
    {
        if (priority >= PosixQueues.MostPriorities)
            return Errno.EINVAL;
        Errno error = ReadDeadline(thread, timeout, out long until);
        if (error != Errno.Success)
            return error;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor.Value);
        if (borrowed.File is not IMessageQueueFile { Queue: PosixQueue queue } || ((uint)borrowed.File.Flags & AccessMode) == 0)
            return Errno.EBADF;
        if (length > (ulong)queue.MessageSize)
            return Errno.EMSGSIZE;
        byte[] bytes = new byte[length];
        if (thread.Memory.CopyIn(text, bytes) != Errno.Success)
            return Errno.EFAULT;
        bool waits = (borrowed.File.Flags & OpenFlags.O_NONBLOCK) == 0;
        return Send(thread, queue, new PosixMessage(priority, bytes), waits, until);
    }

    [Syscall(243, "mq_timedreceive")]
    public static SyscallResult Receive(LinuxThread thread, Fd descriptor, UserAddress text, ulong length, UserAddress priority, UserAddress timeout)
    {
        Errno error = ReadDeadline(thread, timeout, out long until);
        if (error != Errno.Success)
            return error;
        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor.Value);
        if (borrowed.File is not IMessageQueueFile { Queue: PosixQueue queue } || ((uint)borrowed.File.Flags & AccessMode) == 1)
            return Errno.EBADF;
        if (length < (ulong)queue.MessageSize)
            return Errno.EMSGSIZE;
        bool waits = (borrowed.File.Flags & OpenFlags.O_NONBLOCK) == 0;
        error = Receive(thread, queue, waits, until, out PosixMessage? message);
        if (error != Errno.Success)
            return error;
        bool isWritten = (priority.IsNull || thread.Memory.TryWrite(priority, message!.Priority)) &&
            thread.Memory.CopyOut(text, message!.Text) == Errno.Success;
        return isWritten ? message!.Text.Length : Errno.EFAULT;
    }

    [Syscall(244, "mq_notify", SyscallSupport.Partial, Note = "SIGEV_THREAD needs AF_NETLINK, which isn't there.")]
    public static SyscallResult Notify(LinuxThread thread, Fd descriptor, UserAddress notification)
    {
        SignalEvent wanted = default;
        if (!notification.IsNull)
        {
            if (!thread.Memory.TryRead(notification, out wanted))
                return Errno.EFAULT;
            if (wanted.Notify is not (SignalEvent.NotifySignal or SignalEvent.NotifyNone or SignalEvent.NotifyThread) ||
                (wanted.Notify == SignalEvent.NotifySignal && (uint)wanted.Signal > Signal.Last))
                return Errno.EINVAL;
            if (wanted.Notify == SignalEvent.NotifyThread)
                return Errno.EBADF; // its signal number is the descriptor of a netlink socket
        }

        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor.Value);
        if (borrowed.File is not IMessageQueueFile { Queue: PosixQueue queue })
            return Errno.EBADF;
        using (thread.Kernel.PosixQueues.Lock.Enter())
        {
            bool isTaken = queue.Notification is { Process.IsExiting: false };
            if (notification.IsNull)
            {
                if (queue.Notification?.Process == thread.Process)
                    queue.Notification = null;
                return 0;
            }

            if (isTaken)
                return Errno.EBUSY;
            queue.Notification = new QueueNotification(thread.Process, wanted);
            return 0;
        }
    }

    [Syscall(245, "mq_getsetattr")]
    public static SyscallResult Attributes(LinuxThread thread, Fd descriptor, UserAddress wanted, UserAddress old)
    {
        QueueAttributes change = default;
        if (!wanted.IsNull)
        {
            if (!thread.Memory.TryRead(wanted, out change))
                return Errno.EFAULT;
            if ((change.Flags & ~(long)OpenFlags.O_NONBLOCK) != 0)
                return Errno.EINVAL;
        }

        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(descriptor.Value);
        if (borrowed.File is not IMessageQueueFile { Queue: PosixQueue queue })
            return Errno.EBADF;
        var found = new QueueAttributes
        {
            Flags = (long)(borrowed.File.Flags & OpenFlags.O_NONBLOCK),
            MostMessages = queue.MostMessages,
            MessageSize = queue.MessageSize,
        };
        using (thread.Kernel.PosixQueues.Lock.Enter())
            found.Messages = queue.Count;
        if (!wanted.IsNull)
        {
            OpenFlags flags = (borrowed.File.Flags & ~OpenFlags.O_NONBLOCK) | (OpenFlags)change.Flags;
            Errno error = borrowed.File.SetStatusFlags(thread, flags);
            if (error != Errno.Success)
                return error;
        }

        return old.IsNull || thread.Memory.TryWrite(old, found) ? 0 : Errno.EFAULT;
    }

    private static Errno Send(LinuxThread thread, PosixQueue queue, PosixMessage message, bool waits, long until)
    {
        PosixQueues queues = thread.Kernel.PosixQueues;
        QueueNotification? told;
        bool isWaiting = false;
        while (true)
        {
            WaitOutcome outcome = isWaiting ? Sleep(thread, until) : WaitOutcome.Woken;
            using (queues.Lock.Enter())
            {
                if (!queue.IsFull)
                {
                    told = queue.Send(message);
                    queue.RemoveSender(thread);
                    break;
                }

                if (!waits)
                    return Errno.EAGAIN;
                if (outcome != WaitOutcome.Woken)
                {
                    queue.RemoveSender(thread);
                    return outcome == WaitOutcome.TimedOut ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
                }

                if (!isWaiting)
                    queue.AddSender(thread);
                isWaiting = true;
            }
        }

        if (told is { Event.Notify: SignalEvent.NotifySignal, Event.Signal: not 0 })
        {
            SignalInfo info = SignalInfo.User(told.Event.Signal, SignalInfo.FromMessageQueue, thread.ProcessId, thread.Identity.UserId);
            info.Value = told.Event.Value;
            told.Process.Send(info);
        }

        return Errno.Success;
    }

    private static Errno Receive(LinuxThread thread, PosixQueue queue, bool waits, long until, out PosixMessage? message)
    {
        PosixQueues queues = thread.Kernel.PosixQueues;
        var receiver = new PosixReceiver(thread);
        using (queues.Lock.Enter())
        {
            message = queue.Receive();
            if (message is not null)
                return Errno.Success;
            if (!waits)
                return Errno.EAGAIN;
            queue.Add(receiver);
        }

        while (true)
        {
            WaitOutcome outcome = Sleep(thread, until);
            using (queues.Lock.Enter())
            {
                message = receiver.Message;
                if (message is not null)
                    return Errno.Success;
                if (outcome == WaitOutcome.Woken)
                    continue;
                queue.Remove(receiver);
                return outcome == WaitOutcome.TimedOut ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>Sleeps until a time of the wall clock, which may be set meanwhile: then it is looked at again.</summary>
    private static WaitOutcome Sleep(LinuxThread thread, long until)
    {
        if (until == Deadline.Never)
            return thread.Sleep(Deadline.Never);
        long left = until - thread.RealtimeNow;
        if (left <= 0)
            return WaitOutcome.TimedOut;
        WaitOutcome outcome = thread.Sleep(WaitTime.After(thread, left));
        return outcome == WaitOutcome.TimedOut && thread.RealtimeNow < until ? WaitOutcome.Woken : outcome;
    }

    private static Errno ReadDeadline(LinuxThread thread, UserAddress timeout, out long until)
    {
        until = Deadline.Never;
        if (timeout.IsNull)
            return Errno.Success;
        if (!thread.Memory.TryRead(timeout, out Timespec time))
            return Errno.EFAULT;
        until = time.TotalNanoseconds;
        return time.IsValid ? Errno.Success : Errno.EINVAL;
    }

    /// <summary>A name without the slash that the C library takes off; no path (lookup_one_len of Linux).</summary>
    private static Errno ReadName(LinuxThread thread, UserString name, out int length)
    {
        Errno error = thread.Memory.ReadString(name, thread.PathBuffer, out length);
        if (error != Errno.Success)
            return error;
        ReadOnlySpan<byte> text = thread.PathBuffer[..length];
        if (text.IsEmpty)
            return Errno.ENOENT;
        if (text.Contains((byte)'/') || text.SequenceEqual("."u8) || text.SequenceEqual(".."u8))
            return Errno.EACCES;
        return length > LongestName ? Errno.ENAMETOOLONG : Errno.Success;
    }
}
