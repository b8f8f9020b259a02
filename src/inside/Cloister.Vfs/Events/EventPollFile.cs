using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>An epoll instance (epoll(7)).</summary>
/// <remarks>
/// Lock order: the VFS's registration lock, a file's wait queue, the ready lock of the instance, the instance's own wait
/// queue; nested instances repeat the last three.
/// </remarks>
internal sealed partial class EventPollFile(IKernelMemory account) : OpenFile, IEventPoll
{
    /// <summary>Instances in instances, at most (EP_MAX_NESTS).</summary>
    private const int DeepestNesting = 4;

    /// <summary>What an entry weighs on the kernel's heap, with its place in a queue: measured.</summary>
    private const int RegistrationWeight = 320;

    private readonly Dictionary<(int, OpenFile), EventRegistration> _registrations = [];
    private readonly KernelLock _readyLock = new(LockLevel.EpollReady);
    private readonly WaitQueue _queue = new();
    private EventRegistration? _firstReady;
    private EventRegistration? _lastReady;

    // Mark and result of the last walk over nested instances that came by, guarded by the registration lock.
    private long _walk;
    private int _walkDepth;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public Errno Change(ICaller caller, EpollOperation operation, int fd, IOpenFile file, in EpollEvent item)
    {
        var target = (OpenFile)file;
        if (target is PathFile)
            return Errno.EBADF;
        if (!target.IsPollable)
            return Errno.EPERM;
        if (target == this)
            return Errno.EINVAL;
        EventRegistration? registration;
        Errno error;
        using (Vfs.RegistrationLock.Enter())
        {
            _registrations.TryGetValue((fd, target), out registration);
            switch (operation)
            {
                case EpollOperation.EPOLL_CTL_ADD:
                    error = registration is null ? Add(fd, target, item, out registration) : Errno.EEXIST;
                    break;
                case EpollOperation.EPOLL_CTL_DEL:
                    if (registration is null)
                        return Errno.ENOENT;
                    Remove(registration);
                    error = Errno.Success;
                    break;
                case EpollOperation.EPOLL_CTL_MOD:
                    error = registration is null ? Errno.ENOENT : Modify(registration, item);
                    break;
                default:
                    return Errno.EINVAL;
            }
        }

        if (operation == EpollOperation.EPOLL_CTL_DEL)
        {
            registration!.LeaveSource(isClosing: false);
            return Errno.Success;
        }

        if (error == Errno.Success && operation == EpollOperation.EPOLL_CTL_MOD)
            registration!.ExtendSource();

        // The first look may have to ask the host (a terminal), so it comes without the lock.
        if (error == Errno.Success && registration!.PollNow(watches: operation == EpollOperation.EPOLL_CTL_ADD) != PollEvents.None)
            OnReady(registration);
        return error;
    }

    public IOpenFile? TakeTarget(int fd, int index)
    {
        using (Vfs.RegistrationLock.Enter())
        {
            foreach ((int number, OpenFile target) in _registrations.Keys)
            {
                if (number != fd || index-- > 0)
                    continue;
                target.AddReference();
                return target;
            }
        }

        return null;
    }

