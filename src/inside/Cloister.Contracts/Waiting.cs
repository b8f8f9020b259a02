using System;

namespace Cloister.Contracts;

/// <summary>Readiness of a file, as in poll(2); the same bits as EPOLL*.</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN: there is something to read.</summary>
    In = 0x1,

    /// <summary>POLLPRI: exceptional condition.</summary>
    Priority = 0x2,

    /// <summary>POLLOUT: writing will not block.</summary>
    Out = 0x4,

    /// <summary>POLLERR: error condition; always reported.</summary>
    Error = 0x8,

    /// <summary>POLLHUP: peer closed; always reported.</summary>
    HangUp = 0x10,

    /// <summary>POLLNVAL: not an open descriptor (poll(2) only).</summary>
    Invalid = 0x20,

    /// <summary>POLLRDNORM: equals POLLIN.</summary>
    ReadNormal = 0x40,

    /// <summary>POLLRDBAND: priority data to read.</summary>
    ReadBand = 0x80,

    /// <summary>POLLWRNORM: equals POLLOUT.</summary>
    WriteNormal = 0x100,

    /// <summary>POLLWRBAND: priority data may be written.</summary>
    WriteBand = 0x200,

    /// <summary>POLLRDHUP: the stream peer closed its writing half.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Every event.</summary>
    All = 0xFFFF,
}

/// <summary>A queue of waiters, owned by the object that wakes them.</summary>
public interface IWaitQueue
{
    /// <summary>Wakes every shared waiter and one exclusive one.</summary>
    void Wake(PollEvents events = PollEvents.All);
}

/// <summary>Collects the queues that a poll, select or epoll has to watch.</summary>
public interface IPollTable
{
    /// <summary>Watches a queue. Called by a file's <c>Poll</c>, before it looks at its state.</summary>
    void Watch(IWaitQueue queue);

    /// <summary>
    /// Whether whoever polls hears what the host tells of its sockets before it relies on the answer: then nobody has to ask the host again.
    /// </summary>
    bool HearsReports => false;
}

/// <summary>How a sleep ended.</summary>
public enum WaitOutcome
{
    /// <summary>A queue that the thread watched woke it (or it woke for no reason: test the condition again).</summary>
    Woken,

    /// <summary>The deadline passed.</summary>
    TimedOut,

    /// <summary>A signal is pending, or the thread has to exit: give up with ERESTARTSYS or EINTR.</summary>
    Interrupted,
}

/// <summary>Points in time, in nanoseconds of the monotonic clock.</summary>
public static class Deadline
{
    /// <summary>Never.</summary>
    public const long Never = long.MaxValue;

    /// <summary>A point in time after another; <see cref="Never"/> where the sum is later than any.</summary>
    public static long After(long start, long nanoseconds) => nanoseconds > Never - start ? Never : start + nanoseconds;
}
