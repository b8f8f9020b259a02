using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Gives host memory to fresh frames ahead of their use, on a thread of its own.</summary>
/// <remarks>
/// The first touch of a page of a memfd costs the host some 2.5 us: 5 ms for what a start of python3 reads. A quarter of
/// what is in use, but not more than a few MiB, hides it on another CPU. It stays so little since an idle enclave has that memory too.
/// For the same reason it gives up, once, what only the start has executed.
/// </remarks>
internal sealed unsafe class FramePopulation : IKernelThreadEntry
{
    private const int MostAhead = 1024;
    private const int LeastAhead = 64;

    /// <summary>Frames populated by one call. The host holds its lock of the address space meanwhile.</summary>
    private const int Batch = 32;

    /// <summary>Frames that a thread populates itself when it has overtaken: adjacent ones are cheaper together.</summary>
    private const int OvertakenBatch = 64;

    /// <summary>A start is over by then; one that takes longer maps a page or two again.</summary>
    private const long StartNanoseconds = 1_000_000_000;

    private readonly Stubs _stubs;
    private readonly IClock _clock;
    private readonly byte* _base;
    private readonly int _total;
    private readonly IParker _parker;
    private int _used;
    private int _populated;
    private int _isAwake;

    /// <summary>Starts the thread.</summary>
    /// <param name="stubs">Way to the host.</param>
    /// <param name="cpus">Where the thread comes from.</param>
    /// <param name="clock">Tells when the start is over.</param>
    /// <param name="start">Mapping of all frames.</param>
    /// <param name="total">Frames.</param>
    public FramePopulation(Stubs stubs, ICpus cpus, IClock clock, byte* start, int total)
    {
        _stubs = stubs;
        _clock = clock;
        _base = start;
        _total = total;
        _parker = cpus.CreateParker();
        _isAwake = 1;
        cpus.Start(this);
    }

    /// <summary>To be called with the allocator's lock held when fresh frames are taken.</summary>
    /// <param name="used">How many were ever taken.</param>
    public void OnUsed(int used)
    {
        Volatile.Write(ref _used, used);
        if (used > Volatile.Read(ref _populated))
            Populate(Math.Max(used, _populated + OvertakenBatch));
        if (_populated - used < Ahead(used) / 2 && _populated < _total && Interlocked.Exchange(ref _isAwake, 1) == 0)
            _parker.Unpark();
    }

    /// <inheritdoc/>
    public void Run()
    {
        long started = _clock.MonotonicNanoseconds;
        bool hasTrimmed = false;
        while (true)
        {
            while (true)
            {
                int populated = Volatile.Read(ref _populated);
                int used = Volatile.Read(ref _used);
                int wanted = used + Ahead(used);
                if (populated >= Math.Min(wanted, _total))
                    break;
                Populate(Math.Min(populated + Batch, wanted));
            }

            Volatile.Write(ref _isAwake, 0);
            if (!_parker.Park(hasTrimmed ? long.MaxValue : started + StartNanoseconds))
            {
                HostAddressMap.ForgetStartupText(_stubs);
                hasTrimmed = true;
            }
        }
    }

    /// <summary>How many frames have memory before they are used.</summary>
    private static int Ahead(int used) => Math.Clamp(used / 4, LeastAhead, MostAhead);

    private void Populate(int until)
    {
        until = Math.Min(until, _total);
        int from = Volatile.Read(ref _populated);
        // Claimed first: a thread that touches what isn't populated yet takes an ordinary page fault.
        if (until <= from || Interlocked.CompareExchange(ref _populated, until, from) != from)
            return;

        // SAFETY: the range lies in the mapping of all frames, which is never unmapped; populating changes no byte.
        // Best effort: kernels before 5.14 lack the advice and fault page by page.
        _stubs.ShortHostCall(Host.Madvise, (ulong)(_base + ((long)from << FrameExtent.FrameShift)), (ulong)(until - from) << FrameExtent.FrameShift, Host.MadvPopulateWrite, 0, 0, 0);
    }
}
