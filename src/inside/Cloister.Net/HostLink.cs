using System.Threading;
using Cloister.Contracts;
using Cloister.Nucleus;
using Cloister.Nucleus.HostWaits;

namespace Cloister.Net;

/// <summary>
/// A socket of the host that stands behind one of ours, and what is known of its readiness: the host tells each change once, so
/// that most polls and most calls that would get EAGAIN need no host call.
/// </summary>
/// <remarks>
/// Threads that wait in the host by themselves need no reports. Then only what was found to be there counts as known: that nothing is there
/// is asked for again, but by epoll, which takes what the host has to tell before it sleeps.
/// </remarks>
internal sealed class HostLink(IHostSockets host, uint handle, WaitQueue changed) : HostSource(host.Waiting as HostWaiting, handle)
{
    private const PollEvents ReadEvents = PollEvents.In | PollEvents.ReadNormal;
    private const PollEvents WriteEvents = PollEvents.Out | PollEvents.WriteNormal;

    /// <summary>Events that stay once they are there: the peer has closed.</summary>
    private const PollEvents Final = PollEvents.HangUp | PollEvents.ReadHangUp;

    // Below: events the socket may have. Bit 31: whether data was seen since the last read. Above: the number of reports so far, so that
    // nobody clears what he hasn't seen.
    private const ulong IsCertain = 1UL << 31;
    private const int CountShift = 32;
    private const ulong EventBits = (ulong)(uint)PollEvents.All;

    private ulong _known = (ulong)(ReadEvents | WriteEvents);
    private int _isReported;

    /// <summary>The host.</summary>
    public IHostSockets Host => host;

    /// <summary>Whether a call for reading (or accepting) may give something.</summary>
    public bool MayRead => Waiting is not null || (Known & (ReadEvents | Final | PollEvents.Error)) != 0;

    /// <summary>Whether a call for writing may give something.</summary>
    public bool MayWrite => Waiting is not null || (Known & (WriteEvents | PollEvents.HangUp | PollEvents.Error)) != 0;

    private PollEvents Known => (PollEvents)(Volatile.Read(ref _known) & EventBits);

    /// <summary>A mark for <see cref="Drained"/>, taken before a call.</summary>
    public uint Mark => (uint)(Volatile.Read(ref _known) >> CountShift);

    /// <summary>The host reports readiness.</summary>
    public void OnReady(PollEvents events)
    {
        if ((events & PollEvents.In) != 0)
            events |= PollEvents.ReadNormal;
        if ((events & PollEvents.Out) != 0)
            events |= PollEvents.WriteNormal;
        while (true)
        {
            ulong old = Volatile.Read(ref _known);
            ulong changed = (old | (ulong)events | ((events & PollEvents.In) != 0 ? IsCertain : 0)) + (1UL << CountShift);
            if (Interlocked.CompareExchange(ref _known, changed, old) == old)
                break;
        }

        Wake(events);
    }

    /// <summary>A call found nothing to read, or less than it wanted: there is nothing, unless the host has reported since.</summary>
    public void Drained(uint mark) => Clear(mark, (ulong)(ReadEvents | PollEvents.Priority) | IsCertain);

    /// <summary>A call found no room.</summary>
    public void Filled(uint mark) => Clear(mark, (ulong)WriteEvents);

    /// <summary>Something was read; whether there is more isn't known.</summary>
    public void Taken(uint mark) => Clear(mark, IsCertain);

    /// <summary>The socket can be waited for from now on: before it is connected or listens it counts as hung up.</summary>
    public void Attach()
    {
        if (Waiting is not null)
            changed.SetSource(this);
    }

    /// <summary>The socket is about to go.</summary>
    public void Detach()
    {
        if (changed.Source == this)
            changed.SetSource(null);
    }

    /// <inheritdoc/>
    public override void RequireReports()
    {
        if (Interlocked.Exchange(ref _isReported, 1) == 0)
            host.Watch(Handle);
    }

    /// <summary>Readiness now.</summary>
    /// <param name="hearsReports">Whether the caller hears what the host tells before it relies on the answer.</param>
    public PollEvents Poll(bool hearsReports)
    {
        ulong known = Volatile.Read(ref _known);
        var events = (PollEvents)(known & EventBits);
        bool isUnsure = (events & ReadEvents) != 0 && (known & IsCertain) == 0 && (events & Final) == 0;
        isUnsure |= Waiting is not null && !hearsReports;
        if (!isUnsure && (events & (PollEvents.Error | PollEvents.Priority)) == 0)
            return events;
        uint mark = (uint)(known >> CountShift);
        PollEvents now = host.Poll(Handle);
        Clear(mark, EventBits & ~(ulong)now);
        if ((now & PollEvents.In) != 0)
            Interlocked.Or(ref _known, IsCertain);
        return now;
    }

    private void Clear(uint mark, ulong bits)
    {
        while (true)
        {
            ulong old = Volatile.Read(ref _known);
            if ((uint)(old >> CountShift) != mark)
                return;
            if (Interlocked.CompareExchange(ref _known, old & ~bits, old) == old)
                return;
        }
    }

    // One of those who wait for a connection is enough; the others wait for different things.
    private void Wake(PollEvents events) => changed.Wake(events | ((events & (PollEvents.HangUp | PollEvents.Error)) != 0 ? PollEvents.All : 0));
}
