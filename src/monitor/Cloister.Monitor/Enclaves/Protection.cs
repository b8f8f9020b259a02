using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>Brings a hart's registers of physical memory protection up to date.</summary>
internal static class Protection
{
    /// <summary>
    /// The table of enclaves has changed: computes the host's plan anew, which every switch to the host would have to do otherwise. The caller holds
    /// the enclave lock, and asks all harts to follow.
    /// </summary>
    public static void Follow(ref Machine machine) =>
        ProtectionPlan.TryMakeForHost(in machine.Enclaves, machine.Configuration.Monitor, out machine.HostProtection);

    /// <summary>Writes what differs. This hart is in machine mode meanwhile, to which entries that aren't locked don't apply.</summary>
    /// <param name="isUnknown">Whether nobody knows what the registers hold.</param>
    public static void Apply(ref Machine machine, int hart, bool isUnknown = false)
    {
        int id = machine.Enclaves.Running(hart);
        ref ProtectionPlan plan = ref machine.HostProtection;
        if (id >= 0)
            plan = ref machine.Contents[id].Protection;
        ref Addresses present = ref machine.Harts[hart].Protection;
        int count = isUnknown ? ProtectionPlan.Entries : plan.Used;
        for (int i = 0; i < count; i++)
        {
            ulong address = plan.Address(i);
            if (!isUnknown && address == present[i])
                continue;
            present[i] = address;
            ProtectionRegisters.WriteAddress(i, address);
        }

        // Always, and after the addresses: QEMU before 8.1 looks at the lower end of a range only when the range's own registers are written.
        ProtectionRegisters.WriteRights(0, plan.Rights(0));
        ProtectionRegisters.WriteRights(1, plan.Rights(1));
        Instructions.FlushTranslations();
    }

    /// <summary>pmpaddr as a hart has them.</summary>
    [System.Runtime.CompilerServices.InlineArray(ProtectionPlan.Entries)]
    internal struct Addresses
    {
        private ulong _first;
    }
}
