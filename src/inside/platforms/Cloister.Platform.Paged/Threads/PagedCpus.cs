using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Threads;

/// <summary>Kernel threads are threads of the runtime, which switches them where they wait; ended ones are kept for the next.</summary>
public sealed class PagedCpus(Interrupts interrupts) : ICpus
{
    private const int StackSize = 128 << 10;
    private const int MostIdle = 64;

    private readonly Stack<Worker> _idle = new();

    /// <inheritdoc/>
    public int Count => 1;

    /// <inheritdoc/>
    public int Current => 0;

    /// <inheritdoc/>
    public bool CanSynchronize => true;

    /// <inheritdoc/>
    public void Yield()
    {
        // Who asks again and again waits for an interrupt.
        interrupts.TakePending();
        Thread.Yield();
    }

    /// <inheritdoc/>
    public void Synchronize(bool instructions)
    {
        // On one processor every other thread has been through the kernel, and its next instruction is fetched anew.
    }

    /// <inheritdoc/>
    public IParker CreateParker() => new Parker();

    /// <inheritdoc/>
    public IReservedThread? Reserve()
    {
        if (_idle.TryPop(out Worker? idle))
            return idle;
        try
        {
            return new Worker(this);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    private sealed class Worker : IReservedThread
    {
        private readonly PagedCpus _cpus;
        private readonly Parker _parker = new();
        private IKernelThreadEntry? _entry;
        private bool _isCancelled;

        public Worker(PagedCpus cpus)
        {
            _cpus = cpus;
            new Thread(Loop, StackSize) { IsBackground = true }.Start();
        }

        public void Start(IKernelThreadEntry entry)
        {
            _entry = entry;
            _parker.Unpark();
        }

        public void Cancel()
        {
            if (TryKeep())
                return;
            _isCancelled = true;
            _parker.Unpark();
        }

        private void Loop()
        {
            do
            {
                while (_entry is null && !_isCancelled)
                    _parker.Park(long.MaxValue);
                IKernelThreadEntry? entry = _entry;
                _entry = null;
                entry?.Run();
            }
            while (!_isCancelled && TryKeep());
        }

        private bool TryKeep()
        {
            if (_cpus._idle.Count >= MostIdle)
                return false;
            _cpus._idle.Push(this);
            return true;
        }
    }
}

/// <summary>Puts a kernel thread to sleep: nothing comes between the test and the sleep, as the kernel is not preempted.</summary>
internal sealed class Parker : IParker
{
    private Thread? _sleeper;
    private bool _hasToken;

    /// <inheritdoc/>
    public bool Park(long deadline)
    {
        if (!_hasToken)
        {
            _sleeper = Thread.CurrentThread;
            KernelScheduler.Block(deadline);
            _sleeper = null;
        }

        bool hadToken = _hasToken;
        _hasToken = false;
        return hadToken;
    }

    /// <inheritdoc/>
    public void Unpark()
    {
        _hasToken = true;
        if (_sleeper is not { } sleeper)
            return;
        _sleeper = null;
        KernelScheduler.Wake(sleeper);
    }
}
