using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Kernel threads are threads of the host; ended ones are kept for the next.</summary>
internal sealed class ProcessCpus(Stubs stubs, IClock clock) : ICpus
{
    private const int StackSize = 1024 * 1024;
    private const int MostIdle = 64;

    private const ulong MembarrierPrivateExpedited = 1 << 3;
    private const ulong MembarrierRegisterPrivateExpedited = 1 << 4;
    private const ulong MembarrierPrivateExpeditedSyncCore = 1 << 5;
    private const ulong MembarrierRegisterPrivateExpeditedSyncCore = 1 << 6;

    private readonly Lock _lock = new();
    private readonly Stack<Worker> _idle = new();

    /// <inheritdoc/>
    public int Count { get; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    public int Current => Thread.GetCurrentProcessorId() % Count;

    /// <inheritdoc/>
    public void Yield() => Thread.Yield();

    /// <inheritdoc/>
    public bool CanSynchronize { get; } =
        stubs.Call(Host.Membarrier, MembarrierRegisterPrivateExpedited) == 0 &&
        stubs.Call(Host.Membarrier, MembarrierRegisterPrivateExpeditedSyncCore) == 0;

    /// <inheritdoc/>
    // All programs are threads of this process, so the host's private barrier reaches every one.
    public void Synchronize(bool instructions) =>
        stubs.Call(Host.Membarrier, instructions ? MembarrierPrivateExpeditedSyncCore : MembarrierPrivateExpedited);

    /// <inheritdoc/>
    public IParker CreateParker() => new FutexParker(stubs, clock);

    /// <inheritdoc/>
    public void Start(IKernelThreadEntry entry)
    {
        Worker? worker;
        lock (_lock)
            _idle.TryPop(out worker);
        if (worker is null)
            new Worker(this, entry).StartThread();
        else
            worker.Continue(entry);
    }

    private bool TryKeep(Worker worker)
    {
        lock (_lock)
        {
            if (_idle.Count >= MostIdle)
                return false;
            _idle.Push(worker);
            return true;
        }
    }

    private sealed class Worker(ProcessCpus cpus, IKernelThreadEntry? entry)
    {
        private readonly IParker _parker = cpus.CreateParker();

        public void StartThread()
        {
            var thread = new Thread(Loop, StackSize) { IsBackground = true };
            thread.Start();
        }

        public void Continue(IKernelThreadEntry next)
        {
            Volatile.Write(ref entry, next);
            _parker.Unpark();
        }

        private void Loop()
        {
            do
            {
                IKernelThreadEntry? current;
                while ((current = Interlocked.Exchange(ref entry, null)) is null)
                    _parker.Park(long.MaxValue);
                current.Run();
            }
            while (cpus.TryKeep(this));
        }
    }
}

/// <summary>A parker on a futex of the host.</summary>
internal sealed unsafe class FutexParker : IParker
{
    private const ulong FutexWaitBitsetPrivate = 9 | 128;
    private const ulong FutexWakePrivate = 1 | 128;
    private const int Empty = 0;
    private const int Token = 1;
    private const int Sleeping = -1;
    private const int SpinRounds = 40;

    private readonly Stubs _stubs;
    private readonly IClock _clock;
    private readonly int* _word;

    public FutexParker(Stubs stubs, IClock clock)
    {
        _stubs = stubs;
        _clock = clock;
        // One cache line, never freed: parkers belong to threads, which are kept.
        _word = (int*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc(64, 64);
        *_word = Empty;
    }

    /// <inheritdoc/>
    public bool Park(long deadline)
    {
        // A short spin catches a waker that is just about to come, for a fraction of what sleeping costs.
        for (int i = 0; i < SpinRounds; i++)
        {
            if (Volatile.Read(ref *_word) == Token)
            {
                Volatile.Write(ref *_word, Empty);
                return true;
            }

            System.Runtime.Intrinsics.X86.X86Base.Pause();
        }

        if (Interlocked.CompareExchange(ref *_word, Sleeping, Empty) == Token)
        {
            Volatile.Write(ref *_word, Empty);
            return true;
        }

        long* time = stackalloc long[2];
        time[0] = deadline / 1_000_000_000;
        time[1] = deadline % 1_000_000_000;
        // FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock (futex(2)). A signal ends it early, without a
        // token: callers look again at what they wait for.
        _stubs.HostCall(Host.Futex, (ulong)_word, FutexWaitBitsetPrivate, unchecked((ulong)(uint)Sleeping),
            deadline == long.MaxValue ? 0 : (ulong)time, 0, uint.MaxValue);
        if (Interlocked.Exchange(ref *_word, Empty) == Token)
            return true;
        // Woken by a kick: as good as a token, unless the time is over.
        return deadline == long.MaxValue || _clock.MonotonicNanoseconds < deadline;
    }

    /// <inheritdoc/>
    public void Unpark()
    {
        if (Interlocked.Exchange(ref *_word, Token) == Sleeping)
            _stubs.ShortHostCall(Host.Futex, (ulong)_word, FutexWakePrivate, 1, 0, 0, 0);
    }
}
