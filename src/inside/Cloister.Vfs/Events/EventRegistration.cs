using System.Collections.Generic;
using System.Threading;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.HostWaits;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>One file's entry in one epoll instance.</summary>
/// <remarks>
/// Made and removed with the VFS's registration lock held, not polled with it. It hears of events through places in the file's wait queues,
/// and then joins the instance's ready list.
/// </remarks>
internal sealed class EventRegistration : IPollTable
{
    private readonly List<WaitEntry> _places = new(1);
    private static readonly Look s_look = new();
    private WaitQueue? _queue;
    private HostSource? _source;
    private int _needsSource;
    private uint _events;

    public EventRegistration(EventPollFile poll, int fd, OpenFile file)
    {
        Poll = poll;
        Fd = fd;
        File = file;
    }

    public EventPollFile Poll { get; }

    public int Fd { get; }

    public OpenFile File { get; }

    /// <summary>epoll_event.data.</summary>
    public ulong Data { get; set; }

    /// <summary>Events wanted, with the EPOLL* flags; 0 while EPOLLONESHOT has it disabled.</summary>
    public uint Events
    {
        get => Volatile.Read(ref _events);
        set => Volatile.Write(ref _events, value);
    }

    public bool IsExclusive { get; init; }

    /// <summary>Next registration of the same file.</summary>
    public EventRegistration? NextOfFile { get; private set; }

    private EventRegistration? PreviousOfFile { get; set; }

    /// <summary>Joins the registrations of its file.</summary>
    public void JoinFile()
    {
        NextOfFile = File.Registrations;
        if (NextOfFile is not null)
            NextOfFile.PreviousOfFile = this;
        File.Registrations = this;
    }

    /// <summary>Leaves them: at constant cost, since a file may be watched by thousands of instances.</summary>
    public void LeaveFile()
    {
        if (PreviousOfFile is null)
            File.Registrations = NextOfFile;
        else
            PreviousOfFile.NextOfFile = NextOfFile;
        if (NextOfFile is not null)
            NextOfFile.PreviousOfFile = PreviousOfFile;
    }

    // The ready list of the instance, guarded by its lock.
    public EventRegistration? NextReady { get; set; }

    public EventRegistration? PreviousReady { get; set; }

    public bool IsReady { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>What the file is ready for, of what is wanted.</summary>
    /// <param name="watches">Whether it is to hear of what happens from now on: the first time.</param>
    public PollEvents PollNow(bool watches = false)
    {
        PollEvents ready = File.Poll(watches ? this : s_look);
        if (Volatile.Read(ref _needsSource) != 0 && Interlocked.Exchange(ref _needsSource, 0) != 0)
            FindSource();
        return ready & Wanted;
    }

    /// <summary>What is wanted has changed: the host is asked for more, where it is more.</summary>
    public void ExtendSource()
    {
        if (Volatile.Read(ref _source) is { } source)
            Poll.Group?.Extend(source, Wanted);
    }

    /// <summary>Leaves the host's group, after it was removed.</summary>
    /// <param name="isClosing">Whether the host's socket goes as well, so that the host needn't be told.</param>
    public void LeaveSource(bool isClosing)
    {
        if (Interlocked.Exchange(ref _source, null) is not { } source || Poll.Group is not { } group)
            return;
        if (isClosing)
            group.Forget(source);
        else
            group.Remove(source);
    }

    /// <summary>Joins the instance's group with the socket of the host that the file stands for, where it is one.</summary>
    private void FindSource()
    {
        HostSource? found = _queue?.Source;
        HostSource? before = Interlocked.Exchange(ref _source, found);
        if (found == before)
            return;
        if (before is not null)
            Poll.Group?.Forget(before);

        // Instances in instances hear of their sockets by reports.
        if (found is not null && (found is HostGroup || !Poll.TryJoin(found, Wanted, IsExclusive)))
            found.RequireReports();
        if (Poll.IsRemoved(this))
            LeaveSource(isClosing: false);
    }

    /// <summary>Wanted events; errors always are (epoll_ctl(2)).</summary>
    private PollEvents Wanted
    {
        get
        {
            uint events = Events;
            return events == 0 ? PollEvents.None : ((PollEvents)events & PollEvents.All) | PollEvents.Error | PollEvents.HangUp;
        }
    }

    public bool HearsReports => true;

    public void Watch(IWaitQueue queue)
    {
        var place = new Place(this) { IsExclusive = IsExclusive };
        if (!Poll.TryKeep(this, _places, place))
            return;
        ((WaitQueue)queue).Add(place);

        _queue ??= (WaitQueue)queue;
        Volatile.Write(ref _needsSource, 1);

        // Removed between the two steps: the remover may have seen a place that was not enlisted yet.
        if (Poll.IsRemoved(this))
            place.Leave();
    }

    /// <summary>Leaves all queues, after it was marked as removed: no more places are added.</summary>
    public void Leave()
    {
        foreach (WaitEntry place in _places)
            place.Leave();
    }

    /// <summary>A file was closed for good: every instance forgets it.</summary>
    public static void RemoveAll(OpenFile file)
    {
        using (file.RegistrationLock.Enter())
        {
            while (file.Registrations is { } registration)
            {
                registration.Poll.Remove(registration);
                registration.LeaveSource(isClosing: true);
            }
        }
    }

    private sealed class Place(EventRegistration registration) : WaitEntry
    {
        protected override bool OnWake(PollEvents events)
        {
            if ((events & registration.Wanted) == 0)
                return false;
            registration.Poll.OnReady(registration);
            return true;
        }

        protected override bool FollowsSource => true;

        // Looked for by the thread that takes the registration off the ready list.
        protected override void OnSource(ref WakeBatch sleepers)
        {
            Volatile.Write(ref registration._needsSource, 1);
            registration.Poll.OnReady(registration);
        }
    }

    /// <summary>A look at a file whose queues are watched already.</summary>
    private sealed class Look : IPollTable
    {
        public bool HearsReports => true;

        public void Watch(IWaitQueue queue)
        {
        }
    }
}
