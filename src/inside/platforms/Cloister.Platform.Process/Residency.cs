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
/// Lock order: an address space's lock of the kernel, then <see cref="_gate"/>, then that of <see cref="UserAddressRange"/>.
/// Nobody waits for a lock while pinned; nobody holds the gate while it waits for another space's turn to end.
/// </remarks>
internal sealed class Residency(UserAddressRange addresses, ProcessCpus cpus)
{
    /// <summary>How long a space stays in place while its threads have work, in nanoseconds.</summary>
    private const long TimeSlice = 4_000_000;

    /// <summary>For those who aren't first, and are woken when they are.</summary>
    private const long LongWait = 1_000_000_000;

    private const long Millisecond = 1_000_000;

    private readonly object _gate = new();
    private readonly HostClock _clock = new();
    private readonly List<ProcessAddressSpace>?[] _users = new List<ProcessAddressSpace>?[UserAddressRange.ArenaCount];
    private readonly ProcessAddressSpace?[] _resident = new ProcessAddressSpace?[UserAddressRange.ArenaCount];
    private readonly List<ProcessAddressSpace> _others = [];
    private readonly List<Waiter> _waiting = [];
    private readonly ulong[] _wanted = new ulong[UserAddressRange.ArenaCount / 64];
    private int _waiters;

    /// <summary>Adds a space to the users of the arenas of a range.</summary>
    /// <param name="space">The space.</param>
    /// <param name="start">Start of the range.</param>
    /// <param name="end">Its end.</param>
    /// <param name="isInHost">Whether the host is about to map something there, which then needs a place to wait in where there are rivals.</param>
    /// <returns>ENOMEM where the range isn't for programs, or rivals have no place to wait in.</returns>
    public Errno Enter(ProcessAddressSpace space, ulong start, ulong end, bool isInHost)
    {
        int last = UserAddressRange.ArenaOf(end - 1);
        lock (_gate)
        {
            for (int arena = UserAddressRange.ArenaOf(start); arena <= last; arena++)
            {
                if (!space.HasEntered(arena))
                {
                    if (!TryAdd(space, arena))
                        return Errno.ENOMEM;
                    if (_resident[arena] is null)
                        _resident[arena] = space;
                    else
                        space.IsComplete = false;
                }

                if (!isInHost || space.IsHosted(arena))
                    continue;
                if (_users[arena]!.Count > 1 && !space.TryReserveParking(arena))
                    return Errno.ENOMEM;
                space.SetHosted(arena, true);
            }
        }

        return Errno.Success;
    }

    /// <summary>Adds a new space, whose pages begin their life parked.</summary>
    public Errno EnterParked(ProcessAddressSpace space, int arena, bool isInHost)
    {
        lock (_gate)
        {
            if (!space.HasEntered(arena) && !TryAdd(space, arena))
                return Errno.ENOMEM;
            space.IsComplete = false;
            if (!isInHost)
                return Errno.Success;
            if (!space.TryReserveParking(arena))
                return Errno.ENOMEM;
            space.SetHosted(arena, true);
            return Errno.Success;
        }
    }

    /// <summary>Removes a space from the users of an arena where it has nothing mapped.</summary>
    public void Leave(ProcessAddressSpace space, int arena)
    {
        lock (_gate)
        {
            LeaveLocked(space, arena);
            WakeFirst();
        }
    }

    /// <summary>Whether another space uses an arena.</summary>
    public bool IsContested(ProcessAddressSpace space, int arena)
    {
        lock (_gate)
            return _users[arena] is { } users && users.Count > (space.HasEntered(arena) ? 1 : 0);
    }

    /// <summary>Brings all pages of a space in place, for the first time or again.</summary>
    /// <returns>ENOMEM where the host refuses to map them.</returns>
    public Errno MakeResident(ProcessAddressSpace space)
    {
        lock (_gate)
            return MakeResidentLocked(space);
    }

    /// <summary>A thread is about to sleep: its space's turn may be over.</summary>
    public void OnSleep()
    {
        if (Volatile.Read(ref _waiters) == 0)
            return;
        lock (_gate)
            WakeFirst();
    }

