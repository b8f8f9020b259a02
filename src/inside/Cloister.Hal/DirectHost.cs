using System;
using Cloister.Hal.HostProtocol;

namespace Cloister.Hal;

/// <summary>
/// Optional part of a host port, where the host lies in the same process and leaving the enclave costs nothing: kernel threads call it,
/// and wait in it for sockets, on their own. Its answers are checked like any others.
/// </summary>
public interface IDirectHost
{
    /// <summary>Serves a request on the calling thread.</summary>
    /// <param name="request">The request; its id and slot don't count.</param>
    /// <param name="data">The request's data slot, or other memory of the enclave.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>False for requests that are completed later, which only the rings carry.</returns>
    bool TryServe(in SubmissionEntry request, Span<byte> data, out CompletionEntry answer);

    /// <summary>Makes a place where one thread at a time can wait.</summary>
    /// <returns>Null where the host has no descriptors left.</returns>
    IHostWait? CreateWait();
}

/// <summary>A place where a kernel thread waits in the host until sockets are ready, or it is woken.</summary>
public interface IHostWait : IDisposable
{
    /// <summary>Bit of <see cref="ReadinessRecord.Events"/>: the handle is that of a group, which is ready when one of its sockets has changed.</summary>
    const uint IsGroup = 1u << 31;

    /// <summary>Sleeps until one of the sockets is ready for its events (poll(2)), <see cref="Wake"/>, or the deadline. May return early.</summary>
    /// <param name="wanted">Sockets and groups.</param>
    /// <param name="deadline">Monotonic nanoseconds; long.MaxValue for never.</param>
    void WaitForAny(ReadOnlySpan<ReadinessRecord> wanted, long deadline);

    /// <summary>
    /// Sleeps until sockets of a group have changed, <see cref="Wake"/>, or the deadline. May return early. One thread at a time for each group.
    /// </summary>
    /// <returns>Number of records.</returns>
    int WaitForGroup(uint group, Span<ReadinessRecord> changed, long deadline);

    /// <summary>Ends a sleep, or the next one. Any thread.</summary>
    /// <param name="group">The group that is waited for; 0 for none.</param>
    void Wake(uint group);
}

/// <summary>Where a thread sleeps instead of at its parker.</summary>
public interface ISleepingPlace
{
    /// <summary>Sleeps until <see cref="Wake"/>, the deadline, or for a reason of its own.</summary>
    void Sleep(long deadline);

    /// <summary>Ends a sleep, or the next one. Any thread; never blocks.</summary>
    void Wake();
}
