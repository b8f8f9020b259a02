using System.Threading;
using Cloister.Monitor.Enclaves;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>What harts ask of each other, and how they start and stop.</summary>
internal static class Harts
{
    /// <summary>Asks a hart for something, without waiting for it.</summary>
    public static void Ask(ref Machine machine, int hart, HartRequests requests)
    {
        // Where something is asked already, the interrupt is on its way.
        if (Shared.Or(ref machine.Harts[hart].Requests, (int)requests) == 0)
            Board.RaiseSoftwareInterrupt(hart);
    }

    /// <summary>
    /// Asks all harts of a mask, and waits until they have done it. This hart does what it is asked meanwhile, as the others may wait for it.
    /// </summary>
    public static void AskAndWait(ref Machine machine, int self, uint mask, HartRequests requests)
    {
        int waitedFor = 0;
        Tickets tickets = default;
        // One that is stopped isn't asked: what it finds when it starts has to be there before its state is looked at.
        Instructions.Fence();
        for (int hart = 0; hart < machine.Configuration.HartCount; hart++)
        {
            if ((mask >> hart & 1) == 0)
                continue;
            if (hart == self)
            {
                Perform(ref machine, self, requests);
                continue;
            }

            ref HartState other = ref machine.Harts[hart];
            // One that is stopped does it before it starts.
            if (Volatile.Read(ref other.Status) == (int)HartStatus.Stopped)
                continue;
            Shared.Or(ref other.Requests, (int)requests);
            tickets[hart] = Interlocked.Increment(ref other.Asked);
            waitedFor |= 1 << hart;
            Board.RaiseSoftwareInterrupt(hart);
        }

        for (int hart = 0; hart < machine.Configuration.HartCount; hart++)
            while ((waitedFor >> hart & 1) != 0 && Volatile.Read(ref machine.Harts[hart].Served) - tickets[hart] < 0 &&
                Volatile.Read(ref machine.Harts[hart].Status) != (int)HartStatus.Stopped)
                ServeWaiting(ref machine, self);
    }

    /// <summary>
    /// The software interrupt of machine mode has come, or may have: does what others have asked of this hart. Says whether supervisor mode has got
    /// a software interrupt.
    /// </summary>
    public static bool Serve(ref Machine machine, int self)
    {
        ref HartState hart = ref machine.Harts[self];
        Board.ClearSoftwareInterrupt(self);
        Instructions.Fence();
        // Who increments the count has set the bits before; so what is counted here is in the bits.
        int asked = Volatile.Read(ref hart.Asked);
        var requests = (HartRequests)Interlocked.Exchange(ref hart.Requests, 0);
        Perform(ref machine, self, requests);
        Volatile.Write(ref hart.Served, asked);
        return (requests & HartRequests.SoftwareInterrupt) != 0;
    }

    /// <summary>The same for a hart that waits for another, and asks again and again.</summary>
    public static void ServeWaiting(ref Machine machine, int self)
    {
        ref HartState hart = ref machine.Harts[self];
        if (Volatile.Read(ref hart.Requests) != 0 || Volatile.Read(ref hart.Asked) != hart.Served)
            Serve(ref machine, self);
    }

    private static void Perform(ref Machine machine, int self, HartRequests requests)
    {
        if ((requests & HartRequests.SoftwareInterrupt) != 0)
            Csr.Set(CsrNumber.MachinePending, Interrupts.SupervisorSoftware);
        if ((requests & HartRequests.FlushInstructions) != 0)
            Instructions.FlushInstructions();
        if ((requests & HartRequests.FlushTranslations) != 0)
            Instructions.FlushTranslations();
        if ((requests & HartRequests.FlushGuestTranslations) != 0 && machine.Configuration.HasHypervisor)
            Instructions.FlushGuestTranslations();
        if ((requests & HartRequests.Protect) != 0)
            Protection.Apply(ref machine, self);
    }

    /// <summary>Takes a lock. Meanwhile this hart does what others ask: the lock's owner may wait for it.</summary>
    public static void Lock(ref Machine machine, ref int theLock, int self)
    {
        while (Interlocked.CompareExchange(ref theLock, 1, 0) != 0)
            ServeWaiting(ref machine, self);
    }

    public static void Unlock(ref int theLock) => Volatile.Write(ref theLock, 0);

    /// <summary>Starts a stopped hart (SBI 2.0, 9.1).</summary>
    public static SbiResult Start(ref Machine machine, ulong hart, ulong address, ulong argument)
    {
        if (hart >= (ulong)machine.Configuration.HartCount)
            return SbiResult.InvalidParameter;
        if (!machine.Configuration.IsHostMemory(ref machine.Enclaves, address, 4))
            return SbiResult.InvalidAddress;
        ref HartState other = ref machine.Harts[(int)hart];
        int was = Interlocked.CompareExchange(ref other.Status, (int)HartStatus.StartPending, (int)HartStatus.Stopped);
        if (was != (int)HartStatus.Stopped)
            return SbiResult.AlreadyAvailable;
        other.StartAddress = address;
        other.StartArgument = argument;
        Volatile.Write(ref other.StartRequested, 1);
        Board.RaiseSoftwareInterrupt((int)hart);
        return SbiResult.Success;
    }

    /// <summary>This hart can be started from now on.</summary>
    public static void Stop(ref Machine machine, int self)
    {
        Volatile.Write(ref machine.Harts[self].StartRequested, 0);
        Volatile.Write(ref machine.Harts[self].Status, (int)HartStatus.Stopped);
    }

    /// <summary>Stays until somebody starts this hart, and makes the frame one of a hart that starts.</summary>
    public static void WaitForStart(ref Machine machine, ref TrapFrame frame)
    {
        int self = frame.Hart;
        ref HartState hart = ref machine.Harts[self];
        Csr.Write(CsrNumber.MachineInterrupts, Interrupts.MachineSoftware);
        while (Volatile.Read(ref hart.StartRequested) == 0)
        {
            Instructions.WaitForInterrupt();
            Serve(ref machine, self);
        }

        Prepare(ref machine, ref frame, hart.StartAddress, hart.StartArgument);
        Volatile.Write(ref hart.Status, (int)HartStatus.Started);
    }

    /// <summary>A hart as supervisor mode finds it when it starts: no translation, interrupts off, number and argument in a0 and a1.</summary>
    public static void Prepare(ref Machine machine, ref TrapFrame frame, ulong address, ulong argument)
    {
        int self = frame.Hart;
        machine.Harts[self].HostDeadline = ulong.MaxValue;
        Processor.Setup(ref machine, self);
        Instructions.FlushInstructions();
        for (int i = 1; i < 32; i++)
            frame.X[i] = 0;
        frame.X[Register.A0] = (ulong)self;
        frame.X[Register.A1] = argument;
        frame.Counter = address;
        frame.Status = Status.MachinePreviousSupervisor | 1 << 13;
    }

    [System.Runtime.CompilerServices.InlineArray(Machine.MaxHarts)]
    private struct Tickets
    {
        private int _first;
    }
}
