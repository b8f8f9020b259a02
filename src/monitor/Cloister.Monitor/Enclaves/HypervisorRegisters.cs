using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>
/// The hypervisor extension's registers (privileged architecture, 8.2): supervisor mode of an enclave could read what the host left there.
/// </summary>
internal static class HypervisorRegisters
{
    /// <summary>Saves them, and leaves zeros.</summary>
    public static void Save(ref HypervisorState state)
    {
        state.Status = Csr.Swap(CsrNumber.HypervisorStatus, 0);
        state.Exceptions = Csr.Swap(CsrNumber.HypervisorExceptions, 0);
        state.Interrupts = Csr.Swap(CsrNumber.HypervisorInterrupts, 0);
        state.Virtual = Csr.Swap(CsrNumber.HypervisorVirtual, 0);
        state.Counters = Csr.Swap(CsrNumber.HypervisorCounters, 0);
        state.Environment = Csr.Swap(CsrNumber.HypervisorEnvironment, 0);
        state.TimeDelta = Csr.Swap(CsrNumber.HypervisorTimeDelta, 0);
        state.Value = Csr.Swap(CsrNumber.HypervisorValue, 0);
        state.Instruction = Csr.Swap(CsrNumber.HypervisorInstruction, 0);
        state.Translation = Csr.Swap(CsrNumber.HypervisorTranslation, 0);
        state.GuestStatus = Csr.Swap(CsrNumber.GuestStatus, 0);
        state.GuestInterrupts = Csr.Swap(CsrNumber.GuestInterrupts, 0);
        state.GuestTrapVector = Csr.Swap(CsrNumber.GuestTrapVector, 0);
        state.GuestScratch = Csr.Swap(CsrNumber.GuestScratch, 0);
        state.GuestCounter = Csr.Swap(CsrNumber.GuestCounter, 0);
        state.GuestCause = Csr.Swap(CsrNumber.GuestCause, 0);
        state.GuestValue = Csr.Swap(CsrNumber.GuestValue, 0);
        state.GuestTranslation = Csr.Swap(CsrNumber.GuestTranslation, 0);
    }

    public static void Load(ref HypervisorState state)
    {
        Csr.Write(CsrNumber.HypervisorStatus, state.Status);
        Csr.Write(CsrNumber.HypervisorExceptions, state.Exceptions);
        Csr.Write(CsrNumber.HypervisorInterrupts, state.Interrupts);
        Csr.Write(CsrNumber.HypervisorVirtual, state.Virtual);
        Csr.Write(CsrNumber.HypervisorCounters, state.Counters);
        Csr.Write(CsrNumber.HypervisorEnvironment, state.Environment);
        Csr.Write(CsrNumber.HypervisorTimeDelta, state.TimeDelta);
        Csr.Write(CsrNumber.HypervisorValue, state.Value);
        Csr.Write(CsrNumber.HypervisorInstruction, state.Instruction);
        Csr.Write(CsrNumber.HypervisorTranslation, state.Translation);
        Csr.Write(CsrNumber.GuestStatus, state.GuestStatus);
        Csr.Write(CsrNumber.GuestInterrupts, state.GuestInterrupts);
        Csr.Write(CsrNumber.GuestTrapVector, state.GuestTrapVector);
        Csr.Write(CsrNumber.GuestScratch, state.GuestScratch);
        Csr.Write(CsrNumber.GuestCounter, state.GuestCounter);
        Csr.Write(CsrNumber.GuestCause, state.GuestCause);
        Csr.Write(CsrNumber.GuestValue, state.GuestValue);
        Csr.Write(CsrNumber.GuestTranslation, state.GuestTranslation);
    }
}
