using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Nucleus.HostCalls;
using Cloister.Nucleus.Locking;

namespace Cloister.Nucleus.HostWaits;

/// <summary>The sockets of the host that one epoll instance watches: an epoll instance of the host's, in which a thread waits for all.</summary>
/// <remarks>
/// One thread waits in the host at a time; others that wait for the same instance sleep until it has something for them, or leaves.
/// </remarks>
public sealed class HostGroup : HostSource
{
    private readonly KernelLock _lock = new(LockLevel.Leaf);
    private readonly Dictionary<uint, Member> _members = [];
    private readonly HostSocketsClient _sockets;
    private readonly WaitQueue _queue;
    private volatile bool _isReported;
    private int _isLed;
    private int _followers;

    internal HostGroup(HostWaiting waiting, HostSocketsClient sockets, uint handle, WaitQueue queue)
        : base(waiting, handle)
    {
        _sockets = sockets;
        _queue = queue;
    }

    /// <summary>Watches a socket for events, beside those that it is watched for already. The host is asked.</summary>
    public void Add(HostSource socket, PollEvents events, bool isExclusive)
    {
        using (_lock.Enter())
        {
            Member member = _members.GetValueOrDefault(socket.Handle);
            events |= member.Events;
            _members[socket.Handle] = new Member(socket, events, member.Users + 1);
        }

        Change(socket, events, isExclusive);
    }

    /// <summary>Watches one that has been added for more. The host is asked, where it is more.</summary>
    public void Extend(HostSource socket, PollEvents events)
    {
        using (_lock.Enter())
        {
            if (!_members.TryGetValue(socket.Handle, out Member member) || (events & ~member.Events) == 0)
                return;
            events |= member.Events;
            _members[socket.Handle] = member with { Events = events };
        }

        Change(socket, events, isExclusive: false);
    }

    /// <summary>Forgets a socket that is about to be closed.</summary>
    /// <returns>Whether nobody else has added it.</returns>
    public bool Forget(HostSource socket)
    {
        using (_lock.Enter())
        {
            if (!_members.TryGetValue(socket.Handle, out Member member))
                return false;
            if (member.Users > 1)
                _members[socket.Handle] = member with { Users = member.Users - 1 };
            else
                _members.Remove(socket.Handle);
            return member.Users == 1;
        }
    }

    /// <summary>Doesn't watch a socket any more. The host is asked.</summary>
    public void Remove(HostSource socket)
    {
        if (Forget(socket))
            _sockets.ChangeGroup(Handle, socket.Handle, PollEvents.None, isExclusive: false);
    }

    /// <summary>Takes what has happened so far. The host is asked.</summary>
    public void Collect() => _sockets.CollectGroup(Handle);

    /// <inheritdoc/>
    public override void RequireReports()
    {
        _isReported = true;
        List<HostSource> sockets = [];
        using (_lock.Enter())
        {
            foreach (Member member in _members.Values)
                sockets.Add(member.Socket);
        }

        foreach (HostSource socket in sockets)
            socket.RequireReports();
    }

    /// <summary>Ends it. The host is asked.</summary>
    public void Close() => _sockets.CloseGroup(Handle);

    /// <summary>Makes the calling thread the one that waits in the host; false where another one does, which it then follows.</summary>
    internal bool TryLead()
    {
        if (Interlocked.CompareExchange(ref _isLed, 1, 0) == 0)
            return true;
        Interlocked.Increment(ref _followers);

        // The leader may have left before it could see a follower.
        if (Interlocked.CompareExchange(ref _isLed, 1, 0) != 0)
            return false;
        Interlocked.Decrement(ref _followers);
        return true;
    }

    /// <summary>A follower has been woken.</summary>
    internal void StopFollowing() => Interlocked.Decrement(ref _followers);

    /// <summary>The thread has left the host; another one that waits takes its place.</summary>
    internal void StopLeading()
    {
        Interlocked.Exchange(ref _isLed, 0);
        if (Volatile.Read(ref _followers) > 0)
            _queue.WakeNext(PollEvents.In);
    }

    private void Change(HostSource socket, PollEvents events, bool isExclusive)
    {
        // A host that can't watch it here still reports it.
        if (_sockets.ChangeGroup(Handle, socket.Handle, events, isExclusive) != Errno.Success || _isReported)
            socket.RequireReports();
    }

    private readonly record struct Member(HostSource Socket, PollEvents Events, int Users);
}
