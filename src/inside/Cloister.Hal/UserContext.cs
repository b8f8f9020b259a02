using System;
using System.Runtime.InteropServices;

namespace Cloister.Hal;

/// <summary>Why a user thread left user mode.</summary>
public enum TrapKind
{
    /// <summary>A system call: number and arguments are in the registers.</summary>
    SystemCall,

    /// <summary>A memory access that the MMU refused: <see cref="TrapDetails.Address"/> and <see cref="TrapDetails.ErrorCode"/>.</summary>
    PageFault,

    /// <summary>Any other fault of the program: <see cref="TrapDetails.Vector"/>.</summary>
    Fault,

    /// <summary><see cref="IUserContext.Kick"/>, or the platform needed the processor for a moment.</summary>
    Interrupt,
}

/// <summary>What a fault was about, in the numbers of the processor.</summary>
/// <param name="Vector">
/// x86-64 (Intel SDM volume 3, 6.15): 0 divide, 1 debug, 3 breakpoint, 6 invalid opcode, 13 protection, 14 page fault, 16/19 floating point,
/// 17 alignment. RISC-V: scause.
/// </param>
/// <param name="Address">Faulting address of a page fault; on RISC-V stval of every fault.</param>
/// <param name="ErrorCode">The processor's error code, where it has one; of page faults, on all, bit 1 is a write, bit 4 an instruction fetch.</param>
public readonly record struct TrapDetails(int Vector, ulong Address, uint ErrorCode)
{
    /// <summary>Whether the page fault was a write.</summary>
    public bool IsWrite => (ErrorCode & 2) != 0;

    /// <summary>Whether the page fault was an instruction fetch.</summary>
    public bool IsExecute => (ErrorCode & 16) != 0;
}

/// <summary>Instruction sets.</summary>
public enum CpuKind
{
    /// <summary>x86-64.</summary>
    X64,

    /// <summary>RISC-V, RV64GC.</summary>
    RiscV64,
}

/// <summary>General registers of an x86-64 user thread.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct X64Registers
{
    /// <summary>How many there are.</summary>
    public const int Count = 20;

    public ulong Rax;
    public ulong Rbx;
    public ulong Rcx;
    public ulong Rdx;
    public ulong Rsi;
    public ulong Rdi;
    public ulong Rbp;
    public ulong Rsp;
    public ulong R8;
    public ulong R9;
    public ulong R10;
    public ulong R11;
    public ulong R12;
    public ulong R13;
    public ulong R14;
    public ulong R15;
    public ulong Rip;
    public ulong Rflags;

    /// <summary>FS base: the thread pointer.</summary>
    public ulong FsBase;

    /// <summary>GS base of the program.</summary>
    public ulong GsBase;

    /// <summary>A context's registers by name.</summary>
    public static ref X64Registers Of(Span<ulong> registers) => ref MemoryMarshal.Cast<ulong, X64Registers>(registers)[0];
}

/// <summary>Places of a RISC-V user thread's registers: the program counter, and x1 to x31 at their numbers.</summary>
public static class RiscV64Registers
{
    /// <summary>How many there are.</summary>
    public const int Count = 32;

    /// <summary>pc.</summary>
    public const int ProgramCounter = 0;

    /// <summary>ra: the return address.</summary>
    public const int ReturnAddress = 1;

    /// <summary>sp.</summary>
    public const int StackPointer = 2;

    /// <summary>tp.</summary>
    public const int ThreadPointer = 4;

    /// <summary>a0: the first argument, and the result.</summary>
    public const int A0 = 10;

    /// <summary>a7: the number of a system call.</summary>
    public const int A7 = 17;
}

/// <summary>
/// One user thread's processor state and its way into user mode. Belongs to one kernel thread: only
/// <see cref="Kick"/> may be called from others.
/// </summary>
public interface IUserContext : IDisposable
{
    /// <summary>
    /// The general registers, valid while the thread is not in user mode: <see cref="X64Registers"/>, or the places of
    /// <see cref="RiscV64Registers"/>, as <see cref="IMmu.Cpu"/> says.
    /// </summary>
    Span<ulong> Registers { get; }

    /// <summary>Details of the last fault.</summary>
    TrapDetails Trap { get; }

    /// <summary>
    /// Runs the program until the next trap. After a system call the instruction pointer is behind the instruction; right before it,
    /// two bytes on x86-64 and four elsewhere, there always is one that makes the call again.
    /// </summary>
    TrapKind Run();

    /// <summary>
    /// Tells that more than a result was changed in the registers (signal frame, execve, ptrace): also those that a
    /// system call may destroy have to be loaded. Called before <see cref="Run"/>.
    /// </summary>
    void SetAllRegistersChanged();

    /// <summary>Makes the current or the next <see cref="Run"/> return <see cref="TrapKind.Interrupt"/> soon. Any thread.</summary>
    void Kick();

    /// <summary>
    /// Which processors the thread may run on, one bit each: a hint for platforms that can follow it. Any thread, as long as
    /// the context isn't disposed of; a new context may run on all.
    /// </summary>
    void SetProcessors(ReadOnlySpan<ulong> allowed);

    /// <summary>Size of the vector state image, in bytes: XSAVE's standard format on x86-64; on RISC-V f0 to f31 and fcsr, of 8 bytes each.</summary>
    int VectorStateSize { get; }

    /// <summary>Bits of the components that the image can hold (XCR0); 0 where there is nothing to choose from.</summary>
    ulong VectorStateComponents { get; }

    /// <summary>Stores all vector and floating-point state.</summary>
    void SaveVectorState(Span<byte> image);

    /// <summary>Loads vector state. Bits that would fault are masked, as rt_sigreturn does.</summary>
    /// <param name="image">An image; of XSAVE's at least 576 bytes: components behind its end are initialised.</param>
    /// <param name="components">Components to load; the others are initialised.</param>
    void RestoreVectorState(ReadOnlySpan<byte> image, ulong components);

    /// <summary>Initialises all vector state, as execve does.</summary>
    void ResetVectorState();

    /// <summary>Size of what <see cref="CaptureState"/> stores, in bytes.</summary>
    int StateSize { get; }

    /// <summary>Stores <see cref="Registers"/>, and behind them all other state, so that a new thread can start as a copy of this one.</summary>
    void CaptureState(Span<byte> state);

    /// <summary>Loads what another context captured.</summary>
    void LoadState(ReadOnlySpan<byte> state);

    /// <summary>Processor time this thread has used since its context was made, in nanoseconds. Any thread.</summary>
    long CpuNanoseconds { get; }
}
