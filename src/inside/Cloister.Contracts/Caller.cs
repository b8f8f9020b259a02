using System;
using Cloister.Abi;

namespace Cloister.Contracts;

/// <summary>
/// The thread on whose behalf a service works: who it is, and its ability to sleep. Services get it with each call
/// and don't keep it.
/// </summary>
public interface ICaller
{
    /// <summary>The process's id (tgid).</summary>
    int ProcessId { get; }

    /// <summary>The thread's id (tid).</summary>
    int ThreadId { get; }

    /// <summary>Identity for permission checks.</summary>
    Credentials Credentials { get; }

    /// <summary>Whether <paramref name="group"/> is the file-system group or a supplementary one.</summary>
    bool IsInGroup(uint group);

    /// <summary>Largest offset that the process may write to (RLIMIT_FSIZE), in bytes.</summary>
    long FileSizeLimit { get; }

    /// <summary>The account that kernel memory for the caller is taken from.</summary>
    IKernelMemory KernelMemory { get; }

    /// <summary>Enlists the thread in a queue; <see cref="StopWatching"/> must follow. Enlist first, then test the condition.</summary>
    /// <param name="queue">A queue of the nucleus.</param>
    /// <param name="exclusive">Whether one wake-up is enough for all exclusive waiters.</param>
    void Watch(IWaitQueue queue, bool exclusive = false);

    /// <summary>As the other, for a queue that also tells of what the thread doesn't wait for.</summary>
    /// <param name="queue">A queue of the nucleus.</param>
    /// <param name="exclusive">As above.</param>
    /// <param name="interest">What it waits for: where the queue is that of a socket of the host, only that ends a sleep.</param>
    void Watch(IWaitQueue queue, bool exclusive, PollEvents interest) => Watch(queue, exclusive);

    /// <summary>Leaves all watched queues.</summary>
    void StopWatching();

    /// <summary>
    /// Sleeps until a watched queue wakes the thread, the deadline passes, or a signal has to be handled.
    /// May return without a reason: test the condition again. Stays enlisted.
    /// </summary>
    /// <param name="deadline">Monotonic nanoseconds, or <see cref="Deadline.Never"/>.</param>
    WaitOutcome Sleep(long deadline);

    /// <summary>Monotonic nanoseconds.</summary>
    long MonotonicNow { get; }

    /// <summary>Wall-clock time, in nanoseconds since 1970.</summary>
    long RealtimeNow { get; }

    /// <summary>Sends a signal to the calling thread, as for SIGPIPE and SIGXFSZ.</summary>
    void RaiseSignal(int signal);
}

/// <summary>Identity of a thread for the file system (credentials(7)).</summary>
/// <param name="UserId">File-system user id.</param>
/// <param name="GroupId">File-system group id.</param>
/// <param name="Capabilities">Effective capabilities, one bit each (capabilities(7)).</param>
public readonly record struct Credentials(uint UserId, uint GroupId, ulong Capabilities)
{
    /// <summary>Whether a capability is effective.</summary>
    /// <param name="capability">Its number (CAP_*).</param>
    public bool Has(int capability) => (Capabilities >> capability & 1) != 0;
}

/// <summary>
/// Memory that a call transfers data to or from, with a position: a program's buffer or vector of buffers, or a
/// kernel buffer (splice, sendfile). Moves the bytes once, straight between the service's memory and the program's.
/// </summary>
public interface IIoBuffer
{
    /// <summary>Bytes left.</summary>
    long Remaining { get; }

    /// <summary>Stores bytes at the position and advances it (a read of the program).</summary>
    /// <returns>How many were stored: fewer than given where the buffer ends or the program's memory is not writable (EFAULT).</returns>
    int Store(ReadOnlySpan<byte> from);

    /// <summary>Fetches bytes from the position and advances it (a write of the program).</summary>
    /// <returns>How many were fetched: fewer than wanted where the buffer ends or the program's memory is not readable (EFAULT).</returns>
    int Fetch(Span<byte> into);

    /// <summary>
    /// As <see cref="Store"/>, but doesn't bring absent pages of the program in, which may wait for the host: for callers that
    /// hold a lock. They leave it, call <see cref="Prepare"/>, and go on.
    /// </summary>
    /// <returns>How many were stored: fewer than given also at an absent page.</returns>
    int StorePresent(ReadOnlySpan<byte> from);

    /// <summary>As <see cref="Fetch"/>, without bringing pages in.</summary>
    int FetchPresent(Span<byte> into);

    /// <summary>Brings in the page at the position, so that the next transfer moves at least a byte.</summary>
    /// <param name="forStore">Whether it is to be written.</param>
    /// <returns>False for EFAULT and at the buffer's end.</returns>
    bool Prepare(bool forStore);

    /// <summary>Stores zeros and advances.</summary>
    /// <returns>As <see cref="Store"/>.</returns>
    long StoreZeros(long count);

    /// <summary>
    /// Lends what is left to somebody who moves bytes past the kernel, and advances by what they say they have moved. Only where it is one
    /// piece, and the platform has it at an address of its own.
    /// </summary>
    /// <param name="user">Gets the memory for the time of the call. Pages may be absent in it.</param>
    /// <param name="endsAtPage">Whether the position is now at the start of a page, which may be absent.</param>
    /// <returns>False where it can't be lent; nothing has happened then.</returns>
    bool TryLend(IMemoryUser user, out bool endsAtPage)
    {
        endsAtPage = false;
        return false;
    }
}
