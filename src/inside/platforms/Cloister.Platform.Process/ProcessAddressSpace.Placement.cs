using System.Collections.Generic;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Which of the shared addresses are this space's.
internal sealed unsafe partial class ProcessAddressSpace : IAddressPlacement
{
    private readonly List<AddressLease> _reservations = [];
    private AddressLease _home;

    /// <inheritdoc/>
    IAddressPlacement IAddressSpace.Placement => this;

    /// <inheritdoc/>
    public PageRange HomeRange => _home.Range;

    /// <inheritdoc/>
    public bool TryReserve(ulong length, out PageRange range)
    {
        if (!_addresses.TryReserve(length, out range))
            return false;
        _reservations.Add(new AddressLease(range));
        return true;
    }

    /// <inheritdoc/>
    public void Release(PageRange range)
    {
        int index = _reservations.FindIndex(lease => lease.Range == range);
        if (index < 0)
            return;
        AddressLease lease = _reservations[index];
        _reservations.RemoveAt(index);
        LeaveUnused(range.Start, range.Length);
        GiveUp(lease);
    }

    /// <inheritdoc/>
    public bool MayUse(ulong address, ulong length) => _addresses.MayUse(address, length);

    /// <inheritdoc/>
    public bool ShouldUse(ulong address, ulong length, bool isReservation)
    {
        if (!MayUse(address, length))
            return false;
        bool isFirm = isReservation && address >= UserAddressRange.FirmReservations;
        for (int arena = UserAddressRange.ArenaOf(address); arena <= UserAddressRange.ArenaOf(address + length - 1); arena++)
        {
            if (_addresses.IsParking(arena))
                return false;
            if (isFirm || Owns(UserAddressRange.StartOf(arena)))
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
        foreach (AddressLease lease in _reservations)
        {
            if (arenaStart >= lease.Range.Start && arenaStart < lease.Range.End)
                return true;
        }

        return false;
    }

    /// <summary>
    /// A child of fork goes on where its parent was, and so do its new mappings: the ranges are both's, until the last one
    /// that uses them is gone.
    /// </summary>
    private void Adopt(ProcessAddressSpace parent)
    {
        for (int arena = NextEntered(0); arena >= 0; arena = NextEntered(arena + 1))
            _addresses.Residency.Leave(this, arena);
        GiveUp(_home);
        _home = parent._home;
        _home.AddUser();
        foreach (AddressLease lease in parent._reservations)
        {
            lease.AddUser();
            _reservations.Add(lease);
        }
    }

    private void GiveUp(AddressLease lease)
    {
        if (lease.RemoveUser())
            _addresses.Give(lease.Range);
    }

    /// <summary>A range that spaces have for themselves: one, and those that it has forked.</summary>
    private sealed class AddressLease(PageRange range)
    {
        private int _users = 1;

        public PageRange Range => range;

        public void AddUser() => Interlocked.Increment(ref _users);

        public bool RemoveUser() => Interlocked.Decrement(ref _users) == 0;
    }
}
