using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// A user thread's registers, in a block that the emitted code finds through GS. Belongs to the host thread that
/// binds it, for which it also arms Syscall User Dispatch and the alternate signal stack.
/// </summary>
internal sealed unsafe class ProcessUserContext : IUserContext
{
    private const int DebugVector = 1;
    private const int PageFaultVector = 14;

    /// <summary>Error code of a page fault: user mode, fetch of an instruction.</summary>
    private const uint UserFetch = 0x14;

    private const int SwitchesBeforeBinding = 8;

    /// <summary>The part of the block that makes up a program's state.</summary>
    private const int BlockStateSize = ContextLayout.Masks + 64;

    private readonly Stubs _stubs;
    private readonly VectorState _vectorState;
    private readonly byte* _memory;
    private readonly byte* _block;
    private readonly int _hostProcess;
    private readonly bool _dispatches;
    private readonly HostProcessors _processors;
    private bool _hasProcessors;
    private bool _isAsleep;
    private volatile bool _isBound;
    private int _switches;
    private readonly Lock _kickLock = new();
    private bool _isFreed;
    private int _hostThread;
    private long _cpuStart;
    private SignalStack _previousStack;
    private ProcessAddressSpace? _space;

    /// <summary>Takes the memory; may run on any thread.</summary>
    /// <exception cref="PlatformException">The host has none.</exception>
    public ProcessUserContext(Stubs stubs, VectorState vectorState, HostProcessors processors, int hostProcess, bool dispatches)
    {
        _processors = processors;
        _stubs = stubs;
        _vectorState = vectorState;
        _hostProcess = hostProcess;
        _dispatches = dispatches;

        // Twice the alignment always has an aligned block in it; what isn't touched costs nothing.
        byte* memory = Host.mmap(null, 2 * ContextLayout.BlockAlignment, Host.ProtRead | Host.ProtWrite,
            Host.MapPrivate | Host.MapAnonymous | Host.MapNoReserve, -1, 0);
        if (memory == (byte*)-1)
            throw new PlatformException("The host has no memory for another thread.");
        _memory = memory;
        _block = (byte*)(((ulong)memory + ContextLayout.BlockAlignment - 1) & ~(ContextLayout.BlockAlignment - 1UL));
    }

    /// <summary>Makes the calling host thread able to enter user mode.</summary>
    public void Bind()
    {
        _hostThread = (int)_stubs.ShortHostCall(Host.Gettid, 0, 0, 0, 0, 0, 0);
        *(ulong*)(_block + ContextLayout.Self) = (ulong)_block;
        *(ulong*)(_block + ContextLayout.LeaveAddress) = _stubs.LeaveAddress;
        *(ulong*)(_block + ContextLayout.HostFsBase) = _stubs.ReadFsBase();
        Reset();
        // SAFETY: the block outlives the binding, and the thread keeps GS for nothing else.
        _stubs.WriteGsBase(_block);

        // The runtime's own alternate stack is too small for AVX-512 frames with a handler behind ours.
        var stack = new SignalStack((ulong)_block + ContextLayout.Size, 0, ContextLayout.SignalStackSize);
        fixed (SignalStack* previous = &_previousStack)
            _stubs.ShortHostCall(Host.Sigaltstack, (ulong)(&stack), (ulong)previous, 0, 0, 0, 0);

        if (_dispatches && !SyscallUserDispatch.TryEnable(_stubs, _block + ContextLayout.Selector))
            throw new PlatformException("The host's kernel refused Syscall User Dispatch for a thread.");
    }

    /// <summary>Undoes <see cref="Bind"/>: the thread ends, and its runtime finds the signal stack that it has set up.</summary>
    public void Unbind()
    {
        if (_dispatches)
            SyscallUserDispatch.Disable(_stubs);
        _stubs.WriteGsBase(null);
        SignalStack stack = _previousStack;
        _stubs.ShortHostCall(Host.Sigaltstack, (ulong)(&stack), 0, 0, 0, 0, 0);
    }

    /// <summary>Gives the memory back. A late <see cref="Kick"/> then does nothing.</summary>
    public void Free()
    {
        lock (_kickLock)
        {
            _isFreed = true;
            // SAFETY: no thread has this block in GS or as signal stack any more, and kicks look at the mark first.
            _stubs.ShortHostCall(Host.Munmap, (ulong)_memory, 2 * ContextLayout.BlockAlignment, 0, 0, 0, 0);
        }
    }

    /// <inheritdoc/>
    // SAFETY: the block begins with the registers (ContextLayout) and is never freed while this object is in use.
    public Span<ulong> Registers => new(_block, X64Registers.Count);

