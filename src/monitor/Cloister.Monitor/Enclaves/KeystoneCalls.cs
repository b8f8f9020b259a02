using System;
using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>Keystone's calls from the host.</summary>
internal static class KeystoneCalls
{
    /// <summary>"BKE" in the range of experimental extensions.</summary>
    public const ulong Extension = 0x08424B45;

    public const ulong Create = 2001, Destroy = 2002, Run = 2003, Resume = 2005, Plugin = 4000;

    /// <summary>Of the calls of a plugin of ours: where memory for enclaves is that the host doesn't know.</summary>
    private const ulong PoolPlugin = 0x434C, PoolStart = 1, PoolSize = 2;

    public static void Call(ref Machine machine, ref TrapFrame frame)
    {
        ulong function = frame.X[Register.A6], a0 = frame.X[Register.A0];
        ulong value = 0;
        KeystoneError error;
        switch (function)
        {
            case Create:
                error = CreateEnclave(ref machine, frame.Hart, a0, out value);
                break;
            case Destroy:
                error = DestroyEnclave(ref machine, frame.Hart, a0);
                break;
            case Run or Resume:
                error = Enter(ref machine, ref frame, function, a0);
                if (error == KeystoneError.Success)
                {
                    Check(ref machine, frame.Hart);
                    return;
                }

                break;
            case Plugin:
                error = CallPlugin(ref machine, function, a0, frame.X[Register.A1], out value);
                break;
            default:
                error = Unknown(ref machine, function, isEnclave: false);
                break;
        }

        frame.X[Register.A0] = (ulong)error;
        frame.X[Register.A1] = value;
        Check(ref machine, frame.Hart);
    }

    /// <summary>What a number says that isn't a call of this side.</summary>
    public static KeystoneError Unknown(ref Machine machine, ulong function, bool isEnclave)
    {
        if (function < 2000)
            return Refuse(ref machine, function, KeystoneError.Deprecated, "the number is one of an earlier interface");
        if (function < 4000 && function < 3000 == isEnclave)
            return Refuse(ref machine, function, KeystoneError.Prohibited, isEnclave ? "only the host may make it" : "only an enclave may make it");
        return Refuse(ref machine, function, KeystoneError.NotImplemented, "there is no such call");
    }

    public static KeystoneError Refuse(ref Machine machine, ulong function, KeystoneError error, string reason)
    {
        Log.Refused(ref machine, function, (ulong)error, reason);
        return error;
    }

    private static KeystoneError CreateEnclave(ref Machine machine, int self, ulong address, out ulong number)
    {
        number = 0;
        Span<byte> bytes = stackalloc byte[CreateArguments.Size];
        if (!Native.TryRead(address, bytes))
            return Refuse(ref machine, Create, KeystoneError.NotAccessible, "the host itself can't read the arguments");
        if (!CreateArguments.TryRead(bytes, out CreateArguments arguments))
            return Refuse(ref machine, Create, KeystoneError.IllegalArgument, "a range is empty or wraps around, or the parts aren't pages in order");
        if (machine.Configuration.VectorSize > Native.LargestVector)
            return Refuse(ref machine, Create, KeystoneError.NotImplemented, "the processor's vectors are longer than what the monitor can keep");
        Harts.Lock(ref machine, ref machine.EnclaveLock, self);
        KeystoneError error = machine.Enclaves.Reserve(machine.Configuration.Memory, machine.Configuration.Monitor, arguments.Private,
            arguments.Shared, out int id);
        if (error == KeystoneError.Success)
            CloseMemory(ref machine, self);
        Harts.Unlock(ref machine.EnclaveLock);
        if (error != KeystoneError.Success)
            return Refuse(ref machine, Create, error, Reason(error));

        // Only this hart sees the enclave until it is fresh, so that nothing needs the lock here.
        ref EnclaveContent content = ref machine.Contents[id];
        content = default;
        Native.ClearVectors(id);
        content.Protection = ProtectionPlan.MakeForEnclave(machine.Enclaves[id]);
        EnclaveMemory.Erase(ref machine, self, arguments.Shared);
        EnclaveMemory.Measure(ref machine, self, in arguments, content.Measurement);
        Start(ref content, in arguments);
        Harts.Lock(ref machine, ref machine.EnclaveLock, self);
        machine.Enclaves.FinishMeasuring(id);
        Harts.Unlock(ref machine.EnclaveLock);
        number = (ulong)id;
        return KeystoneError.Success;
    }

    // Memory of enclaves is closed to the host on all harts, and all else is open.
    private static void CloseMemory(ref Machine machine, int self)
    {
        Protection.Follow(ref machine);
        Harts.AskAndWait(ref machine, self, uint.MaxValue, HartRequests.Protect);
    }

