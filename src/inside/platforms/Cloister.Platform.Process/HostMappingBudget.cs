using System;
using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// Keeps programs from using up the mappings that the host allows a process (vm.max_map_count): what is beyond is ENOMEM of the
/// call that asks for it, as natively, and not the end of a program that has done nothing but touch its memory.
/// </summary>
/// <remarks>
/// Runs are counted, each as a mapping and the hole behind it; many have none, so that the true number is looked up when the
/// count comes near the limit. What isn't in the host yet, but will be when a member of a <see cref="ForkFamily"/> gets
/// mappings of its own, is reserved, and never part of that number.
/// </remarks>
internal sealed class HostMappingBudget
{
    private const int UsualLimit = 65530;

    /// <summary>For the runtime, threads' stacks and signal stacks, and for operations that cut mappings on their way.</summary>
    private const int Reserve = 12288;

    private const int KeptForTouches = Reserve / 2;

    /// <summary>Changes after which the true number is looked up again.</summary>
    private const int Stride = 1024;

    private readonly Lock _lock = new();
    private readonly Stubs _stubs;
    private readonly int _limit;
    private int _runs;
    private int _reserved;
    private int _measuredRuns;
    private int _measuredMappings = -1;
    private long _moves;
    private long _measuredMoves;
    private bool _isStale;

    public HostMappingBudget(Stubs stubs)
    {
        _stubs = stubs;
        _limit = (int)HostAddressMap.ReadNumber(stubs, "/proc/sys/vm/max_map_count\0"u8, UsualLimit) - Reserve;
    }

    /// <summary>Notes that a space has more or fewer runs.</summary>
    public void Change(int difference) => Interlocked.Add(ref _runs, difference);

    /// <summary>
    /// Keeps room for mappings that may come at any time and mustn't be refused then, as far as there is any. An eighth of all
    /// isn't given away so: who forks too much shall leave others the room to start a program.
    /// </summary>
    /// <returns>False where there isn't: nothing has been taken.</returns>
    public bool TryReserve(int mappings)
    {
        lock (_lock)
        {
            if (!HasRoomLocked(_limit / 8 * 7 - mappings))
                return false;
            ChangeReserved(mappings);
            return true;
        }
    }

    /// <summary>Notes that room is kept for more or fewer mappings.</summary>
    public void ChangeReserved(int difference) => Interlocked.Add(ref _reserved, difference);

    /// <summary>Notes that pages have moved: the host may have two mappings more than runs tell.</summary>
    public void NoteMove() => Interlocked.Increment(ref _moves);

    /// <summary>Notes that pages which had moved are gone.</summary>
    public void NoteUnmapped() => Volatile.Write(ref _isStale, true);

    /// <summary>Whether there is room for a few mappings more of a space.</summary>
    /// <param name="own">Runs that it has.</param>
    /// <param name="isTouch">Whether a program has only touched its memory, which can't fail: a part is kept for that.</param>
    /// <param name="reserved">Mappings that others would have to get at once.</param>
    public bool HasRoom(int own, bool isTouch, int reserved = 0)
    {
        // One space alone gets three quarters: others shall live beside it.
        int others = 2 * (Volatile.Read(ref _runs) - own) + Volatile.Read(ref _reserved);
        int allowed = (isTouch ? _limit + KeptForTouches : _limit / 4 * 3 + Math.Min(_limit / 4, others)) - reserved;
        if (2 * (Volatile.Read(ref _runs) + Volatile.Read(ref _moves)) + Volatile.Read(ref _reserved) < allowed)
            return true;
        lock (_lock)
            return HasRoomLocked(allowed);
    }

    private bool HasRoomLocked(int allowed)
    {
        int runs = Volatile.Read(ref _runs);
        int reserved = Volatile.Read(ref _reserved);
        long moves = Volatile.Read(ref _moves);
        if (2 * (runs + moves) + reserved < allowed)
            return true;
        bool isStale = _measuredMappings < 0 || Math.Abs(runs - _measuredRuns) > Stride || moves - _measuredMoves > Stride;
        if (!isStale && Estimate() < allowed)
            return true;
        if (isStale || Volatile.Read(ref _isStale))
        {
            Volatile.Write(ref _isStale, false);
            _measuredMappings = HostAddressMap.Count(_stubs);
            _measuredRuns = runs;
            _measuredMoves = moves;
        }

        return Estimate() < allowed;

        long Estimate() => _measuredMappings + 2 * (runs - _measuredRuns + moves - _measuredMoves) + reserved;
    }
}
