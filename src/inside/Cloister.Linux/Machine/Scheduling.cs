using System;
using System.Threading;

namespace Cloister.Linux.Machine;

/// <summary>SCHED_* (sched(7)).</summary>
internal enum SchedulingPolicy
{
    Other = 0,
    Fifo = 1,
    RoundRobin = 2,
    Batch = 3,
    Idle = 5,
    Deadline = 6,
}

/// <summary>
/// What a thread has asked of the scheduler. It is kept, shown and inherited; of all this the processors a thread may run
/// on go to the platform, as a hint.
/// </summary>
internal sealed class Scheduling
{
    public const int LowestNice = 19;
    public const int HighestNice = -20;
    public const int HighestPriority = 99;

    private ulong[]? _processors;

    /// <summary>Policy.</summary>
    public SchedulingPolicy Policy { get; set; }

    /// <summary>Priority of real-time policies, else 0.</summary>
    public int Priority { get; set; }

    /// <summary>Nice value, -20 to 19.</summary>
    public int Nice { get; set; }

    /// <summary>SCHED_RESET_ON_FORK.</summary>
    public bool ResetsOnFork { get; set; }

    /// <summary>ioprio_set(2): class and level.</summary>
    public int IoPriority { get; set; }

    /// <summary>Memory policy: what set_mempolicy(2) was given.</summary>
    public MemoryPolicy MemoryPolicy { get; set; } = MemoryPolicy.Default;

    /// <summary>Processors it may run on, one bit each; null for all. The array is never changed.</summary>
    public ulong[]? Processors
    {
        get => Volatile.Read(ref _processors);
        set => Volatile.Write(ref _processors, value);
    }

    /// <summary>Whether the policy is one of sched(7)'s real-time policies.</summary>
    public static bool IsRealTime(SchedulingPolicy policy) => policy is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;

    /// <summary>What a new thread or process starts with (sched_fork of Linux).</summary>
    public Scheduling Inherit()
    {
        var child = new Scheduling
        {
            Policy = Policy,
            Priority = Priority,
            Nice = Nice,
            IoPriority = IoPriority,
            MemoryPolicy = MemoryPolicy,
            Processors = Processors,
        };
        if (ResetsOnFork)
        {
            if (IsRealTime(Policy))
            {
                child.Policy = SchedulingPolicy.Other;
                child.Priority = 0;
                child.Nice = 0;
            }

            child.Nice = Math.Max(0, child.Nice);
        }

        return child;
    }
}
