using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Net;

/// <summary>
/// One direction of a connection inside: bytes on their way from one program's memory to another's.
/// </summary>
/// <remarks>
/// One writer and one reader at a time, each with a lock of its own, so that they copy beside each other. What both look at are
/// two counters and the links between chunks. Programs' pages are touched with these locks, as Linux does with a socket's.
/// </remarks>
internal sealed class StreamQueue(StreamChunks chunks, int capacity)
{
    private readonly StreamChunks _chunks = chunks;
    private StreamChunk? _head;
    private StreamChunk? _tail;
    private long _written;
    private long _read;
    private int _capacity = capacity;
    private int _isWriterWaiting;
    private volatile bool _isEnded;
    private volatile bool _isClosed;

    // Position of the urgent byte (tcp(7)), or -1; whether it was received out of band.
    private long _urgent = -1;
    private byte _urgentByte;
    private volatile bool _isUrgentRead;

    /// <summary>Held by who writes.</summary>
    public KernelLock WriteLock { get; } = new(LockLevel.NetworkStream);

    /// <summary>Held by who reads.</summary>
    public KernelLock ReadLock { get; } = new(LockLevel.NetworkStream);

    /// <summary>Bytes that can be read.</summary>
    public int Count => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

    /// <summary>Bytes that may lie here.</summary>
    public int Capacity
    {
        get => Volatile.Read(ref _capacity);
        set => Volatile.Write(ref _capacity, value);
    }

    /// <summary>Whether there is so much room that a writer is told (sk_stream_is_writeable of Linux: a third).</summary>
    public bool IsWritable => Count * 3L <= Capacity * 2L;

    /// <summary>Whether nothing more will come.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Whether nobody reads any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether an urgent byte lies here that was not received.</summary>
    public bool HasUrgent => Volatile.Read(ref _urgent) >= 0 && !_isUrgentRead;

    /// <summary>Whether the next byte is the urgent one (SIOCATMARK).</summary>
    public bool IsAtMark => Volatile.Read(ref _urgent) == Volatile.Read(ref _read);

    /// <summary>Nothing more will be written.</summary>
    public void End() => _isEnded = true;

    /// <summary>Says that a writer waits for room; it looks once more afterwards.</summary>
    public void AnnounceWriter() => Interlocked.Exchange(ref _isWriterWaiting, 1);

