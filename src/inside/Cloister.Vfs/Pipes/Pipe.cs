using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Pipes;

/// <summary>The bytes between the two ends of a pipe or FIFO (pipe(7)).</summary>
/// <remarks>
/// The lock guards everything and is held while bytes are copied from and to programs, which may fault: resolving a fault
/// takes no lock of a pipe.
/// </remarks>
internal sealed class Pipe
{
    public const int DefaultCapacity = 65536;

    private readonly KernelLock _lock = new(LockLevel.Pipe);
    private byte[] _ring = [];
    private int _head;
    private int _count;

    // Lengths of packets, in order, where the writer uses O_DIRECT; bytes without it form no packet.
    private Queue<int>? _packets;

    /// <summary>Waiters for data.</summary>
    public WaitQueue Readable { get; } = new();

    /// <summary>Waiters for room.</summary>
    public WaitQueue Writable { get; } = new();

    /// <summary>Bytes that fit.</summary>
    public int Capacity { get; private set; } = DefaultCapacity;

    /// <summary>Bytes in the pipe.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Open ends for reading.</summary>
    public int Readers { get; private set; }

    /// <summary>Open ends for writing.</summary>
    public int Writers { get; private set; }

    /// <summary>Opens for reading ever: an open that waits for a reader sees one that has already gone again.</summary>
    public int ReaderOpens { get; private set; }

    /// <summary>Opens for writing ever.</summary>
    public int WriterOpens { get; private set; }

    public void AddEnds(bool reader, bool writer)
    {
        using (_lock.Enter())
        {
            if (reader)
            {
                Readers++;
                ReaderOpens++;
            }

            if (writer)
            {
                Writers++;
                WriterOpens++;
            }
        }

        Readable.WakeAll(PollEvents.None);
        Writable.WakeAll(PollEvents.None);
    }

    public void RemoveEnds(bool reader, bool writer)
    {
        using (_lock.Enter())
        {
            if (reader)
                Readers--;
            if (writer)
                Writers--;
            if (Readers == 0 && Writers == 0)
            {
                // A FIFO that nobody has open forgets what is in it.
                _ring = [];
                _head = 0;
                _count = 0;
                _packets = null;
            }
        }

        if (writer)
            Readable.WakeAll();
        if (reader)
            Writable.WakeAll();
    }

