using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// The addresses that programs get, taken from the host at start so that nothing of the runtime's is ever among them, and
/// their division among address spaces, in arenas of 32 GiB.
/// </summary>
/// <remarks>
/// <code>
/// 0x10000 .. 33 TiB     fixed addresses: programs linked to 0x400000, shadows of sanitizers, ZGC's heaps; spaces take turns
/// 33 .. 48 TiB          home ranges of 256 GiB
/// 52 .. 56 TiB          home ranges of 32 GiB, when the others are taken
/// 56 .. 64 TiB          parking: pages of spaces that are not in place (Residency)
/// 65 .. 80 TiB          large reservations, then more home ranges of 32 GiB
/// 85 .. 86.5 TiB        the first home ranges, of 64 GiB: ThreadSanitizer knows programs there, from 126.5 TiB on and below 512 GiB only
/// 88 .. 126 TiB         more parking, so that some 700 processes can be rivals
/// 126.5 TiB ..          more of the first home ranges, up to the host's own mappings
/// </code>
/// What lies between is free for fixed addresses too, up to 128 TiB: all but what the host's process itself needs.
/// </remarks>
internal sealed unsafe class UserAddressRange
{
    public const int ArenaShift = 35;
    public const ulong ArenaSize = 1UL << ArenaShift;
    public const int ArenaCount = 1 << (AddressBits - ArenaShift);
    public const ulong Lowest = 0x10000;
    public const ulong Highest = (1UL << AddressBits) - FrameExtent.FrameSize;

    /// <summary>Reservations from here on are made by programs that depend on the very address (ZGC).</summary>
    public const ulong FirmReservations = 4UL << 40;

    private const ulong LeastAddresses = 40UL << 40;

    private const int AddressBits = 47;
    private const int ArenasPerTerabyte = 1 << (40 - ArenaShift);

    private readonly Lock _lock = new();
    private readonly ArenaUse[] _uses = new ArenaUse[ArenaCount];
    private readonly int[] _users = new int[ArenaCount];

    public UserAddressRange(Stubs stubs, ProcessCpus cpus)
    {
        // The lowest and the largest other gap: the signal handlers tell programs' code from others' by these two.
        PageRange low = default;
        PageRange high = default;
        foreach (PageRange gap in HostAddressMap.FindGaps(stubs))
        {
            if (gap.Start == Lowest)
                low = gap;
            else if (gap.Length > high.Length)
                high = gap;
        }

        ProgramRanges = (Take(stubs, low), Take(stubs, high));
        stubs.SetProgramRanges(ProgramRanges.Low.End, ProgramRanges.High.Start, ProgramRanges.High.Length);
        if (ProgramRanges.Low.Length < LeastAddresses)
        {
            throw new PlatformException(
                "The host can't reserve addresses from 0x10000 on for programs " +
                "(limits: ulimit -v, vm.mmap_min_addr above 65536, vm.overcommit_memory=2).");
        }

        Residency = new Residency(this, cpus);
    }

    private enum ArenaUse : byte
    {
        Host,
        Free,
        Home,
        Reserved,
        Parking,
    }

    /// <summary>Where programs' code can be.</summary>
    public (PageRange Low, PageRange High) ProgramRanges { get; }

    /// <summary>Who is in place.</summary>
    public Residency Residency { get; }

    // In arenas; size last. Sanitizers can't use homes below 17 TiB or above 32 and below 52, ASan and TSan shadows being there.
    private static ReadOnlySpan<int> HomeZones =>
    [
        85 * ArenasPerTerabyte, 86 * ArenasPerTerabyte + ArenasPerTerabyte / 2, 2,
        126 * ArenasPerTerabyte + ArenasPerTerabyte / 2, ArenaCount, 2,
        33 * ArenasPerTerabyte, 48 * ArenasPerTerabyte, 8,
        52 * ArenasPerTerabyte, 56 * ArenasPerTerabyte, 1,
        65 * ArenasPerTerabyte, 80 * ArenasPerTerabyte, 1,
    ];

    private static ReadOnlySpan<int> LargeZones =>
    [
        65 * ArenasPerTerabyte, 80 * ArenasPerTerabyte,
        1 * ArenasPerTerabyte, 33 * ArenasPerTerabyte,
        1 * ArenasPerTerabyte, ArenaCount,
    ];

    // ThreadSanitizer's traces are at 96 TiB, its heap is at 123, and it wants all from there to 126.5: last.
    private static ReadOnlySpan<int> ParkingZones =>
    [
        56 * ArenasPerTerabyte, 64 * ArenasPerTerabyte,
        98 * ArenasPerTerabyte, 122 * ArenasPerTerabyte,
        88 * ArenasPerTerabyte, 96 * ArenasPerTerabyte,
        122 * ArenasPerTerabyte, 126 * ArenasPerTerabyte,
    ];

