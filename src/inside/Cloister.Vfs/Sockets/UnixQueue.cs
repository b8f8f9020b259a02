using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Sockets;

/// <summary>What has arrived at a socket: pieces of a stream, or packets.</summary>
/// <remarks>
/// The lock guards everything. Packets are copied without it; a stream with it, but only to pages that are there. Files
/// that travel are counted by <see cref="FilesInFlight"/>, whose lock comes first.
/// </remarks>
internal sealed partial class UnixQueue
{
    /// <summary>/proc/sys/net/unix/max_dgram_qlen.</summary>
    public const int MostPackets = 512;

    private readonly KernelLock _lock = new(LockLevel.SocketQueue);
    private UnixSegment? _first;
    private UnixSegment? _last;
    private UnixSegment? _outOfBand;
    private int _count;
    private bool _isClosed;

    /// <summary>Whether there is something to read; a packet may be empty.</summary>
    public bool HasData => Volatile.Read(ref _first) is not null;

    /// <summary>Whether there is out-of-band data that was not received.</summary>
    public bool HasOutOfBand => Volatile.Read(ref _outOfBand) is not null;

    /// <summary>Whether it takes no more packets from those that aren't connected with it.</summary>
    public bool IsFull => Volatile.Read(ref _count) > MostPackets;

    /// <summary>Adds a segment; takes it over.</summary>
    /// <param name="segment">The segment; its sender has been charged.</param>
    /// <param name="limited">Whether the number of packets is limited.</param>
    /// <param name="isOutOfBand">Whether it is out-of-band data (send(2), MSG_OOB).</param>
    /// <param name="replaced">Out-of-band data that nobody has read, and that the new one replaces.</param>
    /// <returns>EPIPE where the socket is closed, EAGAIN where there is no room: the segment stays the caller's.</returns>
    public Errno Put(UnixSegment segment, bool limited, bool isOutOfBand, out UnixSegment? replaced)
    {
        replaced = null;
        using (_lock.Enter())
        {
            if (_isClosed)
                return Errno.EPIPE;
            if (limited && _count > MostPackets)
                return Errno.EAGAIN;
            segment.Next = null;
            if (_last is null)
                Volatile.Write(ref _first, segment);
            else
                _last.Next = segment;
            _last = segment;
            Volatile.Write(ref _count, _count + 1);
            if (!isOutOfBand)
                return Errno.Success;
            if (_outOfBand is { } old)
            {
                Unlink(old);
                replaced = old;
            }

            Volatile.Write(ref _outOfBand, segment);
            return Errno.Success;
        }
    }

    /// <summary>Bytes that a read could get: of the first packet only, for datagrams.</summary>
    public int CountBytes(bool ofFirstOnly)
    {
        using (_lock.Enter())
        {
            int bytes = 0;
            for (UnixSegment? at = _first; at is not null; at = at.Next)
            {
                bytes += at.Length;
                if (ofFirstOnly)
                    break;
            }

            return bytes;
        }
    }

    /// <summary>Whether the next byte is the out-of-band one (SIOCATMARK).</summary>
    public bool IsAtMark
    {
        get
        {
            using (_lock.Enter())
            {
                if (_first is not { } first)
                    return false;
                return first == _outOfBand || (first.Length == 0 && (_outOfBand is null || first.Next == _outOfBand));
            }
        }
    }

    /// <summary>Takes everything out: the socket is closed, or its peer is another one from now on.</summary>
    /// <param name="forGood">Whether nothing may come any more.</param>
    /// <returns>The first of a chain.</returns>
    public UnixSegment? TakeAll(bool forGood)
    {
        using (_lock.Enter())
        {
            UnixSegment? first = _first;
            Volatile.Write(ref _first, null);
            _last = null;
            Volatile.Write(ref _outOfBand, null);
            Volatile.Write(ref _count, 0);
            _isClosed |= forGood;
            return first;
        }
    }

    /// <summary>Adds the files in the queue to a list, and takes them out where asked to.</summary>
    public void CollectFiles(List<PassedFiles> into, bool take)
    {
        using (_lock.Enter())
        {
            for (UnixSegment? at = _first; at is not null; at = at.Next)
            {
                if (at.Files is null)
                    continue;
                into.Add(at.Files);
                if (take)
                    at.Files = null;
            }
        }
    }

    private void Unlink(UnixSegment segment)
    {
        UnixSegment? previous = null;
        for (UnixSegment? at = _first; at != segment; at = at!.Next)
            previous = at;
        if (previous is null)
            Volatile.Write(ref _first, segment.Next);
        else
            previous.Next = segment.Next;
        if (_last == segment)
            _last = previous;
        segment.Next = null;
        Volatile.Write(ref _count, _count - 1);
    }
}