    /// <summary>
    /// Does something while no thread of a space is in user mode, copies or maps, with all its pages in place. Others go on
    /// meanwhile, as far as they aren't rivals.
    /// </summary>
    public Errno WithoutThreads(ProcessAddressSpace space, Func<Errno> action)
    {
        lock (_gate)
        {
            Errno error = MakeResidentLocked(space);
            if (error != Errno.Success)
                return error;
            _others.Add(space);
            TakeOut();
            space.IsHeld = true;
        }

        try
        {
            return action();
        }
        finally
        {
            lock (_gate)
            {
                space.IsHeld = false;
                space.IsComplete = true;
                space.ResidentSince = _clock.MonotonicNanoseconds;
                WakeFirst();
            }
        }
    }

    /// <summary>Makes a child of fork, which is mapped like its parent, a member of the parent's family.</summary>
    public void Join(ProcessAddressSpace parent, ProcessAddressSpace child, SavedPages saved, PageRange[] ranges)
    {
        lock (_gate)
        {
            parent.Family ??= new ForkFamily(parent, ranges, parent.HostMappings);
            parent.Family.ShareExtras();
            child.Join(parent.Family, saved);
        }
    }

    /// <summary>A space stores to a page that is protected against it: the others of its family get what is there.</summary>
    /// <param name="space">The space.</param>
    /// <param name="mapping">What the page belongs to.</param>
    /// <param name="address">The store's.</param>
    /// <returns>ENOMEM where there is no memory for them.</returns>
    public Errno Unshare(ProcessAddressSpace space, in HostMapping mapping, ulong address)
    {
        lock (_gate)
        {
            Errno error = MakeResidentLocked(space);
            return error == Errno.Success ? space.Unshare(mapping, address) : Errno.ENOBUFS;
        }
    }

    /// <summary>A space is about to drop pages: the others of its family keep them.</summary>
    /// <returns>ENOMEM where there is no memory for them.</returns>
    public Errno SaveShared(ProcessAddressSpace space, ulong start, ulong end)
    {
        lock (_gate)
        {
            Errno error = MakeResidentLocked(space);
            return error == Errno.Success && space.Family is not null ? space.SaveShared(start, end) : error;
        }
    }

    /// <summary>A space is about to map something in a range: the others of its family get mappings of their own there.</summary>
    /// <returns>ENOMEM where the host has no room for them.</returns>
    public Errno Diverge(ProcessAddressSpace space, ulong start, ulong end)
    {
        lock (_gate)
        {
            Errno error = MakeResidentLocked(space);
            if (error != Errno.Success || space.Family is not { } family || !family.Overlaps(start, end))
                return error;
            error = space.Materialize(family.Members, start, end);
            if (error != Errno.Success)
                return error;
            family.Carve(start, end);
            foreach (ProcessAddressSpace member in family.Members)
                member.SettleParked();
            while (family.Ranges.IsEmpty && family.Waiting > 0)
            {
                ProcessAddressSpace other = family.OtherThan(space);
                other.EndMembership();
                family.Remove(other);
            }

            return Errno.Success;
        }
    }

    /// <summary>A space goes; its threads are gone already.</summary>
    public void Remove(ProcessAddressSpace space)
    {
        lock (_gate)
        {
            // A fork that is just copying reckons with the family as it is.
            while (space.Family is { Loaded.IsHeld: true })
            {
                Monitor.Exit(_gate);
                Thread.Yield();
                Monitor.Enter(_gate);
            }

            if (space.Family is { } family)
                LeaveFamily(space, family);
            for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
            {
                space.Drop(arena, isInPlace: _resident[arena] == space);
                LeaveLocked(space, arena);
            }

            WakeFirst();
        }
    }

    private void LeaveFamily(ProcessAddressSpace space, ForkFamily family)
    {
        if (family.Loaded == space)
            HandOver(space, family);
        space.DropSaved();
        family.Remove(space);
    }

    /// <summary>
    /// The host's mappings go to another member: the newest for which nothing has to be saved for the others, or for which there is
    /// memory. The last one that fork has made shares everything that it hasn't written itself; where the host refuses even what that
    /// one needs, the others lose what they have shared, as where memory lacks.
    /// </summary>
    private void HandOver(ProcessAddressSpace space, ForkFamily family)
    {
        ReadOnlySpan<ProcessAddressSpace> members = family.Members;
        for (int i = members.Length - 1; i >= 0; i--)
        {
            if (members[i] == space || !space.TryHandOver(members[i]))
                continue;
            Replace(space, members[i], family);
            return;
        }

        family.LoseAll();
    }

