using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>Registers of supervisor mode that host and enclave each have for themselves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SupervisorState
{
    public ulong TrapVector, Counters, Environment, Scratch, Counter, Cause, Value, Translation;

    /// <summary>mie: with its supervisor bits it is sie.</summary>
    public ulong Interrupts;

    /// <summary>Whether the timer's interrupt is pending.</summary>
    public ulong PendingTimer;
}

/// <summary>
/// Registers of the hypervisor extension. They are the host's: an enclave finds zeros, and what it writes there is gone when it leaves.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HypervisorState
{
    public ulong Status, Exceptions, Interrupts, Virtual, Counters, Environment, TimeDelta, Value, Instruction, Translation;
    public ulong GuestStatus, GuestInterrupts, GuestTrapVector, GuestScratch, GuestCounter, GuestCause, GuestValue, GuestTranslation;
}

/// <summary>All registers of a world that doesn't run.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WorldContext
{
    public Registers X;
    public ulong Counter, Status;
    public SupervisorState Supervisor;
    public Floats Floats;
}

/// <summary>SHA3-512.</summary>
[InlineArray(Size)]
internal struct Hash
{
    public const int Size = 64;

    private byte _first;
}

/// <summary>What of an enclave decisions don't depend on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EnclaveContent
{
    public WorldContext World;
    public Hash Measurement;

    /// <summary>Physical memory protection while it runs.</summary>
    public ProtectionPlan Protection;

    /// <summary>When the enclave wants its timer's interrupt; never is <see cref="ulong.MaxValue"/>.</summary>
    public ulong Deadline;
}

/// <summary>By the enclave's number.</summary>
[InlineArray(EnclaveTable.MaxEnclaves)]
internal struct EnclaveContents
{
    private EnclaveContent _first;
}