    public static int ArenaOf(ulong address) => (int)(address >> ArenaShift);

    public static ulong StartOf(int arena) => (ulong)arena << ArenaShift;

    /// <summary>Takes a home range.</summary>
    public bool TryTakeHome(out PageRange home)
    {
        ReadOnlySpan<int> zones = HomeZones;
        lock (_lock)
        {
            for (int i = 0; i < zones.Length; i += 3)
            {
                if (TryTake(zones[i], zones[i + 1], zones[i + 2], isDescending: false, ArenaUse.Home, out home))
                    return true;
            }
        }

        home = default;
        return false;
    }

    /// <summary>Takes a range of whole arenas for one space.</summary>
    public bool TryReserve(ulong length, out PageRange range)
    {
        int count = (int)Math.Min(ArenaCount, (length + ArenaSize - 1) >> ArenaShift);
        return TryTake(LargeZones, count, ArenaUse.Reserved, out range);
    }

    /// <summary>Takes an arena where pages can wait.</summary>
    public bool TryTakeParking(out ulong start)
    {
        bool isTaken = TryTake(ParkingZones, 1, ArenaUse.Parking, out PageRange range);
        start = range.Start;
        return isTaken;
    }

    /// <summary>Gives back what one of the above has taken.</summary>
    public void Give(PageRange range)
    {
        lock (_lock)
            _uses.AsSpan(ArenaOf(range.Start), (int)(range.Length >> ArenaShift)).Fill(ArenaUse.Free);
    }

    /// <summary>Whether programs may map there; where pages are parked, only without rights.</summary>
    public bool MayUse(ulong address, ulong length)
    {
        ulong end = address + length;
        if (address < Lowest || end < address || end > Highest)
            return false;
        for (int arena = ArenaOf(address); arena <= ArenaOf(end - 1); arena++)
        {
            if (_uses[arena] == ArenaUse.Host)
                return false;
        }

        return true;
    }

    /// <summary>Whether pages are parked in an arena.</summary>
    public bool IsParking(int arena) => _uses[arena] == ArenaUse.Parking;

    /// <summary>Whether nobody has a claim to an arena and nobody has mapped anything there.</summary>
    public bool IsUnused(int arena) => _uses[arena] == ArenaUse.Free && Volatile.Read(ref _users[arena]) == 0;

    /// <summary>Counts a space that maps in an arena.</summary>
    public bool TryEnter(int arena)
    {
        lock (_lock)
        {
            if (_uses[arena] is ArenaUse.Host or ArenaUse.Parking)
                return false;
            _users[arena]++;
            return true;
        }
    }

    /// <summary>Ends what <see cref="TryEnter"/> began.</summary>
    public void Leave(int arena)
    {
        lock (_lock)
            _users[arena]--;
    }

    /// <summary>Reserves whole arenas of a gap from the host.</summary>
    private PageRange Take(Stubs stubs, PageRange gap)
    {
        ulong start = gap.Start == Lowest ? Lowest : (gap.Start + ArenaSize - 1) & ~(ArenaSize - 1);
        ulong end = gap.End & ~(ArenaSize - 1);
        if (end <= start)
            return default;
        // SAFETY: NOREPLACE, so nothing that exists is overwritten.
        long result = stubs.ShortHostCall(Host.Mmap, start, end - start, Host.ProtNone,
            Host.MapPrivate | Host.MapAnonymous | Host.MapNoReserve | Host.MapFixedNoReplace, ulong.MaxValue, 0);
        if (result != (long)start)
            return default;
        _uses.AsSpan(ArenaOf(start), ArenaOf(end) - ArenaOf(start)).Fill(ArenaUse.Free);
        return new PageRange(start, end);
    }

    private bool TryTake(ReadOnlySpan<int> zones, int count, ArenaUse use, out PageRange range)
    {
        lock (_lock)
        {
            for (int i = 0; i < zones.Length; i += 2)
            {
                if (TryTake(zones[i], zones[i + 1], count, isDescending: true, use, out range))
                    return true;
            }
        }

        range = default;
        return false;
    }

    /// <summary>With the lock held: takes adjacent arenas that are unused.</summary>
    private bool TryTake(int first, int end, int count, bool isDescending, ArenaUse use, out PageRange range)
    {
        int run = 0;
        for (int i = first; i < end; i++)
        {
            int arena = isDescending ? end - 1 - (i - first) : i;
            run = IsUnused(arena) ? run + 1 : 0;
            if (run < count)
                continue;
            int start = isDescending ? arena : arena - count + 1;
            _uses.AsSpan(start, count).Fill(use);
            range = new PageRange(StartOf(start), StartOf(start + count));
            return true;
        }

        range = default;
        return false;
    }
}
