using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>Kernel threads are threads of the host; ended ones are kept for the next.</summary>
internal sealed class ProcessCpus(Stubs stubs, IClock clock) : ICpus, IDisposable
{
    private const int StackSize = 1024 * 1024;
    private const int MostIdle = 64;

    // membarrier(2); the command to register for one is the next bit.
    private const ulong MembarrierQuery = 0;
    private const ulong MembarrierPrivateExpedited = 1 << 3;
    private const ulong MembarrierPrivateExpeditedSyncCore = 1 << 5;

    private readonly Lock _lock = new();
    private readonly Stack<Worker> _idle = new();
    private readonly ThreadLocal<ProcessUserContext?> _currentContext = new();

    /// <inheritdoc/>
    public int Count => Processors.Count;

    /// <inheritdoc/>
    public int Current => Processors.Current(stubs);

    /// <summary>The host's processors that this process may use.</summary>
    public HostProcessors Processors { get; } = new(stubs);

    /// <inheritdoc/>
    public void Yield() => Thread.Yield();

    /// <inheritdoc/>
    public bool CanSynchronize { get; } =
        (stubs.Call(Host.Membarrier, MembarrierQuery) & (long)(MembarrierPrivateExpedited | MembarrierPrivateExpeditedSyncCore))
        == (long)(MembarrierPrivateExpedited | MembarrierPrivateExpeditedSyncCore);

    /// <inheritdoc/>
    /// <remarks>
    /// The process registers at the first use: where there are threads already, that waits for a grace period of the host's
    /// kernel, 10 ms and more of a start.
    /// </remarks>
    public void Synchronize(bool instructions)
    {
        ulong command = instructions ? MembarrierPrivateExpeditedSyncCore : MembarrierPrivateExpedited;
        if (stubs.Call(Host.Membarrier, command) == 0)
            return;
        stubs.Call(Host.Membarrier, command << 1);
        stubs.Call(Host.Membarrier, command);
    }

    /// <summary>Makes the way into user mode for a host thread that is about to start.</summary>
    /// <remarks>Set once, before the first thread; the platform's parts refer to each other.</remarks>
    public Func<ProcessUserContext> ContextFactory { private get; set; } = null!;

    /// <summary>The calling thread's way into user mode; null where it is none of the kernel's.</summary>
    public ProcessUserContext? OwnContext => _currentContext.Value;

    /// <summary>The calling thread's way into user mode.</summary>
    public ProcessUserContext CurrentContext => _currentContext.Value ?? throw new InvalidOperationException("Not a kernel thread.");

    /// <summary>The calling thread is about to sleep.</summary>
    /// <returns>Its context, which has been told.</returns>
    public ProcessUserContext? OnSleep()
    {
        ProcessUserContext? context = _currentContext.Value;
        if (context is not null)
            context.IsAsleep = true;
        // Who waits for that notes so first, and then looks (Residency.AwaitTurn).
        Interlocked.MemoryBarrier();
        Residency?.OnSleep();
        return context;
    }

    /// <inheritdoc/>
    public IParker CreateParker() => new FutexParker(stubs, clock, this);

    /// <summary>What a sleep and a wake-up cost where that is modelled; null for nothing.</summary>
    public IExits? Exits { get; init; }

    /// <summary>Who hears of threads that go to sleep.</summary>
    /// <remarks>Set once, before the first thread.</remarks>
    public Residency? Residency { get; set; }

