using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// Decides whose pages are in an arena. Spaces that have mapped in the same one are rivals: programs linked to the same fixed
/// addresses, or a parent and its child after fork. The pages of one are in place, those of the others parked, and they take
/// turns (docs/process-platform.md, "Rivals").
/// </summary>
/// <remarks>
/// A thread pins its space while it is in user mode, copies or maps: a plain counter in its context block, followed by a
/// plain read of <see cref="ProcessAddressSpace.IsComplete"/>. Whoever takes an arena first clears that, then makes all
/// processors pass a barrier (membarrier(2)), then waits for the pins: so the common path has no fence.
/// Lock order: an address space's lock of the kernel, then <see cref="_lock"/>, then that of <see cref="UserAddressRange"/>.
/// Nobody waits for a lock while pinned.
/// </remarks>
internal sealed class Residency(UserAddressRange addresses, ProcessCpus cpus)
{
    /// <summary>How long a space stays in place while its threads have work, in nanoseconds.</summary>
    private const long TimeSlice = 4_000_000;

    private readonly Lock _lock = new();
    private readonly HostClock _clock = new();
    private readonly List<ProcessAddressSpace>?[] _users = new List<ProcessAddressSpace>?[UserAddressRange.ArenaCount];
    private readonly ProcessAddressSpace?[] _resident = new ProcessAddressSpace?[UserAddressRange.ArenaCount];
    private readonly List<ProcessAddressSpace> _others = [];

    /// <summary>Adds a space to the users of the arenas of a range.</summary>
    /// <returns>ENOMEM where the range isn't for programs.</returns>
    public Errno Enter(ProcessAddressSpace space, ulong start, ulong end)
    {
        int last = UserAddressRange.ArenaOf(end - 1);
        lock (_lock)
        {
            for (int arena = UserAddressRange.ArenaOf(start); arena <= last; arena++)
            {
                if (space.HasEntered(arena))
                    continue;
                if (!addresses.TryEnter(arena))
                    return Errno.ENOMEM;
                (_users[arena] ??= []).Add(space);
                if (_resident[arena] is null)
                    _resident[arena] = space;
                else
                    space.IsComplete = false;
                space.SetEntered(arena, true);
            }
        }

        return Errno.Success;
    }

    /// <summary>
    /// Adds a new space, whose pages begin their life parked. Within <see cref="WithoutThreads"/>: the lock is held.
    /// </summary>
    public Errno EnterParked(ProcessAddressSpace space, int arena)
    {
        if (space.HasEntered(arena))
            return Errno.Success;
        if (!addresses.TryEnter(arena))
            return Errno.ENOMEM;
        (_users[arena] ??= []).Add(space);
        space.SetEntered(arena, true);
        space.IsComplete = false;
        return Errno.Success;
    }

    /// <summary>Removes a space from the users of an arena where it has nothing mapped.</summary>
    public void Leave(ProcessAddressSpace space, int arena)
    {
        lock (_lock)
            LeaveLocked(space, arena);
    }

    /// <summary>Whether another space uses an arena.</summary>
    public bool IsContested(ProcessAddressSpace space, int arena)
    {
        lock (_lock)
            return _users[arena] is { } users && users.Count > (space.HasEntered(arena) ? 1 : 0);
    }

    /// <summary>Brings all pages of a space in place, for the first time or again.</summary>
    public void MakeResident(ProcessAddressSpace space)
    {
        lock (_lock)
        {
            if (!space.IsComplete)
                BringInPlace(space);
        }
    }

    /// <summary>Does something while no thread of a space is in user mode, copies or maps, with all its pages in place.</summary>
    public Errno WithoutThreads(ProcessAddressSpace space, Func<Errno> action)
    {
        lock (_lock)
        {
            if (!space.IsComplete)
                BringInPlace(space);
            _others.Add(space);
            TakeOut();
            Errno error = action();
            space.IsComplete = true;
            return error;
        }
    }

    /// <summary>A space goes; its threads are gone already.</summary>
    public void Remove(ProcessAddressSpace space)
    {
        lock (_lock)
        {
            for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
            {
                space.Drop(arena, isInPlace: _resident[arena] == space);
                LeaveLocked(space, arena);
            }
        }
    }

    private void LeaveLocked(ProcessAddressSpace space, int arena)
    {
        _users[arena]!.Remove(space);
        if (_users[arena]!.Count == 0)
            _users[arena] = null;
        if (_resident[arena] == space)
            _resident[arena] = null;
        space.SetEntered(arena, false);
        addresses.Leave(arena);
    }

    private void BringInPlace(ProcessAddressSpace space)
    {
        for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
        {
            if (_resident[arena] is { } other && other != space && !_others.Contains(other))
                _others.Add(other);
        }

        foreach (ProcessAddressSpace other in _others)
            WaitForSlice(other);
        TakeOut();
        for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
        {
            if (_resident[arena] == space)
                continue;
            _resident[arena]?.Park(arena);
            space.Unpark(arena);
            _resident[arena] = space;
        }

        space.ResidentSince = _clock.MonotonicNanoseconds;
        space.IsComplete = true;
    }

    private void WaitForSlice(ProcessAddressSpace space)
    {
        // At once when nothing of it runs; else when it has had its time.
        while (space.IsPinned && _clock.MonotonicNanoseconds - space.ResidentSince < TimeSlice)
            Thread.Sleep(0);
    }

    /// <summary>Waits until no thread of the spaces in <see cref="_others"/> is in user mode, copies or maps, and keeps it so.</summary>
    private void TakeOut()
    {
        if (_others.Count == 0)
            return;
        foreach (ProcessAddressSpace space in _others)
            space.IsComplete = false;
        cpus.Synchronize(instructions: false);
        foreach (ProcessAddressSpace space in _others)
        {
            while (space.IsPinned)
            {
                space.KickAll();
                Thread.Yield();
            }
        }

        _others.Clear();
    }
}
