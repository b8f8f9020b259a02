using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Processes;

/// <summary>Options of wait4(2) and waitid(2).</summary>
[Flags]
internal enum WaitOptions : uint
{
    WNOHANG = 1,
    WUNTRACED = 2,
    WEXITED = 4,
    WCONTINUED = 8,
    WNOWAIT = 0x01000000,
    __WNOTHREAD = 0x20000000,
    __WALL = 0x40000000,
    __WCLONE = 0x80000000,
}

/// <summary>Which children a wait is for.</summary>
internal enum WaitTarget
{
    P_ALL = 0,
    P_PID = 1,
    P_PGID = 2,
    P_PIDFD = 3,
}

/// <summary>Waiting for children.</summary>
internal static class WaitSyscalls
{
    private const WaitOptions Modifiers = WaitOptions.__WNOTHREAD | WaitOptions.__WALL | WaitOptions.__WCLONE;

    [Syscall(61, "wait4")]
    public static SyscallResult Wait4(LinuxThread thread, int processId, UserAddress status, WaitOptions options, UserAddress usage)
    {
        if ((options & ~(WaitOptions.WNOHANG | WaitOptions.WUNTRACED | WaitOptions.WCONTINUED | Modifiers)) != 0)
            return Errno.EINVAL;
        if (processId == int.MinValue)
            return Errno.ESRCH;
        (WaitTarget target, int id) = processId switch
        {
            > 0 => (WaitTarget.P_PID, processId),
            0 => (WaitTarget.P_PGID, thread.Process.GroupId),
            -1 => (WaitTarget.P_ALL, 0),
            _ => (WaitTarget.P_PGID, -processId),
        };
        Errno error = Wait(thread, target, id, options | WaitOptions.WEXITED, out ChildEvent found);
        if (error != Errno.Success || found.ProcessId == 0)
            return error;
        if (!status.IsNull && !thread.Memory.TryWrite(status, found.Status))
            return Errno.EFAULT;
        if (!usage.IsNull && !UsageSyscalls.TryWriteUsage(thread, usage, found.Usage))
            return Errno.EFAULT;
        return found.ProcessId;
    }

    [Syscall(247, "waitid")]
    public static SyscallResult WaitId(LinuxThread thread, WaitTarget target, int id, UserAddress info, WaitOptions options, UserAddress usage)
    {
        const WaitOptions events = WaitOptions.WEXITED | WaitOptions.WUNTRACED | WaitOptions.WCONTINUED;
        if ((options & ~(events | WaitOptions.WNOHANG | WaitOptions.WNOWAIT | Modifiers)) != 0 || (options & events) == 0)
            return Errno.EINVAL;
        if (target is < WaitTarget.P_ALL or > WaitTarget.P_PIDFD || (target == WaitTarget.P_PIDFD && id < 0) || (target == WaitTarget.P_PID && id <= 0) || (target == WaitTarget.P_PGID && id < 0))
            return Errno.EINVAL;
        if (target == WaitTarget.P_PGID && id == 0)
            id = thread.Process.GroupId;
        Errno error;
        bool isNonBlocking = false;
        if (target == WaitTarget.P_PIDFD)
        {
            error = ProcessHandle.Find(thread, id, out LinuxProcess? process, out isNonBlocking);
            if (error != Errno.Success)
                return error;
            if (process!.IsReaped)
                return Errno.ECHILD;
            (target, id) = (WaitTarget.P_PID, process.ProcessId);
        }

        bool mayWait = (options & WaitOptions.WNOHANG) == 0;
        error = Wait(thread, target, id, isNonBlocking ? options | WaitOptions.WNOHANG : options, out ChildEvent found);
        if (error != Errno.Success)
            return error;
        if (found.ProcessId == 0 && isNonBlocking && mayWait)
            return Errno.EAGAIN;
        if (!usage.IsNull && found.ProcessId != 0 && !UsageSyscalls.TryWriteUsage(thread, usage, found.Usage))
            return Errno.EFAULT;
        return info.IsNull || thread.Memory.TryWrite(info, found.Info) ? 0 : Errno.EFAULT;
    }

    private static Errno Wait(LinuxThread thread, WaitTarget target, int id, WaitOptions options, out ChildEvent found)
    {
        LinuxProcess parent = thread.Process;
        while (true)
        {
            thread.Watch(parent.ChildEvents);
            bool hasChildren = TryTakeEvent(thread, target, id, options, out found);
            if (!hasChildren || found.ProcessId != 0 || (options & WaitOptions.WNOHANG) != 0)
            {
                thread.StopWatching();
                return hasChildren ? Errno.Success : Errno.ECHILD;
            }

            WaitOutcome outcome = thread.Sleep(Deadline.Never);
            thread.StopWatching();
            if (outcome == WaitOutcome.Interrupted)
                return Errno.ERESTARTSYS;
        }
    }

