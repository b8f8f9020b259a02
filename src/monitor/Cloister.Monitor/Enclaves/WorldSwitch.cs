using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>
/// From the host to an enclave on one hart, and back. Every register that supervisor mode can read is saved, loaded or cleared, floating point too.
/// </summary>
internal static class WorldSwitch
{
    // While an enclave runs, everything that the host waits for comes to the monitor. The enclave's own timer is its interrupt.
    private const ulong EnclaveInterrupts = Interrupts.MachineSoftware | Interrupts.MachineTimer |
        Interrupts.SupervisorSoftware | Interrupts.SupervisorExternal;

    // What belongs to whom in mstatus.
    private const ulong Owned = Status.OfCaller | Status.Vectors;

    public static void Enter(ref Machine machine, ref TrapFrame frame, int id)
    {
        ref HartState hart = ref machine.Harts[frame.Hart];
        ref EnclaveContent content = ref machine.Contents[id];
        SaveDeadline(ref machine, ref hart);
        Exchange(ref frame, ref hart.Host, ref content.World);
        if (machine.Configuration.VectorSize != 0)
            Native.TakeVectors(frame.Hart, id);
        Csr.Write(CsrNumber.InterruptDelegation, Interrupts.SupervisorTimer);
        Csr.Write(CsrNumber.MachineInterrupts, EnclaveInterrupts | content.World.Supervisor.Interrupts & Interrupts.SupervisorTimer);
        if (machine.Configuration.HasHypervisor)
            HypervisorRegisters.Save(ref hart.Hypervisor);
        SetTimer(ref machine, frame.Hart, ref content);
        Protection.Apply(ref machine, frame.Hart);
        Instructions.FlushInstructions();
    }

    /// <summary>The host goes on behind its call, with these in a0 and a1.</summary>
    public static void Leave(ref Machine machine, ref TrapFrame frame, int id, KeystoneError result, ulong value)
    {
        ref HartState hart = ref machine.Harts[frame.Hart];
        Exchange(ref frame, ref machine.Contents[id].World, ref hart.Host);
        if (machine.Configuration.VectorSize != 0)
            Native.GiveVectors(frame.Hart, id);
        Csr.Write(CsrNumber.InterruptDelegation, Interrupts.OfSupervisor);
        Csr.Write(CsrNumber.MachineInterrupts, hart.Host.Supervisor.Interrupts);
        if (machine.Configuration.HasHypervisor)
            HypervisorRegisters.Load(ref hart.Hypervisor);
        RestoreDeadline(ref machine, frame.Hart, ref hart);
        Protection.Apply(ref machine, frame.Hart);
        frame.X[Register.A0] = (ulong)result;
        frame.X[Register.A1] = value;
    }

    private static void Exchange(ref TrapFrame frame, ref WorldContext from, ref WorldContext to)
    {
        Native.ExchangeRegisters(ref frame.X, ref from.X, ref to.X);
        from.Counter = frame.Counter;
        frame.Counter = to.Counter;
        from.Status = frame.Status & Owned;
        frame.Status = frame.Status & ~(Owned | Status.PreviousVirtualization | Status.GuestVirtualAddress) | to.Status;
        Native.SaveFloats(ref from.Floats);
        Native.LoadFloats(ref to.Floats);
        ref SupervisorState old = ref from.Supervisor;
        ref SupervisorState next = ref to.Supervisor;
        old.TrapVector = Csr.Swap(CsrNumber.SupervisorTrapVector, next.TrapVector);
        old.Counters = Csr.Swap(CsrNumber.SupervisorCounters, next.Counters);
        old.Environment = Csr.Swap(CsrNumber.SupervisorEnvironment, next.Environment);
        old.Scratch = Csr.Swap(CsrNumber.SupervisorScratch, next.Scratch);
        old.Counter = Csr.Swap(CsrNumber.SupervisorCounter, next.Counter);
        old.Cause = Csr.Swap(CsrNumber.SupervisorCause, next.Cause);
        old.Value = Csr.Swap(CsrNumber.SupervisorValue, next.Value);
        old.Translation = Csr.Swap(CsrNumber.SupervisorTranslation, next.Translation);
        old.Interrupts = Csr.Read(CsrNumber.MachineInterrupts);
        old.PendingTimer = Csr.Read(CsrNumber.MachinePending) & Interrupts.SupervisorTimer;
        SetPendingTimer(next.PendingTimer != 0);
    }

    private static void SetPendingTimer(bool isPending)
    {
        if (isPending)
            Csr.Set(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
        else
            Csr.Clear(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
    }

    // Where there is stimecmp, it stays the host's: the enclave can't reach it, and the timer of machine mode comes in its place.
    private static void SaveDeadline(ref Machine machine, ref HartState hart)
    {
        if (machine.Configuration.HasTimeCompare)
        {
            hart.HostDeadline = Csr.Swap(CsrNumber.SupervisorTimeCompare, ulong.MaxValue);
            Processor.AllowTimeCompare(false);
        }
        else if ((Csr.Read(CsrNumber.MachinePending) & Interrupts.SupervisorTimer) != 0)
        {
            // The host's deadline has passed, and the host doesn't know yet: the enclave hands the hart back at once.
            hart.HostDeadline = 0;
        }
    }

    private static void RestoreDeadline(ref Machine machine, int self, ref HartState hart)
    {
        if (machine.Configuration.HasTimeCompare)
        {
            Board.SetTimer(self, ulong.MaxValue);
            Processor.AllowTimeCompare(true);
            Csr.Write(CsrNumber.SupervisorTimeCompare, hart.HostDeadline);
        }
        else if (hart.HostDeadline <= Board.Time)
        {
            Board.SetTimer(self, ulong.MaxValue);
            Timer.PassToHost(ref machine, self);
        }
        else
        {
            Board.SetTimer(self, hart.HostDeadline);
            Csr.Set(CsrNumber.MachineInterrupts, Interrupts.MachineTimer);
        }
    }

    /// <summary>The timer of machine mode comes when the host or the enclave wants it, whoever is first.</summary>
    public static void SetTimer(ref Machine machine, int hart, ref EnclaveContent content) =>
        Board.SetTimer(hart, System.Math.Min(machine.Harts[hart].HostDeadline, content.Deadline));
}