    public SyscallResult Read(ICaller caller, IIoBuffer buffer, bool isNonBlocking)
    {
        if (buffer.Remaining == 0)
            return 0;
        SyscallResult result = TryRead(buffer);
        if (result.Value != -(long)Errno.EAGAIN || isNonBlocking)
            return result;
        caller.Watch(Readable, exclusive: true);
        try
        {
            while (true)
            {
                result = TryRead(buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public SyscallResult Write(ICaller caller, IIoBuffer buffer, bool isNonBlocking, bool asPackets)
    {
        long done = 0;
        SyscallResult result = TryWrite(buffer, asPackets, ref done);
        if (result.Value == -(long)Errno.EAGAIN && !isNonBlocking)
            result = WaitAndWrite(caller, buffer, asPackets, ref done);
        if (result.Value == -(long)Errno.EPIPE)
            caller.RaiseSignal(FileSignals.SIGPIPE);
        return done > 0 ? done : result;
    }

    /// <summary>Copies bytes out without taking them: tee(2).</summary>
    public int Peek(Span<byte> into)
    {
        using (_lock.Enter())
        {
            int count = Math.Min(into.Length, _count);
            int first = Math.Min(count, _ring.Length - _head);
            _ring.AsSpan(_head, first).CopyTo(into);
            _ring.AsSpan(0, count - first).CopyTo(into[first..]);
            return count;
        }
    }

    /// <summary>Puts bytes back in front that were read but could not be passed on: splice(2).</summary>
    public void Unread(ReadOnlySpan<byte> bytes)
    {
        using (_lock.Enter())
        {
            EnsureRoom(bytes.Length);
            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                _head = (_head == 0 ? _ring.Length : _head) - 1;
                _ring[_head] = bytes[i];
            }

            _count += bytes.Length;
        }

        Readable.Wake(PollEvents.In | PollEvents.ReadNormal);
    }

    /// <summary>Room now; at least that much stays until somebody else writes.</summary>
    public int Room
    {
        get
        {
            using (_lock.Enter())
                return Math.Max(0, Capacity - _count);
        }
    }

    public SyscallResult SetCapacity(int capacity)
    {
        using (_lock.Enter())
        {
            if (capacity < _count)
                return Errno.EBUSY;
            bool grows = capacity > Capacity;
            Capacity = capacity;
            if (!grows)
                return capacity;
        }

        Writable.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        return capacity;
    }

    public PollEvents Poll(bool reader, bool writer)
    {
        using (_lock.Enter())
        {
            PollEvents events = PollEvents.None;
            if (reader)
            {
                if (_count > 0)
                    events |= PollEvents.In | PollEvents.ReadNormal;
                if (Writers == 0 && WriterOpens > 0)
                    events |= PollEvents.HangUp;
            }

            if (writer)
            {
                // As Linux with its page slots: writable while a write of PIPE_BUF bytes would not block.
                if (Capacity - _count >= FileLimits.PIPE_BUF)
                    events |= PollEvents.Out | PollEvents.WriteNormal;
                if (Readers == 0)
                    events |= PollEvents.Error;
            }

            return events;
        }
    }

    private SyscallResult TryRead(IIoBuffer buffer)
    {
        int done = 0;
        bool isEmpty;
        using (_lock.Enter())
        {
            if (_count == 0)
                return Writers == 0 ? Errno.Success : Errno.EAGAIN;
            int wanted = (int)Math.Min(_count, buffer.Remaining);
            int packet = 0;
            if (_packets is { Count: > 0 })
            {
                // One packet at a time; what doesn't fit is lost (pipe(2), O_DIRECT).
                packet = _packets.Dequeue();
                wanted = Math.Min(wanted, packet);
            }

            while (done < wanted)
            {
                int part = Math.Min(wanted - done, _ring.Length - _head);
                int stored = buffer.Store(_ring.AsSpan(_head, part));
                Take(stored);
                done += stored;
                if (stored < part)
                    break;
            }

            if (packet > done)
                Take(packet - done);
            isEmpty = _count == 0;
        }

        Writable.Wake(PollEvents.Out | PollEvents.WriteNormal);
        if (!isEmpty)
            Readable.Wake(PollEvents.In | PollEvents.ReadNormal);
        return done == 0 ? Errno.EFAULT : done;
    }

    /// <summary>Writes what fits; EAGAIN where that isn't all.</summary>
    private SyscallResult TryWrite(IIoBuffer buffer, bool asPackets, ref long done)
    {
        long before = done;
        Errno error = Errno.Success;
        bool hasRoom;
        using (_lock.Enter())
        {
            while (buffer.Remaining > 0)
            {
                if (Readers == 0)
                {
                    error = Errno.EPIPE;
                    break;
                }

                int room = Capacity - _count;
                long remaining = buffer.Remaining;
                int packet = asPackets ? (int)Math.Min(remaining, FileLimits.PIPE_BUF) : 0;

                // Up to PIPE_BUF bytes go in whole or not at all (pipe(7)).
                if (room <= 0 || (room < remaining && (remaining + done <= FileLimits.PIPE_BUF || room < packet)))
                {
                    error = Errno.EAGAIN;
                    break;
                }

                int wanted = asPackets ? packet : (int)Math.Min(room, remaining);
                int put = Put(buffer, wanted);
                done += put;
                if (asPackets && put > 0)
                    (_packets ??= new Queue<int>()).Enqueue(put);
                if (put < wanted)
                {
                    error = Errno.EFAULT;
                    break;
                }
            }

            hasRoom = _count < Capacity;
        }

        if (done > before)
        {
            Readable.Wake(PollEvents.In | PollEvents.ReadNormal);
            if (hasRoom && error == Errno.Success)
                Writable.Wake(PollEvents.Out | PollEvents.WriteNormal);
        }

        return error;
    }

    private SyscallResult WaitAndWrite(ICaller caller, IIoBuffer buffer, bool asPackets, ref long done)
    {
        caller.Watch(Writable, exclusive: true);
        try
        {
            while (true)
            {
                SyscallResult result = TryWrite(buffer, asPackets, ref done);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    private void Take(int count)
    {
        _head += count;
        if (_head >= _ring.Length)
            _head -= _ring.Length;
        _count -= count;
        if (_count == 0)
            _head = 0;
    }

    private int Put(IIoBuffer buffer, int wanted)
    {
        EnsureRoom(wanted);
        int done = 0;
        while (done < wanted)
        {
            int tail = _head + _count;
            if (tail >= _ring.Length)
                tail -= _ring.Length;
            int part = Math.Min(wanted - done, _ring.Length - tail);
            int fetched = buffer.Fetch(_ring.AsSpan(tail, part));
            _count += fetched;
            done += fetched;
            if (fetched < part)
                break;
        }

        return done;
    }

    // Most pipes never hold much: the ring starts with a page and grows.
    private void EnsureRoom(int more)
    {
        if (_count + more <= _ring.Length)
            return;
        int size = Math.Max(4096, _ring.Length);
        while (size < _count + more)
            size *= 2;
        var ring = new byte[size];
        int first = Math.Min(_count, _ring.Length - _head);
        _ring.AsSpan(_head, first).CopyTo(ring);
        _ring.AsSpan(0, _count - first).CopyTo(ring.AsSpan(first));
        _ring = ring;
        _head = 0;
    }
}
