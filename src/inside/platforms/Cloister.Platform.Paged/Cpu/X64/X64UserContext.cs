using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Platform.Paged.Memory;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>A thread's user state, and its way into user mode.</summary>
// SAFETY: the block is an array on the pinned heap, as all are in a kernel that this is compiled for, which keeps it as long as this object.
internal sealed unsafe class X64UserContext : IUserContext
{
    private const long TimeSlice = 4_000_000;
    private const int ProtectionVector = 13;
    private const int PageFaultVector = 14;
    private const int FirstInterrupt = 32;
    private const ulong LowerHalf = 1UL << 47;

    // What programs may set: carry, parity, adjust, zero, sign, trap, direction, overflow, NT, RF, AC, ID. Interrupts are always on.
    private const ulong ProgramFlags = 0x25_4dd5;
    private const ulong FixedFlags = 0x202;
    private const ulong TrapFlag = 1 << 8;
    private const ulong ResumeFlag = 1 << 16;

    private readonly X64VectorState _vectors;
    private readonly Interrupts _interrupts;
    private readonly X64Clock _clock;
    private readonly byte[] _memory;
    private readonly X64UserBlock* _block;
    private long _used;
    private bool _isKicked;

    public X64UserContext(X64VectorState vectors, Interrupts interrupts, X64Clock clock)
    {
        _vectors = vectors;
        _interrupts = interrupts;
        _clock = clock;
        const int alignment = 64;
        _memory = new byte[X64UserBlock.VectorOffset + vectors.Size + alignment];
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_memory);
        _block = (X64UserBlock*)(((ulong)Unsafe.AsPointer(ref start) + alignment - 1) & ~(ulong)(alignment - 1));
        Registers = default;
        Registers.Rflags = FixedFlags;
        _block->LoadsAll = 1;
        _vectors.Reset(_block);
    }

    /// <summary>The space that the thread runs in.</summary>
    public PagedAddressSpace? Space { get; set; }

    /// <inheritdoc/>
    public ref X64Registers Registers => ref _block->Registers;

    /// <inheritdoc/>
    public TrapDetails Trap { get; private set; }

    /// <inheritdoc/>
    public int VectorStateSize => _vectors.Size;

    /// <inheritdoc/>
    public ulong VectorStateComponents => _vectors.Components;

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
            PagedMmu.Use(Space!);
            _vectors.Use(_block);
            _interrupts.ArmFor(TimeSlice);
            long start = _clock.MonotonicNanoseconds;
            X64Instructions.EnterUser(_block);
            _used += _clock.MonotonicNanoseconds - start;
            int vector = (int)_block->Trap;
            if (vector == (int)X64UserBlock.SystemCall)
                return TrapKind.SystemCall;
            if (vector < FirstInterrupt)
            {
                Trap = new TrapDetails(vector, vector == PageFaultVector ? _block->Address : 0, (uint)_block->Error);
                return vector == PageFaultVector ? TrapKind.PageFault : TrapKind.Fault;
            }

            _interrupts.Handle(vector);
            if (KernelScheduler.HasReady())
                Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public void SetAllRegistersChanged() => _block->LoadsAll = 1;

    /// <inheritdoc/>
    public void Kick() => _isKicked = true; // no thread is in user mode while another runs in the kernel

    /// <inheritdoc/>
    public void SetProcessors(ReadOnlySpan<ulong> allowed)
    {
        // There is one.
    }

    /// <inheritdoc/>
    public void SaveVectorState(Span<byte> image) => _vectors.Copy(_block, image);

    /// <inheritdoc/>
    public void RestoreVectorState(ReadOnlySpan<byte> image, ulong components) => _vectors.Set(_block, image, components);

    /// <inheritdoc/>
    public void ResetVectorState() => _vectors.Reset(_block);

    /// <inheritdoc/>
    public int StateSize => X64UserBlock.VectorOffset + _vectors.Size;

    /// <inheritdoc/>
    public void CaptureState(Span<byte> state)
    {
        _vectors.Save(_block);
        new ReadOnlySpan<byte>(_block, StateSize).CopyTo(state);
    }

    /// <inheritdoc/>
    public void LoadState(ReadOnlySpan<byte> state)
    {
        _vectors.Forget(_block);
        state[..StateSize].CopyTo(new Span<byte>(_block, StateSize));
        _block->LoadsAll = 1;
    }

    /// <inheritdoc/>
    public long CpuNanoseconds => _used;

    /// <inheritdoc/>
    public void Dispose()
    {
        _vectors.Forget(_block);
        Space = null;
    }

    /// <summary>Registers that the processor would refuse in the kernel instead of in the program.</summary>
    private bool MakeEnterable()
    {
        ref X64Registers registers = ref _block->Registers;
        // SYSRET with the trap flag would trap before the program's next instruction, not behind it; and it can't load RF.
        if ((registers.Rflags & (TrapFlag | ResumeFlag)) != 0)
            _block->LoadsAll = 1;
        if (_block->LoadsAll != 0)
            registers.Rflags = (registers.Rflags & ProgramFlags) | FixedFlags;
        if (!IsCanonical(registers.FsBase))
            registers.FsBase = 0;
        if (!IsCanonical(registers.GsBase))
            registers.GsBase = 0;
        if (registers.Rip < LowerHalf)
            return true;
        Trap = new TrapDetails(ProtectionVector, 0, 0);
        return false;
    }

    private static bool IsCanonical(ulong address) => (ulong)((long)(address << 16) >> 16) == address;
}
