using System.Collections.Generic;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Which of the shared addresses are this space's.
internal sealed unsafe partial class ProcessAddressSpace : IAddressPlacement
{
    private readonly List<PageRange> _reservations = [];

    /// <inheritdoc/>
    IAddressPlacement IAddressSpace.Placement => this;

    /// <inheritdoc/>
    public PageRange HomeRange { get; }

    /// <inheritdoc/>
    public bool TryReserve(ulong length, out PageRange range)
    {
        if (!_addresses.TryReserve(length, out range))
            return false;
        _reservations.Add(range);
        return true;
    }

    /// <inheritdoc/>
    public void Release(PageRange range)
    {
        if (!_reservations.Remove(range))
            return;
        _addresses.Give(range);
        LeaveUnused(range.Start, range.Length);
    }

    /// <inheritdoc/>
    public bool MayUse(ulong address, ulong length) => _addresses.MayUse(address, length);

    /// <inheritdoc/>
    public bool ShouldUse(ulong address, ulong length, bool isReservation)
    {
        if (!MayUse(address, length))
            return false;
        if (isReservation && address >= UserAddressRange.FirmReservations)
            return true;
        for (int arena = UserAddressRange.ArenaOf(address); arena <= UserAddressRange.ArenaOf(address + length - 1); arena++)
        {
            if (Owns(UserAddressRange.StartOf(arena)))
                continue;
            if (HasEntered(arena) ? _addresses.Residency.IsContested(this, arena) : !_addresses.IsUnused(arena))
                return false;
        }

        return true;
    }

    /// <summary>Whether an arena is this space's own.</summary>
    private bool Owns(ulong arenaStart)
    {
        if (arenaStart >= HomeRange.Start && arenaStart < HomeRange.End)
            return true;
        foreach (PageRange range in _reservations)
        {
            if (arenaStart >= range.Start && arenaStart < range.End)
                return true;
        }

        return false;
    }
}
