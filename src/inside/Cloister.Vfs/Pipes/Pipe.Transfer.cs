using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Pipes;

/// <summary>Reading and writing.</summary>
internal sealed partial class Pipe
{
    // The ring of a pipe that holds little is not charged: a pipe of this size never fails.
    private const int FreeRing = FileLimits.PIPE_BUF;

    private byte[] _ring = [];
    private IKernelMemory? _account;
    private long _charged;
    private int _head;
    private int _count;

    private readonly PipeSlots _slots = new();

    /// <summary>Whether no page is free. Writers never wait while it doesn't hold.</summary>
    private bool IsFull => _slots.Count >= Capacity / PipeSlots.Size;

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
        var source = new PipeSource(caller, buffer, asPackets);
        SyscallResult result = TryWrite(ref source);
        if (result.Value == -(long)Errno.EAGAIN && !isNonBlocking)
            result = WaitAndWrite(caller, ref source);
        if (result.Value == -(long)Errno.EPIPE)
            caller.RaiseSignal(FileSignals.SIGPIPE);
        return source.Done > 0 ? source.Done : result;
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
            // It was there a moment ago.
            TryMakeRoom(bytes.Length, null);
            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                _head = (_head == 0 ? _ring.Length : _head) - 1;
                _ring[_head] = bytes[i];
            }

            _count += bytes.Length;
            _slots.PutBack(bytes.Length);
        }

        Readable.Wake(ReadEvents);
    }

    private SyscallResult TryRead(IIoBuffer buffer)
    {
        int done = 0;
        while (true)
        {
            bool wasFull;
            bool hasMore;
            bool isShort;
            bool wasPacketNext;
            using (_lock.Enter())
            {
                if (_count == 0)
                {
                    if (done > 0)
                        return done;
                    return _writers == 0 ? Errno.Success : Errno.EAGAIN;
                }

                wasFull = IsFull;
                if (_slots.IsFirstPacket)
                    break;
                int wanted = PlainBytes((int)Math.Min(_count, buffer.Remaining), out wasPacketNext);
                int stored = StoreTo(buffer, wanted);
                Take(stored);
                _slots.Take(stored);
                done += stored;
                isShort = stored < wanted;
                wasFull &= !IsFull;
                hasMore = _count > 0;
            }

            if (wasFull)
                Writable.Wake(WriteEvents);
            if (hasMore)
                Readable.WakeNext(ReadEvents);
            if (isShort)
            {
                if (!buffer.Prepare(forStore: true))
                    return done == 0 ? Errno.EFAULT : done;
                continue;
            }

            // A packet behind bytes without borders ends the same read (pipe_read of Linux).
            if (!wasPacketNext || buffer.Remaining == 0)
                return done;
        }

        SyscallResult packet = TryReadPacket(buffer);
        return packet.Value > 0 ? done + packet.Value : done > 0 ? done : packet;
    }

    /// <summary>How many of the first bytes come before a packet. With the lock held.</summary>
    private int PlainBytes(int wanted, out bool isPacketNext)
    {
        int plain = _slots.PlainBytes(wanted);
        isPacketNext = plain < wanted;
        return plain;
    }

    // One packet at a time; what doesn't fit is lost (pipe(2), O_DIRECT). Stored without the lock, since it must stay whole.
    private SyscallResult TryReadPacket(IIoBuffer buffer)
    {
        Span<byte> bytes = stackalloc byte[FileLimits.PIPE_BUF];
        int length;
        bool wasFull;
        bool hasMore;
        using (_lock.Enter())
        {
            // Another reader was faster.
            if (_slots.Count == 0 || !_slots.IsFirstPacket)
                return _count == 0 && _writers == 0 ? Errno.Success : Errno.EAGAIN;
            wasFull = IsFull;
            length = _slots.FirstLength;
            CopyOut(0, bytes[..length]);
            Take(length);
            _slots.DropFirst();
            hasMore = _count > 0;
        }

        if (wasFull)
            Writable.Wake(WriteEvents);
        if (hasMore)
            Readable.WakeNext(ReadEvents);
        int stored = buffer.Store(bytes[..(int)Math.Min(length, buffer.Remaining)]);
        return stored == 0 ? Errno.EFAULT : stored;
    }

    /// <summary>Writes what fits; EAGAIN where that isn't all.</summary>
    private SyscallResult TryWrite(ref PipeSource source)
    {
        while (true)
        {
            long before = source.Done;
            Errno error = Errno.Success;
            bool hasRoom;
            using (_lock.Enter())
            {
                while (source.Remaining > 0 && error == Errno.Success)
                    error = TryWritePiece(ref source);
                hasRoom = !IsFull;
            }

            if (source.Done > before)
            {
                Readable.Wake(ReadEvents);
                if (hasRoom && error == Errno.Success)
                    Writable.WakeNext(WriteEvents);
            }

            // What lies behind the end of the program's memory is no part of the write.
            if (error != Errno.EFAULT || !source.Stage())
                return error;
        }
    }

    /// <summary>Takes a piece over, with the lock held: up to PIPE_BUF bytes go in whole or not at all (pipe(7)).</summary>
    /// <returns>EFAULT where the source's next page is absent.</returns>
    private Errno TryWritePiece(ref PipeSource source)
    {
        if (_readers == 0)
            return Errno.EPIPE;
        long remaining = source.Remaining;

        // What is more than whole pages goes behind what the last page has, as pipe_write of Linux does it: once, at first.
        int odd = (int)(remaining % PipeSlots.Size);
        bool isBehind = source.IsNew && odd != 0 && _slots.FitsBehindLast(odd);
        if (!isBehind && IsFull)
        {
            source.IsNew = false;
            return Errno.EAGAIN;
        }

        int wanted = isBehind ? odd : (int)Math.Min(((Capacity / PipeSlots.Size) - _slots.Count) * (long)PipeSlots.Size, remaining);
        if (!TryMakeRoom(wanted, source.Caller))
        {
            // Kernel memory is used up: from now on the pipe is as large as it is, as the many pipes of one user are small on
            // Linux (pipe(7), pipe-user-pages-soft).
            TryMakeRoom(Math.Max(0, FreeRing - _count), null);
            Capacity = Math.Max(FreeRing, _ring.Length);
            source.IsNew = false;
            return TryWritePiece(ref source);
        }

        int fetched = 0;
        while (fetched < wanted)
        {
            int tail = _head + _count + fetched;
            if (tail >= _ring.Length)
                tail -= _ring.Length;
            Span<byte> into = _ring.AsSpan(tail, Math.Min(wanted - fetched, _ring.Length - tail));
            int part = source.Fetch(into);
            fetched += part;
            if (part < into.Length)
                break;
        }

        // At an absent page whole pages go in, as on Linux; the source keeps the rest until it has what follows.
        int kept = fetched == wanted ? 0 : isBehind ? fetched : fetched % PipeSlots.Size;
        int taken = fetched - kept;
        if (fetched < wanted)
            CopyOut(_count + taken, source.Keep(kept));
        if (taken > 0)
        {
            source.IsNew = false;
            _count += taken;
            source.Done += taken;
            if (isBehind)
                _slots.Extend(taken);
            else
                _slots.Add(taken, source.AsPackets);
        }

        return fetched < wanted ? Errno.EFAULT : Errno.Success;
    }

    private SyscallResult WaitAndWrite(ICaller caller, ref PipeSource source)
    {
        caller.Watch(Writable, exclusive: true);
        try
        {
            while (true)
            {
                SyscallResult result = TryWrite(ref source);
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

    private int StoreTo(IIoBuffer buffer, int wanted)
    {
        int done = 0;
        int at = _head;
        while (done < wanted)
        {
            int part = Math.Min(wanted - done, _ring.Length - at);
            int stored = buffer.StorePresent(_ring.AsSpan(at, part));
            done += stored;
            at = 0;
            if (stored < part)
                break;
        }

        return done;
    }

    private void CopyOut(int offset, Span<byte> into)
    {
        for (int i = 0; i < into.Length; i++)
            into[i] = _ring[(_head + offset + i) % _ring.Length];
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

    private void Clear()
    {
        _ring = [];
        _head = 0;
        _count = 0;
        _slots.Clear();
        _account?.Give(_charged);
        _account = null;
        _charged = 0;
    }

    /// <summary>Most pipes never hold much: the ring starts with a page and grows, which is charged to who makes it grow first.</summary>
    /// <param name="more">Bytes.</param>
    /// <param name="payer">Who pays; null where it isn't charged.</param>
    /// <returns>False where the payer can't.</returns>
    private bool TryMakeRoom(int more, ICaller? payer)
    {
        if (_count + more <= _ring.Length)
            return true;
        int size = Math.Max(FreeRing, _ring.Length);
        while (size < _count + more)
            size *= 2;
        long extra = size > FreeRing ? size - _charged : 0;
        if (extra > 0 && payer is not null)
        {
            _account ??= payer.KernelMemory;
            if (!_account.TryTake(extra))
                return false;
            _charged += extra;
        }

        var ring = new byte[size];
        int first = Math.Min(_count, _ring.Length - _head);
        _ring.AsSpan(_head, first).CopyTo(ring);
        _ring.AsSpan(0, _count - first).CopyTo(ring.AsSpan(first));
        _ring = ring;
        _head = 0;
        return true;
    }
}

/// <summary>What one write(2) to a pipe has still to put in.</summary>
internal ref struct PipeSource(ICaller caller, IIoBuffer buffer, bool asPackets)
{
    // Bytes that were fetched without the pipe's lock, where a page had to be brought in first.
    private byte[]? _staged;
    private int _stagedAt;
    private int _stagedEnd;

    /// <summary>Bytes that are in the pipe.</summary>
    public long Done;

    /// <summary>Whether nothing has gone in, and nothing was waited for.</summary>
    public bool IsNew = true;

    /// <summary>Who writes.</summary>
    public readonly ICaller Caller => caller;

    public readonly bool AsPackets => asPackets;

    public readonly long Remaining => _stagedEnd - _stagedAt + buffer.Remaining;

    /// <summary>Fetches from pages that are there.</summary>
    public int Fetch(Span<byte> into)
    {
        int staged = Math.Min(into.Length, _stagedEnd - _stagedAt);
        if (staged == 0)
            return buffer.FetchPresent(into);
        _staged.AsSpan(_stagedAt, staged).CopyTo(into);
        _stagedAt += staged;
        return staged == into.Length ? staged : staged + buffer.FetchPresent(into[staged..]);
    }

    /// <summary>Room for bytes that were fetched but can't go in before what follows them.</summary>
    public Span<byte> Keep(int count)
    {
        _staged ??= new byte[FileLimits.PIPE_BUF];
        _stagedAt = 0;
        _stagedEnd = count;
        return _staged.AsSpan(0, count);
    }

    /// <summary>Brings pages in and fetches the rest of a page, without a lock.</summary>
    /// <returns>False for EFAULT: what was kept is dropped.</returns>
    public bool Stage()
    {
        int wanted = (int)Math.Min(_staged!.Length - _stagedEnd, buffer.Remaining);
        int fetched = buffer.Fetch(_staged.AsSpan(_stagedEnd, wanted));
        _stagedEnd += fetched;
        return fetched == wanted;
    }
}
