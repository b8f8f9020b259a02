namespace Cloister.Nucleus.HostWaits;

/// <summary>
/// What of the host makes the object of a <see cref="WaitQueue"/> ready. Where the platform lets them, threads that wait on the queue
/// wait for it in the host, by themselves.
/// </summary>
/// <param name="waiting">How threads wait for it; null where they can't, and the host reports what happens.</param>
/// <param name="handle">The host's number for it.</param>
public abstract class HostSource(HostWaiting? waiting, uint handle)
{
    /// <summary>How threads wait for it; null where they can't.</summary>
    public HostWaiting? Waiting => waiting;

    /// <summary>The host's number for it.</summary>
    public uint Handle => handle;

    /// <summary>Makes the host report what happens to it, too: for those who don't wait as threads do. The host is asked.</summary>
    public abstract void RequireReports();
}
