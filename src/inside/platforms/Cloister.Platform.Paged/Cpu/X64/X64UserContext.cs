using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>A thread's user state, and its way into user mode.</summary>
// SAFETY: the block is an array on the pinned heap, as all are in a kernel that this is compiled for, which keeps it as long as this object.
internal sealed unsafe class X64UserContext : PagedUserContext<X64PageEntry>
{
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
    private readonly byte[] _memory;
    private readonly X64UserBlock* _block;

    public X64UserContext(X64VectorState vectors, Interrupts interrupts, MachineClock clock)
        : base(interrupts, clock)
    {
        _vectors = vectors;
        const int alignment = 64;
        _memory = new byte[X64UserBlock.VectorOffset + vectors.Size + alignment];
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_memory);
        _block = (X64UserBlock*)(((ulong)Unsafe.AsPointer(ref start) + alignment - 1) & ~(ulong)(alignment - 1));
        _block->Registers = default;
        _block->Registers.Rflags = FixedFlags;
        _block->LoadsAll = 1;
        _vectors.Reset(_block);
    }

    /// <inheritdoc/>
    public override Span<ulong> Registers => new(_block, X64Registers.Count);

    /// <inheritdoc/>
    public override int VectorStateSize => _vectors.Size;

    /// <inheritdoc/>
    public override ulong VectorStateComponents => _vectors.Components;

    /// <inheritdoc/>
    public override void SetAllRegistersChanged() => _block->LoadsAll = 1;

    /// <inheritdoc/>
    public override void SaveVectorState(Span<byte> image) => _vectors.Copy(_block, image);

    /// <inheritdoc/>
    public override void RestoreVectorState(ReadOnlySpan<byte> image, ulong components) => _vectors.Set(_block, image, components);

    /// <inheritdoc/>
    public override void ResetVectorState() => _vectors.Reset(_block);

    /// <inheritdoc/>
    public override int StateSize => X64UserBlock.VectorOffset + _vectors.Size;

    /// <inheritdoc/>
    public override void CaptureState(Span<byte> state)
    {
        _vectors.Save(_block);
        new ReadOnlySpan<byte>(_block, StateSize).CopyTo(state);
    }

    /// <inheritdoc/>
    public override void LoadState(ReadOnlySpan<byte> state)
    {
        _vectors.Forget(_block);
        state[..StateSize].CopyTo(new Span<byte>(_block, StateSize));
        _block->LoadsAll = 1;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _vectors.Forget(_block);
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void UseVectors() => _vectors.Use(_block);

    /// <inheritdoc/>
    protected override void Enter() => X64Instructions.EnterUser(_block);

    /// <inheritdoc/>
    protected override TrapKind Classify(out int interrupt)
    {
        interrupt = (int)_block->Trap;
        if (interrupt == (int)X64UserBlock.SystemCall)
            return TrapKind.SystemCall;
        if (interrupt >= FirstInterrupt)
            return TrapKind.Interrupt;
        Trap = new TrapDetails(interrupt, interrupt == PageFaultVector ? _block->Address : 0, (uint)_block->Error);
        return interrupt == PageFaultVector ? TrapKind.PageFault : TrapKind.Fault;
    }

    /// <inheritdoc/>
    protected override bool MakeEnterable()
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
