using System.Runtime.InteropServices;
using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>Where entry.S comes in: traps, and the start of harts.</summary>
// SAFETY: entry.S passes the frame of the hart that runs, and the one machine.
internal static unsafe class Traps
{
    private const ulong IllegalInstruction = 2, SupervisorCall = 9;

    [UnmanagedCallersOnly(EntryPoint = "monitor_trap")]
    private static void Trap(TrapFrame* frame, Machine* machine) => Handle(ref *machine, ref *frame);

    [UnmanagedCallersOnly(EntryPoint = "monitor_start_host")]
    private static void StartHost(TrapFrame* frame, Machine* machine)
    {
        machine->Harts[frame->Hart].Status = (int)HartStatus.Started;
        Harts.Prepare(ref *machine, ref *frame, machine->Configuration.KernelEntry, machine->Configuration.DeviceTree);
    }

    [UnmanagedCallersOnly(EntryPoint = "monitor_wait_for_start")]
    private static void WaitForStart(TrapFrame* frame, Machine* machine) => Harts.WaitForStart(ref *machine, ref *frame);

    /// <summary>The monitor itself has trapped: that is a defect of it, and nothing that it holds can be trusted any more.</summary>
    [UnmanagedCallersOnly(EntryPoint = "monitor_failed")]
    private static void Failed(TrapFrame* frame, Machine* machine)
    {
        Log.Write("monitor: trap in machine mode, cause ");
        Log.WriteNumber(Csr.Read(CsrNumber.MachineCause));
        Log.Write(", pc ");
        Log.WriteNumber(Csr.Read(CsrNumber.MachineCounter));
        Log.Write(", address ");
        Log.WriteNumber(Csr.Read(CsrNumber.MachineValue));
        Log.WriteLine(".");
        Board.PowerOff(Console.FailedStatus);
    }

    private static void Handle(ref Machine machine, ref TrapFrame frame)
    {
        ulong cause = Csr.Read(CsrNumber.MachineCause);
        int hart = frame.Hart;
        bool isEnclave = machine.Enclaves.Running(hart) >= 0;
        if ((cause & Interrupts.Flag) != 0)
        {
            if (isEnclave)
                EnclaveTraps.Interrupt(ref machine, ref frame, cause & ~Interrupts.Flag);
            else if (cause == (Interrupts.Flag | 3))
                Harts.Serve(ref machine, hart);
            else
                Timer.PassToHost(ref machine, hart);
        }
        else if (cause == SupervisorCall)
        {
            frame.Counter += 4;
            if (isEnclave)
                EnclaveTraps.Call(ref machine, ref frame);
            else
                Sbi.Call(ref machine, ref frame);
        }
        else
        {
            Reflect(ref frame, cause, Csr.Read(CsrNumber.MachineValue));
        }
    }

    /// <summary>
    /// An exception that isn't delegated goes to supervisor mode all the same, as if it were (privileged architecture, 4.1.1 and 3.1.6.1).
    /// </summary>
    private static void Reflect(ref TrapFrame frame, ulong cause, ulong value)
    {
        // From a guest of the host, the host's supervisor mode gets it: hstatus says that there was one.
        if ((frame.Status & Status.PreviousVirtualization) != 0)
        {
            ulong guest = Csr.Read(CsrNumber.HypervisorStatus) | 1 << 7;
            bool wasSupervisor = (frame.Status & Status.MachinePreviousSupervisor) != 0;
            Csr.Write(CsrNumber.HypervisorStatus, wasSupervisor ? guest | 1 << 8 : guest & ~(1ul << 8));
            frame.Status &= ~Status.PreviousVirtualization;
        }

        Csr.Write(CsrNumber.SupervisorCounter, frame.Counter);
        Csr.Write(CsrNumber.SupervisorCause, cause);
        Csr.Write(CsrNumber.SupervisorValue, value);
        ulong status = frame.Status;
        ulong previous = (status & Status.MachinePrevious) == 0 ? 0 : Status.SupervisorPrevious;
        ulong interrupts = (status & Status.SupervisorInterrupts) != 0 ? Status.SupervisorPreviousInterrupts : 0;
        status &= ~(Status.SupervisorInterrupts | Status.SupervisorPreviousInterrupts | Status.SupervisorPrevious | Status.MachinePrevious);
        frame.Status = status | previous | interrupts | Status.MachinePreviousSupervisor;
        frame.Counter = Csr.Read(CsrNumber.SupervisorTrapVector) & ~3ul;
    }
}
