using System;

namespace Cloister.Hal;

/// <summary>Puts one kernel thread to sleep and wakes it. Holds at most one token.</summary>
public interface IParker
{
    /// <summary>Takes the token, sleeping until there is one or the deadline has passed.</summary>
    /// <param name="deadline">Monotonic nanoseconds (<see cref="IClock.MonotonicNanoseconds"/>); long.MaxValue for never.</param>
    /// <returns>True with the token, false at the deadline. Only the owning thread calls this.</returns>
    bool Park(long deadline);

    /// <summary>As <see cref="Park"/>, but the thread sleeps at another place. Only where the host port has an <see cref="IDirectHost"/>.</summary>
    bool ParkAt(ISleepingPlace place, long deadline) => Park(deadline);

    /// <summary>Takes the token, if there is one, without sleeping.</summary>
    void TakeToken() => Park(0);

    /// <summary>Leaves a token and wakes the sleeper. Any thread; never blocks; keeps no more than one token.</summary>
    void Unpark();
}

/// <summary>Processors: kernel threads.</summary>
public interface ICpus
{
    /// <summary>How many processors the enclave may use at once; at least 1.</summary>
    int Count { get; }

    /// <summary>Number of the processor that the calling thread runs on; a hint.</summary>
    int Current { get; }

    /// <summary>Lets another thread run, if one waits for the processor.</summary>
    void Yield();

    /// <summary>Whether <see cref="Synchronize"/> is available.</summary>
    bool CanSynchronize { get; }

    /// <summary>Makes every processor that runs a thread of this enclave pass a full memory barrier (membarrier(2)).</summary>
    /// <param name="instructions">Whether it also forgets instructions it has fetched ahead.</param>
    void Synchronize(bool instructions);

    /// <summary>
    /// Reserves a kernel thread with all that it needs, so that starting it can't fail: for threads that programs ask
    /// for. The platform may reuse an ended one.
    /// </summary>
    /// <returns>Null where there are no more threads, or no memory for one.</returns>
    IReservedThread? Reserve();

    /// <summary>Starts a thread that the kernel can't do without.</summary>
    void Start(IKernelThreadEntry entry)
    {
        IReservedThread thread = Reserve() ?? throw new InvalidOperationException("The platform has no thread for the kernel itself.");
        thread.Start(entry);
    }

    /// <summary>Makes a parker for the thread that will call <see cref="IParker.Park"/>.</summary>
    IParker CreateParker();
}

/// <summary>A kernel thread that waits for its work. One of the two methods is called, once.</summary>
public interface IReservedThread
{
    /// <summary>Starts it.</summary>
    /// <param name="entry">What it runs. An exception that leaves it is a defect of the kernel and ends the enclave.</param>
    void Start(IKernelThreadEntry entry);

    /// <summary>Gives it back.</summary>
    void Cancel();
}

/// <summary>Body of a kernel thread.</summary>
public interface IKernelThreadEntry
{
    /// <summary>Runs on the new thread until it returns.</summary>
    void Run();
}

/// <summary>Time.</summary>
public interface IClock
{
    /// <summary>Nanoseconds since some fixed point, never backwards.</summary>
    long MonotonicNanoseconds { get; }

    /// <summary>Nanoseconds since 1970-01-01 UTC. Set by the host on most platforms, so not to be trusted.</summary>
    long RealtimeNanoseconds { get; }

    /// <summary>
    /// A clock that programs may also read through the platform's vDSO, with the same value here. Platforms without one
    /// derive it from the two above.
    /// </summary>
    long Read(ClockSource source) => source is ClockSource.Realtime or ClockSource.RealtimeCoarse or ClockSource.Tai
        ? RealtimeNanoseconds
        : MonotonicNanoseconds;
}

/// <summary>Clocks, numbered as in clock_gettime(2).</summary>
public enum ClockSource
{
    /// <summary>Wall time.</summary>
    Realtime = 0,

    /// <summary>Time since some point.</summary>
    Monotonic = 1,

    /// <summary>The same without rate adjustment.</summary>
    MonotonicRaw = 4,

    /// <summary>Wall time of the last tick.</summary>
    RealtimeCoarse = 5,

    /// <summary>Monotonic time of the last tick.</summary>
    MonotonicCoarse = 6,

    /// <summary>Monotonic time that goes on while the machine sleeps.</summary>
    BootTime = 7,

    /// <summary>Atomic time.</summary>
    Tai = 11,
}

/// <summary>Random bytes.</summary>
public interface IEntropy
{
    /// <summary>Fills the buffer with bytes fit for keys.</summary>
    void Fill(Span<byte> buffer);
}
