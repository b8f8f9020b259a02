using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Signals;
using Cloister.Linux.Time;
using Cloister.Nucleus;

namespace Cloister.Linux.Ipc;

/// <summary>struct mq_attr.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct QueueAttributes
{
    public long Flags;
    public long MostMessages;
    public long MessageSize;
    public long Messages;
}

/// <summary>A message of a POSIX queue, with its priority.</summary>
internal sealed record PosixMessage(uint Priority, byte[] Text);

/// <summary>A thread in mq_receive(3).</summary>
internal sealed class PosixReceiver(LinuxThread thread)
{
    public LinuxThread Thread { get; } = thread;

    /// <summary>Null while it waits.</summary>
    public PosixMessage? Message { get; set; }
}

/// <summary>Who is told of the next message (mq_notify(3)).</summary>
/// <param name="Process">Who.</param>
/// <param name="Event">How.</param>
internal sealed record QueueNotification(LinuxProcess Process, SignalEvent Event);

/// <summary>A POSIX message queue. Guarded by the lock of <see cref="PosixQueues"/>.</summary>
internal sealed class PosixQueue(PosixQueues queues, LinuxThread creator, uint mode, in QueueAttributes attributes, IKernelMemory account)
    : IMessageQueue
{
    private readonly WaitQueue _events = new();
    private readonly SortedDictionary<uint, Queue<PosixMessage>> _messages = [];
    private readonly List<PosixReceiver> _receivers = [];
    private readonly List<LinuxThread> _senders = [];
    private long _bytes;

    public long MostMessages { get; } = attributes.MostMessages;

    public long MessageSize { get; } = attributes.MessageSize;

    public uint Mode { get; } = mode;

    public uint UserId { get; } = creator.Identity.FileUserId;

    public uint GroupId { get; } = creator.Identity.FileGroupId;

    /// <summary>Whose RLIMIT_MSGQUEUE it counts against.</summary>
    public uint Owner { get; } = creator.Process.UserId;

    /// <summary>Whose kernel memory it may fill.</summary>
    public IKernelMemory Account { get; } = account;

    /// <summary>Descriptions and the name: the last one's end is that of the queue.</summary>
    public int Users { get; set; } = 1;

    public long Count { get; private set; }

    public bool IsFull => Count >= MostMessages;

    public QueueNotification? Notification { get; set; }

    /// <inheritdoc/>
    public IWaitQueue Events => _events;

    /// <summary>What it takes of the user's limit, and at most of the kernel's memory (getrlimit(2), RLIMIT_MSGQUEUE).</summary>
    public long Cost => CostOf(MostMessages, MessageSize);

    public static long CostOf(long messages, long size)
    {
        const long header = 48; // struct msg_msg
        const long node = 48; // struct posix_msg_tree_node
        return messages * (header + size) + System.Math.Min(messages, PosixQueues.MostPriorities) * node;
    }

    /// <summary>Queues a message, or hands it to the thread that waits longest.</summary>
    /// <returns>Who is to be told of it, and no more after that.</returns>
    public QueueNotification? Send(PosixMessage message)
    {
        if (_receivers.Count > 0)
        {
            PosixReceiver receiver = _receivers[0];
            _receivers.RemoveAt(0);
            receiver.Message = message;
            receiver.Thread.Wake();
            return null;
        }

        if (!_messages.TryGetValue(message.Priority, out Queue<PosixMessage>? same))
            _messages.Add(message.Priority, same = new Queue<PosixMessage>());
        same.Enqueue(message);
        _bytes += message.Text.Length;
        _events.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        if (++Count != 1)
            return null;
        QueueNotification? told = Notification;
        Notification = null;
        return told;
    }

    /// <summary>Takes the oldest message of the highest priority; null where there is none.</summary>
    public PosixMessage? Receive()
    {
        if (Count == 0)
            return null;
        uint highest = 0;
        foreach (uint priority in _messages.Keys)
            highest = priority;
        Queue<PosixMessage> same = _messages[highest];
        PosixMessage message = same.Dequeue();
        if (same.Count == 0)
            _messages.Remove(highest);
        Count--;
        _bytes -= message.Text.Length;
        if (_senders.Count > 0)
            _senders[0].Wake();
        _events.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        return message;
    }

    public void Add(PosixReceiver receiver) => _receivers.Add(receiver);

    public void Remove(PosixReceiver receiver) => _receivers.Remove(receiver);

    /// <summary>A thread waits for room, behind those that do already.</summary>
    public void AddSender(LinuxThread thread) => _senders.Add(thread);

    /// <summary>A thread waits for room no more; where there still is some, the next one has it.</summary>
    public void RemoveSender(LinuxThread thread)
    {
        if (_senders.Remove(thread) && !IsFull && _senders.Count > 0)
            _senders[0].Wake();
    }

    /// <inheritdoc/>
    public PollEvents Poll()
    {
        using (queues.Lock.Enter())
        {
            PollEvents events = Count > 0 ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
            return IsFull ? events : events | PollEvents.Out | PollEvents.WriteNormal;
        }
    }

    /// <inheritdoc/>
    public void Describe(IByteSink sink)
    {
        string text;
        using (queues.Lock.Enter())
        {
            SignalEvent how = Notification?.Event ?? default;
            int signal = Notification is not null && how.Notify == SignalEvent.NotifySignal ? how.Signal : 0;
            text = $"QSIZE:{_bytes,-10} NOTIFY:{how.Notify,-5} SIGNO:{signal,-5} NOTIFY_PID:{Notification?.Process.ProcessId ?? 0,-6}\n";
        }

        sink.Append(Encoding.ASCII.GetBytes(text));
    }

    /// <inheritdoc/>
    public void OnClosed() => queues.Release(this);
}
