using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>eventfd(2).</summary>
internal sealed class EventCounterFile(ulong initial, bool isSemaphore) : EventFile, IEventCounter
{
    private readonly KernelLock _lock = new(LockLevel.EventFile);
    private readonly WaitQueue _changed = new();
    private ulong _count = initial;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining < sizeof(ulong))
            return Errno.EINVAL;
        return ReadOrWait(caller, _changed, buffer);
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining < sizeof(ulong))
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (buffer.Fetch(bytes) < bytes.Length)
            return Errno.EFAULT;
        ulong added = BitConverter.ToUInt64(bytes);
        if (added == ulong.MaxValue)
            return Errno.EINVAL;
        if (TryAdd(added))
            return sizeof(ulong);
        if (IsNonBlocking)
            return Errno.EAGAIN;
        caller.Watch(_changed);
        try
        {
            while (!TryAdd(added))
            {
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }

            return sizeof(ulong);
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_changed);
        ulong count = Volatile.Read(ref _count);
        PollEvents events = PollEvents.None;
        if (count > 0)
            events |= PollEvents.In | PollEvents.ReadNormal;
        if (count < ulong.MaxValue - 1)
            events |= PollEvents.Out | PollEvents.WriteNormal;
        return events;
    }

    public override void DescribeDetails(ByteWriter writer) =>
        writer.Write("eventfd-count: "u8).Hexadecimal(Volatile.Read(ref _count), 16).Write('\n');

    protected override SyscallResult TryRead(IIoBuffer buffer)
    {
        ulong value;
        using (_lock.Enter())
        {
            if (_count == 0)
                return Errno.EAGAIN;
            value = isSemaphore ? 1 : _count;
            _count -= value;
        }

        // Writers wait in the same queue as readers do.
        _changed.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(bytes, value);
        return buffer.Store(bytes) < bytes.Length ? Errno.EFAULT : sizeof(ulong);
    }

    private bool TryAdd(ulong added)
    {
        using (_lock.Enter())
        {
            if (added > ulong.MaxValue - 1 - _count)
                return false;
            _count += added;
        }

        // Not only one: the exclusive one that is woken might be the only reader, but a semaphore may serve several.
        if (isSemaphore)
            _changed.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        else
            _changed.Wake(PollEvents.In | PollEvents.ReadNormal);
        return true;
    }
}
