using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Rings;

/// <summary>IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE and IORING_OP_LINK_TIMEOUT.</summary>
internal static class RingTimeouts
{
    /// <summary>Whether a result is a time-out that is no failure, or at least none to be reported (IOSQE_CQE_SKIP_SUCCESS of a limit).</summary>
    public static bool IsExpected(RingRequest request, SyscallResult result) =>
        request.Entry.Operation == RingOperation.IORING_OP_LINK_TIMEOUT
        || (result.Errno == Errno.ETIME && request.Entry.Operation == RingOperation.IORING_OP_TIMEOUT);

    /// <summary>Waits for a time, or for a number of completions.</summary>
    public static SyscallResult Wait(LinuxThread thread, RingRequest request)
    {
        var flags = (RingTimeoutFlags)request.Entry.OperationFlags;
        if (request.HasCounted)
            return 0;
        if (request.HasExpired)
        {
            request.HasFailed = (flags & RingTimeoutFlags.IORING_TIMEOUT_ETIME_SUCCESS) == 0;
            return Errno.ETIME;
        }

        if (!request.Tasks.TryStartTaskThread())
            return Errno.ENOMEM;
        request.Tasks.BeginArming(request);
        Arm(request);
        if (request.HasCounted)
            request.WasWoken = true;
        if (request.Tasks.TryEndArming(request))
            return Errno.EIOCBQUEUED;
        if (request.HasCounted)
            return 0;
        return request.HasExpired ? Errno.ETIME : Errno.ECANCELED;
    }

    /// <summary>The request that a limit is for starts: so does its time.</summary>
    public static void ArmLimit(RingRequest limit)
    {
        if (!limit.Tasks.TryStartTaskThread() || !limit.Tasks.TryRun(limit))
            return;
        limit.HasStarted = true;
        limit.IsFollower = false;
        limit.Tasks.BeginArming(limit);
        Arm(limit);
        if (!limit.Tasks.TryEndArming(limit))
            limit.Tasks.MakeReady(limit);
    }

    /// <summary>A limit's time is over: what it limits is canceled.</summary>
    public static SyscallResult Limit(LinuxThread thread, RingRequest limit)
    {
        RingRequest? limited = limit.Ring.TakeLimited(limit);
        if (limited is null)
            return Errno.ECANCELED;
        Errno error = limited.Tasks.TryTake(limited);
        if (error == Errno.Success)
            RingEngine.CompleteCanceled(thread, limited);
        return error is Errno.Success or Errno.EALREADY ? Errno.ETIME : error;
    }

    /// <summary>What a limit was for has ended in time.</summary>
    public static void EndLimit(LinuxThread? thread, RingRequest limit, bool isSilent = false)
    {
        if (limit.Tasks.TryTake(limit) != Errno.Success)
            return;
        if (!isSilent && (limit.Entry.Flags & SubmissionFlags.IOSQE_CQE_SKIP_SUCCESS) == 0)
            limit.Ring.Post(thread, limit.Entry.UserData, -(int)Errno.ECANCELED, CompletionFlags.None);
        RingEngine.End(limit);
    }

    /// <summary>Removes a time-out, or gives it another time.</summary>
    public static SyscallResult Remove(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (RingTimeoutFlags)entry.OperationFlags;
        const RingTimeoutFlags clocks = RingTimeoutFlags.IORING_TIMEOUT_BOOTTIME | RingTimeoutFlags.IORING_TIMEOUT_REALTIME;
        const RingTimeoutFlags updates = RingTimeoutFlags.IORING_TIMEOUT_UPDATE | RingTimeoutFlags.IORING_LINK_TIMEOUT_UPDATE;
        bool isUpdate = (flags & updates) != 0;
        if ((isUpdate && ((flags & ~(updates | clocks | RingTimeoutFlags.IORING_TIMEOUT_ABS)) != 0 || (flags & clocks) == clocks))
            || (!isUpdate && flags != RingTimeoutFlags.None))
            return Errno.EINVAL;
        Timespec time = default;
        if (isUpdate && !thread.Memory.TryRead(new UserAddress(entry.Offset), out time))
            return Errno.EFAULT;
        if (time.Seconds < 0 || time.Nanoseconds < 0)
            return Errno.EINVAL;
        bool isLimit = (flags & RingTimeoutFlags.IORING_LINK_TIMEOUT_UPDATE) != 0;
        RingOperation operation = isLimit ? RingOperation.IORING_OP_LINK_TIMEOUT : RingOperation.IORING_OP_TIMEOUT;
        RingRequest[] found = request.Ring.Find(new OperationTest(request, operation, entry.Address), entry.Address);
        if (found.Length == 0)
            return Errno.ENOENT;
        RingRequest timeout = found[0];
        Errno error = timeout.Tasks.TryTake(timeout);
        if (error != Errno.Success)
            return error;
        if (!isUpdate)
        {
            RingEngine.CompleteCanceled(thread, timeout);
            return 0;
        }

        thread.Kernel.Timers.Cancel(timeout.Timer);
        timeout.IsCanceled = false;
        timeout.HasExpired = false;
        const uint kept = (uint)RingTimeoutFlags.IORING_TIMEOUT_ETIME_SUCCESS;
        timeout.Entry.OperationFlags = (timeout.Entry.OperationFlags & kept) | (uint)(flags & ~updates);
        timeout.Saved = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in time, 1)).ToArray();
        timeout.Tasks.BeginArming(timeout);
        Arm(timeout);
        if (!timeout.Tasks.TryEndArming(timeout))
            timeout.Tasks.MakeReady(timeout);
        return 0;
    }

    private static void Arm(RingRequest request)
    {
        LinuxKernel kernel = request.Ring.Kernel;
        var flags = (RingTimeoutFlags)request.Entry.OperationFlags;
        var time = MemoryMarshal.Read<Timespec>(request.Saved);
        IClock clock = kernel.Platform.Clock;
        TimerClock monotonic = kernel.MonotonicClock;
        long now = clock.MonotonicNanoseconds;
        long due;
        if ((flags & RingTimeoutFlags.IORING_TIMEOUT_ABS) == 0)
        {
            due = Deadline.After(now, time.TotalNanoseconds);
        }
        else
        {
            TimerClock source = (flags & RingTimeoutFlags.IORING_TIMEOUT_REALTIME) != 0 ? new WallClock(clock, ClockSource.Realtime, monotonic)
                : (flags & RingTimeoutFlags.IORING_TIMEOUT_BOOTTIME) != 0 ? new WallClock(clock, ClockSource.BootTime, monotonic)
                : monotonic;
            due = source.EarliestDeadline(time.TotalNanoseconds);
        }

        kernel.Timers.Arm(request.Timer, due);
    }
}
