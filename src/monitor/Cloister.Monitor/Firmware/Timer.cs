using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>
/// The host's timer. Where the processor has Sstc, the host programs stimecmp itself and never comes here; the timer of machine mode is then the
/// monitor's alone, and preempts enclaves.
/// </summary>
internal static class Timer
{
    public static void SetHost(ref Machine machine, int hart, ulong deadline)
    {
        if (machine.Configuration.HasTimeCompare)
        {
            Csr.Write(CsrNumber.SupervisorTimeCompare, deadline);
            return;
        }

        machine.Harts[hart].HostDeadline = deadline;
        Csr.Clear(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
        Board.SetTimer(hart, deadline);
        Csr.Set(CsrNumber.MachineInterrupts, Interrupts.MachineTimer);
    }

    /// <summary>The timer of machine mode has come while the host runs: it was the host's.</summary>
    public static void PassToHost(ref Machine machine, int hart)
    {
        machine.Harts[hart].HostDeadline = ulong.MaxValue;
        Csr.Clear(CsrNumber.MachineInterrupts, Interrupts.MachineTimer);
        Csr.Set(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
    }
}
