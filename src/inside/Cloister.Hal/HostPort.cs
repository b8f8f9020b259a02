using System;

namespace Cloister.Hal;

/// <summary>
/// The only way out of the enclave: memory shared with the host, and two doorbells. What lies in the memory (rings
/// of requests and completions, data buffers) is the business of the nucleus; who serves it (a thread of the
/// launcher, io_uring, a virtual machine monitor, an edge call) that of the platform and the host.
/// </summary>
public interface IHostPort
{
    /// <summary>
    /// The shared memory. The host can change any byte at any time: copy in once, check the copy, use the copy.
    /// </summary>
    Span<byte> SharedMemory { get; }

    /// <summary>
    /// Tells the host that there are submissions. May serve short requests on the calling thread before it returns;
    /// never waits for a slow one.
    /// </summary>
    void Ring();

    /// <summary>
    /// Sets what the host wakes when it has completed requests that it didn't complete within <see cref="Ring"/>.
    /// </summary>
    /// <param name="completions">Parker of the kernel thread that handles completions.</param>
    void Attach(IParker completions);

    /// <summary>
    /// As the other; a host that lies in the same process may call a delegate on its own thread instead of waking, which spares
    /// a change of threads for each report.
    /// </summary>
    /// <param name="completions">As above.</param>
    /// <param name="deliver">Handles what may be handled on any thread, and wakes the parker for the rest. Doesn't wait.</param>
    void Attach(IParker completions, Action deliver) => Attach(completions);

    /// <summary>How often a thread looks for its answer before it sleeps.</summary>
    int Patience => 200;

    /// <summary>The host as what threads call and wait in; null where only the rings lead to it.</summary>
    IDirectHost? Direct => null;
}
