using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// What a member of a family has mapped beside what it shares: it waits in the parking places while another member is loaded.
// Called with Residency's lock.
internal sealed unsafe partial class ProcessAddressSpace
{
    /// <summary>Most that fork copies of a parent's own mappings; with more it leaves its family, and shares all with the child.</summary>
    private const ulong MostOwnCopied = 4 << 20;

    /// <summary>Arenas of what is shared, in which own mappings wait.</summary>
    private readonly HashSet<int> _ownParked = [];

    /// <summary>The next part of a run, cut at borders of arenas and of what the family shares.</summary>
    /// <param name="start">Where to look from.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="piece">The part.</param>
    /// <param name="isCommon">Whether the family shares it; all of it is where there is no family.</param>
    private bool TryFindPiece(ulong start, ulong end, out HostMapping piece, out bool isCommon)
    {
        isCommon = true;
        if (!_mappings.TryFind(start, end, out piece))
            return false;
        piece = piece.Clip(piece.Start, (piece.Start & ~(UserAddressRange.ArenaSize - 1)) + UserAddressRange.ArenaSize);
        if (Family is not { } family)
            return true;
        isCommon = false;
        foreach (PageRange range in family.Ranges)
        {
            if (range.End <= piece.Start)
                continue;
            isCommon = range.Start <= piece.Start;
            piece = piece.Clip(piece.Start, isCommon ? range.End : range.Start);
            break;
        }

        return true;
    }

    /// <summary>Whether the family shares anything in an arena.</summary>
    internal bool HasCommon(int arena) =>
        Family?.Overlaps(UserAddressRange.StartOf(arena), UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize) ?? false;

    /// <summary>Bytes that the space has mapped for itself.</summary>
    private ulong OwnLength()
    {
        ulong length = 0;
        for (ulong at = 0; TryFindPiece(at, ulong.MaxValue, out HostMapping piece, out bool isCommon); at = piece.End)
            length += !isCommon && piece.IsInHost && piece.Kind != MappingKind.Shared ? piece.Length : 0;
        return length;
    }

    /// <summary>Moves own mappings away, among what the next member has in place then.</summary>
    private void ParkOwn()
    {
        for (ulong at = 0; TryFindPiece(at, ulong.MaxValue, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            int arena = UserAddressRange.ArenaOf(piece.Start);
            if (isCommon || !piece.IsInHost || !HasCommon(arena))
                continue;
            _writeTracking.Forget(piece.Start, piece.Length);
            MovePiece(piece.Start, piece.Length, ParkingPlaceOf(piece.Start));
            _ownParked.Add(arena);
        }
    }

    /// <summary>The reverse.</summary>
    private void UnparkOwn()
    {
        foreach (int arena in _ownParked)
            MoveOwn(arena, _parking[arena], UserAddressRange.StartOf(arena));
        _ownParked.Clear();
    }

    /// <summary>What waits in an arena where nothing is shared any more waits for its turn like any other's.</summary>
    internal void SettleParked()
    {
        foreach (int arena in new List<int>(_ownParked))
        {
            if (!HasCommon(arena) && _ownParked.Remove(arena))
                _parked.Add(arena);
        }
    }

    /// <summary>Moves own mappings in an arena from one place to another.</summary>
    private void MoveOwn(int arena, ulong from, ulong to)
    {
        ulong start = UserAddressRange.StartOf(arena);
        for (ulong at = start; TryFindPiece(at, start + UserAddressRange.ArenaSize, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            if (!isCommon && piece.IsInHost)
                MovePiece(piece.Start - start + from, piece.Length, piece.Start - start + to);
        }
    }

    private void MovePiece(ulong from, ulong length, ulong to)
    {
        if (MoveInHost(from, length, to) == Errno.Success)
        {
            MapNothing(from, length, Protection.None);
            return;
        }

        Lose();
        Forget(new PageRange(from, from + length), to - from);
    }

    /// <summary>Gives up own mappings that lie among the family's, which goes on without this space.</summary>
    private void DropOwn()
    {
        for (ulong at = 0; TryFindPiece(at, ulong.MaxValue, out HostMapping piece, out bool isCommon); at = piece.End)
        {
            if (!isCommon && piece.IsInHost && HasCommon(UserAddressRange.ArenaOf(piece.Start)))
                MapNothing(PlaceOf(piece.Start), piece.Length, Protection.None);
        }
    }
}
