using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Sockets;

/// <summary>Taking out.</summary>
internal sealed partial class UnixQueue
{
    /// <summary>Copies bytes of a stream until the buffer is full, the queue is empty, or a border comes (unix_stream_read_generic).</summary>
    public StreamStep ReadStream(IIoBuffer buffer, ref StreamRead read)
    {
        using (_lock.Enter())
        {
            UnixSegment? at = _first;
            long skip = read.IsPeek ? read.PeekOffset + read.Done : 0;
            do
            {
                at = at is null ? null : PassOutOfBand(at, ref read);
                if (at is null)
                    return read.Done > 0 && _first is not null ? StreamStep.Done : StreamStep.Empty;
                if (skip >= at.Length && skip > 0)
                {
                    skip -= at.Length;
                    at = at.Next;
                    continue;
                }

                // Bytes of different senders are never put together where the receiver is told who sent them.
                if (read.WantsCredentials)
                {
                    if (read.HasFirst && read.Credentials != at.Credentials)
                        return StreamStep.Done;
                    read.Credentials = at.Credentials;
                    read.HasFirst = true;
                }

                read.Sender ??= at.Sender;
                int wanted = (int)Math.Min(at.Length - skip, buffer.Remaining);
                int stored = buffer.StorePresent(at.Data.AsSpan(at.Start + (int)skip, wanted));
                read.Done += stored;
                bool hasFiles = at.Files is not null || read.Files is not null;
                if (!read.IsPeek)
                {
                    if (stored < wanted && stored == 0)
                        return StreamStep.Absent;
                    at.Start += stored;
                    read.Files ??= at.Files;
                    at.Files = null;
                    if (stored < wanted)
                        return StreamStep.Absent;
                    if (at.Length > 0)
                        return StreamStep.Done;
                    Remove(at, ref read);
                    at = _first;
                }
                else
                {
                    if (stored < wanted)
                        return StreamStep.Absent;
                    read.Files ??= at.Files?.Duplicate();
                    skip = 0;
                    at = at.Next;
                }

                if (hasFiles)
                    return StreamStep.Done;
            }
            while (buffer.Remaining > 0);

            return StreamStep.Done;
        }
    }

    /// <summary>Takes the out-of-band byte (recv(2), MSG_OOB).</summary>
    /// <returns>EINVAL where there is none.</returns>
    public Errno TakeOutOfBand(bool isPeek, out byte value)
    {
        using (_lock.Enter())
        {
            value = 0;
            if (_outOfBand is not { } segment)
                return Errno.EINVAL;
            value = segment.Data[segment.Start];
            if (isPeek)
                return Errno.Success;

            // Its place stays as the mark.
            segment.Start++;
            System.Threading.Volatile.Write(ref _outOfBand, null);
            return Errno.Success;
        }
    }

    /// <summary>Takes a packet off the queue, or looks at one; the caller drops it after copying.</summary>
    /// <param name="isPeek">Whether it stays.</param>
    /// <param name="skip">Bytes to skip when peeking; what is left of them lies in the packet.</param>
    /// <param name="files">Its files, or new references to them.</param>
    public UnixSegment? TakePacket(bool isPeek, ref int skip, out PassedFiles? files)
    {
        using (_lock.Enter())
        {
            files = null;
            UnixSegment? at = _first;
            while (isPeek && at is not null && skip > 0 && skip >= at.Length)
            {
                skip -= at.Length;
                at = at.Next;
            }

            if (at is null)
                return null;
            if (isPeek)
            {
                at.AddUser();
                files = at.Files?.Duplicate();
                return at;
            }

            files = at.Files;
            at.Files = null;
            Unlink(at);
            return at;
        }
    }

    private void Remove(UnixSegment segment, ref StreamRead read)
    {
        Unlink(segment);
        segment.Next = read.Freed;
        read.Freed = segment;
    }

    // Out-of-band data is a border; it is passed over where it was read, and lost where it wasn't (manage_oob of Linux).
    private UnixSegment? PassOutOfBand(UnixSegment segment, ref StreamRead read)
    {
        UnixSegment? at = segment;
        if (at.Length > 0 && at != _outOfBand)
            return at;
        if (at.Length == 0)
        {
            if (read.Done > 0 && (_outOfBand is null || at == _outOfBand))
                return null;
            UnixSegment? next = at.Next;
            if (!read.IsPeek)
                Remove(at, ref read);
            at = next;
        }

        if (at is null || at != _outOfBand)
            return at;
        if (read.Done > 0)
            return null;
        if (read.IsPeek)
            return read.IsInline ? at : at.Next;
        System.Threading.Volatile.Write(ref _outOfBand, null);
        if (read.IsInline)
            return at;
        Remove(at, ref read);
        return _first;
    }
}

/// <summary>How a look at a stream ended.</summary>
internal enum StreamStep
{
    /// <summary>There is no more at the moment.</summary>
    Empty,

    /// <summary>The read is complete, however short.</summary>
    Done,

    /// <summary>The program's next page has to be brought in.</summary>
    Absent,
}

/// <summary>One recvmsg of a stream on its way.</summary>
internal struct StreamRead
{
    public bool IsPeek;

    /// <summary>SO_OOBINLINE.</summary>
    public bool IsInline;

    /// <summary>SO_PASSCRED.</summary>
    public bool WantsCredentials;

    /// <summary>Bytes to skip when peeking (SO_PEEK_OFF).</summary>
    public long PeekOffset;

    /// <summary>Bytes copied.</summary>
    public long Done;

    public bool HasFirst;

    public PeerCredentials? Credentials;

    /// <summary>Files that came with the bytes, which are the reader's now.</summary>
    public PassedFiles? Files;

    public UnixSocket? Sender;

    /// <summary>Segments that were read, to be dropped without the lock.</summary>
    public UnixSegment? Freed;
}