    /// <summary>The pages of one member of a family are now where another's were.</summary>
    private void Replace(ProcessAddressSpace old, ProcessAddressSpace now, ForkFamily family)
    {
        for (int arena = now.NextEntered(0); arena >= 0; arena = now.NextEntered(arena + 1))
        {
            if (_resident[arena] == old && family.Overlaps(UserAddressRange.StartOf(arena), UserAddressRange.StartOf(arena) + UserAddressRange.ArenaSize))
                _resident[arena] = now;
        }
    }

    /// <summary>Makes a space a user of an arena. Those of several that have pages there have a place to wait in, so that no switch can fail.</summary>
    private bool TryAdd(ProcessAddressSpace space, int arena)
    {
        if (!addresses.TryEnter(arena))
            return false;
        List<ProcessAddressSpace> users = _users[arena] ??= [];
        users.Add(space);
        space.SetEntered(arena, true);
        if (users.Count == 1)
            return true;
        foreach (ProcessAddressSpace user in users)
        {
            if (!user.IsHosted(arena) || user.TryReserveParking(arena))
                continue;
            LeaveLocked(space, arena);
            return false;
        }

        return true;
    }

    private void LeaveLocked(ProcessAddressSpace space, int arena)
    {
        _users[arena]!.Remove(space);
        if (_users[arena]!.Count == 0)
            _users[arena] = null;
        else if (_users[arena]!.Count == 1)
            _users[arena]![0].LeaveProcessor();
        if (_resident[arena] == space)
            _resident[arena] = null;
        space.SetEntered(arena, false);
        space.SetHosted(arena, false);
        space.GiveParking(arena);
        addresses.Leave(arena);
    }

    /// <summary>
    /// Waits for the turn of a space, first come, first served, and brings it in place. The gate is left meanwhile.
    /// </summary>
    private Errno MakeResidentLocked(ProcessAddressSpace space)
    {
        if (space.IsLost)
            return Errno.ENOMEM;
        if (space.IsComplete && !space.IsHeld)
            return Errno.Success;
        Waiter? waiter = null;
        try
        {
            return AwaitTurn(space, ref waiter);
        }
        finally
        {
            if (waiter is not null)
            {
                Volatile.Write(ref _waiters, _waiters - 1);
                if (_waiting.Remove(waiter))
                    WakeFirst();
            }
        }
    }

    private Errno AwaitTurn(ProcessAddressSpace space, ref Waiter? waiter)
    {
        while (!space.IsComplete || space.IsHeld)
        {
            if (space.IsLost)
                return Errno.ENOMEM;
            FindRivals(space);
            bool isFirst = IsFirst(space, waiter);
            long wait = isFirst ? TimeToWait(space) : LongWait;
            if (wait <= 0)
            {
                ProcessAddressSpace? only = _others.Count == 1 ? _others[0] : null;
                TakeOut();
                return BringInPlace(space, only);
            }

            if (waiter is null)
            {
                // Noted first, then looked once more: who goes to sleep does it the other way round (ProcessCpus.OnSleep).
                _waiting.Add(waiter = new Waiter(space));
                Volatile.Write(ref _waiters, _waiters + 1);
                Interlocked.MemoryBarrier();
                continue;
            }

            ProcessAddressSpace? rival = isFirst && _others.Count == 1 && cpus.Count > 1 ? _others[0] : null;
            _others.Clear();
            Monitor.Exit(_gate);
            if (rival is null || !waiter.TrySpin(rival))
                waiter.Wait((int)(wait / Millisecond) + 1);
            Monitor.Enter(_gate);
        }

        return Errno.Success;
    }

    /// <summary>Wakes those who wait behind nobody: what they wait for may have come. A herd of all would cost more than their turns.</summary>
    private void WakeFirst()
    {
        if (_waiting.Count == 0)
            return;
        Array.Clear(_wanted);
        foreach (Waiter waiter in _waiting)
        {
            if (waiter.Space.IsComplete || !waiter.Space.IsRivalOf(_wanted))
                waiter.Wake();
            waiter.Space.AddEntered(_wanted);
        }
    }

    /// <summary>Whether nobody who came before waits for one of the same arenas.</summary>
    private bool IsFirst(ProcessAddressSpace space, Waiter? waiter)
    {
        foreach (Waiter earlier in _waiting)
        {
            if (earlier == waiter)
                return true;
            if (earlier.Space != space && !earlier.Space.IsComplete && earlier.Space.IsRivalOf(space))
                return false;
        }

        return true;
    }

