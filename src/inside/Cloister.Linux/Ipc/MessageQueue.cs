using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;

namespace Cloister.Linux.Ipc;

/// <summary>struct msqid64_ds.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct MessageQueueStatus
{
    public IpcPermissions Permissions;
    public long SendTime;
    public long ReceiveTime;
    public long ChangeTime;
    public ulong Bytes;
    public ulong Messages;
    public ulong MostBytes;
    public int LastSender;
    public int LastReceiver;
}

/// <summary>A message, on the account of its sender.</summary>
internal sealed record Message(long Type, byte[] Text, IKernelMemory Account)
{
    public static long WeightOf(int length) => 96 + length;

    public void Forget() => Account.Give(WeightOf(Text.Length));
}

/// <summary>Which message msgrcv(2) is for.</summary>
internal enum MessageChoice
{
    /// <summary>The first.</summary>
    Any,

    /// <summary>The first of a type.</summary>
    Equal,

    /// <summary>The first of another type (MSG_EXCEPT).</summary>
    Except,

    /// <summary>The first of the lowest type, up to one.</summary>
    Lowest,

    /// <summary>The one at a place (MSG_COPY).</summary>
    Place,
}

/// <summary>A thread in msgrcv(2). Guarded by the lock of the table.</summary>
internal sealed class MessageReceiver(LinuxThread thread, MessageChoice choice, long type, ulong room, bool truncates)
{
    public LinuxThread Thread { get; } = thread;

    public MessageChoice Choice { get; } = choice;

    public long Type { get; } = type;

    public ulong Room { get; } = room;

    /// <summary>MSG_NOERROR.</summary>
    public bool Truncates { get; } = truncates;

    public Message? Message { get; set; }

    /// <summary>Null while it waits; EAGAIN to look again.</summary>
    public Errno? Result { get; set; }

    public bool Accepts(Message message) => Choice switch
    {
        MessageChoice.Equal => message.Type == Type,
        MessageChoice.Except => message.Type != Type,
        MessageChoice.Lowest => message.Type <= Type,
        _ => true,
    };
}

/// <summary>A queue of msgget(2). Guarded by the lock of the table.</summary>
internal sealed class MessageQueue(LinuxThread creator, IpcFlags flags) : IpcObject(creator, flags)
{
    /// <summary>What one weighs on the kernel's heap.</summary>
    public const int Weight = 256;

    private readonly LinkedList<Message> _messages = new();
    private readonly List<MessageReceiver> _receivers = [];
    private readonly List<LinuxThread> _senders = [];
    private long _sendTime;
    private long _receiveTime;
    private int _lastSender;
    private int _lastReceiver;

    public ulong Bytes { get; private set; }

    public int Count => _messages.Count;

    public ulong MostBytes { get; set; } = IpcLimits.QueueBytes;

    public override ulong OpenSize => ulong.MaxValue;

    public MessageQueueStatus Status => new()
    {
        Permissions = Permissions,
        SendTime = _sendTime,
        ReceiveTime = _receiveTime,
        ChangeTime = ChangeTime,
        Bytes = Bytes,
        Messages = (ulong)Count,
        MostBytes = MostBytes,
        LastSender = _lastSender,
        LastReceiver = _lastReceiver,
    };

    /// <summary>Queues a message, or hands it to a thread that waits for it.</summary>
    /// <returns>False where there is no room.</returns>
    public bool TrySend(LinuxThread sender, Message message)
    {
        if (Bytes + (ulong)message.Text.Length > MostBytes || (ulong)Count + 1 > MostBytes)
            return false;
        _lastSender = sender.ProcessId;
        _sendTime = Now(sender);
        if (!HandOver(message))
        {
            _messages.AddLast(message);
            Bytes += (ulong)message.Text.Length;
        }

        return true;
    }

    /// <summary>Takes the message that a thread asks for; MSG_COPY leaves it where it is.</summary>
    /// <returns>ENOMSG where there is none, E2BIG where it is too long.</returns>
    public Errno TryReceive(MessageReceiver receiver)
    {
        LinkedListNode<Message>? found = null;
        long place = 0;
        for (LinkedListNode<Message>? at = _messages.First; at is not null; at = at.Next, place++)
        {
            bool isWanted = receiver.Choice == MessageChoice.Place ? place == receiver.Type : receiver.Accepts(at.Value);
            if (!isWanted || (found is not null && found.Value.Type <= at.Value.Type))
                continue;
            found = at;
            if (receiver.Choice != MessageChoice.Lowest)
                break;
        }

        if (found is null)
            return Errno.ENOMSG;
        Message message = found.Value;
        if ((ulong)message.Text.Length > receiver.Room && !receiver.Truncates)
            return Errno.E2BIG;
        receiver.Message = message;
        if (receiver.Choice == MessageChoice.Place)
            return Errno.Success;
        _messages.Remove(found);
        Bytes -= (ulong)message.Text.Length;
        NoteReceive(receiver.Thread);
        WakeSenders();
        return Errno.Success;
    }

    public void Add(MessageReceiver receiver) => _receivers.Add(receiver);

    public void Remove(MessageReceiver receiver) => _receivers.Remove(receiver);

    /// <summary>A thread waits for room.</summary>
    public void AddSender(LinuxThread thread) => _senders.Add(thread);

    public void RemoveSender(LinuxThread thread) => _senders.Remove(thread);

    /// <summary>Lets all that wait look again, or tells them that the queue is gone.</summary>
    public void WakeAll(Errno result)
    {
        while (_receivers.Count > 0)
            Finish(_receivers[^1], result);
        WakeSenders();
    }

    /// <inheritdoc/>
    public override void Discard()
    {
        foreach (Message message in _messages)
            message.Forget();
        _messages.Clear();
        Account.Give(Weight);
    }

    private bool HandOver(Message message)
    {
        for (int i = 0; i < _receivers.Count;)
        {
            MessageReceiver receiver = _receivers[i];
            if (!receiver.Accepts(message))
            {
                i++;
                continue;
            }

            // One that asked for less fails, and the message is the next one's (pipelined_send of Linux).
            bool fits = receiver.Truncates || (ulong)message.Text.Length <= receiver.Room;
            if (fits)
            {
                receiver.Message = message;
                NoteReceive(receiver.Thread);
                _lastReceiver = receiver.Thread.ThreadId; // not the process, as Linux
            }

            Finish(receiver, fits ? Errno.Success : Errno.E2BIG);
            if (fits)
                return true;
        }

        return false;
    }

    private void NoteReceive(LinuxThread receiver)
    {
        _lastReceiver = receiver.ProcessId;
        _receiveTime = Now(receiver);
    }

    private void Finish(MessageReceiver receiver, Errno result)
    {
        _receivers.Remove(receiver);
        receiver.Result = result;
        receiver.Thread.Wake();
    }

    private void WakeSenders()
    {
        foreach (LinuxThread sender in _senders)
            sender.Wake();
    }
}
