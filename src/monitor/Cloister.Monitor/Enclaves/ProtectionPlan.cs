using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Monitor.Enclaves;

/// <summary>
/// What the registers of physical memory protection are to hold (privileged architecture, 3.7). It is computed from the table of enclaves whenever
/// that changes: there are no books to keep, and none that a destroy could corrupt.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProtectionPlan
{
    public const int Entries = 16;

    private const byte Read = 1, Write = 2, Execute = 4, TopOfRange = 1 << 3, NaturallyAligned = 3 << 3;

    // All 54 bits: with NaturallyAligned it stands for everything.
    private const ulong Everything = (1ul << 54) - 1;

    private AddressArray _addresses;
    private ulong _first, _second;

    /// <summary>
    /// How many entries, from the first on, have an address that counts; the rest are off, but for the host's last one, whose address is always
    /// <see cref="Everything"/>.
    /// </summary>
    public int Used { readonly get; private set; }

    /// <summary>pmpaddr.</summary>
    public readonly ulong Address(int entry) => _addresses[entry];

    /// <summary>pmpcfg0 and pmpcfg2, of eight entries each.</summary>
    public readonly ulong Rights(int half) => half == 0 ? _first : _second;

    private readonly byte RightsOf(int entry) => (byte)(Rights(entry / 8) >> entry % 8 * 8);

    /// <summary>The registers of a hart.</summary>
    public static ProtectionPlan Make(in EnclaveTable table, MemoryRange monitor, int hart)
    {
        int id = table.Running(hart);
        if (id >= 0)
            return MakeForEnclave(table[id]);
        // A table that has no plan is never made: Reserve has tried.
        TryMakeForHost(in table, monitor, out ProtectionPlan plan);
        return plan;
    }

    /// <summary>An enclave sees its own memory and what it shares. No entry means no access, for supervisor and user mode.</summary>
    public static ProtectionPlan MakeForEnclave(EnclaveSlot slot)
    {
        ProtectionPlan plan = default;
        plan.Add(slot.Private, Read | Write | Execute);
        plan.Add(slot.Shared, Read | Write);
        plan.Set(Entries - 1, Everything, 0);
        return plan;
    }

    /// <summary>
    /// The host sees everything but the monitor and what belongs to enclaves alone; neighbours are closed together. False where the entries don't
    /// suffice.
    /// </summary>
    public static bool TryMakeForHost(in EnclaveTable table, MemoryRange monitor, out ProtectionPlan plan)
    {
        plan = default;
        plan.Add(monitor, 0);
        ulong from = 0;
        while (TryFindNext(in table, from, out MemoryRange closed))
        {
            if (plan.Used + (closed.IsNaturallyAligned ? 1 : 2) > Entries - 1)
                return false;
            plan.Add(closed, 0);
            from = closed.End;
        }

        plan.Set(Entries - 1, Everything, Read | Write | Execute | NaturallyAligned);
        return true;
    }

    // The lowest memory of enclaves from an address on, with all that follows without a gap.
    private static bool TryFindNext(in EnclaveTable table, ulong from, out MemoryRange range)
    {
        ulong start = ulong.MaxValue, end = 0;
        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            EnclaveSlot slot = table[i];
            if (slot.State != EnclaveState.Free && slot.Private.Start >= from && slot.Private.Start < start)
                (start, end) = (slot.Private.Start, slot.Private.End);
        }

        for (int i = 0; i < EnclaveTable.MaxEnclaves; i++)
        {
            EnclaveSlot slot = table[i];
            if (slot.State == EnclaveState.Free || slot.Private.Start != end)
                continue;
            end = slot.Private.End;
            i = -1;
        }

        range = default;
        return start != ulong.MaxValue && MemoryRange.TryCreate(start, end - start, out range);
    }

    /// <summary>Whether the registers would decide the same with both.</summary>
    public readonly bool IsSameAs(in ProtectionPlan other)
    {
        for (int i = 0; i < Used; i++)
            if (_addresses[i] != other._addresses[i])
                return false;
        return Used == other.Used && _first == other._first && _second == other._second;
    }

    private void Add(MemoryRange range, byte rights)
    {
        if (range.IsNaturallyAligned)
        {
            // A power of two: as many low bits are set as its size has, without three (3.7.1).
            Set(Used++, range.Start >> 2 | (range.Size >> 3) - 1, (byte)(rights | NaturallyAligned));
            return;
        }

        Set(Used++, range.Start >> 2, 0);
        Set(Used++, range.End >> 2, (byte)(rights | TopOfRange));
    }

    private void Set(int entry, ulong address, byte rights)
    {
        _addresses[entry] = address;
        ulong bits = (ulong)rights << entry % 8 * 8;
        if (entry < 8)
            _first |= bits;
        else
            _second |= bits;
    }

    /// <summary>
    /// What supervisor and user mode may do with an address, as the processor decides: the first entry that matches counts. For tests and checks.
    /// </summary>
    public readonly int RightsAt(ulong address)
    {
        for (int i = 0; i < Entries; i++)
        {
            byte rights = RightsOf(i);
            ulong word = address >> 2, register = _addresses[i];
            bool matches = (rights & NaturallyAligned) switch
            {
                TopOfRange => word >= (i == 0 ? 0 : _addresses[i - 1]) && word < register,
                NaturallyAligned => ((word ^ register) & ~(register ^ register + 1)) == 0,
                _ => false,
            };
            if (matches)
                return rights & 7;
        }

        return 0;
    }

    [InlineArray(Entries)]
    private struct AddressArray
    {
        private ulong _first;
    }
}
