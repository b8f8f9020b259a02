using System;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>How system calls that no stub replaces come to us.</summary>
public enum SystemCallTraps
{
    /// <summary>Syscall User Dispatch where the host's kernel has it, else seccomp.</summary>
    Best,

    /// <summary>Syscall User Dispatch (Linux 5.11).</summary>
    Dispatch,

    /// <summary>A seccomp filter on the address of the instruction. Slower for the host side's own calls.</summary>
    Seccomp,
}

/// <summary>Syscall User Dispatch: a byte of each thread says whether its system calls become SIGSYS.</summary>
internal static unsafe class SyscallUserDispatch
{
    private const ulong PrSetSyscallUserDispatch = 59;
    private const ulong Off = 0;
    private const ulong On = 1;

    /// <summary>Whether the host's kernel has it.</summary>
    public static bool IsAvailable(Stubs stubs) => stubs.Call(Host.Prctl, PrSetSyscallUserDispatch, Off) == 0;

    /// <summary>Arms it for the calling thread.</summary>
    public static bool TryEnable(Stubs stubs, byte* selector) =>
        stubs.Call(Host.Prctl, PrSetSyscallUserDispatch, On, stubs.Start, ContextLayout.StubData, (ulong)selector) == 0;

    /// <summary>Disarms it for the calling thread: its selector is about to go.</summary>
    public static void Disable(Stubs stubs) => stubs.Call(Host.Prctl, PrSetSyscallUserDispatch, Off);
}

/// <summary>The fallback: system calls from the addresses of programs become SIGSYS, on all threads, for good.</summary>
internal static unsafe class SeccompTraps
{
    private const ulong PrSetNoNewPrivileges = 38;
    private const long Seccomp = 317;
    private const ulong SetModeFilter = 1;
    private const ulong SynchronizeThreads = 1;

    // struct seccomp_data: nr, arch, instruction_pointer (low, high word), ...
    private const uint InstructionPointerHigh = 12;
    private const uint ReturnTrap = 0x00030000;
    private const uint ReturnAllow = 0x7FFF0000;

    // BPF (include/uapi/linux/bpf_common.h): LD|W|ABS, JMP|JGE|K, RET|K.
    private const ushort LoadAbsolute = 0x20;
    private const ushort JumpIfGreaterOrEqual = 0x35;
    private const ushort Return = 0x06;

    /// <summary>Installs the filter.</summary>
    public static void Install(Stubs stubs, UserAddressRange addresses)
    {
        (PageRange low, PageRange high) = addresses.ProgramRanges;
        Span<ulong> program =
        [
            Instruction(LoadAbsolute, 0, 0, InstructionPointerHigh),
            Instruction(JumpIfGreaterOrEqual, 0, 2, (uint)(low.End >> 32)),
            Instruction(JumpIfGreaterOrEqual, 0, 2, (uint)(high.Start >> 32)),
            Instruction(JumpIfGreaterOrEqual, 1, 0, (uint)(high.End >> 32)),
            Instruction(Return, 0, 0, ReturnTrap),
            Instruction(Return, 0, 0, ReturnAllow),
        ];
        fixed (ulong* instructions = program)
        {
            ulong* filter = stackalloc ulong[2] { (ulong)program.Length, (ulong)instructions };
            // SAFETY: struct sock_fprog is a length and a pointer; both live for the call.
            bool isInstalled = stubs.Call(Host.Prctl, PrSetNoNewPrivileges, 1) == 0 &&
                stubs.Call(Seccomp, SetModeFilter, SynchronizeThreads, (ulong)filter) == 0;
            if (!isInstalled)
            {
                throw new PlatformException(
                    "The host's kernel lacks both Syscall User Dispatch (Linux 5.11) and seccomp filters (CONFIG_SECCOMP_FILTER); the process platform needs one of them.");
            }
        }
    }

    private static ulong Instruction(ushort code, byte jumpTrue, byte jumpFalse, uint k) =>
        code | (ulong)jumpTrue << 16 | (ulong)jumpFalse << 24 | (ulong)k << 32;
}
