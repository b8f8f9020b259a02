using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.HostWaits;

namespace Cloister.Vfs.Events;

/// <summary>
/// Sockets of the host among what an instance watches. They are in a group of the host's, so that the thread that waits for the instance waits
/// there, and hears of them at first hand.
/// </summary>
internal sealed partial class EventPollFile
{
    private HostGroup? _group;

    // Whether the last wait has returned events without a look at the host.
    private volatile bool _hasSkippedHost;

    /// <summary>The host's group; null where there is none.</summary>
    public HostGroup? Group => Volatile.Read(ref _group);

    /// <summary>Adds a socket to the group; false where the host has none. The host is asked.</summary>
    public bool TryJoin(HostSource socket, PollEvents events, bool isExclusive)
    {
        if (Group is null && socket.Waiting is { } waiting)
        {
            if (waiting.CreateGroup(_queue, out HostGroup? made) != Errno.Success)
                return false;
            if (Interlocked.CompareExchange(ref _group, made, null) is null)
                _queue.SetSource(made);
            else
                made!.Close();
        }

        Group?.Add(socket, events, isExclusive);
        return Group is not null;
    }

    /// <summary>
    /// What is ready by now. Where something of the enclave always is, the host is asked every other time: nobody of both can starve the other.
    /// </summary>
    private int CollectWithHost(Span<EpollEvent> into, long deadline)
    {
        if (Group is not { } group)
            return Collect(into);
        if (_hasSkippedHost)
            group.Collect();
        _hasSkippedHost = !_hasSkippedHost;
        int count = Collect(into);
        if (count > 0)
            return count;
        _hasSkippedHost = false;
        if (deadline != 0)
            return 0;
        group.Collect();
        return Collect(into);
    }

    private void CloseGroup()
    {
        if (Interlocked.Exchange(ref _group, null) is not { } group)
            return;
        _queue.SetSource(null);
        group.Close();
    }
}
