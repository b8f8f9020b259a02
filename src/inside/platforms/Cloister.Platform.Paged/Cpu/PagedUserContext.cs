using System;
using System.Threading;
using Cloister.Hal;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>A thread's way into user mode, as far as processors don't differ.</summary>
/// <typeparam name="TEntry">The processor's format of page tables.</typeparam>
internal abstract class PagedUserContext<TEntry>(Interrupts interrupts, IClock clock) : IUserContext
    where TEntry : struct, IPageEntry<TEntry>
{
    private const long TimeSlice = 4_000_000;

    private long _used;
    private bool _isKicked;

    /// <summary>The space that the thread runs in.</summary>
    public PagedAddressSpace<TEntry>? Space { get; set; }

    /// <inheritdoc/>
    public abstract Span<ulong> Registers { get; }

    /// <inheritdoc/>
    public TrapDetails Trap { get; protected set; }

    /// <inheritdoc/>
    public abstract int VectorStateSize { get; }

    /// <inheritdoc/>
    public abstract ulong VectorStateComponents { get; }

    /// <inheritdoc/>
    public abstract int StateSize { get; }

    /// <inheritdoc/>
    public long CpuNanoseconds => _used;

    /// <inheritdoc/>
    public TrapKind Run()
    {
        while (true)
        {
            if (_isKicked)
            {
                _isKicked = false;
                return TrapKind.Interrupt;
            }

            if (!MakeEnterable())
                return TrapKind.Fault;
            PagedMmu<TEntry>.Use(Space!);
            UseVectors();
            interrupts.ArmFor(TimeSlice);
            long start = clock.MonotonicNanoseconds;
            Enter();
            _used += clock.MonotonicNanoseconds - start;
            TrapKind kind = Classify(out int interrupt);
            if (kind != TrapKind.Interrupt)
                return kind;
            interrupts.Handle(interrupt);
            if (KernelScheduler.HasReady())
                Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public abstract void SetAllRegistersChanged();

    /// <inheritdoc/>
    public void Kick() => _isKicked = true; // no thread is in user mode while another runs in the kernel

    /// <inheritdoc/>
    public void SetProcessors(ReadOnlySpan<ulong> allowed)
    {
        // There is one.
    }

    /// <inheritdoc/>
    public abstract void SaveVectorState(Span<byte> image);

    /// <inheritdoc/>
    public abstract void RestoreVectorState(ReadOnlySpan<byte> image, ulong components);

    /// <inheritdoc/>
    public abstract void ResetVectorState();

    /// <inheritdoc/>
    public abstract void CaptureState(Span<byte> state);

    /// <inheritdoc/>
    public abstract void LoadState(ReadOnlySpan<byte> state);

    /// <inheritdoc/>
    public virtual void Dispose() => Space = null;

    /// <summary>Looks for registers that the processor would refuse in the kernel instead of in the program.</summary>
    /// <returns>False where the program has to fault: <see cref="Trap"/> says how.</returns>
    protected abstract bool MakeEnterable();

    /// <summary>Makes the vector registers the thread's.</summary>
    protected abstract void UseVectors();

    /// <summary>Runs the program until its next trap.</summary>
    protected abstract void Enter();

    /// <summary>What the trap was; <see cref="Trap"/> describes a fault.</summary>
    /// <param name="interrupt">The vector of an interrupt.</param>
    protected abstract TrapKind Classify(out int interrupt);
}
