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
internal sealed class EventPollFile : OpenFile, IEventPoll
{
    /// <summary>Instances in instances, at most (EP_MAX_NESTS).</summary>
    private const int DeepestNesting = 4;

    private readonly Dictionary<(int, OpenFile), EventRegistration> _registrations = [];
    private readonly KernelLock _readyLock = new(LockLevel.EpollReady);
    private readonly WaitQueue _queue = new();
    private EventRegistration? _firstReady;
    private EventRegistration? _lastReady;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public Errno Change(ICaller caller, EpollOperation operation, int fd, IOpenFile file, in EpollEvent item)
    {
        var target = (OpenFile)file;
        if (!target.IsPollable)
            return Errno.EPERM;
        if (target == this)
            return Errno.EINVAL;
        using (Vfs.RegistrationLock.Enter())
        {
            _registrations.TryGetValue((fd, target), out EventRegistration? known);
            switch (operation)
            {
                case EpollOperation.EPOLL_CTL_ADD:
                    return known is null ? Add(fd, target, item) : Errno.EEXIST;
                case EpollOperation.EPOLL_CTL_DEL:
                    if (known is null)
                        return Errno.ENOENT;
                    Remove(known);
                    return Errno.Success;
                case EpollOperation.EPOLL_CTL_MOD:
                    return known is null ? Errno.ENOENT : Modify(known, item);
                default:
                    return Errno.EINVAL;
            }
        }
    }

    public SyscallResult Wait(ICaller caller, Span<EpollEvent> into, long deadline)
    {
        int count = Collect(into);
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

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_queue);
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

            if (first.PollNow(null) != PollEvents.None)
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
        ref EventRegistration? link = ref registration.File.Registrations;
        if (link == registration)
        {
            link = registration.NextOfFile;
        }
        else
        {
            EventRegistration before = link!;
            while (before.NextOfFile != registration)
                before = before.NextOfFile!;
            before.NextOfFile = registration.NextOfFile;
        }

        registration.Leave();
        using (_readyLock.Enter())
        {
            registration.IsRemoved = true;
            if (registration.IsReady)
                Unlink(registration);
        }
    }

    protected override void OnClosed()
    {
        using (Vfs.RegistrationLock.Enter())
        {
            foreach (EventRegistration registration in new List<EventRegistration>(_registrations.Values))
                Remove(registration);
        }
    }

    private Errno Add(int fd, OpenFile target, in EpollEvent item)
    {
        const uint allowedWithExclusive = EpollFlags.EPOLLEXCLUSIVE | EpollFlags.EPOLLET | EpollFlags.EPOLLWAKEUP
            | (uint)(PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp);
        bool isExclusive = (item.Events & EpollFlags.EPOLLEXCLUSIVE) != 0;
        if (isExclusive && ((item.Events & ~allowedWithExclusive) != 0 || target is EventPollFile))
            return Errno.EINVAL;
        if (target is EventPollFile nested && nested.Reaches(this, 0))
            return Errno.ELOOP;
        var registration = new EventRegistration(this, fd, target)
        {
            Data = item.Data,
            Events = item.Events | (uint)(PollEvents.Error | PollEvents.HangUp),
            IsExclusive = isExclusive,
        };
        _registrations.Add((fd, target), registration);
        registration.NextOfFile = target.Registrations;
        target.Registrations = registration;
        if (registration.PollNow(registration) != PollEvents.None)
            OnReady(registration);
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
        if (registration.PollNow(null) != PollEvents.None)
            OnReady(registration);
        return Errno.Success;
    }

    /// <summary>Whether this instance leads to another one, or nests too deep.</summary>
    private bool Reaches(EventPollFile other, int depth)
    {
        if (this == other || depth > DeepestNesting)
            return true;
        foreach (EventRegistration registration in _registrations.Values)
        {
            if (registration.File is EventPollFile next && next.Reaches(other, depth + 1))
                return true;
        }

        return false;
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
            PollEvents ready = next.PollNow(null);
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
