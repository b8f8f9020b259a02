using System.Collections.Generic;
using System.Threading;
using Cloister.Contracts;
using Cloister.Nucleus;
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
    public EventRegistration? NextOfFile { get; set; }

    // The ready list of the instance, guarded by its lock.
    public EventRegistration? NextReady { get; set; }

    public EventRegistration? PreviousReady { get; set; }

    public bool IsReady { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>What the file is ready for, of what is wanted.</summary>
    public PollEvents PollNow(IPollTable? table)
    {
        PollEvents ready = File.Poll(table);
        return ready & Wanted;
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

    public void Watch(IWaitQueue queue)
    {
        var place = new Place(this) { IsExclusive = IsExclusive };
        if (!Poll.TryKeep(this, _places, place))
            return;
        ((WaitQueue)queue).Add(place);

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
                registration.Poll.Remove(registration);
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
    }
}
