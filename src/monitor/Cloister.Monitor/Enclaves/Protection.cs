using Cloister.Monitor.Firmware;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>Brings a hart's registers of physical memory protection up to date.</summary>
internal static class Protection
{
    /// <summary>Writes what differs. This hart is in machine mode meanwhile, to which entries that aren't locked don't apply.</summary>
    /// <param name="isUnknown">Whether nobody knows what the registers hold.</param>
    public static void Apply(ref Machine machine, int hart, bool isUnknown = false)
    {
        ProtectionPlan plan = ProtectionPlan.Make(in machine.Enclaves, machine.Configuration.Monitor, hart);
        ref ProtectionPlan present = ref machine.Harts[hart].Protection;
        bool isWritten = isUnknown;
        for (int i = 0; i < ProtectionPlan.Entries; i++)
        {
            // QEMU before 8.1 looks at the address below the top of a range only when the top is written: so the next one is written too.
            bool belowIsWritten = isWritten;
            isWritten = isUnknown || plan.Address(i) != present.Address(i);
            if (isWritten || belowIsWritten)
                ProtectionRegisters.WriteAddress(i, plan.Address(i));
        }

        for (int half = 0; half < 2; half++)
            if (isUnknown || plan.Rights(half) != present.Rights(half))
                ProtectionRegisters.WriteRights(half, plan.Rights(half));
        present = plan;
        Instructions.FlushTranslations();
    }
}