    private ref X64Registers Named => ref X64Registers.Of(Registers);

    /// <inheritdoc/>
    public TrapDetails Trap => new(
        *(int*)(_block + ContextLayout.TrapNumber),
        *(ulong*)(_block + ContextLayout.FaultAddress),
        *(uint*)(_block + ContextLayout.ErrorCode));

    /// <inheritdoc/>
    public int VectorStateSize => _vectorState.Size;

    /// <inheritdoc/>
    public ulong VectorStateComponents => _vectorState.Components;

    /// <inheritdoc/>
    public TrapKind Run()
    {
        do
        {
            if (!TryPin())
                return RefuseToRun();
            // SAFETY: GS is this block (constructor); the emitted code returns here with all callee-saved registers.
            _stubs.Enter(_block);
            *(int*)(_block + ContextLayout.Pins) = 0;
        }
        while (IsStepWithinCall());

        switch (*(int*)(_block + ContextLayout.Reason))
        {
            case ContextLayout.ReasonSystemCall:
                return TrapKind.SystemCall;
            case ContextLayout.ReasonPageFault:
                return TrapKind.PageFault;
            case ContextLayout.ReasonFault:
                return TrapKind.Fault;
            default:
                // Cleared before the caller looks for the reason of the kick, so that none is lost.
                Volatile.Write(ref *(_block + ContextLayout.KickPending), 0);
                Interlocked.MemoryBarrier();
                return TrapKind.Interrupt;
        }
    }

    /// <summary>Whether a program that single-steps itself has made a step that its own text doesn't have.</summary>
    private bool IsStepWithinCall() =>
        *(int*)(_block + ContextLayout.Reason) == ContextLayout.ReasonFault && *(int*)(_block + ContextLayout.TrapNumber) == DebugVector
        && _space!.IsWithinCall(Named.Rip);

    /// <summary>The space that the thread runs in.</summary>
    public ProcessAddressSpace? Space
    {
        get => _space;
        set
        {
            if (_space == value)
                return;
            LeaveProcessor();
            _space?.Remove(this);
            _space = value;
            value?.Add(this);
            *(int*)(_block + ContextLayout.SpaceNumber) = value?.Number ?? 0;
        }
    }

    /// <summary>Whether the thread is in user mode or copies. Any thread.</summary>
    public bool IsPinned => Volatile.Read(ref *(int*)(_block + ContextLayout.Pins)) != 0;

    /// <summary>Keeps the space's pages in place until the pins are cleared; brings them there if need be.</summary>
    private bool TryPin()
    {
        while (true)
        {
            // The order of these two is what Residency relies on; its barrier makes it hold on all processors.
            Volatile.Write(ref *(int*)(_block + ContextLayout.Pins), 1);
            if (_space!.IsComplete)
                return true;
            *(int*)(_block + ContextLayout.Pins) = 0;
            if (_space.MakeResident() != Errno.Success)
                return false;
        }
    }

    /// <summary>
    /// The host doesn't map the program's pages. To the kernel that is a fault at its next instruction, for which there is no
    /// room (<see cref="ProcessAddressSpace.ResolveFault"/>).
    /// </summary>
    private TrapKind RefuseToRun()
    {
        *(int*)(_block + ContextLayout.TrapNumber) = PageFaultVector;
        *(ulong*)(_block + ContextLayout.FaultAddress) = Named.Rip;
        *(uint*)(_block + ContextLayout.ErrorCode) = UserFetch;
        return TrapKind.PageFault;
    }

    /// <inheritdoc/>
    public void SetAllRegistersChanged() => *(_block + ContextLayout.RestoreFlags) = 1;

    /// <inheritdoc/>
    public void Kick()
    {
        lock (_kickLock)
        {
            // One signal is enough until the thread has seen the mark: more could pile up on its signal stack.
            if (_isFreed || Interlocked.Exchange(ref *(_block + ContextLayout.KickPending), 1) != 0)
                return;
            // Who kicks itself is in the kernel, and sees the mark on its way out.
            if (_stubs.ReadGsBase() == _block)
                return;
            _stubs.ShortHostCall(Host.Tgkill, (ulong)_hostProcess, (ulong)_hostThread, ContextLayout.KickSignal, 0, 0, 0);
        }
    }

    /// <summary>Whether the thread sleeps in the kernel.</summary>
    public bool IsAsleep
    {
        get => Volatile.Read(ref _isAsleep);
        set => Volatile.Write(ref _isAsleep, value);
    }

