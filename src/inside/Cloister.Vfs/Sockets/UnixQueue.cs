using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Sockets;

/// <summary>What has arrived at a socket: a stream of bytes with ancillary data at some places, or packets.</summary>
/// <remarks>The lock guards everything; it is held while bytes are copied, as a pipe's.</remarks>
internal sealed class UnixQueue
{
    /// <summary>/proc/sys/net/core/wmem_default.</summary>
    public const int DefaultCapacity = 212_992;

    /// <summary>/proc/sys/net/unix/max_dgram_qlen.</summary>
    private const int MostPackets = 512;

    private readonly KernelLock _lock = new(LockLevel.SocketQueue);
    private byte[] _ring = [];
    private int _head;
    private int _count;

    // Ancillary data of a stream lies at positions counted from its start.
    private long _readPosition;
    private Queue<Mark>? _marks;
    private Queue<Packet>? _packets;
    private int _packetBytes;

    /// <summary>Bytes that fit.</summary>
    public int Capacity { get; set; } = DefaultCapacity;

    /// <summary>Bytes that a read could get: of the first packet only, for packets.</summary>
    public int Readable
    {
        get
        {
            using (_lock.Enter())
                return _packets is { Count: > 0 } ? _packets.Peek().Data.Length : _count;
        }
    }

    /// <summary>Whether there is something to read; a packet may be empty.</summary>
    public bool HasData => Volatile.Read(ref _count) > 0 || _packets is { Count: > 0 };

    public bool HasRoom
    {
        get
        {
            using (_lock.Enter())
                return _count + _packetBytes < Capacity && (_packets?.Count ?? 0) < MostPackets;
        }
    }

    /// <summary>Adds what fits of a stream; ancillary data goes with the first byte.</summary>
    /// <returns>EAGAIN where there is no room.</returns>
    public SyscallResult PutStream(IIoBuffer buffer, ref Ancillary? ancillary)
    {
        using (_lock.Enter())
        {
            int wanted = (int)Math.Min(Capacity - _count, buffer.Remaining);
            if (wanted <= 0)
                return Errno.EAGAIN;
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

            if (done == 0)
                return Errno.EFAULT;
            if (ancillary is not null)
            {
                long start = _readPosition + _count - done;
                (_marks ??= new Queue<Mark>()).Enqueue(new Mark(start, start + done, ancillary));
                ancillary = null;
            }

            return done;
        }
    }

    /// <summary>Takes bytes of a stream up to the next ancillary data.</summary>
    /// <param name="buffer">Where they go.</param>
    /// <param name="isPeek">Whether they stay.</param>
    /// <param name="ancillary">Ancillary data of these bytes.</param>
    /// <returns>EAGAIN where there is nothing.</returns>
    public SyscallResult GetStream(IIoBuffer buffer, bool isPeek, out Ancillary? ancillary)
    {
        ancillary = null;
        using (_lock.Enter())
        {
            if (_count == 0)
                return Errno.EAGAIN;
            int wanted = (int)Math.Min(_count, buffer.Remaining);
            if (_marks is { Count: > 0 })
            {
                Mark mark = _marks.Peek();
                if (_readPosition < mark.Start)
                {
                    wanted = (int)Math.Min(wanted, mark.Start - _readPosition);
                }
                else
                {
                    ancillary = mark.Ancillary;
                    wanted = (int)Math.Min(wanted, mark.End - _readPosition);
                }
            }

            int done = 0;
            int at = _head;
            while (done < wanted)
            {
                int part = Math.Min(wanted - done, _ring.Length - at);
                int stored = buffer.Store(_ring.AsSpan(at, part));
                done += stored;
                at = at + stored == _ring.Length ? 0 : at + stored;
                if (stored < part)
                    break;
            }

            if (done == 0 && wanted > 0)
            {
                ancillary = null;
                return Errno.EFAULT;
            }

            if (isPeek)
                return done;
            _head = at;
            _count -= done;
            _readPosition += done;
            if (_count == 0)
                _head = 0;
            UpdateMarks(ancillary);
            return done;
        }
    }

    /// <summary>Adds a packet.</summary>
    /// <returns>EAGAIN where there is no room, EMSGSIZE where it never fits.</returns>
    public SyscallResult PutPacket(IIoBuffer buffer, byte[]? senderName, Ancillary? ancillary)
    {
        using (_lock.Enter())
        {
            long size = buffer.Remaining;
            if (size > Capacity - 32)
                return Errno.EMSGSIZE;
            if (_packets is { Count: >= MostPackets } || (_packetBytes > 0 && _packetBytes + size > Capacity))
                return Errno.EAGAIN;
            byte[] data = size == 0 ? [] : new byte[size];
            if (buffer.Fetch(data) < data.Length)
                return Errno.EFAULT;
            (_packets ??= new Queue<Packet>()).Enqueue(new Packet(data, senderName, ancillary));
            _packetBytes += data.Length;
            return size;
        }
    }

    /// <summary>Takes a packet; what doesn't fit is lost.</summary>
    public SyscallResult GetPacket(IIoBuffer buffer, bool isPeek, out Packet packet)
    {
        using (_lock.Enter())
        {
            packet = default;
            if (_packets is not { Count: > 0 })
                return Errno.EAGAIN;
            packet = _packets.Peek();
            int wanted = (int)Math.Min(buffer.Remaining, packet.Data.Length);
            int stored = buffer.Store(packet.Data.AsSpan(0, wanted));
            if (stored < wanted)
            {
                packet = default;
                return Errno.EFAULT;
            }

            if (!isPeek)
            {
                _packets.Dequeue();
                _packetBytes -= packet.Data.Length;
            }

            return stored;
        }
    }

    /// <summary>Drops everything: the socket is closed.</summary>
    public void Clear()
    {
        using (_lock.Enter())
        {
            _ring = [];
            _head = 0;
            _count = 0;
            _packetBytes = 0;
            while (_marks is { Count: > 0 })
                _marks.Dequeue().Ancillary.Release();
            while (_packets is { Count: > 0 })
                _packets.Dequeue().Ancillary?.Release();
        }
    }

    /// <summary>Ancillary data is delivered with the first byte read of its range; the rest of the range follows without.</summary>
    private void UpdateMarks(Ancillary? delivered)
    {
        if (delivered is null || _marks is null)
            return;
        _marks.Dequeue();
    }

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

    private readonly record struct Mark(long Start, long End, Ancillary Ancillary);
}

/// <summary>A datagram or a packet of SOCK_SEQPACKET.</summary>
internal readonly record struct Packet(byte[] Data, byte[]? SenderName, Ancillary? Ancillary);
