using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Platform.Paged.Threads;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>A thread's user state on a RISC-V.</summary>
// SAFETY: the block is an array on the pinned heap, as all are in a kernel that this is compiled for, which keeps it as long as this object.
internal sealed unsafe class RiscV64UserContext : PagedUserContext<RiscV64PageEntry>
{
    private const ulong InterruptFlag = 1UL << 63;
    private const ulong TimerInterrupt = InterruptFlag | 5;
    private const ulong CallOfUser = 8;
    private const ulong FetchPageFault = 12;
    private const ulong LoadPageFault = 13;
    private const ulong StorePageFault = 15;
    private const ulong CallLength = 4;

    // sstatus: SIE, SPIE, SPP, SUM, MXR.
    private const ulong StatusCleared = 1 << 1 | 1 << 5 | 1 << 8 | 1 << 18 | 1 << 19;
    private const ulong StatusPreviousInterrupts = 1 << 5;

    private readonly RiscV64FloatingState _floats;
    private readonly byte[] _memory;
    private readonly RiscV64UserBlock* _block;

    public RiscV64UserContext(RiscV64FloatingState floats, Interrupts interrupts, IClock clock)
        : base(interrupts, clock)
    {
        _floats = floats;
        const int alignment = 16;
        _memory = new byte[sizeof(RiscV64UserBlock) + alignment];
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_memory);
        _block = (RiscV64UserBlock*)(((ulong)Unsafe.AsPointer(ref start) + alignment - 1) & ~(ulong)(alignment - 1));
        _block->Status = Status;
        _floats.Reset(_block);
    }

    /// <inheritdoc/>
    public override Span<ulong> Registers => new(_block->Registers, RiscV64Registers.Count);

    /// <inheritdoc/>
    public override int VectorStateSize => RiscV64UserBlock.FloatsSize;

    /// <inheritdoc/>
    public override ulong VectorStateComponents => 0;

    /// <inheritdoc/>
    public override int StateSize => sizeof(RiscV64UserBlock);

    private static ulong Status => (RiscV64Instructions.ReadStatus() & ~StatusCleared) | StatusPreviousInterrupts;

    /// <inheritdoc/>
    public override void SetAllRegistersChanged()
    {
        // All are always loaded.
    }

    /// <inheritdoc/>
    public override void SaveVectorState(Span<byte> image) => _floats.Copy(_block, image);

    /// <inheritdoc/>
    public override void RestoreVectorState(ReadOnlySpan<byte> image, ulong components) => _floats.Set(_block, image);

    /// <inheritdoc/>
    public override void ResetVectorState() => _floats.Reset(_block);

    /// <inheritdoc/>
    public override void CaptureState(Span<byte> state)
    {
        _floats.Save(_block);
        new ReadOnlySpan<byte>(_block, StateSize).CopyTo(state);
    }

    /// <inheritdoc/>
    public override void LoadState(ReadOnlySpan<byte> state)
    {
        _floats.Forget(_block);
        state[..StateSize].CopyTo(new Span<byte>(_block, StateSize));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _floats.Forget(_block);
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override bool MakeEnterable()
    {
        // SRET takes any address: what isn't the program's faults there. The lowest bit doesn't exist.
        return true;
    }

    /// <inheritdoc/>
    protected override void UseVectors() => _floats.Use(_block);

    /// <inheritdoc/>
    protected override void Enter() => RiscV64Instructions.EnterUser(_block);

    /// <inheritdoc/>
    protected override TrapKind Classify(out int interrupt)
    {
        interrupt = _block->Cause == TimerInterrupt ? Interrupts.TimerVector : Interrupts.BellVector;
        ulong cause = _block->Cause;
        if ((cause & InterruptFlag) != 0)
            return TrapKind.Interrupt;
        if (cause == CallOfUser)
        {
            _block->Registers[RiscV64Registers.ProgramCounter] += CallLength;
            return TrapKind.SystemCall;
        }

        const uint write = 2;
        const uint fetch = 16;
        Trap = new TrapDetails((int)cause, _block->Value, cause == StorePageFault ? write : cause == FetchPageFault ? fetch : 0);
        return cause is FetchPageFault or LoadPageFault or StorePageFault ? TrapKind.PageFault : TrapKind.Fault;
    }
}
