using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Vfs;

/// <summary>What the VFS needs of the platform.</summary>
/// <param name="Memory">Memory of files.</param>
/// <param name="Clock">Time.</param>
/// <param name="Entropy">Random bytes, for /dev/urandom and hash seeds.</param>
public sealed record VfsServices(EnclaveMemory Memory, IClock Clock, IEntropy Entropy)
{
    /// <summary>Timers, for timerfd; null where there are none (tests).</summary>
    public ITimerQueue? Timers { get; init; }

    /// <summary>For /dev/attestation; null where there is none.</summary>
    public IRootOfTrust? RootOfTrust { get; init; }
}