    /// <summary>
    /// The thread has brought its space in place of a rival's. Two that do so often, without anything else between, wake
    /// each other at a tenth of the cost where both are on one processor, and they never run at the same time.
    /// </summary>
    /// <param name="processor">Where the rival was.</param>
    public void NoteSwitch(int processor)
    {
        if (++_switches < SwitchesBeforeBinding || _isBound)
            return;
        lock (_kickLock)
        {
            if (_hasProcessors || _isFreed)
                return;
            _isBound = true;
            Span<ulong> mask = stackalloc ulong[processor / 64 + 1];
            mask.Clear();
            mask[^1] = 1UL << (processor % 64);
            _processors.Set(_stubs, _hostThread, mask);
        }
    }

    /// <summary>Ends what <see cref="NoteSwitch"/> has begun. Any thread.</summary>
    public void LeaveProcessor()
    {
        _switches = 0;
        if (!_isBound)
            return;
        lock (_kickLock)
        {
            if (_isBound && !_hasProcessors && !_isFreed)
                _processors.SetAll(_stubs, _hostThread);
            _isBound = false;
        }
    }

    /// <inheritdoc/>
    public void SetProcessors(ReadOnlySpan<ulong> allowed)
    {
        lock (_kickLock)
        {
            if (_isFreed)
                return;
            _hasProcessors = true;
            _isBound = false;
            _processors.Set(_stubs, _hostThread, allowed);
        }
    }

    /// <inheritdoc/>
    public void SaveVectorState(Span<byte> image) => _vectorState.Save(_block, image);

    /// <inheritdoc/>
    public void RestoreVectorState(ReadOnlySpan<byte> image, ulong components) => _vectorState.Restore(_block, image, components);

    /// <inheritdoc/>
    public void ResetVectorState()
    {
        VectorState.Reset(_block);
        byte* memory = stackalloc byte[640];
        byte* empty = (byte*)(((ulong)memory + 63) & ~63UL);
        new Span<byte>(empty, 576).Clear();
        // SAFETY: aligned, header 0: XRSTOR initialises x87.
        _stubs.RestoreX87(empty);
    }

    /// <inheritdoc/>
    public int StateSize => BlockStateSize + VectorState.X87Size;

    /// <inheritdoc/>
    public void CaptureState(Span<byte> state)
    {
        new ReadOnlySpan<byte>(_block, BlockStateSize).CopyTo(state);
        _vectorState.SaveX87(state[BlockStateSize..]);
    }

    /// <inheritdoc/>
    public void LoadState(ReadOnlySpan<byte> state)
    {
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(state)[..X64Registers.Count].CopyTo(Registers);
        *(uint*)(_block + ContextLayout.UserMxcsr) = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(state[ContextLayout.UserMxcsr..]);
        *(uint*)(_block + ContextLayout.VectorsInUse) = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(state[ContextLayout.VectorsInUse..]);
        // SAFETY: the vector area and the masks end at BlockStateSize, within the block.
        state[ContextLayout.Vectors..BlockStateSize].CopyTo(new Span<byte>(_block + ContextLayout.Vectors, BlockStateSize - ContextLayout.Vectors));
        _vectorState.RestoreX87(state.Slice(BlockStateSize, VectorState.X87Size));
        SetAllRegistersChanged();
    }

    /// <inheritdoc/>
    public long CpuNanoseconds => ReadCpuClock() - _cpuStart;

    /// <summary>CPU clock of a host thread: MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED) of Linux.</summary>
    private long ReadCpuClock()
    {
        long* time = stackalloc long[2];
        // SAFETY: a struct timespec is two longs.
        if (Host.clock_gettime((~_hostThread << 3) | 6, time) != 0)
            return _cpuStart;
        return time[0] * 1_000_000_000 + time[1];
    }

    /// <summary>As new: for the next user thread on this host thread.</summary>
    public void Reset()
    {
        Named = default;
        *(_block + ContextLayout.RestoreFlags) = 1;
        *(_block + ContextLayout.KickPending) = 0;
        ResetVectorState();
        _cpuStart = ReadCpuClock();
    }

    /// <summary>Leaves the address space; the block goes with its host thread, or serves that one's next user thread.</summary>
    public void Dispose()
    {
        Space = null;
        lock (_kickLock)
        {
            if (_hasProcessors)
                _processors.SetAll(_stubs, _hostThread);
            _hasProcessors = false;
        }
    }

    /// <summary>stack_t of sigaltstack(2).</summary>
    private record struct SignalStack(ulong Pointer, ulong Flags, ulong Size);
}
