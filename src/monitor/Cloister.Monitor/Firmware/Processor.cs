using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>A hart's registers of machine mode, as they are while the host runs.</summary>
internal static class Processor
{
    // Misaligned fetch, breakpoint, calls from user mode, page faults: supervisor mode deals with them (privileged architecture, table 3.6).
    private const ulong Exceptions = 1 << 0 | 1 << 3 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15;

    // Calls from virtual supervisor mode, guest page faults, virtual instruction.
    private const ulong GuestExceptions = 1 << 10 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 23;

    // menvcfg: cache block operations, page-based memory types, and stimecmp. Bits of extensions that aren't there stay zero.
    private const ulong CacheBlocks = 0xF0, MemoryTypes = 1ul << 62, TimeCompare = 1ul << 63;

    /// <summary>cycle, time and instret.</summary>
    public const ulong Counters = 7;

    public static void Setup(ref Machine machine, int hart)
    {
        Csr.Write(CsrNumber.InterruptDelegation, Interrupts.OfSupervisor);
        Csr.Write(CsrNumber.ExceptionDelegation, Exceptions | (machine.Configuration.HasHypervisor ? GuestExceptions : 0));
        Csr.Write(CsrNumber.MachineCounters, Counters);
        Csr.Write(CsrNumber.SupervisorCounters, Counters);
        Csr.Write(CsrNumber.MachineEnvironment, CacheBlocks | MemoryTypes | TimeCompare);
        Csr.Write(CsrNumber.SupervisorTranslation, 0);
        Board.SetTimer(hart, ulong.MaxValue);
        if (machine.Configuration.HasTimeCompare)
            Csr.Write(CsrNumber.SupervisorTimeCompare, ulong.MaxValue);
        Csr.Write(CsrNumber.MachinePending, 0);
        Csr.Write(CsrNumber.MachineInterrupts, Interrupts.MachineSoftware);
        Protection.Apply(ref machine, hart, isUnknown: true);
    }

    public static bool FindHypervisor() => (Csr.Read(CsrNumber.MachineIsa) & 1 << ('H' - 'A')) != 0;

    /// <summary>Bytes of a vector register; 0 where there are none.</summary>
    public static ulong FindVectors()
    {
        if ((Csr.Read(CsrNumber.MachineIsa) & 1 << ('V' - 'A')) == 0)
            return 0;
        Csr.Set(CsrNumber.MachineStatus, Status.Vectors);
        ulong size = Csr.Read(CsrNumber.VectorBytes);
        Csr.Clear(CsrNumber.MachineStatus, Status.Vectors);
        return size;
    }

    /// <summary>Takes stimecmp from supervisor mode, or gives it back.</summary>
    public static void AllowTimeCompare(bool isAllowed)
    {
        if (isAllowed)
            Csr.Set(CsrNumber.MachineEnvironment, TimeCompare);
        else
            Csr.Clear(CsrNumber.MachineEnvironment, TimeCompare);
    }
}