    /// <summary>Whether a writer has to be woken now that something was read.</summary>
    public bool TakeWriter()
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _isWriterWaiting) != 0 && IsWritable && Interlocked.Exchange(ref _isWriterWaiting, 0) != 0;
    }

    /// <summary>Writes what fits. <see cref="WriteLock"/> is held.</summary>
    /// <param name="memory">The account of who writes.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="result">How it ended.</param>
    /// <returns>Bytes written.</returns>
    public int Write(IKernelMemory memory, IIoBuffer buffer, out StreamWrite result)
    {
        int done = 0;
        while (true)
        {
            result = StreamWrite.Done;
            if (buffer.Remaining == 0)
                return done;
            int room = (int)Math.Min(Capacity - Count, buffer.Remaining);
            result = StreamWrite.Full;
            if (room <= 0 || _isClosed)
                return done;
            StreamChunk? chunk = _tail;
            if (chunk is null || chunk.End == chunk.Bytes.Length)
            {
                chunk = _chunks.TryTake(memory, room);
                result = StreamWrite.NoMemory;
                if (chunk is null)
                    return done;
                Append(chunk);
            }

            int piece = Math.Min(room, chunk.Bytes.Length - chunk.End);
            int fetched = buffer.Fetch(chunk.Bytes.AsSpan(chunk.End, piece));
            chunk.End += fetched;
            Volatile.Write(ref _written, _written + fetched);
            done += fetched;
            result = StreamWrite.Fault;
            if (fetched < piece)
                return done;
        }
    }

    /// <summary>Marks the last byte that was written as the urgent one. <see cref="WriteLock"/> is held.</summary>
    public void MarkUrgent()
    {
        StreamChunk tail = _tail!;
        _urgentByte = tail.Bytes[tail.End - 1];
        _isUrgentRead = false;
        Volatile.Write(ref _urgent, _written - 1);
    }

    /// <summary>Takes the urgent byte out of band; null where there is none. <see cref="ReadLock"/> is held.</summary>
    public byte? TakeUrgent(bool isPeek)
    {
        if (!HasUrgent)
            return null;
        if (!isPeek)
            _isUrgentRead = true;
        return _urgentByte;
    }

    /// <summary>
    /// Reads what there is, up to the urgent byte; where that isn't read in line, it is passed over by the next read.
    /// <see cref="ReadLock"/> is held.
    /// </summary>
    /// <param name="buffer">Where it goes; null to drop it (MSG_TRUNC of tcp(7)).</param>
    /// <param name="most">At most so many bytes.</param>
    /// <param name="isPeek">Whether it stays.</param>
    /// <param name="skip">Bytes to pass over where it stays.</param>
    /// <param name="isUrgentInline">SO_OOBINLINE.</param>
    /// <param name="isFault">Whether the program's memory refused.</param>
    /// <returns>Bytes read.</returns>
    public int Read(IIoBuffer? buffer, long most, bool isPeek, int skip, bool isUrgentInline, out bool isFault)
    {
        isFault = false;
        int done = 0;
        StreamChunk? chunk = _head;
        int start = chunk?.Start ?? 0;
        long position = _read;
        long end = Volatile.Read(ref _written);
        long urgent = Volatile.Read(ref _urgent);
        while (position < end && done < most)
        {
            while (chunk is null || start == chunk.Bytes.Length)
            {
                chunk = chunk is null ? Volatile.Read(ref _head) : NextOf(chunk, isPeek);
                start = chunk!.Start;
            }

            if (position == urgent && !isUrgentInline)
            {
                // A read ends before the mark; the next one begins behind it.
                if (done > 0)
                    break;
                start++;
                position++;
                Advance(chunk, start, position, isPeek);
                if (!isPeek)
                    Volatile.Write(ref _urgent, -1);
                continue;
            }

            int piece = (int)Math.Min(Math.Min(end - position, most - done), chunk.Bytes.Length - start);
            if (urgent > position)
                piece = (int)Math.Min(piece, urgent - position);
            int skipped = isPeek ? Math.Min(skip, piece) : 0;
            skip -= skipped;
            int wanted = piece - skipped;
            int stored = buffer is null ? wanted : buffer.Store(chunk.Bytes.AsSpan(start + skipped, wanted));
            start += skipped + stored;
            position += skipped + stored;
            done += stored;
            Advance(chunk, start, position, isPeek);
            if (urgent >= 0 && position > urgent && !isPeek)
                Volatile.Write(ref _urgent, -1);
            if (stored < wanted)
            {
                isFault = true;
                break;
            }

            // What is behind the mark is for the next read.
            if (position == urgent && !isUrgentInline)
                break;
        }

        return done;
    }

    /// <summary>Nobody will read any more. Gives back the memory.</summary>
    public void Close()
    {
        _isClosed = true;
        using (WriteLock.Enter())
        using (ReadLock.EnterNext())
        {
            StreamChunk? chunk = _head;
            _head = null;
            _tail = null;
            Volatile.Write(ref _read, _written);
            while (chunk is not null)
            {
                StreamChunk? next = chunk.Next;
                _chunks.Give(chunk);
                chunk = next;
            }
        }
    }

    private void Append(StreamChunk chunk)
    {
        if (_tail is null)
            Volatile.Write(ref _head, chunk);
        else
            Volatile.Write(ref _tail.Next, chunk);
        _tail = chunk;
    }

    private StreamChunk? NextOf(StreamChunk chunk, bool isPeek)
    {
        StreamChunk? next = Volatile.Read(ref chunk.Next);
        if (isPeek)
            return next;
        _head = next;
        _chunks.Give(chunk);
        return next;
    }

    private void Advance(StreamChunk chunk, int start, long position, bool isPeek)
    {
        if (isPeek)
            return;
        chunk.Start = start;
        Volatile.Write(ref _read, position);
    }
}

/// <summary>How a write into a queue ended.</summary>
internal enum StreamWrite
{
    /// <summary>All is written.</summary>
    Done,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>The program's memory refused.</summary>
    Fault,

    /// <summary>The kernel's memory is used up.</summary>
    NoMemory,
}

/// <summary>A piece of memory for bytes on their way.</summary>
internal sealed class StreamChunk(int length)
{
    public readonly byte[] Bytes = new byte[length];

    /// <summary>The chunk behind; set by the writer.</summary>
    public StreamChunk? Next;

    /// <summary>First byte that was not read; the reader's.</summary>
    public int Start;

    /// <summary>Behind the last byte written; the writer's.</summary>
    public int End;

    /// <summary>Whose memory it is taken from.</summary>
    public IKernelMemory? Account;
}

/// <summary>The chunks that nobody uses at the moment.</summary>
internal sealed class StreamChunks
{
    private const int SmallLength = 4 << 10;
    private const int LargeLength = 64 << 10;

    private readonly ObjectPool<StreamChunk> _small = new(() => new StreamChunk(SmallLength));
    private readonly ObjectPool<StreamChunk> _large = new(() => new StreamChunk(LargeLength));

    /// <summary>Takes a chunk for about so many bytes, at the cost of an account.</summary>
    public StreamChunk? TryTake(IKernelMemory memory, int wanted)
    {
        bool isLarge = wanted > SmallLength;
        if (!memory.TryTake(isLarge ? LargeLength : SmallLength))
            return null;
        StreamChunk chunk = (isLarge ? _large : _small).Take();
        chunk.Account = memory;
        chunk.Next = null;
        chunk.Start = 0;
        chunk.End = 0;
        return chunk;
    }

    /// <summary>Gives one back.</summary>
    public void Give(StreamChunk chunk)
    {
        chunk.Account!.Give(chunk.Bytes.Length);
        chunk.Account = null;
        (chunk.Bytes.Length == LargeLength ? _large : _small).Give(chunk);
    }
}
