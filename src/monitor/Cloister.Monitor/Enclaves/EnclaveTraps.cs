using System;
using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>What comes to the monitor while an enclave runs: its calls, and interrupts.</summary>
internal static class EnclaveTraps
{
    private const ulong Random = 3001, Attest = 3002, GetSealingKey = 3003, Stop = 3004, Exit = 3006;
    private const ulong StopForTimer = 0, StopForEdgeCall = 1;
    private const ulong LegacySetTimer = 0, LegacyPutCharacter = 1, LegacyGetCharacter = 2;
    private const ulong MachineSoftware = 3, MachineTimer = 7;

    /// <summary>A call of the enclave; the frame's counter is behind it.</summary>
    public static void Call(ref Machine machine, ref TrapFrame frame)
    {
        ulong extension = frame.X[Register.A7];
        if (extension == KeystoneCalls.Extension)
            KeystoneCall(ref machine, ref frame);
        else if (extension == LegacySetTimer)
            SetTimer(ref machine, ref frame);
        else if (extension is LegacyPutCharacter or LegacyGetCharacter)
            frame.X[Register.A0] = (ulong)Sbi.Legacy(ref machine, ref frame, extension);
        else
            (frame.X[Register.A0], frame.X[Register.A1]) = ((ulong)SbiResult.NotSupported.Error, 0);
        KeystoneCalls.Check(ref machine, frame.Hart);
    }

    private static void KeystoneCall(ref Machine machine, ref TrapFrame frame)
    {
        ulong function = frame.X[Register.A6], a0 = frame.X[Register.A0], a1 = frame.X[Register.A1], a2 = frame.X[Register.A2];
        ulong value = 0;
        KeystoneError error;
        int id = machine.Enclaves.Running(frame.Hart);
        switch (function)
        {
            case Random:
                Harts.Lock(ref machine, ref machine.EnclaveLock, frame.Hart);
                value = machine.Entropy.Next(Csr.Read(CsrNumber.Cycle));
                Harts.Unlock(ref machine.EnclaveLock);
                error = KeystoneError.Success;
                break;
            case Attest:
                error = Attestation.Report(ref machine, id, a0, a1, a2);
                break;
            case GetSealingKey:
                error = Attestation.SealingKey(ref machine, id, a0, a1, a2);
                break;
            case Stop when a0 is StopForTimer or StopForEdgeCall:
                // What the enclave finds in a0 when it is resumed.
                frame.X[Register.A0] = 0;
                Leave(ref machine, ref frame, a0 == StopForTimer ? KeystoneError.Interrupted : KeystoneError.EdgeCallHost, 0);
                return;
            case Stop:
                error = KeystoneError.IllegalArgument;
                break;
            case Exit:
                Leave(ref machine, ref frame, KeystoneError.Success, a0, hasEnded: true);
                return;
            case KeystoneCalls.Plugin:
                error = KeystoneError.NotImplemented;
                break;
            default:
                error = KeystoneCalls.Unknown(ref machine, function, isEnclave: true);
                break;
        }

        if (error != KeystoneError.Success && function is Attest or GetSealingKey or Stop)
            Log.Refused(ref machine, function, (ulong)error, "an address isn't the enclave's, or a number is too large");
        frame.X[Register.A0] = (ulong)error;
        frame.X[Register.A1] = value;
    }

    /// <summary>An interrupt: the enclave's own timer goes to the enclave; everything else is the host's, which gets the hart back.</summary>
    public static void Interrupt(ref Machine machine, ref TrapFrame frame, ulong cause)
    {
        if (cause == MachineSoftware && !Harts.Serve(ref machine, frame.Hart))
            return;
        if (cause == MachineTimer)
        {
            ref EnclaveContent content = ref machine.Contents[machine.Enclaves.Running(frame.Hart)];
            ulong now = Board.Time;
            if (content.Deadline <= now)
            {
                content.Deadline = ulong.MaxValue;
                Csr.Set(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
                WorldSwitch.SetTimer(ref machine, frame.Hart, ref content);
            }

            if (machine.Harts[frame.Hart].HostDeadline > now)
                return;
        }

        Leave(ref machine, ref frame, KeystoneError.Interrupted, 0);
        KeystoneCalls.Check(ref machine, frame.Hart);
    }

    private static void Leave(ref Machine machine, ref TrapFrame frame, KeystoneError result, ulong value, bool hasEnded = false)
    {
        int hart = frame.Hart, id = machine.Enclaves.Running(hart);
        // The registers have to be saved before another hart may resume the enclave, and protection follows the table: so the lock is held for both.
        Harts.Lock(ref machine, ref machine.EnclaveLock, hart);
        machine.Enclaves.Leave(hart, hasEnded);
        WorldSwitch.Leave(ref machine, ref frame, id, result, value);
        Harts.Unlock(ref machine.EnclaveLock);
    }

    private static void SetTimer(ref Machine machine, ref TrapFrame frame)
    {
        ref EnclaveContent content = ref machine.Contents[machine.Enclaves.Running(frame.Hart)];
        content.Deadline = frame.X[Register.A0];
        Csr.Clear(CsrNumber.MachinePending, Interrupts.SupervisorTimer);
        WorldSwitch.SetTimer(ref machine, frame.Hart, ref content);
        frame.X[Register.A0] = 0;
    }
}
