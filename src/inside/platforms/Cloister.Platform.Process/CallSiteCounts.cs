using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>What became of the SYSCALL instructions of programs.</summary>
public struct CallSiteCounts
{
    /// <summary>All that were found.</summary>
    public int Sites;

    /// <summary>Those that leave user mode without a trap.</summary>
    public int Patched;

    /// <summary>Traps, since a branch leads into what would have to move.</summary>
    public int BranchedInto;

    /// <summary>Traps, since no neighbour can move.</summary>
    public int WithoutRoom;

    /// <summary>Traps, since it isn't clear where instructions begin.</summary>
    public int Uncertain;

    /// <summary>Traps, since unwinders know the return from signal handlers by its bytes.</summary>
    public int SignalReturns;

    /// <summary>Adds up; any thread.</summary>
    internal void Add(in CallSiteCounts other)
    {
        Interlocked.Add(ref Sites, other.Sites);
        Interlocked.Add(ref Patched, other.Patched);
        Interlocked.Add(ref BranchedInto, other.BranchedInto);
        Interlocked.Add(ref WithoutRoom, other.WithoutRoom);
        Interlocked.Add(ref Uncertain, other.Uncertain);
        Interlocked.Add(ref SignalReturns, other.SignalReturns);
    }
}

/// <summary>The counts of all address spaces of an enclave.</summary>
internal sealed class CallSiteStatistics
{
    private CallSiteCounts _counts;

    public CallSiteCounts Counts => _counts;

    public void Add(in CallSiteCounts counts) => _counts.Add(counts);
}
