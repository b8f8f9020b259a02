using System.Collections.Generic;
using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// The addresses that programs get, taken from the host at start so that nothing of CoreCLR's is ever among them, and
/// their division among address spaces.
/// </summary>
/// <remarks>
/// <code>
/// 0x10000 .. 512 GiB        low range: programs linked to fixed addresses (0x400000); shared by all spaces
/// 512 GiB .. 32 TiB         home ranges of 256 GiB, one for each space
/// 32 TiB  .. 64 TiB         parking ranges of 256 GiB, one for each space: low pages of spaces that are not resident
/// 64 TiB  .. 80 TiB         large reservations, to whoever asks
/// </code>
/// </remarks>
internal sealed unsafe class UserAddressRange
{
    public const ulong Lowest = 0x10000;
    public const ulong LowEnd = 512UL << 30;
    public const ulong Highest = 80UL << 40;
    private const ulong RangeSize = 256UL << 30;
    private const ulong ParkingStart = 32UL << 40;
    private const ulong LargeStart = 64UL << 40;
    private const int RangeCount = 126;

    private readonly Lock _lock = new();
    private readonly bool[] _taken = new bool[RangeCount];
    private readonly List<(ulong Start, ulong Length)> _freeLarge = [];
    private ulong _nextLarge = LargeStart;

    public UserAddressRange(Stubs stubs)
    {
        // SAFETY: NOREPLACE, so nothing that exists is overwritten.
        long result = stubs.ShortHostCall(Host.Mmap, Lowest, Highest - Lowest, Host.ProtNone,
            Host.MapPrivate | Host.MapAnonymous | Host.MapNoReserve | Host.MapFixedNoReplace, ulong.MaxValue, 0);
        if (result != (long)Lowest)
        {
            throw new PlatformException(
                "The host can't reserve the addresses 0x10000 to 80 TiB for programs (limits: ulimit -v, vm.mmap_min_addr above 65536, vm.overcommit_memory=2).");
        }
    }

    /// <summary>Residency of low pages; see <see cref="Residency"/>.</summary>
    public Residency Residency { get; } = new();

    /// <summary>Takes a home range.</summary>
    /// <returns>Its number, or -1 where all are taken.</returns>
    public int TakeHome()
    {
        lock (_lock)
        {
            for (int i = 0; i < RangeCount; i++)
            {
                if (_taken[i])
                    continue;
                _taken[i] = true;
                return i;
            }

            return -1;
        }
    }

    /// <summary>Gives a home range back.</summary>
    public void GiveHome(int number)
    {
        lock (_lock)
            _taken[number] = false;
    }

    public static ulong HomeStart(int number) => LowEnd + (ulong)number * RangeSize;

    public static ulong HomeEnd(int number) => HomeStart(number) + RangeSize;

    /// <summary>Where a low address is parked while its space is not resident; low addresses above 256 GiB have no place.</summary>
    public static ulong Parking(int number, ulong address) => ParkingStart + (ulong)number * RangeSize + address;

    /// <summary>Low addresses that can be parked, and so may overlap with another space's.</summary>
    public const ulong ParkableEnd = RangeSize;

    /// <summary>Takes a large range.</summary>
    public bool TryTakeLarge(ulong length, out ulong start)
    {
        lock (_lock)
        {
            for (int i = 0; i < _freeLarge.Count; i++)
            {
                if (_freeLarge[i].Length < length)
                    continue;
                start = _freeLarge[i].Start;
                ulong rest = _freeLarge[i].Length - length;
                _freeLarge.RemoveAt(i);
                if (rest > 0)
                    _freeLarge.Add((start + length, rest));
                return true;
            }

            start = _nextLarge;
            if (length > Highest - _nextLarge)
                return false;
            _nextLarge += length;
            return true;
        }
    }

    /// <summary>Gives a large range back.</summary>
    public void GiveLarge(ulong start, ulong length)
    {
        lock (_lock)
            _freeLarge.Add((start, length));
    }
}

/// <summary>Which space's low pages are at their addresses.</summary>
internal sealed class Residency
{
    /// <summary>Guards all of it.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The space whose low pages are in place.</summary>
    public ProcessAddressSpace? Resident { get; set; }
}
