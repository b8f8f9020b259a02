using System;

namespace Cloister.Linux.Processes;

/// <summary>One resource limit (getrlimit(2)).</summary>
internal readonly record struct ResourceLimit(ulong Soft, ulong Hard)
{
    public const ulong Infinity = ulong.MaxValue;

    public static ResourceLimit Unlimited => new(Infinity, Infinity);
}

/// <summary>A process's resource limits.</summary>
internal sealed class ResourceLimits
{
    public const int Cpu = 0;
    public const int FileSizeIndex = 1;
    public const int Data = 2;
    public const int Stack = 3;
    public const int Core = 4;
    public const int ResidentSet = 5;
    public const int Processes = 6;
    public const int OpenFiles = 7;
    public const int LockedMemory = 8;
    public const int AddressSpace = 9;
    public const int Locks = 10;
    public const int PendingSignals = 11;
    public const int MessageQueue = 12;
    public const int Nice = 13;
    public const int RealTimePriority = 14;
    public const int RealTimeTime = 15;
    public const int Count = 16;

    private readonly ResourceLimit[] _limits = new ResourceLimit[Count];

    public ResourceLimits()
    {
        _limits.AsSpan().Fill(ResourceLimit.Unlimited);
        _limits[Stack] = new(8 << 20, ResourceLimit.Infinity);
        _limits[Core] = new(0, ResourceLimit.Infinity);
        _limits[OpenFiles] = new(1024, 1 << 20);
        _limits[LockedMemory] = new(8 << 20, 8 << 20);
        _limits[PendingSignals] = new(31_000, 31_000);
        _limits[Processes] = new(31_000, 31_000);
        _limits[MessageQueue] = new(819_200, 819_200);
        _limits[Nice] = new(0, 0);
        _limits[RealTimePriority] = new(0, 0);
    }

    private ResourceLimits(ResourceLimit[] limits) => limits.CopyTo(_limits, 0);

    public ResourceLimit this[int resource]
    {
        get => _limits[resource];
        set => _limits[resource] = value;
    }

    /// <summary>RLIMIT_FSIZE as a signed offset.</summary>
    public long FileSize => (long)System.Math.Min(_limits[FileSizeIndex].Soft, long.MaxValue);

    public ResourceLimits Clone() => new(_limits);
}

/// <summary>CPU time, in nanoseconds.</summary>
internal readonly record struct ResourceUsage(long UserTime, long SystemTime, long PeakResidentBytes);