    /// <summary>Looks for a child with something to tell.</summary>
    /// <returns>Whether there is any child to wait for.</returns>
    private static bool TryTakeEvent(LinuxThread thread, WaitTarget target, int id, WaitOptions options, out ChildEvent found)
    {
        found = default;
        ProcessTable table = thread.Kernel.Processes;
        bool any;
        using (table.Lock.Enter())
        {
            if (TraceeWait.TryTake(thread, target, id, options, out any, out found))
                return true;
            foreach (LinuxProcess child in thread.Process.Children)
            {
                if ((target == WaitTarget.P_PID && child.ProcessId != id) || (target == WaitTarget.P_PGID && child.GroupId != id))
                    continue;

                // Children whose end sends something else than SIGCHLD are seen with __WCLONE or __WALL only (wait(2)).
                bool isClone = child.ExitSignal != Signal.Child;
                if ((options & WaitOptions.__WALL) == 0 && isClone != ((options & WaitOptions.__WCLONE) != 0))
                    continue;
                if ((options & WaitOptions.__WNOTHREAD) != 0 && !IsChildOf(child, thread))
                    continue;
                any = true;
                bool keep = (options & WaitOptions.WNOWAIT) != 0;
                if (child.IsZombie && (options & WaitOptions.WEXITED) != 0 && !child.IsHeldByTracer)
                {
                    var usage = new ResourceUsage(child.EndedThreadsCpu + child.ChildrenUsage.UserTime, child.ChildrenUsage.SystemTime, (long)child.AddressSpace.PeakResidentBytes);
                    found = new ChildEvent(child.ProcessId, child.ExitStatus, ProcessTable.ChildInfo(child, Signal.Child, child.ExitStatus), usage);
                    if (!keep)
                    {
                        ResourceUsage sum = thread.Process.ChildrenUsage;
                        thread.Process.ChildrenUsage = new ResourceUsage(
                            sum.UserTime + usage.UserTime, sum.SystemTime + usage.SystemTime, Math.Max(sum.PeakResidentBytes, usage.PeakResidentBytes));
                        table.Reap(child);
                    }

                    return true;
                }

                int stop = Tracing.TraceRelations.IsTracedBy(child, thread.Process) ? 0 : child.UnreportedStop;
                bool isContinue = stop == Signal.Continue;
                WaitOptions needed = isContinue ? WaitOptions.WCONTINUED : WaitOptions.WUNTRACED;
                if (stop == 0 || (options & needed) == 0)
                    continue;
                var info = new SignalInfo
                {
                    Signal = Signal.Child,
                    Code = isContinue ? SignalInfo.ChildContinued : SignalInfo.ChildStopped,
                    ProcessId = child.ProcessId,
                    UserId = child.UserId,
                    Status = stop,
                };
                found = new ChildEvent(child.ProcessId, isContinue ? 0xFFFF : stop << 8 | 0x7F, info, default);
                if (!keep)
                    child.UnreportedStop = 0;
                return true;
            }
        }

        return any;
    }

    /// <summary>Whether a thread made a child, or took it over from one of its process that has ended (__WNOTHREAD).</summary>
    private static bool IsChildOf(LinuxProcess child, LinuxThread thread) =>
        child.ParentThread == thread || (child.ParentThread is null or { HasEnded: true } && thread.Process.Leader == thread);

}

/// <summary>What a wait has found.</summary>
internal readonly record struct ChildEvent(int ProcessId, int Status, SignalInfo Info, ResourceUsage Usage);

/// <summary>Resource usage and limits.</summary>
internal static class UsageSyscalls
{
    private const int Self = 0;
    private const int Children = -1;
    private const int ThisThread = 1;
    private const long TicksPerSecond = 100;

    [Syscall(98, "getrusage", SyscallSupport.Partial, Note = "User and system time are not told apart: all is user time.")]
    public static SyscallResult GetResourceUsage(LinuxThread thread, int who, UserAddress usage)
    {
        ResourceUsage value;
        switch (who)
        {
            case Self:
                value = new ResourceUsage(thread.Process.CpuNanoseconds, 0, (long)thread.Process.AddressSpace.PeakResidentBytes);
                break;
            case Children:
                value = thread.Process.ChildrenUsage;
                break;
            case ThisThread:
                value = new ResourceUsage(thread.CpuNanoseconds, 0, (long)thread.Process.AddressSpace.PeakResidentBytes);
                break;
            default:
                return Errno.EINVAL;
        }

        return TryWriteUsage(thread, usage, value) ? 0 : Errno.EFAULT;
    }

