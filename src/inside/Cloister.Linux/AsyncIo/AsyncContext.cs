using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Memory;
using Cloister.Linux.Rings;
using Cloister.Linux.Syscalls;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.AsyncIo;

/// <summary>struct io_event.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AsyncEvent(ulong Data, ulong Request, long Result, long Result2)
{
    public const int Size = 32;
}

/// <summary>
/// A context of io_setup(2): a ring of events in memory that the program has mapped and may read and empty by itself (struct aio_ring of Linux).
/// </summary>
internal sealed class AsyncContext
{
    // struct aio_ring.
    private const int IdWord = 0;
    private const int CountWord = 4;
    private const int HeadWord = 8;
    private const int TailWord = 12;
    private const int MagicWord = 16;
    private const int FeaturesWord = 20;
    private const int HeaderLengthWord = 28;
    private const int HeaderSize = 32;
    private const uint Magic = 0xA10A_10A1;

    private readonly KernelLock _lock = new(LockLevel.Ring);
    private readonly RingMemory _ring;
    private uint _tail;
    private bool _isClosed;

    private AsyncContext(RingMemory ring, long requests, uint id)
    {
        _ring = ring;
        Requests = requests;
        Count = (uint)((ring.Length - HeaderSize) / AsyncEvent.Size);
        ring.Store(IdWord, id);
        ring.Store(CountWord, Count);
        ring.Store(HeaderLengthWord, HeaderSize);
        ring.Store(FeaturesWord, 1);
        ring.Store(MagicWord, Magic);
    }

    /// <summary>How many requests were asked for: what counts against fs.aio-max-nr.</summary>
    public long Requests { get; }

    /// <summary>Events that the ring has room for, one of which is never used.</summary>
    public uint Count { get; }

    /// <summary>Woken when there is an event, and at the end.</summary>
    public WaitQueue Events { get; } = new();

    /// <summary>The pages, by which a mapping is known to be this context's.</summary>
    public MemoryObject Pages => _ring.Pages;

    public ulong Length => _ring.Length;

    /// <summary>Makes one with room for so many events.</summary>
    /// <returns>Null where there is no memory.</returns>
    public static AsyncContext? TryCreate(LinuxThread thread, long requests, uint events, uint id)
    {
        RingMemory? ring = RingMemory.TryCreate(thread.Kernel.Memory, thread.KernelMemory, HeaderSize + (int)events * AsyncEvent.Size);
        return ring is null ? null : new AsyncContext(ring, requests, id);
    }

    /// <summary>Whether an event more can be kept until the program takes it.</summary>
    public bool HasRoom
    {
        get
        {
            using (_lock.Enter())
                return (_tail + 1) % Count != Head;
        }
    }

    // The program takes events by moving the head, to wherever it likes.
    private uint Head => _ring.Load(HeadWord) % Count;

    /// <summary>Adds an event.</summary>
    public void Add(in AsyncEvent done)
    {
        using (_lock.Enter())
        {
            if (_isClosed)
                return;
            _ring.Write(HeaderSize + (int)_tail * AsyncEvent.Size, done);
            _tail = (_tail + 1) % Count;
            _ring.Store(TailWord, _tail);
        }

        Events.WakeAll(PollEvents.In);
    }

    /// <summary>Takes events into a program's memory.</summary>
    /// <param name="thread">Whose memory.</param>
    /// <param name="into">Where they go.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>How many; EFAULT where not even the first can be stored, EINVAL for a context that has ended.</returns>
    public SyscallResult Take(LinuxThread thread, UserAddress into, long most)
    {
        for (long taken = 0; ; taken++)
        {
            AsyncEvent next;
            uint head;
            using (_lock.Enter())
            {
                if (_isClosed)
                    return Errno.EINVAL;
                head = Head;
                if (taken == most || head == _tail)
                    return taken;
                next = _ring.Read<AsyncEvent>(HeaderSize + (int)head * AsyncEvent.Size);
                _ring.Store(HeadWord, (head + 1) % Count);
            }

            if (thread.Memory.TryWrite(into.Offset((ulong)taken * AsyncEvent.Size), next))
                continue;
            using (_lock.Enter())
            {
                // It stays, unless somebody has taken more meanwhile.
                if (!_isClosed && Head == (head + 1) % Count)
                    _ring.Store(HeadWord, head);
            }

            return taken > 0 ? taken : Errno.EFAULT;
        }
    }

    /// <summary>Ends it: who waits for events hears that there is none any more.</summary>
    public void Close()
    {
        using (_lock.Enter())
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _ring.Release();
        Events.WakeAll(PollEvents.In);
    }
}
