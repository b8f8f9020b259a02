using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Cpus;

/// <summary>RISC-V, RV64GC: numbers and structures of asm-generic.</summary>
internal sealed class RiscV64Cpu : LinuxCpu
{
    private const int Clone = 56;

    // ECALL.
    private const ulong CallLength = 4;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> MachineName => "riscv64"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> PlatformName => [];

    /// <summary>li a7, 139; ecall: debuggers and unwinders know a signal's frame by these two.</summary>
    public override ReadOnlySpan<byte> SignalReturn => [0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00];

    /// <inheritdoc/>
    public override TraceFormat Trace { get; } = new RiscV64TraceFormat();

    /// <summary>Makes it.</summary>
    public static RiscV64Cpu Create() => new()
    {
        NumberRegister = RiscV64Registers.A7,
        ResultRegister = RiscV64Registers.A0,
        InstructionRegister = RiscV64Registers.ProgramCounter,
        StackRegister = RiscV64Registers.StackPointer,
        ThreadRegister = RiscV64Registers.ThreadPointer,
        RegistersSize = RiscV64Registers.Count * sizeof(ulong),
        ElfMachine = 243,
        AuditArchitecture = 0xC00000F3,
        HasGenericStructures = true,
        HasRestorer = false,
    };

    /// <inheritdoc/>
    public override int ToKernelNumber(int number) => GenericNumbers.ToKernel(number) is var known and >= 0 ? known : Unknown | number;

    /// <inheritdoc/>
    public override int ToProgramNumber(int number) => number < 0 ? number : number >= Unknown ? number & ~Unknown : GenericNumbers.ToProgram(number);

    /// <inheritdoc/>
    public override SyscallArguments ArgumentsOf(ReadOnlySpan<ulong> registers, int number)
    {
        ReadOnlySpan<ulong> a = registers.Slice(RiscV64Registers.A0, 6);
        // clone(2): the last two change places (CLONE_BACKWARDS).
        return number == Clone
            ? new SyscallArguments(a[0], a[1], a[2], a[4], a[3], a[5])
            : new SyscallArguments(a[0], a[1], a[2], a[3], a[4], a[5]);
    }

    /// <inheritdoc/>
    public override void RepeatCall(LinuxThread thread, int number)
    {
        // The result was written over the first argument.
        thread.Context.Registers[RiscV64Registers.A0] = thread.FirstArgument;
        thread.Context.Registers[RiscV64Registers.A7] = (ulong)ToProgramNumber(number);
        thread.InstructionPointer -= CallLength;
    }

    /// <inheritdoc/>
    public override void PrepareResult(LinuxThread thread)
    {
        // Its place still has the first argument.
    }

    /// <inheritdoc/>
    public override void Begin(Span<ulong> registers)
    {
    }

    /// <inheritdoc/>
    public override bool IsThreadPointer(ulong value) => true;

    /// <inheritdoc/>
    public override SignalInfo ToSignal(LinuxThread thread, in TrapDetails trap)
    {
        ulong place = thread.InstructionPointer;
        // arch/riscv/kernel/traps.c, by the causes of the privileged architecture (table 3.6).
        return trap.Vector switch
        {
            0 or 4 or 6 => SignalInfo.Fault(Signal.Bus, SignalInfo.BusAlignment, place),
            2 => SignalInfo.Fault(Signal.IllegalInstruction, 1, place),
            3 => SignalInfo.Fault(Signal.Trap, SignalInfo.TrapBreakpoint, place),
            _ => SignalInfo.Fault(Signal.SegmentationFault, SignalInfo.SegvAccessError, place),
        };
    }

    /// <inheritdoc/>
    public override ulong LargestFrame(IUserContext context) => RiscV64SignalFrame.Size;

    /// <inheritdoc/>
    public override Errno PushFrame(LinuxThread thread, in SignalAction action, in SignalInfo info, ulong mask) =>
        RiscV64SignalFrame.Push(thread, action, info, mask);

    /// <inheritdoc/>
    public override Errno PopFrame(LinuxThread thread, out ulong mask) => RiscV64SignalFrame.Pop(thread, out mask);
}
