using System;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Cpus;

/// <summary>
/// What Linux does differently on each processor: numbers of calls, structures, frames, register sets. Calls have their x86-64 numbers in the
/// whole kernel; what a program makes of them is turned into those at the border.
/// </summary>
internal abstract class LinuxCpu
{
    /// <summary>Added to numbers that no call has, so that they are none of the kernel's either.</summary>
    protected const int Unknown = 1 << 30;

    /// <summary>Where in a context's registers the number of a call is.</summary>
    public required int NumberRegister { get; init; }

    /// <summary>Where the result goes.</summary>
    public required int ResultRegister { get; init; }

    /// <summary>The address of the next instruction.</summary>
    public required int InstructionRegister { get; init; }

    /// <summary>The stack pointer.</summary>
    public required int StackRegister { get; init; }

    /// <summary>What the C library finds a thread's variables by.</summary>
    public required int ThreadRegister { get; init; }

    /// <summary>Bytes of all registers.</summary>
    public required int RegistersSize { get; init; }

    /// <summary>The machine of an ELF file.</summary>
    public required ushort ElfMachine { get; init; }

    /// <summary>AUDIT_ARCH_*: for seccomp and ptrace.</summary>
    public required uint AuditArchitecture { get; init; }

    /// <summary>Whether structures are those of asm-generic (stat, epoll_event, semid64_ds), and not those of x86-64.</summary>
    public required bool HasGenericStructures { get; init; }

    /// <summary>Whether struct sigaction has a field for the return from handlers.</summary>
    public required bool HasRestorer { get; init; }

    /// <summary>The machine's name, as uname(2) has it.</summary>
    public abstract ReadOnlySpan<byte> MachineName { get; }

    /// <summary>AT_PLATFORM; empty where there is none.</summary>
    public abstract ReadOnlySpan<byte> PlatformName { get; }

    /// <summary>Code that returns from handlers, which every program finds in its memory; empty where programs bring it.</summary>
    public abstract ReadOnlySpan<byte> SignalReturn { get; }

    /// <summary>The processor of a platform.</summary>
    public static LinuxCpu For(CpuKind kind) => kind switch
    {
        CpuKind.RiscV64 => RiscV64Cpu.Create(),
        _ => X64Cpu.Create(),
    };

    /// <summary>The kernel's number of a program's; one that no call has where there is none.</summary>
    public abstract int ToKernelNumber(int number);

    /// <summary>The program's number of the kernel's.</summary>
    public abstract int ToProgramNumber(int number);

    /// <summary>A call's arguments, in the order of the call's declaration.</summary>
    public abstract SyscallArguments ArgumentsOf(ReadOnlySpan<ulong> registers, int number);

    /// <summary>Makes a thread's last call again, or another: the instruction is right before the next one.</summary>
    public abstract void RepeatCall(LinuxThread thread, int number);

    /// <summary>What a tracer finds as the result of a call that is about to be made.</summary>
    public abstract void PrepareResult(LinuxThread thread);

    /// <summary>Sets registers, which are all zero, for a program's first instruction.</summary>
    public abstract void Begin(Span<ulong> registers);

    /// <summary>Whether a program may have this thread pointer.</summary>
    public abstract bool IsThreadPointer(ulong value);

    /// <summary>The signal for a fault that isn't one of a page.</summary>
    public abstract SignalInfo ToSignal(LinuxThread thread, in TrapDetails trap);

    /// <summary>Bytes of a signal frame at most (AT_MINSIGSTKSZ).</summary>
    public abstract ulong LargestFrame(IUserContext context);

    /// <summary>Pushes a signal's frame and points the registers at its handler.</summary>
    /// <returns>EFAULT where the stack has no room.</returns>
    public abstract Errno PushFrame(LinuxThread thread, in SignalAction action, in SignalInfo info, ulong mask);

    /// <summary>rt_sigreturn(2): takes everything back from the frame at the stack pointer.</summary>
    /// <returns>EFAULT for a frame that can't be read: SIGSEGV.</returns>
    public abstract Errno PopFrame(LinuxThread thread, out ulong mask);

    /// <summary>What ptrace(2) does.</summary>
    public abstract TraceFormat Trace { get; }
}