    /// <summary>Collects in <see cref="_others"/> the spaces that are in place where a space, or the loaded one of its family, wants to be.</summary>
    private void FindRivals(ProcessAddressSpace space)
    {
        _others.Clear();
        AddRivals(space);
        if (space.Family is { } family && family.Loaded != space)
            AddRivals(family.Loaded);
        _others.Remove(space);
    }

    private void AddRivals(ProcessAddressSpace space)
    {
        for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
        {
            if (_resident[arena] is { } other && other != space && !_others.Contains(other))
                _others.Add(other);
        }
    }

    /// <summary>How long rivals may stay: not at all where nothing of them runs.</summary>
    private long TimeToWait(ProcessAddressSpace space)
    {
        if (space.IsHeld)
            return TimeSlice;
        long longest = 0;
        foreach (ProcessAddressSpace other in _others)
        {
            if (other.IsHeld)
                return TimeSlice;
            if (other.IsActive)
                longest = Math.Max(longest, TimeSlice - (_clock.MonotonicNanoseconds - other.ResidentSince));
        }

        return longest;
    }

    private Errno BringInPlace(ProcessAddressSpace space, ProcessAddressSpace? only)
    {
        Errno error = space.Family is { } family && family.Loaded != space ? Load(space, family) : Errno.Success;
        if (error == Errno.Success)
        {
            MoveInPlace(space);
            space.ResidentSince = _clock.MonotonicNanoseconds;
            space.IsComplete = !space.IsLost;
            error = space.IsLost ? Errno.ENOMEM : Errno.Success;
            space.Processor = cpus.Current;
            if (only is not null && space.IsSingleThreaded && only.IsSingleThreaded)
                cpus.OwnContext?.NoteSwitch(only.Processor);
        }

        WakeFirst();
        return error;
    }

    /// <summary>Puts a member's pages into its family's mappings, which are brought in place for that.</summary>
    /// <returns>ENOMEM where it would need mappings of its own, and the host refuses; it waits as before.</returns>
    private Errno Load(ProcessAddressSpace space, ForkFamily family)
    {
        ProcessAddressSpace loaded = family.Loaded;
        MoveInPlace(loaded);
        if (loaded.IsLost)
            return Errno.ENOMEM;
        if (loaded.TrySwap(space))
        {
            Replace(loaded, space, family);
            return Errno.Success;
        }

        // There is no memory to save what the loaded member has written.
        Errno error = loaded.Materialize([space], 0, ulong.MaxValue);
        if (error == Errno.Success)
        {
            space.EndMembership();
            family.Remove(space);
        }

        return error;
    }

    private void MoveInPlace(ProcessAddressSpace space)
    {
        for (int arena = space.NextEntered(0); arena >= 0; arena = space.NextEntered(arena + 1))
        {
            if (_resident[arena] == space)
                continue;
            _resident[arena]?.Park(arena);
            space.Unpark(arena);
            _resident[arena] = space;
        }
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

    /// <summary>A thread that waits for its space's turn.</summary>
    private sealed class Waiter(ProcessAddressSpace space)
    {
        private readonly object _lock = new();
        private bool _isWoken;
        private bool _hasSpun;

        public ProcessAddressSpace Space => space;

        /// <summary>Waits a moment for a rival's threads to fall asleep, as most do that have just woken this one.</summary>
        /// <returns>Whether they have, or the waiter has been woken.</returns>
        public bool TrySpin(ProcessAddressSpace rival)
        {
            const int rounds = 60;
            const int pauses = 20;
            for (int i = 0; i < rounds && !_hasSpun; i++)
            {
                if (Volatile.Read(ref _isWoken))
                    return false;
                if (!rival.IsActive)
                    return _hasSpun = true;
                Thread.SpinWait(pauses);
            }

            _hasSpun = true;
            return false;
        }

        public void Wait(int milliseconds)
        {
            lock (_lock)
            {
                if (!_isWoken)
                    Monitor.Wait(_lock, milliseconds);
                _isWoken = false;
            }
        }

        public void Wake()
        {
            lock (_lock)
            {
                _isWoken = true;
                Monitor.Pulse(_lock);
            }
        }
    }
}
