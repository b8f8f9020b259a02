using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal;

namespace Cloister.Platform.Process;

// Taking turns with other spaces; see Residency, whose lock guards what is here unless it says otherwise.
internal sealed unsafe partial class ProcessAddressSpace
{
    private const int RunsMovedAtOnce = 512;

    private readonly List<ProcessUserContext> _contexts = [];
    private readonly ulong[] _entered = new ulong[UserAddressRange.ArenaCount / 64];
    private readonly ulong[] _hosted = new ulong[UserAddressRange.ArenaCount / 64];
    private readonly Dictionary<int, ulong> _parking = [];
    private readonly HashSet<int> _parked = [];
    private volatile bool _isComplete = true;
    private int _foreignPins;

    /// <summary>A number of its own, above 0.</summary>
    internal int Number { get; }

    /// <summary>Whether all pages are in place. Read without a lock after pinning.</summary>
    internal bool IsComplete
    {
        get => _isComplete;
        set => _isComplete = value;
    }

    /// <summary>Since when all pages are in place, in monotonic nanoseconds.</summary>
    internal long ResidentSince { get; set; }

    /// <summary>Whether fork copies it: it stays in place, and nothing of it runs. Guarded by <see cref="Residency"/>.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>
    /// Whether the host has refused to move pages of the space: they are gone, and its program with them, as where memory lacks. Nobody
    /// else hears of it. Read without a lock after a refused pin.
    /// </summary>
    internal bool IsLost { get; private set; }

    /// <summary>Whether a thread of this space is in user mode, copies or maps.</summary>
    internal bool IsPinned
    {
        get
        {
            if (Volatile.Read(ref _foreignPins) != 0)
                return true;
            lock (_contexts)
            {
                foreach (ProcessUserContext context in _contexts)
                {
                    if (context.IsPinned)
                        return true;
                }

                return false;
            }
        }
    }

    /// <summary>Whether a thread of this space does anything at all.</summary>
    internal bool IsActive
    {
        get
        {
            if (Volatile.Read(ref _foreignPins) != 0)
                return true;
            lock (_contexts)
            {
                foreach (ProcessUserContext context in _contexts)
                {
                    if (!context.IsAsleep)
                        return true;
                }

                return false;
            }
        }
    }

    /// <summary>Which processor the thread ran on that brought it in place last. Guarded by <see cref="Residency"/>.</summary>
    internal int Processor { get; set; }

    /// <summary>Whether it has one thread.</summary>
    internal bool IsSingleThreaded
    {
        get
        {
            lock (_contexts)
                return _contexts.Count == 1;
        }
    }

    /// <summary>Lets its threads run anywhere: it has no rivals, or several threads.</summary>
    internal void LeaveProcessor()
    {
        lock (_contexts)
        {
            foreach (ProcessUserContext context in _contexts)
                context.LeaveProcessor();
        }
    }

    /// <summary>Brings all pages in place.</summary>
    /// <returns>ENOMEM where the host refuses to map them.</returns>
    internal Errno MakeResident() => _addresses.Residency.MakeResident(this);

    /// <summary>Whether the space is among an arena's users. Any thread.</summary>
    internal bool HasEntered(int arena) => (_entered[arena >> 6] >> (arena & 63) & 1) != 0;

    internal void SetEntered(int arena, bool isUser)
    {
        if (isUser)
            _entered[arena >> 6] |= 1UL << (arena & 63);
        else
            _entered[arena >> 6] &= ~(1UL << (arena & 63));
    }

    /// <summary>Whether the host may have mapped something of the space in an arena.</summary>
    internal bool IsHosted(int arena) => (_hosted[arena >> 6] >> (arena & 63) & 1) != 0;

    internal void SetHosted(int arena, bool isHosted)
    {
        if (isHosted)
            _hosted[arena >> 6] |= 1UL << (arena & 63);
        else
            _hosted[arena >> 6] &= ~(1UL << (arena & 63));
    }

