using Cloister.Nucleus.HostWaits;

namespace Cloister.Nucleus;

/// <summary>Sleeping in the host.</summary>
public abstract partial class KernelThread
{
    /// <summary>
    /// Sleeps in the host, where some of the queues are those of its sockets: the thread hears of them at first hand.
    /// </summary>
    /// <returns>False where there is nothing to wait for there, and the thread didn't sleep.</returns>
    private bool TrySleepInHost(long deadline, out bool token)
    {
        token = false;
        HostSleep? sleep = null;
        HostWaiting? waiting = null;
        for (int i = 0; i < _watching; i++)
        {
            if (_entries[i].Source is not { Waiting: { } place } source)
                continue;
            waiting = place;
            sleep ??= place.Rent();
            if (sleep is null)
                source.RequireReports();
            else
                sleep.Add(source, _entries[i].Interest);
        }

        if (sleep is null)
            return false;
        HostGroup? group = sleep.Group;
        if (group is not null && !group.TryLead())
        {
            token = _parker.Park(deadline);
            group.StopFollowing();
            sleep.End();
        }
        else
        {
            token = _parker.ParkAt(sleep, deadline);
            sleep.End();
            group?.StopLeading();

            // What was told may be for this thread itself: it looks now.
            _parker.TakeToken();
        }

        waiting!.Return(sleep);
        return true;
    }
}