    private static string Reason(KeystoneError error) => error switch
    {
        KeystoneError.IllegalArgument => "a range isn't whole pages of RAM",
        KeystoneError.RegionOverlaps => "memory is the monitor's, another enclave's, or named twice",
        KeystoneError.NoFreeResource => "there are as many enclaves as there can be",
        KeystoneError.ProtectionFailure => "the entries of physical memory protection don't suffice for pieces that lie apart",
        KeystoneError.InvalidId => "there is no such enclave",
        KeystoneError.NotFresh => "it has run before",
        KeystoneError.NotResumable => "it isn't stopped",
        KeystoneError.NotDestroyable => "it runs, or isn't ready",
        _ => "the state forbids it",
    };

    // The registers that an enclave starts with, as Keystone's runtimes expect them.
    private static void Start(ref EnclaveContent content, in CreateArguments arguments)
    {
        content.Deadline = ulong.MaxValue;
        content.World.Counter = arguments.Private.Start;
        content.World.Status = Status.MachinePreviousSupervisor;
        content.World.Supervisor.Counters = Processor.Counters;
        content.World.X[Register.A1] = arguments.Private.Start;
        content.World.X[Register.A2] = arguments.Private.Size;
        content.World.X[Register.A3] = arguments.Runtime;
        content.World.X[Register.A4] = arguments.Application;
        content.World.X[Register.A5] = arguments.Free;
        content.World.X[Register.A6] = arguments.Shared.Start;
        content.World.X[Register.A7] = arguments.Shared.Size;
    }

    private static KeystoneError DestroyEnclave(ref Machine machine, int self, ulong id)
    {
        Harts.Lock(ref machine, ref machine.EnclaveLock, self);
        KeystoneError error = machine.Enclaves.Destroy(id);
        Harts.Unlock(ref machine.EnclaveLock);
        if (error != KeystoneError.Success)
            return Refuse(ref machine, Destroy, error, Reason(error));
        EnclaveMemory.Erase(ref machine, self, machine.Enclaves[(int)id].Private);
        machine.Contents[(int)id] = default;
        Native.ClearVectors((int)id);
        Harts.Lock(ref machine, ref machine.EnclaveLock, self);
        machine.Enclaves.FinishDestroying((int)id);
        CloseMemory(ref machine, self);
        Harts.Unlock(ref machine.EnclaveLock);
        return KeystoneError.Success;
    }

    private static KeystoneError Enter(ref Machine machine, ref TrapFrame frame, ulong function, ulong id)
    {
        Harts.Lock(ref machine, ref machine.EnclaveLock, frame.Hart);
        KeystoneError error = function == Run ? machine.Enclaves.Run(id, frame.Hart) : machine.Enclaves.Resume(id, frame.Hart);
        Harts.Unlock(ref machine.EnclaveLock);
        if (error != KeystoneError.Success)
            return Refuse(ref machine, function, error, Reason(error));
        WorldSwitch.Enter(ref machine, ref frame, (int)id);
        return KeystoneError.Success;
    }

    /// <summary>Plugins: ours tells the driver where the pool is. Keystone's own aren't there.</summary>
    public static KeystoneError CallPlugin(ref Machine machine, ulong function, ulong plugin, ulong call, out ulong value)
    {
        value = 0;
        if (plugin != PoolPlugin || call is not (PoolStart or PoolSize))
            return Refuse(ref machine, function, KeystoneError.NotImplemented, "there is no such plugin");
        value = call == PoolStart ? machine.Configuration.Pool.Start : machine.Configuration.Pool.Size;
        return KeystoneError.Success;
    }

    /// <summary>In builds for tests: stops the machine where an invariant is broken.</summary>
    [System.Diagnostics.Conditional("MONITOR_CHECKS")]
    public static void Check(ref Machine machine, int self)
    {
        Harts.Lock(ref machine, ref machine.EnclaveLock, self);
        string? broken = Invariants.FindBroken(in machine.Enclaves, machine.Configuration) ?? FindOldPlan(ref machine);
        Harts.Unlock(ref machine.EnclaveLock);
        if (broken is null)
            return;
        Log.Write("monitor: broken invariant: ");
        Log.WriteLine(broken);
        Board.PowerOff(Firmware.Console.FailedStatus);
    }

    private static string? FindOldPlan(ref Machine machine)
    {
        ProtectionPlan.TryMakeForHost(in machine.Enclaves, machine.Configuration.Monitor, out ProtectionPlan host);
        if (!machine.HostProtection.IsSameAs(in host))
            return "the host's protection isn't that of the table";
        for (int id = 0; id < EnclaveTable.MaxEnclaves; id++)
        {
            EnclaveSlot slot = machine.Enclaves[id];
            if (slot.State == EnclaveState.Running && !machine.Contents[id].Protection.IsSameAs(ProtectionPlan.MakeForEnclave(slot)))
                return "an enclave's protection isn't that of the table";
        }

        return null;
    }
}
