using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// Keeps programs from using up the mappings that the host allows a process (vm.max_map_count): what is beyond is ENOMEM of the
/// call that asks for it, as natively, and not the end of a program that has done nothing but touch its memory.
/// </summary>
/// <remarks>
/// Runs are counted, each as a mapping and the hole behind it; many have none, so that the true number is looked up when the
/// count comes near the limit.
/// </remarks>
internal sealed class HostMappingBudget
{
    private const int UsualLimit = 65530;

    /// <summary>For the runtime, threads' stacks and signal stacks, and for operations that cut mappings on their way.</summary>
    private const int Reserve = 8192;

    /// <summary>Changes after which the true number is looked up again.</summary>
    private const int Stride = 1024;

    private readonly Lock _lock = new();
    private readonly Stubs _stubs;
    private readonly int _limit;
    private int _runs;
    private int _measuredRuns;
    private int _measuredMappings = -1;

    public HostMappingBudget(Stubs stubs)
    {
        _stubs = stubs;
        _limit = (int)HostAddressMap.ReadNumber(stubs, "/proc/sys/vm/max_map_count\0"u8, UsualLimit) - Reserve;
    }

    /// <summary>Most runs that one space may have: others shall live beside it.</summary>
    public int LargestSpace => _limit / 4 * 3;

    /// <summary>Notes that a space has more or fewer runs.</summary>
    public void Change(int difference) => Interlocked.Add(ref _runs, difference);

    /// <summary>Whether the host has room for a few mappings more.</summary>
    public bool HasRoom()
    {
        int runs = Volatile.Read(ref _runs);
        if (2 * runs < _limit)
            return true;
        lock (_lock)
        {
            if (_measuredMappings < 0 || runs > _measuredRuns + Stride || runs < _measuredRuns - Stride)
            {
                _measuredMappings = HostAddressMap.Count(_stubs);
                _measuredRuns = runs;
            }

            return _measuredMappings + 2 * (runs - _measuredRuns) < _limit;
        }
    }
}