    public SyscallResult Wait(ICaller caller, Span<EpollEvent> into, long deadline)
    {
        int count = CollectWithHost(into, deadline);
        if (count > 0 || deadline == 0)
            return count;
        caller.Watch(_queue, exclusive: true);
        try
        {
            while (true)
            {
                count = Collect(into);
                if (count > 0)
                    return count;
                switch (caller.Sleep(deadline))
                {
                    case WaitOutcome.Interrupted:
                        return Errno.EINTR;
                    case WaitOutcome.TimedOut:
                        return Collect(into);
                }
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_queue);
        if (table is not { HearsReports: true })
            Group?.Collect();
        EventRegistration? last = null;
        while (true)
        {
            EventRegistration? first;
            using (_readyLock.Enter())
            {
                first = _firstReady;
                if (first is null)
                    return PollEvents.None;
                Unlink(first);
            }

            if (first.PollNow() != PollEvents.None)
            {
                OnReady(first);
                return PollEvents.In | PollEvents.ReadNormal;
            }

            if (first == last)
                return PollEvents.None;
            last ??= first;
        }
    }

    public override void DescribeDetails(ByteWriter writer)
    {
        using (Vfs.RegistrationLock.Enter())
        {
            foreach (EventRegistration item in _registrations.Values)
            {
                writer.Write("tfd: "u8).Padded(item.Fd, 8).Write(" events: "u8);
                writer.Hexadecimal(item.Events).Write(" data: "u8).Hexadecimal(item.Data).Write('\n');
            }
        }
    }

    /// <summary>Puts a registration on the ready list and wakes who waits. Called by the queues of files.</summary>
    public void OnReady(EventRegistration registration)
    {
        using (_readyLock.Enter())
        {
            if (registration.IsReady || registration.IsRemoved)
                return;
            Append(registration);
        }

        _queue.Wake(PollEvents.In | PollEvents.ReadNormal);
    }

    /// <summary>Ends a registration. The VFS's registration lock is held.</summary>
    public void Remove(EventRegistration registration)
    {
        _registrations.Remove((registration.Fd, registration.File));
        account.Give(RegistrationWeight);
        registration.LeaveFile();
        using (_readyLock.Enter())
        {
            registration.IsRemoved = true;
            if (registration.IsReady)
                Unlink(registration);
        }

        registration.Leave();
    }

    /// <summary>Notes a place that a registration is about to take in a queue; false where it has been removed.</summary>
    public bool TryKeep(EventRegistration registration, List<WaitEntry> places, WaitEntry place)
    {
        using (_readyLock.Enter())
        {
            if (!registration.IsRemoved)
                places.Add(place);
            return !registration.IsRemoved;
        }
    }

    public bool IsRemoved(EventRegistration registration)
    {
        using (_readyLock.Enter())
            return registration.IsRemoved;
    }

    protected override void OnClosed()
    {
        using (Vfs.RegistrationLock.Enter())
        {
            foreach (EventRegistration registration in new List<EventRegistration>(_registrations.Values))
                Remove(registration);
        }

        CloseGroup();
    }

    private Errno Add(int fd, OpenFile target, in EpollEvent item, out EventRegistration? registration)
    {
        registration = null;
        const uint allowedWithExclusive = EpollFlags.EPOLLEXCLUSIVE | EpollFlags.EPOLLET | EpollFlags.EPOLLWAKEUP
            | (uint)(PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp);
        bool isExclusive = (item.Events & EpollFlags.EPOLLEXCLUSIVE) != 0;
        if (isExclusive && ((item.Events & ~allowedWithExclusive) != 0 || target is EventPollFile))
            return Errno.EINVAL;
        if (target is EventPollFile nested && !MayNest(nested))
            return Errno.ELOOP;
        if (!account.TryTake(RegistrationWeight))
            return Errno.ENOSPC;
        registration = new EventRegistration(this, fd, target)
        {
            Data = item.Data,
            Events = item.Events | (uint)(PollEvents.Error | PollEvents.HangUp),
            IsExclusive = isExclusive,
        };
        _registrations.Add((fd, target), registration);
        registration.JoinFile();
        return Errno.Success;
    }

    private Errno Modify(EventRegistration registration, in EpollEvent item)
    {
        if (registration.IsExclusive || (item.Events & EpollFlags.EPOLLEXCLUSIVE) != 0)
            return Errno.EINVAL;
        registration.Data = item.Data;
        registration.Events = item.Events | (uint)(PollEvents.Error | PollEvents.HangUp);

        // The queue's waker sees the new events or this look sees the new state (ep_modify of Linux).
        Interlocked.MemoryBarrier();
        return Errno.Success;
    }

    /// <summary>Whether another instance may be watched: no circles, and no chains that are too long (epoll_ctl(2), ELOOP).</summary>
    private bool MayNest(EventPollFile nested)
    {
        long walk = ++Vfs.EventPollWalks;
        int below = nested.DepthBelow(this, walk);
        return below >= 0 && DepthAbove(++Vfs.EventPollWalks) + 1 + below <= DeepestNesting;
    }

    /// <summary>Longest chain of instances that this one watches, or -1 where <paramref name="forbidden"/> is among them.</summary>
    private int DepthBelow(EventPollFile forbidden, long walk)
    {
        if (this == forbidden)
            return -1;

        // Each instance is looked at once, however many ways lead to it.
        if (_walk == walk)
            return _walkDepth;
        int depth = 0;
        foreach (EventRegistration registration in _registrations.Values)
        {
            if (registration.File is not EventPollFile next)
                continue;
            int below = next.DepthBelow(forbidden, walk);
            if (below < 0)
                return -1;
            depth = Math.Max(depth, below + 1);
        }

        _walk = walk;
        _walkDepth = depth;
        return depth;
    }

    private int DepthAbove(long walk)
    {
        if (_walk == walk)
            return _walkDepth;
        int depth = 0;
        for (EventRegistration? registration = Registrations; registration is not null; registration = registration.NextOfFile)
            depth = Math.Max(depth, registration.Poll.DepthAbove(walk) + 1);
        _walk = walk;
        _walkDepth = depth;
        return depth;
    }

    private int Collect(Span<EpollEvent> into)
    {
        int count = 0;
        EventRegistration? firstAgain = null;
        bool hasMore;
        while (true)
        {
            EventRegistration? next = null;
            using (_readyLock.Enter())
            {
                // One round: those that stay ready have been put at the end again.
                if (count < into.Length && _firstReady is { } first && first != firstAgain)
                {
                    next = first;
                    Unlink(next);
                }

                hasMore = _firstReady is not null;
            }

            if (next is null)
                break;

            // A registration that was taken off the list before its file is looked at gets back on it by any later event.
            uint events = next.Events;
            PollEvents ready = next.PollNow();
            if (ready == PollEvents.None || next.IsRemoved)
                continue;
            into[count++] = new EpollEvent { Events = (uint)ready, Data = next.Data };
            if ((events & EpollFlags.EPOLLONESHOT) != 0)
            {
                next.Events = 0;
            }
            else if ((events & EpollFlags.EPOLLET) == 0)
            {
                using (_readyLock.Enter())
                {
                    if (!next.IsReady && !next.IsRemoved)
                        Append(next);
                }

                firstAgain ??= next;
                hasMore = true;
            }
        }

        if (count > 0 && hasMore)
            _queue.Wake(PollEvents.In | PollEvents.ReadNormal);
        return count;
    }

    private void Append(EventRegistration registration)
    {
        registration.IsReady = true;
        registration.NextReady = null;
        registration.PreviousReady = _lastReady;
        if (_lastReady is null)
            _firstReady = registration;
        else
            _lastReady.NextReady = registration;
        _lastReady = registration;
    }

    private void Unlink(EventRegistration registration)
    {
        registration.IsReady = false;
        if (registration.PreviousReady is null)
            _firstReady = registration.NextReady;
        else
            registration.PreviousReady.NextReady = registration.NextReady;
        if (registration.NextReady is null)
            _lastReady = registration.PreviousReady;
        else
            registration.NextReady.PreviousReady = registration.PreviousReady;
        registration.NextReady = null;
        registration.PreviousReady = null;
    }
}
