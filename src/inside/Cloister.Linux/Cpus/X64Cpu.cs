using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Cpus;

/// <summary>x86-64.</summary>
internal sealed class X64Cpu : LinuxCpu
{
    private const ulong AddressEnd = 1UL << 47;
    private const ulong FixedFlags = 0x202;
    private const ulong FrameRoom = 1024;

    // SYSCALL.
    private const ulong CallLength = 2;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> MachineName => "x86_64"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> PlatformName => "x86_64"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> SignalReturn => [];

    /// <inheritdoc/>
    public override TraceFormat Trace { get; } = new X64TraceFormat();

    /// <summary>Makes it.</summary>
    public static X64Cpu Create() => new()
    {
        NumberRegister = 0,
        ResultRegister = 0,
        InstructionRegister = 16,
        StackRegister = 7,
        ThreadRegister = 18,
        RegistersSize = X64Registers.Count * sizeof(ulong),
        ElfMachine = 62,
        AuditArchitecture = 0xC000003E,
        HasGenericStructures = false,
        HasRestorer = true,
    };

    /// <inheritdoc/>
    public override int ToKernelNumber(int number) => number is >= SyscallDescription.FirstForeign and <= SyscallDescription.LastForeign ? Unknown | number : number;

    /// <inheritdoc/>
    public override int ToProgramNumber(int number) =>
        number is >= (Unknown | SyscallDescription.FirstForeign) and <= (Unknown | SyscallDescription.LastForeign) ? number & ~Unknown : number;

    /// <inheritdoc/>
    public override SyscallArguments ArgumentsOf(ReadOnlySpan<ulong> registers, int number)
    {
        // rdi, rsi, rdx, r10, r8, r9
        return new SyscallArguments(registers[5], registers[4], registers[3], registers[10], registers[8], registers[9]);
    }

    /// <inheritdoc/>
    public override void RepeatCall(LinuxThread thread, int number)
    {
        thread.Result = (ulong)number;
        thread.InstructionPointer -= CallLength;
    }

    /// <inheritdoc/>
    public override void PrepareResult(LinuxThread thread) => thread.Result = unchecked((ulong)-(long)Errno.ENOSYS);

    /// <inheritdoc/>
    public override void Begin(Span<ulong> registers) => X64Registers.Of(registers).Rflags = FixedFlags;

    /// <inheritdoc/>
    public override bool IsThreadPointer(ulong value) => value < AddressEnd;

    /// <inheritdoc/>
    public override SignalInfo ToSignal(LinuxThread thread, in TrapDetails trap)
    {
        ulong place = thread.InstructionPointer;
        // arch/x86/kernel/traps.c
        return trap.Vector switch
        {
            0 => SignalInfo.Fault(Signal.FloatingPoint, 1, place),
            1 => SignalInfo.Fault(Signal.Trap, 2, place),
            3 => SignalInfo.Kernel(Signal.Trap),
            6 => SignalInfo.Fault(Signal.IllegalInstruction, 2, place),
            11 or 12 => SignalInfo.Kernel(Signal.Bus),
            16 or 19 => SignalInfo.Fault(Signal.FloatingPoint, FloatingPointCode(thread.Context, trap), place),
            17 => SignalInfo.Fault(Signal.Bus, SignalInfo.BusAlignment, 0),
            _ => SignalInfo.Kernel(Signal.SegmentationFault),
        };
    }

    /// <inheritdoc/>
    public override ulong LargestFrame(IUserContext context) => (ulong)context.VectorStateSize + FrameRoom;

    /// <inheritdoc/>
    public override Errno PushFrame(LinuxThread thread, in SignalAction action, in SignalInfo info, ulong mask) =>
        X64SignalFrame.Push(thread, action, info, mask);

    /// <inheritdoc/>
    public override Errno PopFrame(LinuxThread thread, out ulong mask) => X64SignalFrame.Pop(thread, out mask);

    private static int FloatingPointCode(IUserContext context, in TrapDetails trap)
    {
        // fpu__exception_code: unmasked bits of MXCSR, or of the x87 status word, in order of priority.
        Span<byte> image = stackalloc byte[context.VectorStateSize];
        context.SaveVectorState(image);
        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(image[24..]);
        uint control = BinaryPrimitives.ReadUInt16LittleEndian(image);
        uint status = BinaryPrimitives.ReadUInt16LittleEndian(image[2..]);
        uint raised = trap.Vector == 19 ? ~(mxcsr >> 7) & mxcsr : ~control & status;
        return (raised & 0x3F) switch
        {
            var e when (e & 1) != 0 => 7,
            var e when (e & 4) != 0 => 3,
            var e when (e & 0x12) != 0 && (e & 0x10) != 0 => 5,
            var e when (e & 8) != 0 => 4,
            var e when (e & 2) != 0 => 5,
            var e when (e & 0x20) != 0 => 6,
            _ => 0,
        };
    }
}