    /// <summary>The first arena from one on that the space is a user of, or -1.</summary>
    internal int NextEntered(int arena)
    {
        int word = arena >> 6;
        if (word >= _entered.Length)
            return -1;
        ulong bits = _entered[word] & ulong.MaxValue << (arena & 63);
        while (bits == 0)
        {
            if (++word == _entered.Length)
                return -1;
            bits = _entered[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>Whether both use an arena.</summary>
    internal bool IsRivalOf(ProcessAddressSpace other) => IsRivalOf(other._entered);

    /// <summary>Whether it uses an arena of a set.</summary>
    internal bool IsRivalOf(ReadOnlySpan<ulong> arenas)
    {
        for (int i = 0; i < _entered.Length; i++)
        {
            if ((_entered[i] & arenas[i]) != 0)
                return true;
        }

        return false;
    }

    /// <summary>Adds the arenas that it uses to a set.</summary>
    internal void AddEntered(Span<ulong> arenas)
    {
        for (int i = 0; i < _entered.Length; i++)
            arenas[i] |= _entered[i];
    }

    /// <summary>Takes all threads of this space out of user mode.</summary>
    internal void KickAll()
    {
        lock (_contexts)
        {
            foreach (ProcessUserContext context in _contexts)
            {
                if (context.IsPinned)
                    context.Kick();
            }
        }
    }

    internal void Add(ProcessUserContext context)
    {
        lock (_contexts)
        {
            _contexts.Add(context);
            if (_contexts.Count == 2)
                _contexts[0].LeaveProcessor();
        }
    }

    internal void Remove(ProcessUserContext context)
    {
        lock (_contexts)
            _contexts.Remove(context);
    }

    /// <summary>Takes addresses where the pages in an arena can wait; kept until the space leaves it.</summary>
    internal bool TryReserveParking(int arena)
    {
        if (_parking.ContainsKey(arena))
            return true;
        if (!_addresses.TryTakeParking(out ulong start))
            return false;
        _parking.Add(arena, start);
        return true;
    }

    /// <summary>Gives back what <see cref="TryReserveParking"/> took.</summary>
    internal void GiveParking(int arena)
    {
        if (_parking.Remove(arena, out ulong start))
            _addresses.Give(new PageRange(start, start + UserAddressRange.ArenaSize));
    }

    /// <summary>Moves the pages in an arena away, so that another space's can take their place.</summary>
    internal void Park(int arena)
    {
        ulong start = UserAddressRange.StartOf(arena);
        if (!TryFindExtent(start, out PageRange extent))
            return;
        if (IsLost)
        {
            Forget(extent, _parking[arena] - start);
            return;
        }

        NoteUntracked(arena);
        _writeTracking.Forget(extent.Start, extent.Length);
        _parked.Add(arena);
        Move(extent, _parking[arena] - start, isBack: false);
    }

    /// <summary>The reverse.</summary>
    internal void Unpark(int arena)
    {
        if (!_parked.Remove(arena))
            return;
        ulong start = UserAddressRange.StartOf(arena);
        ulong distance = _parking[arena] - start;
        if (!TryFindExtent(start, out PageRange extent))
            return;
        Move(extent, distance, isBack: true);
        if (!IsLost)
            Track(arena);
    }

    /// <summary>Gives back the pages in an arena, wherever they are.</summary>
    internal void Drop(int arena, bool isInPlace)
    {
        ulong start = UserAddressRange.StartOf(arena);
        bool isParked = _parked.Remove(arena) | _ownParked.Remove(arena);
        if ((isInPlace || isParked) && TryFindExtent(start, out PageRange extent))
            MapNothing(isParked ? extent.Start - start + _parking[arena] : extent.Start, extent.Length, Protection.None);
    }

    private void Move(PageRange extent, ulong distance, bool isBack)
    {
        for (ulong at = extent.Start; at < extent.End;)
        {
            ulong end = FindEndOfRuns(at, extent.End);
            Errno error = MoveRuns(at, end, distance, isBack, out _);
            if (error != Errno.Success)
            {
                Lose();
                Forget(extent, distance);
                return;
            }

            // Moving leaves holes, where allocations of the runtime could come to lie: reserve the range again. Not only at the
            // end, for each piece between two holes is a mapping.
            MapNothing(isBack ? at + distance : at, end - at, Protection.None);
            at = end;
        }
    }

    /// <summary>Others of a family have the same mappings in the host.</summary>
    private void Lose()
    {
        SetLost();
        Family?.LoseAll();
    }

    internal void SetLost()
    {
        IsLost = true;
        IsComplete = false;
    }

    /// <summary>Frees both places where pages of a lost space may be.</summary>
    private void Forget(PageRange extent, ulong distance)
    {
        Errno error = MapNothing(extent.Start, extent.Length, Protection.None);
        if (error == Errno.Success)
            error = MapNothing(extent.Start + distance, extent.Length, Protection.None);
        if (error != Errno.Success)
            throw new InvalidOperationException($"The host doesn't take back the pages at 0x{extent.Start:x} ({error}): programs can't be kept apart.");
    }

    private ulong FindEndOfRuns(ulong start, ulong end)
    {
        ulong at = start;
        for (int i = 0; i < RunsMovedAtOnce && _mappings.TryFind(at, end, out HostMapping part); i++)
            at = part.End;
        return _mappings.IsEmpty(at, end) ? end : at;
    }

    /// <summary>From the first to the last page in an arena that the host has mapped.</summary>
    private bool TryFindExtent(ulong arenaStart, out PageRange extent)
    {
        extent = default;
        ulong end = arenaStart + UserAddressRange.ArenaSize;
        while (_mappings.TryFindInHost(extent.End == 0 ? arenaStart : extent.End, end, out PageRange range))
            extent = new PageRange(extent.End == 0 ? range.Start : extent.Start, range.End);
        return extent.End != 0;
    }

    /// <summary>Makes the space a user of the arenas of a range, in which the host is about to map something. Not pinned.</summary>
    private Errno Enter(ulong address, ulong length, bool isInHost = true)
    {
        ulong end = address + length;
        for (int arena = UserAddressRange.ArenaOf(address); arena <= UserAddressRange.ArenaOf(end - 1); arena++)
        {
            if (isInHost ? !IsHosted(arena) : !HasEntered(arena))
                return _addresses.Residency.Enter(this, address, end, isInHost);
        }

        return Errno.Success;
    }

    /// <summary>
    /// As <see cref="Enter"/>, for a range without rights. In whole arenas of that a space is nobody's rival: ThreadSanitizer keeps all addresses
    /// that it doesn't know so.
    /// </summary>
    private Errno EnterEdges(ulong address, ulong length)
    {
        ulong end = address + length;
        ulong firstWhole = (address + UserAddressRange.ArenaSize - 1) & ~(UserAddressRange.ArenaSize - 1);
        ulong lastWhole = end & ~(UserAddressRange.ArenaSize - 1);
        if (firstWhole >= lastWhole)
            return Enter(address, length, isInHost: false);
        Errno error = firstWhole > address ? Enter(address, firstWhole - address, isInHost: false) : Errno.Success;
        return error == Errno.Success && end > lastWhole ? Enter(lastWhole, end - lastWhole, isInHost: false) : error;
    }

    /// <summary>
    /// Enters where a range has parts that the host hasn't mapped, before they get rights: untouched ones that aren't longer than a limit are
    /// opened at once. Not pinned, nor in a family.
    /// </summary>
    private Errno EnterClosed(ulong start, ulong end, ulong longestOpened)
    {
        for (ulong at = start; _mappings.TryFind(at, end, out HostMapping part); at = part.End)
        {
            if (part.IsInHost)
                continue;
            Errno error = Enter(part.Start, part.Length, isInHost: part.Kind == MappingKind.Reserved || part.Length <= longestOpened);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Leaves arenas of others where nothing is mapped any more: being a rival costs both.</summary>
    private void LeaveUnused(ulong address, ulong length)
    {
        for (int arena = UserAddressRange.ArenaOf(address); arena <= UserAddressRange.ArenaOf(address + length - 1); arena++)
        {
            ulong start = UserAddressRange.StartOf(arena);
            if (HasEntered(arena) && !Owns(start) && _mappings.IsEmpty(start, start + UserAddressRange.ArenaSize))
                _addresses.Residency.Leave(this, arena);
        }
    }

    /// <summary>
    /// Keeps all pages in place while some of them are mapped or copied. Refused where the host doesn't map them: in a family before
    /// <see cref="Diverge"/>, and in a space that is lost.
    /// </summary>
    private Access Pin()
    {
        byte* block = _stubs.ReadGsBase();
        if (block is null || *(int*)(block + ContextLayout.SpaceNumber) != Number)
            return PinForeign();
        int* pins = (int*)(block + ContextLayout.Pins);
        while (true)
        {
            int count = *pins;
            Volatile.Write(ref *pins, count + 1);
            // Who holds a pin already has been seen by everybody: the pages stay.
            if (_isComplete || count > 0)
                return new Access(pins);
            *pins = count;
            if (MakeResident() != Errno.Success)
                return default;
        }
    }

    /// <summary>For threads that run in another space, or in none: /proc, signals of the terminal.</summary>
    private Access PinForeign()
    {
        while (true)
        {
            Interlocked.Increment(ref _foreignPins);
            if (_isComplete)
                return new Access(this);
            Interlocked.Decrement(ref _foreignPins);
            if (MakeResident() != Errno.Success)
                return default;
        }
    }

    /// <summary>The time in which pages stay in place.</summary>
    private readonly ref struct Access
    {
        private readonly int* _pins;
        private readonly ProcessAddressSpace? _foreign;

        public Access(int* pins) => _pins = pins;

        public Access(ProcessAddressSpace foreign) => _foreign = foreign;

        /// <summary>Whether the pages aren't in place: others' may be there.</summary>
        public bool IsRefused => _pins is null && _foreign is null;

        public void Dispose()
        {
            if (_pins is not null)
                Volatile.Write(ref *_pins, *_pins - 1);
            else if (_foreign is not null)
                Interlocked.Decrement(ref _foreign._foreignPins);
        }
    }
}
