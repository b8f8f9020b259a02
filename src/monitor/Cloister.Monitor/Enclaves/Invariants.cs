using Cloister.Monitor.Boot;

namespace Cloister.Monitor.Enclaves;

/// <summary>
/// What always holds, whatever host and enclaves do. The tests explore all states of small machines with it; builds for tests ask it after every
/// call.
/// </summary>
internal static class Invariants
{
    /// <summary>The first that doesn't hold; null where all do.</summary>
    public static string? FindBroken(in EnclaveTable table, in Configuration configuration) =>
        FindBrokenRegions(in table, configuration.Memory, configuration.Monitor) ?? FindBrokenHarts(in table, configuration.HartCount) ??
        FindBrokenProtection(in table, configuration.Monitor, configuration.HartCount);

    /// <summary>Memory of enclaves is RAM, isn't the monitor's, and has one owner.</summary>
    public static string? FindBrokenRegions(in EnclaveTable table, MemoryRange memory, MemoryRange monitor)
    {
        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            EnclaveSlot slot = table[i];
            if (slot.State == EnclaveState.Free)
                continue;
            if (!slot.Private.IsPages || !slot.Shared.IsPages || !memory.Contains(slot.Private) || !memory.Contains(slot.Shared))
                return "an enclave has memory that isn't pages of RAM";
            if (slot.Private.Overlaps(monitor) || slot.Shared.Overlaps(monitor))
                return "an enclave has memory of the monitor";
            if (slot.Private.Overlaps(slot.Shared))
                return "an enclave shares its own memory";
            for (int j = 0; j < i; j++)
            {
                EnclaveSlot other = table[j];
                if (other.State != EnclaveState.Free && (slot.Private.Overlaps(other.Private) || slot.Private.Overlaps(other.Shared) ||
                    slot.Shared.Overlaps(other.Private) || slot.Shared.Overlaps(other.Shared)))
                    return "two enclaves have the same memory";
            }
        }

        return null;
    }

    /// <summary>An enclave runs on one hart where its state says so, and on none otherwise.</summary>
    public static string? FindBrokenHarts(in EnclaveTable table, int harts)
    {
        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            int count = 0;
            for (int hart = 0; hart < harts; hart++)
                if (table.Running(hart) == i)
                    count++;
            if (count > 1)
                return "an enclave runs on two harts";
            if (count != (table[i].State == EnclaveState.Running ? 1 : 0))
                return "an enclave's state isn't that of its hart";
        }

        return null;
    }

    /// <summary>
    /// Nobody reaches the monitor; the host reaches no enclave's own memory, and all else; an enclave reaches its own and what it shares, and
    /// nothing else. Asked at both ends of every range, where a wrong entry shows.
    /// </summary>
    public static string? FindBrokenProtection(in EnclaveTable table, MemoryRange monitor, int harts)
    {
        for (int hart = 0; hart < harts; hart++)
        {
            ProtectionPlan plan = ProtectionPlan.Make(in table, monitor, hart);
            if (FindBrokenPlan(in table, monitor, table.Running(hart), in plan) is { } broken)
                return broken;
        }

        return null;
    }

    public static string? FindBrokenPlan(in EnclaveTable table, MemoryRange monitor, int running, in ProtectionPlan plan)
    {
        if (plan.RightsAt(monitor.Start) != 0 || plan.RightsAt(monitor.End - 1) != 0)
            return "the monitor's memory isn't closed";
        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            EnclaveSlot slot = table[i];
            if (slot.State == EnclaveState.Free)
                continue;
            if (FindBrokenRange(in table, running, in plan, slot.Private) is { } broken)
                return broken;
            if (FindBrokenRange(in table, running, in plan, slot.Shared) is { } brokenShared)
                return brokenShared;
        }

        return null;
    }

    private static string? FindBrokenRange(in EnclaveTable table, int running, in ProtectionPlan plan, MemoryRange range) =>
        FindBrokenAddress(in table, running, in plan, range.Start - 1) ?? FindBrokenAddress(in table, running, in plan, range.Start) ??
        FindBrokenAddress(in table, running, in plan, range.End - 1) ?? FindBrokenAddress(in table, running, in plan, range.End);

    /// <summary>Whether an address has the rights that the table of enclaves says; null where it has.</summary>
    public static string? FindBrokenAddress(in EnclaveTable table, int running, in ProtectionPlan plan, ulong address)
    {
        int owner = -1, sharer = -1;
        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            EnclaveSlot slot = table[i];
            if (slot.State == EnclaveState.Free)
                continue;
            if (slot.Private.Contains(address))
                owner = i;
            if (slot.Shared.Contains(address))
                sharer = i;
        }

        int rights = plan.RightsAt(address);
        if (owner >= 0 && owner != running)
            return rights == 0 ? null : running < 0 ? "the host reaches an enclave's memory" : "an enclave reaches another's memory";
        if (running >= 0 && owner != running && sharer != running)
            return rights == 0 ? null : "an enclave reaches memory of the host that it doesn't share";
        if (running >= 0)
            return rights == (owner == running ? 7 : 3) ? null : "an enclave doesn't reach its memory";
        return null;
    }
}
