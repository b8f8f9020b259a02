using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Linux.Memory;

// Where mappings go. On platforms where address spaces share one range, the platform has a say.
internal sealed partial class AddressSpace
{
    private const ulong LowLimit = 1UL << 32;

    private readonly IAddressPlacement? _placement;
    private readonly List<PageRange> _reservations = [];

    /// <summary>Range where what isn't placed by the program goes.</summary>
    public PageRange HomeRange => _placement?.HomeRange ?? new PageRange(Mmu.Lowest, Mmu.Highest);

    private bool MayUse(ulong address, ulong length) =>
        address >= Mmu.Lowest && address + length > address && address + length <= Mmu.Highest && (_placement?.MayUse(address, length) ?? true);

    private Errno FindFree(ulong hint, ulong length, ulong limit, bool isReservation, out ulong address)
    {
        hint &= ~(PageSize - 1);
        if (hint != 0 && hint >= Mmu.Lowest && hint + length > hint && hint + length <= (limit == 0 ? Mmu.Highest : limit) &&
            (_placement?.ShouldUse(hint, length, isReservation) ?? true) && _regions.IsFree(hint, hint + length))
        {
            address = hint;
            return Errno.Success;
        }

        if (limit != 0)
            return _regions.TryFindFree(length, Mmu.Lowest, Math.Min(limit, LowLimit), PageSize, out address) && MayUse(address, length)
                ? Errno.Success
                : Errno.ENOMEM;
        PageRange home = HomeRange;
        if (_regions.TryFindFree(length, Math.Clamp(Layout.MappingBottom, home.Start, home.End), Layout.MappingTop, PageSize, out address))
            return Errno.Success;
        foreach (PageRange range in _reservations)
        {
            if (_regions.TryFindFree(length, range.Start, range.End, PageSize, out address))
                return Errno.Success;
        }

        if (_placement is null || !_placement.TryReserve(length, out PageRange reserved))
            return Errno.ENOMEM;
        _reservations.Add(reserved);
        address = reserved.Start;
        return Errno.Success;
    }

    /// <summary>Gives back what was reserved beyond the home range, where nothing of it is in use any more.</summary>
    private void ReleaseReservations(ulong start, ulong end)
    {
        for (int i = _reservations.Count - 1; i >= 0; i--)
        {
            PageRange range = _reservations[i];
            if (range.Start >= end || range.End <= start || !_regions.IsFree(range.Start, range.End))
                continue;
            _reservations.RemoveAt(i);
            _placement!.Release(range);
        }
    }
}
