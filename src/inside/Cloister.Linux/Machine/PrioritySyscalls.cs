using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>Nice values and priorities of input and output.</summary>
internal static class PrioritySyscalls
{
    private const int ByProcess = 0;
    private const int ByGroup = 1;
    private const int ByUser = 2;

    // IOPRIO_CLASS_* in the upper bits (include/uapi/linux/ioprio.h).
    private const int ClassShift = 13;
    private const int ClassNone = 0;
    private const int ClassRealTime = 1;
    private const int ClassBestEffort = 2;
    private const int ClassIdle = 3;

    [Syscall(140, "getpriority")]
    public static SyscallResult GetPriority(LinuxThread thread, int which, int who)
    {
        if (which is < ByProcess or > ByUser)
            return Errno.EINVAL;
        int best = int.MaxValue;
        foreach (LinuxThread target in FindThreads(thread, which, who))
            best = Math.Min(best, target.Scheduling.Nice);
        // The call itself gives 20 - nice, so that no value looks like an error (getpriority(2), NOTES).
        return best == int.MaxValue ? Errno.ESRCH : 20 - best;
    }

    [Syscall(141, "setpriority", SyscallSupport.Partial, Note = "Kept and inherited, but without effect: the host schedules.")]
    public static SyscallResult SetPriority(LinuxThread thread, int which, int who, int priority)
    {
        if (which is < ByProcess or > ByUser)
            return Errno.EINVAL;
        priority = Math.Clamp(priority, Scheduling.HighestNice, Scheduling.LowestNice);
        Errno result = Errno.ESRCH;
        foreach (LinuxThread target in FindThreads(thread, which, who))
        {
            Identity.Identity caller = thread.Identity;
            bool isOwner = target.Identity.UserId == caller.EffectiveUserId || target.Identity.EffectiveUserId == caller.EffectiveUserId;
            if (!isOwner && !caller.Has(Capability.SysNice))
            {
                result = Errno.EPERM;
            }
            else if (!SchedulingSyscalls.MayBeNice(thread, target, priority))
            {
                result = Errno.EACCES;
            }
            else
            {
                target.Scheduling.Nice = priority;
                if (result == Errno.ESRCH)
                    result = Errno.Success;
            }
        }

        return result;
    }

    [Syscall(252, "ioprio_get")]
    public static SyscallResult GetIoPriority(LinuxThread thread, int which, int who)
    {
        // IOPRIO_WHO_* count from 1.
        if (which is < ByProcess + 1 or > ByUser + 1)
            return Errno.EINVAL;
        int best = -1;
        foreach (LinuxThread target in FindThreads(thread, which - 1, who))
        {
            // One thread's as it was set; of several the best of what they have in effect (get_task_ioprio of Linux).
            int priority = target.Scheduling.IoPriority;
            if (which != ByProcess + 1)
                priority = Effective(target);
            if (best < 0 || priority < best)
                best = priority;
        }

        return best < 0 ? Errno.ESRCH : best;
    }

    [Syscall(251, "ioprio_set", SyscallSupport.Partial, Note = "Kept, shown and inherited, but without effect: the host does the input and output.")]
    public static SyscallResult SetIoPriority(LinuxThread thread, int which, int who, int priority)
    {
        int level = priority & ((1 << ClassShift) - 1);
        switch (priority >> ClassShift)
        {
            case ClassRealTime when !thread.Identity.Has(Capability.SysNice) && !thread.Identity.Has(Capability.SysAdmin):
                return Errno.EPERM;
            case ClassNone when level != 0:
            case < ClassNone or > ClassIdle:
                return Errno.EINVAL;
            default:
                break;
        }

        if (which is < ByProcess + 1 or > ByUser + 1)
            return Errno.EINVAL;
        Errno result = Errno.ESRCH;
        foreach (LinuxThread target in FindThreads(thread, which - 1, who))
        {
            Identity.Identity caller = thread.Identity;
            bool isOwner = target.Identity.UserId == caller.EffectiveUserId || target.Identity.UserId == caller.UserId;
            if (!isOwner && !caller.Has(Capability.SysNice))
                return Errno.EPERM;
            target.Scheduling.IoPriority = priority;
            result = Errno.Success;
        }

        return result;
    }

    /// <summary>The priority in effect: what has none has one by its class of scheduling and its nice value (task_nice_ioprio).</summary>
    private static int Effective(LinuxThread thread)
    {
        Scheduling scheduling = thread.Scheduling;
        if (scheduling.IoPriority >> ClassShift != ClassNone)
            return scheduling.IoPriority;
        int kind = scheduling.Policy switch
        {
            SchedulingPolicy.Idle => ClassIdle,
            SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => ClassRealTime,
            _ => ClassBestEffort,
        };
        return (kind << ClassShift) | ((scheduling.Nice - Scheduling.HighestNice) / 5);
    }

    /// <summary>The threads that the calls mean.</summary>
    private static List<LinuxThread> FindThreads(LinuxThread thread, int which, int who)
    {
        var found = new List<LinuxThread>();
        switch (which)
        {
            case ByProcess:
                if (SchedulingSyscalls.Find(thread, who) is { } target)
                    found.Add(target);
                break;
            case ByGroup:
                foreach (LinuxProcess process in thread.Kernel.Processes.SnapshotGroup(who == 0 ? thread.Process.GroupId : who))
                    found.AddRange(process.SnapshotThreads());
                break;
            default:
                uint user = who == 0 ? thread.Identity.UserId : (uint)who;
                foreach (LinuxProcess process in thread.Kernel.Processes.Snapshot())
                {
                    if (process.UserId == user)
                        found.AddRange(process.SnapshotThreads());
                }

                break;
        }

        return found;
    }
}