    /// <inheritdoc/>
    public IReservedThread? Reserve()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out Worker? idle))
                return idle;
        }

        return Worker.TryCreate(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _currentContext.Dispose();

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

    /// <summary>A thread of the host, with its context.</summary>
    private sealed class Worker : IReservedThread
    {
        private readonly ProcessCpus _cpus;
        private readonly ProcessUserContext _context;
        private readonly IParker _parker;
        private IKernelThreadEntry? _entry;
        private bool _isCancelled;

        private Worker(ProcessCpus cpus, ProcessUserContext context)
        {
            _cpus = cpus;
            _context = context;
            _parker = cpus.CreateParker();
        }

        public static Worker? TryCreate(ProcessCpus cpus)
        {
            ProcessUserContext? context = null;
            try
            {
                context = cpus.ContextFactory();
                var worker = new Worker(cpus, context);
                new Thread(worker.Loop, StackSize) { IsBackground = true }.Start();
                return worker;
            }
            catch (Exception error) when (error is OutOfMemoryException or ThreadStartException or PlatformException)
            {
                // The host has a limit on threads or mappings (RLIMIT_NPROC, a pids cgroup, vm.max_map_count).
                context?.Free();
                return null;
            }
        }

        public void Start(IKernelThreadEntry entry)
        {
            Volatile.Write(ref _entry, entry);
            _parker.Unpark();
        }

        public void Cancel()
        {
            if (_cpus.TryKeep(this))
                return;
            Volatile.Write(ref _isCancelled, true);
            _parker.Unpark();
        }

        private void Loop()
        {
            _context.Bind();
            _cpus._currentContext.Value = _context;
            do
            {
                IKernelThreadEntry? current;
                while ((current = Interlocked.Exchange(ref _entry, null)) is null && !Volatile.Read(ref _isCancelled))
                    _parker.Park(long.MaxValue);
                current?.Run();
            }
            while (!Volatile.Read(ref _isCancelled) && _cpus.TryKeep(this));
            _cpus._currentContext.Value = null;
            _context.Unbind();
            _context.Free();
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
    private const int SleepingElsewhere = -2;
    private const int SpinRounds = 40;
    private const nint CacheLine = 64;

    private readonly Stubs _stubs;
    private readonly IClock _clock;
    private readonly ProcessCpus _cpus;
    private readonly int[] _memory;
    private readonly int* _word;
    private ISleepingPlace? _place;

    public FutexParker(Stubs stubs, IClock clock, ProcessCpus cpus)
    {
        _stubs = stubs;
        _clock = clock;
        _cpus = cpus;
        // Pinned, so that the host's kernel may know its address; freed with the parker, which late wakers may still hold.
        _memory = GC.AllocateArray<int>((int)(2 * CacheLine / sizeof(int)), pinned: true);
        // SAFETY: the array is pinned and lives as long as this object; a cache line fits behind any start in it.
        _word = (int*)(((nint)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) + CacheLine - 1) & ~(CacheLine - 1));
    }

    /// <inheritdoc/>
    public bool Park(long deadline)
    {
        // A short spin catches a waker that is just about to come, for a fraction of what sleeping costs.
        for (int i = _cpus.Exits?.Patience ?? SpinRounds; i > 0; i--)
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

        // A rival of the program may be waiting for just that.
        ProcessUserContext? context = _cpus.OnSleep();
        _cpus.Exits?.Leave();
        long* time = stackalloc long[2];
        time[0] = deadline / 1_000_000_000;
        time[1] = deadline % 1_000_000_000;
        // FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock (futex(2)). A signal ends it early, without a
        // token: callers look again at what they wait for.
        _stubs.HostCall(Host.Futex, (ulong)_word, FutexWaitBitsetPrivate, unchecked((ulong)(uint)Sleeping),
            deadline == long.MaxValue ? 0 : (ulong)time, 0, uint.MaxValue);
        return EndSleep(context, deadline);
    }

    /// <inheritdoc/>
    public bool ParkAt(ISleepingPlace place, long deadline)
    {
        _place = place;
        if (Interlocked.CompareExchange(ref *_word, SleepingElsewhere, Empty) == Token)
        {
            Volatile.Write(ref *_word, Empty);
            return true;
        }

        ProcessUserContext? context = _cpus.OnSleep();
        place.Sleep(deadline);
        return EndSleep(context, deadline);
    }

    private bool EndSleep(ProcessUserContext? context, long deadline)
    {
        if (context is not null)
            context.IsAsleep = false;
        if (Interlocked.Exchange(ref *_word, Empty) == Token)
            return true;
        // Woken by a kick: as good as a token, unless the time is over.
        return deadline == long.MaxValue || _clock.MonotonicNanoseconds < deadline;
    }

    /// <inheritdoc/>
    public void TakeToken() => Interlocked.CompareExchange(ref *_word, Empty, Token);

    /// <inheritdoc/>
    public void Unpark()
    {
        switch (Interlocked.Exchange(ref *_word, Token))
        {
            case Sleeping:
                _cpus.Exits?.Leave();
                _stubs.ShortHostCall(Host.Futex, (ulong)_word, FutexWakePrivate, 1, 0, 0, 0);
                break;
            case SleepingElsewhere:
                // The thread may have left it meanwhile, for another one: then that sleep ends without a reason.
                _place!.Wake();
                break;
        }
    }
}
