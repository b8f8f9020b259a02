using System;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// What the space has, or will have, of the mappings that the host allows.
internal sealed unsafe partial class ProcessAddressSpace
{
    private int _countedRuns;
    private bool _waitsForMappings;
    private int _reservedMappings;
    private bool _hasMoved;

    /// <summary>What all spaces share.</summary>
    internal HostMappingBudget HostMappings => _hostMappings;

    private bool HasRoom(bool isTouch = false) => _hostMappings.HasRoom(_mappings.InHost, isTouch);

    private void CountRuns()
    {
        int runs = _mappings.InHost;
        int difference = runs - _countedRuns;
        if (difference == 0)
            return;
        _countedRuns = runs;
        if (_waitsForMappings)
            Reserve(runs == 0 ? 0 : Math.Max(runs, _reservedMappings + 2 * difference));
        else
            _hostMappings.Change(difference);
    }

    /// <summary>Less may be left in the host than runs tell.</summary>
    private void NoteUnmapped()
    {
        if (_hasMoved)
            _hostMappings.NoteUnmapped();
    }

    /// <summary>Whether a range is in the middle of a run, so that one more comes about where it is unmapped.</summary>
    private bool IsWithinRun(ulong start, ulong end) =>
        _mappings.TryFind(start, out HostMapping run) && run.IsInHost && run.Start < start && run.End > end;

    private void Reserve(int mappings)
    {
        _hostMappings.ChangeReserved(mappings - _reservedMappings);
        _reservedMappings = mappings;
    }

    /// <summary>
    /// Keeps room for mappings like those of another space: this one is in a family with it, and has none of its own before
    /// <see cref="EndWait"/>, which then can't lack them.
    /// </summary>
    private bool TryBeginWait(ProcessAddressSpace parent)
    {
        int mappings = parent.CountMappings();
        if (!_hostMappings.TryReserve(mappings))
            return false;
        _reservedMappings = mappings;
        _countedRuns = 0;
        _waitsForMappings = true;
        return true;
    }

    /// <summary>It has mappings of its own now.</summary>
    private void EndWait()
    {
        _waitsForMappings = false;
        _countedRuns = _mappings.InHost;
        _hostMappings.Change(_countedRuns);
        Reserve(0);
    }

    /// <summary>Another member of the family has the mappings that they share now, and this one waits in its place.</summary>
    private void WaitInPlaceOf(ProcessAddressSpace next)
    {
        int reserved = Math.Max(next._reservedMappings, 2 * _mappings.InHost);
        next.EndWait();
        _hostMappings.Change(-_countedRuns);
        _countedRuns = _mappings.InHost;
        _waitsForMappings = true;
        Reserve(reserved);
    }

    /// <summary>Mappings that the host needs for what is mapped, the holes between counted.</summary>
    private int CountMappings()
    {
        int count = 0;
        ulong last = 0;
        for (ulong at = 0; _mappings.TryFind(at, ulong.MaxValue, out HostMapping part); at = part.End)
        {
            if (!part.IsInHost)
                continue;
            // Parking places of neighbouring arenas may lie apart.
            count += 1 + (part.Start == last ? 0 : 1) + 2 * (UserAddressRange.ArenaOf(part.End - 1) - UserAddressRange.ArenaOf(part.Start));
            last = part.End;
        }

        return count;
    }
}
