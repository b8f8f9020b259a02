using System;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Machine;

/// <summary>Scheduling policies and priorities (sched(7)).</summary>
internal static class SchedulingSyscalls
{
    private const int ResetOnFork = 0x40000000;
    private const int KeepPolicy = -1;

    [Syscall(24, "sched_yield")]
    public static SyscallResult Yield(LinuxThread thread)
    {
        thread.Kernel.Platform.Cpus.Yield();
        return 0;
    }

    [Syscall(145, "sched_getscheduler")]
    public static SyscallResult GetScheduler(LinuxThread thread, int threadId)
    {
        if (threadId < 0)
            return Errno.EINVAL;
        if (Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        return (int)target.Scheduling.Policy | (target.Scheduling.ResetsOnFork ? ResetOnFork : 0);
    }

    [Syscall(144, "sched_setscheduler", SyscallSupport.Partial,
        Note = "Kept, shown and inherited, but the host schedules; no SCHED_DEADLINE.",
        Lacks = "SCHED_DEADLINE")]
    public static SyscallResult SetScheduler(LinuxThread thread, int threadId, int policy, UserAddress parameters)
    {
        if (policy < 0)
            return Errno.EINVAL;
        return SetScheduler(thread, threadId, parameters, policy & ~ResetOnFork, (policy & ResetOnFork) != 0);
    }

    [Syscall(143, "sched_getparam")]
    public static SyscallResult GetParameters(LinuxThread thread, int threadId, UserAddress parameters)
    {
        if (threadId < 0 || parameters.IsNull)
            return Errno.EINVAL;
        if (Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        return thread.Memory.TryWrite(parameters, target.Scheduling.Priority) ? 0 : Errno.EFAULT;
    }

    [Syscall(142, "sched_setparam")]
    public static SyscallResult SetParameters(LinuxThread thread, int threadId, UserAddress parameters) =>
        SetScheduler(thread, threadId, parameters, KeepPolicy, false);

    [Syscall(146, "sched_get_priority_max")]
    public static SyscallResult PriorityMax(LinuxThread thread, int policy) => (SchedulingPolicy)policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => Scheduling.HighestPriority,
        SchedulingPolicy.Other or SchedulingPolicy.Batch or SchedulingPolicy.Idle or SchedulingPolicy.Deadline => 0,
        _ => Errno.EINVAL,
    };

    [Syscall(147, "sched_get_priority_min")]
    public static SyscallResult PriorityMin(LinuxThread thread, int policy) => (SchedulingPolicy)policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => 1,
        SchedulingPolicy.Other or SchedulingPolicy.Batch or SchedulingPolicy.Idle or SchedulingPolicy.Deadline => 0,
        _ => Errno.EINVAL,
    };

    [Syscall(148, "sched_rr_get_interval")]
    public static SyscallResult RoundRobinInterval(LinuxThread thread, int threadId, UserAddress interval)
    {
        const long slice = 4_000_000;
        const long roundRobinSlice = 100_000_000;
        if (threadId < 0)
            return Errno.EINVAL;
        if (Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        long nanoseconds = target.Scheduling.Policy switch
        {
            SchedulingPolicy.RoundRobin => roundRobinSlice,
            SchedulingPolicy.Fifo => 0,
            _ => slice,
        };
        return thread.Memory.TryWrite(interval, Timespec.From(nanoseconds)) ? 0 : Errno.EFAULT;
    }

    /// <summary>The thread of an id, also of a process that nobody has waited for yet; the caller for 0.</summary>
    internal static LinuxThread? Find(LinuxThread thread, int threadId)
    {
        if (threadId == 0)
            return thread;
        ProcessTable processes = thread.Kernel.Processes;
        return processes.FindThread(threadId) ?? (processes.Find(threadId) is { } process ? process.Leader ?? process.LastThread : null);
    }

    /// <summary>Whether a thread is the caller's user's (check_same_owner of Linux).</summary>
    internal static bool IsOwner(LinuxThread thread, LinuxThread target) =>
        thread.Identity.EffectiveUserId == target.Identity.EffectiveUserId || thread.Identity.EffectiveUserId == target.Identity.UserId;

    /// <summary>Whether a nice value may be given to a thread (is_nice_reduction and CAP_SYS_NICE of Linux).</summary>
    internal static bool MayBeNice(LinuxThread thread, LinuxThread target, int nice) =>
        nice >= target.Scheduling.Nice || (ulong)(20 - nice) <= target.Process.Limits[ResourceLimits.Nice].Soft ||
        thread.Identity.Has(Capability.SysNice);

    /// <summary>Changes policy, priority and nice value (__sched_setscheduler of Linux).</summary>
    internal static Errno Change(LinuxThread thread, LinuxThread target, SchedulingPolicy policy, int priority, int? nice, bool resetsOnFork)
    {
        Scheduling scheduling = target.Scheduling;
        bool isRealTime = Scheduling.IsRealTime(policy);
        bool isKnown = isRealTime || policy is SchedulingPolicy.Other or SchedulingPolicy.Batch or SchedulingPolicy.Idle;
        if (policy == SchedulingPolicy.Deadline)
            return thread.Identity.Has(Capability.SysNice) ? Errno.EBUSY : Errno.EPERM; // no bandwidth to promise
        if (!isKnown || priority is < 0 or > Scheduling.HighestPriority || isRealTime != (priority != 0))
            return Errno.EINVAL;
        if (!thread.Identity.Has(Capability.SysNice))
        {
            ulong limit = target.Process.Limits[ResourceLimits.RealTimePriority].Soft;
            bool raises = isRealTime && ((policy != scheduling.Policy && limit == 0) || (priority > scheduling.Priority && (ulong)priority > limit));
            bool becomesLessNice = !isRealTime && nice is int wanted && !MayBeNice(thread, target, wanted);
            bool leavesIdle = scheduling.Policy == SchedulingPolicy.Idle && policy != SchedulingPolicy.Idle &&
                (ulong)(20 - scheduling.Nice) > target.Process.Limits[ResourceLimits.Nice].Soft;
            if (raises || becomesLessNice || leavesIdle || !IsOwner(thread, target) || (scheduling.ResetsOnFork && !resetsOnFork))
                return Errno.EPERM;
        }

        scheduling.Policy = policy;
        scheduling.Priority = priority;
        scheduling.ResetsOnFork = resetsOnFork;
        if (!isRealTime && nice is int value)
            scheduling.Nice = value;
        return Errno.Success;
    }

    private static SyscallResult SetScheduler(LinuxThread thread, int threadId, UserAddress parameters, int policy, bool resetsOnFork)
    {
        if (threadId < 0 || parameters.IsNull)
            return Errno.EINVAL;
        if (!thread.Memory.TryRead(parameters, out int priority))
            return Errno.EFAULT;
        if (Find(thread, threadId) is not { } target)
            return Errno.ESRCH;
        Scheduling scheduling = target.Scheduling;
        return policy == KeepPolicy
            ? Change(thread, target, scheduling.Policy, priority, null, scheduling.ResetsOnFork)
            : Change(thread, target, (SchedulingPolicy)policy, priority, null, resetsOnFork);
    }
}