    [Syscall(100, "times", SyscallSupport.Partial, Note = "User and system time are not told apart: all is user time.")]
    public static SyscallResult Times(LinuxThread thread, UserAddress result)
    {
        const long perTick = Timespec.PerSecond / TicksPerSecond;
        if (!result.IsNull)
        {
            Span<long> ticks = stackalloc long[] { thread.Process.CpuNanoseconds / perTick, 0, thread.Process.ChildrenUsage.UserTime / perTick, 0 };
            Errno error = thread.Memory.CopyOut(result, System.Runtime.InteropServices.MemoryMarshal.AsBytes(ticks));
            if (error != Errno.Success)
                return error;
        }

        return thread.MonotonicNow / perTick;
    }

    [Syscall(97, "getrlimit")]
    public static SyscallResult GetLimit(LinuxThread thread, uint resource, UserAddress result)
    {
        if (resource >= ResourceLimits.Count)
            return Errno.EINVAL;
        return thread.Memory.TryWrite(result, thread.Process.Limits[(int)resource]) ? 0 : Errno.EFAULT;
    }

    [Syscall(160, "setrlimit")]
    public static SyscallResult SetLimit(LinuxThread thread, uint resource, UserAddress value)
    {
        if (resource >= ResourceLimits.Count)
            return Errno.EINVAL;
        return thread.Memory.TryRead(value, out ResourceLimit limit) ? Set(thread, thread.Process, (int)resource, limit) : Errno.EFAULT;
    }

    [Syscall(302, "prlimit64")]
    public static SyscallResult ProcessLimit(LinuxThread thread, int processId, uint resource, UserAddress value, UserAddress old)
    {
        if (resource >= ResourceLimits.Count)
            return Errno.EINVAL;
        LinuxProcess? process = processId == 0 ? thread.Process : thread.Kernel.Processes.FindByAnyId(processId);
        if (process is null)
            return Errno.ESRCH;
        if (process != thread.Process && !MayLimit(thread.Identity, process.Leader?.Identity))
            return Errno.EPERM;
        ResourceLimit limit = default;
        if (!value.IsNull && !thread.Memory.TryRead(value, out limit))
            return Errno.EFAULT;
        ResourceLimit previous = process.Limits[(int)resource];
        if (!value.IsNull)
        {
            Errno error = Set(thread, process, (int)resource, limit);
            if (error != Errno.Success)
                return error;
        }

        return old.IsNull || thread.Memory.TryWrite(old, previous) ? 0 : Errno.EFAULT;
    }

    /// <summary>Writes struct rusage.</summary>
    public static bool TryWriteUsage(LinuxThread thread, UserAddress address, in ResourceUsage usage)
    {
        Span<long> words = stackalloc long[18];
        words.Clear();
        words[0] = usage.UserTime / Timespec.PerSecond;
        words[1] = usage.UserTime % Timespec.PerSecond / 1000;
        words[2] = usage.SystemTime / Timespec.PerSecond;
        words[3] = usage.SystemTime % Timespec.PerSecond / 1000;
        words[4] = usage.PeakResidentBytes / 1024;
        return thread.Memory.CopyOut(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(words)) == Errno.Success;
    }

    /// <summary>Whether a process's limits may be read and set by another (prlimit(2); check_prlimit_permission of Linux).</summary>
    private static bool MayLimit(Identity.Identity caller, Identity.Identity? target) => target is null ||
        (caller.UserId == target.UserId && caller.UserId == target.EffectiveUserId && caller.UserId == target.SavedUserId &&
            caller.GroupId == target.GroupId && caller.GroupId == target.EffectiveGroupId && caller.GroupId == target.SavedGroupId) ||
        caller.Has(Identity.Capability.SysResource);

    private static Errno Set(LinuxThread thread, LinuxProcess process, int resource, ResourceLimit limit)
    {
        if (limit.Soft > limit.Hard)
            return Errno.EINVAL;
        ResourceLimit old = process.Limits[resource];
        if (limit.Hard > old.Hard && !thread.Identity.Has(Identity.Capability.SysResource))
            return Errno.EPERM;
        const ulong largestTable = 1 << 20;
        if (resource == ResourceLimits.OpenFiles && limit.Hard > largestTable)
            return Errno.EPERM;
        process.Limits[resource] = limit;
        process.AddressSpace.SetLimits(process.Limits);
        if (resource == ResourceLimits.Cpu)
            process.CpuLimit.Update();
        return Errno.Success;
    }
}
