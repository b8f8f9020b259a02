namespace Cloister.Platform.Process;

/// <summary>
/// Offsets, in bytes, in a thread's context block: the memory that GS points at while the thread belongs to the
/// kernel, and that the emitted code and C# share. It starts with <c>Cloister.Hal.X64Registers</c>.
/// </summary>
internal static class ContextLayout
{
    public const int Rax = 0;
    public const int Rbx = 8;
    public const int Rcx = 16;
    public const int Rdx = 24;
    public const int Rsi = 32;
    public const int Rdi = 40;
    public const int Rbp = 48;
    public const int Rsp = 56;
    public const int R8 = 64;
    public const int R9 = 72;
    public const int R10 = 80;
    public const int R11 = 88;
    public const int R12 = 96;
    public const int R13 = 104;
    public const int R14 = 112;
    public const int R15 = 120;
    public const int Rip = 128;
    public const int Rflags = 136;
    public const int FsBase = 144;
    public const int GsBase = 152;

    /// <summary>Stack pointer of the host side, at the pushed callee-saved registers.</summary>
    public const int HostRsp = 160;

    /// <summary>FS base of the host side: the C library's and CoreCLR's thread-local storage.</summary>
    public const int HostFsBase = 168;

    /// <summary>
    /// Selector byte of Syscall User Dispatch (Documentation/admin-guide/syscall-user-dispatch.rst): 0 lets system
    /// calls pass, 1 turns them into SIGSYS. So it also tells whether the thread is in user mode.
    /// </summary>
    public const int Selector = 176;

    /// <summary>Set by whoever wants the thread out of user mode.</summary>
    public const int KickPending = 177;

    /// <summary>Whether flags have to be restored too: the thread left user mode by a signal, not by a patched call.</summary>
    public const int RestoreFlags = 178;

    /// <summary>MXCSR of the program (32 bits).</summary>
    public const int UserMxcsr = 180;

    /// <summary>MXCSR that C# expects (32 bits).</summary>
    public const int HostMxcsr = 184;

    /// <summary>Why the thread left user mode, a <c>TrapKind</c> (32 bits).</summary>
    public const int Reason = 188;

    /// <summary>Exception vector of a fault (32 bits).</summary>
    public const int TrapNumber = 192;

    /// <summary>Error code of a fault (32 bits).</summary>
    public const int ErrorCode = 196;

    /// <summary>Address of a page fault.</summary>
    public const int FaultAddress = 200;

    /// <summary>Address of the code that leaves user mode; call-site stubs jump through it.</summary>
    public const int LeaveAddress = 208;

    /// <summary>Address of the block itself.</summary>
    public const int Self = 216;

    /// <summary>How often the thread has pinned its address space (32 bits); see Residency.</summary>
    public const int Pins = 224;

    /// <summary>Number of the address space that the thread runs in (32 bits).</summary>
    public const int SpaceNumber = 228;

    /// <summary>Vector state that was in use when the thread left user mode (32 bits): XINUSE of XGETBV.</summary>
    public const int VectorsInUse = 232;

    /// <summary>Stack of an IRET into user mode: rip, cs, rflags, rsp, ss.</summary>
    public const int ReturnFrame = Masks + 128;

    /// <summary>Components that hold the upper parts of registers 0 to 15: AVX and ZMM_Hi256.</summary>
    public const int UpperParts = 0x44;

    /// <summary>The 32 vector registers, 64 bytes each whatever their width.</summary>
    public const int Vectors = 256;

    /// <summary>The 8 mask registers.</summary>
    public const int Masks = Vectors + 32 * 64;

    /// <summary>Size of the block: whole pages.</summary>
    public const int Size = 4096;

    /// <summary>Size of the signal stack, which follows the block.</summary>
    public const int SignalStackSize = 64 * 1024;

    /// <summary>Blocks lie at multiples of this, so that a signal handler finds its thread's from its stack pointer alone.</summary>
    public const int BlockAlignment = 128 * 1024;

    // The emitted code's own memory: code first, then one page of data.

    /// <summary>Offset of the data page behind the emitted code.</summary>
    public const int StubData = 0x2000;

    /// <summary>In the data page: handlers that were installed before ours, by signal number.</summary>
    public const int ChainedHandlers = StubData;

    /// <summary>In the data page: end of the addresses of programs (64 bits).</summary>
    public const int ProgramEnd = StubData + 1024;

    /// <summary>In the data page: offset of PKRU in an XSAVE image; 0 where the processor has no protection keys (64 bits).</summary>
    public const int PkruOffset = ProgramEnd + 8;

    /// <summary>In the data page: start of the second range of programs' addresses (64 bits).</summary>
    public const int SecondStart = PkruOffset + 8;

    /// <summary>In the data page: its length (64 bits).</summary>
    public const int SecondLength = SecondStart + 8;

    /// <summary>Size of the emitted code's memory.</summary>
    public const int StubSize = 0x3000;

    /// <summary>Real-time signal that takes threads out of user mode. The runtime uses SIGRTMIN (34), glibc 32 and 33.</summary>
    public const int KickSignal = 62;

    // TrapKind.
    public const int ReasonSystemCall = 0;
    public const int ReasonPageFault = 1;
    public const int ReasonFault = 2;
    public const int ReasonInterrupt = 3;
}
