using System.Runtime.CompilerServices;

namespace Cloister.Monitor.Hardware;

/// <summary>Numbers of control and status registers (RISC-V privileged architecture 1.12, tables 2.3 to 2.7).</summary>
internal enum CsrNumber
{
    SupervisorTrapVector = 0x105,
    SupervisorCounters = 0x106,
    SupervisorEnvironment = 0x10A,
    SupervisorScratch = 0x140,
    SupervisorCounter = 0x141,
    SupervisorCause = 0x142,
    SupervisorValue = 0x143,
    SupervisorTimeCompare = 0x14D,
    SupervisorTranslation = 0x180,
    GuestStatus = 0x200,
    GuestInterrupts = 0x204,
    GuestTrapVector = 0x205,
    GuestScratch = 0x240,
    GuestCounter = 0x241,
    GuestCause = 0x242,
    GuestValue = 0x243,
    GuestTranslation = 0x280,
    MachineStatus = 0x300,
    MachineIsa = 0x301,
    ExceptionDelegation = 0x302,
    InterruptDelegation = 0x303,
    MachineInterrupts = 0x304,
    MachineCounters = 0x306,
    MachineEnvironment = 0x30A,
    MachineCounter = 0x341,
    MachineCause = 0x342,
    MachineValue = 0x343,
    MachinePending = 0x344,
    HypervisorStatus = 0x600,
    HypervisorExceptions = 0x602,
    HypervisorInterrupts = 0x603,
    HypervisorTimeDelta = 0x605,
    HypervisorCounters = 0x606,
    HypervisorEnvironment = 0x60A,
    HypervisorValue = 0x643,
    HypervisorVirtual = 0x645,
    HypervisorInstruction = 0x64A,
    HypervisorTranslation = 0x680,
    Cycle = 0xC00,
    VectorBytes = 0xC22,
    Vendor = 0xF11,
    Architecture = 0xF12,
    Implementation = 0xF13,
}

/// <summary>Control and status registers. The number is part of the instruction, so it has to be a constant.</summary>
internal static class Csr
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Read(CsrNumber number);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write(CsrNumber number, ulong value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Swap(CsrNumber number, ulong value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Set(CsrNumber number, ulong bits);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Clear(CsrNumber number, ulong bits);
}

/// <summary>Bits of mstatus and sstatus (privileged architecture, 3.1.6).</summary>
internal static class Status
{
    public const ulong SupervisorInterrupts = 1 << 1;
    public const ulong SupervisorPreviousInterrupts = 1 << 5;
    public const ulong SupervisorPrevious = 1 << 8;
    public const ulong MachinePrevious = 3 << 11;
    public const ulong MachinePreviousSupervisor = 1 << 11;
    public const ulong Vectors = 3 << 9;
    public const ulong Floats = 3 << 13;
    public const ulong PreviousVirtualization = 1ul << 39;
    public const ulong GuestVirtualAddress = 1ul << 38;

    /// <summary>What belongs to the mode that trapped: SIE, SPIE, SPP, MPP, FS, SUM and MXR.</summary>
    public const ulong OfCaller = SupervisorInterrupts | SupervisorPreviousInterrupts | SupervisorPrevious | MachinePrevious |
        Floats | 1 << 18 | 1 << 19;
}

/// <summary>Bits of mie, mip and mideleg.</summary>
internal static class Interrupts
{
    public const ulong SupervisorSoftware = 1 << 1;
    public const ulong MachineSoftware = 1 << 3;
    public const ulong SupervisorTimer = 1 << 5;
    public const ulong MachineTimer = 1 << 7;
    public const ulong SupervisorExternal = 1 << 9;
    public const ulong OfSupervisor = SupervisorSoftware | SupervisorTimer | SupervisorExternal;

    /// <summary>What is in mcause where an interrupt came.</summary>
    public const ulong Flag = 1ul << 63;
}
