using System.Collections.Generic;
using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// The addresses that programs get, taken from the host at start so that nothing of CoreCLR's is ever among them, and
/// their division among address spaces.
/// </summary>
/// <remarks>
/// <code>
/// 0x10000 .. 256 GiB        low range: programs linked to fixed addresses (0x400000); spaces take turns (Residency)
/// 256 GiB .. 32 TiB         home ranges of 256 GiB, one for each space
/// 32 TiB  .. 64 TiB         parking ranges of 256 GiB, one for each space: low pages of spaces that are not resident
/// 64 TiB  .. 80 TiB         large reservations, to whoever asks
/// </code>
/// </remarks>
internal sealed unsafe class UserAddressRange
{
    public const ulong Lowest = 0x10000;
    public const ulong LowEnd = RangeSize;
    public const ulong Highest = 80UL << 40;
    private const ulong RangeSize = 256UL << 30;
    private const ulong ParkingStart = 32UL << 40;
    private const ulong LargeStart = 64UL << 40;
    private const int RangeCount = 126;

    private readonly Lock _lock = new();
    private readonly bool[] _taken = new bool[RangeCount];
    private readonly List<(ulong Start, ulong Length)> _freeLarge = [];
    private ulong _nextLarge = LargeStart;

    public UserAddressRange(Stubs stubs, ProcessCpus cpus)
    {
        // SAFETY: NOREPLACE, so nothing that exists is overwritten.
        long result = stubs.ShortHostCall(Host.Mmap, Lowest, Highest - Lowest, Host.ProtNone,
            Host.MapPrivate | Host.MapAnonymous | Host.MapNoReserve | Host.MapFixedNoReplace, ulong.MaxValue, 0);
        if (result != (long)Lowest)
        {
            throw new PlatformException(
                "The host can't reserve the addresses 0x10000 to 80 TiB for programs (limits: ulimit -v, vm.mmap_min_addr above 65536, vm.overcommit_memory=2).");
        }

        Residency = new Residency(cpus);
    }

    /// <summary>Residency of low pages; see <see cref="Residency"/>.</summary>
    public Residency Residency { get; }

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

    /// <summary>Start of a space's parking range: a low address is parked that far above itself.</summary>
    public static ulong Parking(int number) => ParkingStart + (ulong)number * RangeSize;

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
