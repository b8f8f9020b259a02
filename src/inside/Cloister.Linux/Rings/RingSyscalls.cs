using System;
using System.Numerics;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>io_uring_setup(2) and io_uring_enter(2).</summary>
internal static class RingSyscalls
{
    private const long DefaultIdle = 1_000_000_000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    [Syscall(425, "io_uring_setup", SyscallSupport.Partial,
        Note = "The operations and flags of Linux 6.1 but IORING_OP_URING_CMD; files have no polled completions (IORING_SETUP_IOPOLL gives EOPNOTSUPP in them).",
        Lacks = "IORING_SETUP_NO_MMAP IORING_SETUP_NO_SQARRAY IORING_OP_URING_CMD")]
    public static SyscallResult Setup(LinuxThread thread, uint entries, UserAddress address)
    {
        if (!thread.Memory.TryRead(address, out RingParameters parameters))
            return Errno.EFAULT;
        Errno error = Check(thread, entries, ref parameters);
        if (error != Errno.Success)
            return error;
        error = Ring.Create(thread, ref parameters, out Ring? ring);
        if (error != Errno.Success)
            return error;
        IOpenFile file = thread.Kernel.Vfs.CreateRingFile(ring!);
        if ((parameters.Flags & RingSetupFlags.IORING_SETUP_SQPOLL) != 0 && !StartPoller(thread, ring!, parameters))
        {
            file.Release();
            return Errno.EAGAIN;
        }

        const RingSetupFlags issuer = RingSetupFlags.IORING_SETUP_SINGLE_ISSUER | RingSetupFlags.IORING_SETUP_R_DISABLED;
        if ((parameters.Flags & issuer) == RingSetupFlags.IORING_SETUP_SINGLE_ISSUER)
            ring!.Submitter = thread;
        if (thread.Memory.TryWrite(address, parameters))
            return OpenSyscalls.Install(thread, file, closeOnExec: true);
        file.Release();
        return Errno.EFAULT;
    }

    [Syscall(426, "io_uring_enter")]
    public static SyscallResult Enter(
        LinuxThread thread, Fd fd, uint count, uint least, RingEnterFlags flags, UserAddress argument, ulong argumentSize)
    {
        const RingEnterFlags known = RingEnterFlags.IORING_ENTER_GETEVENTS | RingEnterFlags.IORING_ENTER_SQ_WAKEUP | RingEnterFlags.IORING_ENTER_SQ_WAIT
            | RingEnterFlags.IORING_ENTER_EXT_ARG | RingEnterFlags.IORING_ENTER_REGISTERED_RING;
        if ((flags & ~known) != 0)
            return Errno.EINVAL;
        if ((flags & RingEnterFlags.IORING_ENTER_REGISTERED_RING) != 0)
        {
            IOpenFile? registered = thread.RegisteredRings is { } rings && (uint)fd.Value < (uint)rings.Length ? rings[fd.Value] : null;
            return registered is null ? Errno.EBADF : Enter(thread, registered, count, least, flags, argument, argumentSize);
        }

        using BorrowedFile borrowed = thread.Process.Descriptors.Borrow(fd.Value);
        return borrowed.File is { } file ? Enter(thread, file, count, least, flags, argument, argumentSize) : Errno.EBADF;
    }

    private static SyscallResult Enter(
        LinuxThread thread, IOpenFile file, uint count, uint least, RingEnterFlags flags, UserAddress argument, ulong argumentSize)
    {
        if (file is not IRingFile { Ring: Ring ring })
            return Errno.EOPNOTSUPP;
        if (ring.IsDisabled)
            return Errno.EBADFD;
        RingTasks tasks = RingTasks.Of(thread.Process);
        SyscallResult submitted = count;
        if (ring.Poller is { } poller)
        {
            ring.Flush();
            if (poller.HasEnded)
                return Errno.EOWNERDEAD;
            if ((flags & RingEnterFlags.IORING_ENTER_SQ_WAKEUP) != 0)
                poller.Wake();
            if ((flags & RingEnterFlags.IORING_ENTER_SQ_WAIT) != 0)
                WaitForRoom(thread, ring, poller);
        }
        else if (count > 0)
        {
            if (ring.Submitter is { } only && only != thread)
                return Errno.EEXIST;
            tasks.Add(ring);
            ring.Flush();
            submitted = RingSubmission.Submit(thread, tasks, ring, count, thread);
            if (submitted.IsError || submitted.Value != count)
                return submitted;
        }

        if ((flags & RingEnterFlags.IORING_ENTER_GETEVENTS) == 0)
            return submitted;
        if (ring.Poller is null && ring.Submitter is { } waiter && waiter != thread && (ring.Setup & RingSetupFlags.IORING_SETUP_DEFER_TASKRUN) != 0)
            return submitted.Value > 0 ? submitted : Errno.EEXIST;
        SyscallResult waited = Wait(thread, tasks, ring, least, flags, argument, argumentSize);
        return submitted.Value > 0 ? submitted : waited;
    }

    private static SyscallResult Wait(
        LinuxThread thread, RingTasks tasks, Ring ring, uint least, RingEnterFlags flags, UserAddress argument, ulong argumentSize)
    {
        ulong mask = argument.Value;
        ulong maskSize = argumentSize;
        long deadline = Deadline.Never;
        if ((flags & RingEnterFlags.IORING_ENTER_EXT_ARG) != 0)
        {
            if (argumentSize != RingWaitArgument.Size)
                return Errno.EINVAL;
            if (!thread.Memory.TryRead(argument, out RingWaitArgument extended))
                return Errno.EFAULT;
            mask = extended.SignalMask;
            maskSize = extended.SignalMaskSize;
            if (extended.Reserved != 0)
                return Errno.EINVAL;
            if (extended.Timeout != 0)
            {
                if (!thread.Memory.TryRead(new UserAddress(extended.Timeout), out Time.Timespec time))
                    return Errno.EFAULT;
                deadline = time.Seconds < 0 || time.Nanoseconds < 0 ? thread.MonotonicNow : WaitTime.After(thread, time.TotalNanoseconds);
            }
        }

        Errno error = WaitTime.SetMask(thread, new UserAddress(mask), maskSize);
        if (error != Errno.Success)
            return error;
        return WaitTime.EndMask(thread, Wait(thread, tasks, ring, Math.Min(least, ring.CompletionCount), deadline));
    }

    private static SyscallResult Wait(LinuxThread thread, RingTasks tasks, Ring ring, uint least, long deadline)
    {
        ring.Flush();
        tasks.RunReady(thread);
        if (ring.Ready >= least)
            return 0;
        thread.Watch(ring.Events);
        tasks.AddWaiter(thread);
        try
        {
            while (true)
            {
                tasks.RunReady(thread);
                ring.Flush();
                if (ring.Ready >= least)
                    return 0;
                switch (thread.Sleep(deadline))
                {
                    case WaitOutcome.Interrupted:
                        return ring.Ready > 0 ? 0 : Errno.EINTR;
                    case WaitOutcome.TimedOut:
                        tasks.RunReady(thread);
                        return ring.Ready >= least || ring.Ready > 0 ? 0 : Errno.ETIME;
                }
            }
        }
        finally
        {
            tasks.RemoveWaiter(thread);
            thread.StopWatching();
        }
    }

    private static void WaitForRoom(LinuxThread thread, Ring ring, RingPoller poller)
    {
        thread.Watch(ring.Events);
        while (ring.IsFull && !poller.HasEnded && thread.Sleep(Deadline.Never) != WaitOutcome.Interrupted)
        {
        }

        thread.StopWatching();
    }

    private static bool StartPoller(LinuxThread thread, Ring ring, in RingParameters parameters)
    {
        long idle = parameters.PollingIdle == 0 ? DefaultIdle : parameters.PollingIdle * NanosecondsPerMillisecond;
        RingTasks tasks = RingTasks.Of(thread.Process);
        tasks.Add(ring);
        ring.Poller = new RingPoller(ring, thread.Identity, idle);
        ring.PollerTasks = tasks;
        return tasks.TryStartPoller(ring.Poller);
    }

    private static Errno Check(LinuxThread thread, uint entries, ref RingParameters parameters)
    {
        const RingSetupFlags known = (RingSetupFlags)((1 << 14) - 1);
        RingSetupFlags flags = parameters.Flags;
        if ((parameters.Reserved0 | parameters.Reserved1 | parameters.Reserved2) != 0 || (flags & ~known) != 0 || entries == 0)
            return Errno.EINVAL;
        if (entries > Ring.MostEntries)
        {
            if ((flags & RingSetupFlags.IORING_SETUP_CLAMP) == 0)
                return Errno.EINVAL;
            entries = Ring.MostEntries;
        }

        parameters.SubmissionEntries = BitOperations.RoundUpToPowerOf2(entries);
        uint completions = 2 * parameters.SubmissionEntries;
        if ((flags & RingSetupFlags.IORING_SETUP_CQSIZE) != 0)
        {
            completions = parameters.CompletionEntries;
            if (completions == 0)
                return Errno.EINVAL;
            if (completions > 2 * Ring.MostEntries)
            {
                if ((flags & RingSetupFlags.IORING_SETUP_CLAMP) == 0)
                    return Errno.EINVAL;
                completions = 2 * Ring.MostEntries;
            }

            completions = BitOperations.RoundUpToPowerOf2(completions);
            if (completions < parameters.SubmissionEntries)
                return Errno.EINVAL;
        }

        parameters.CompletionEntries = completions;
        return CheckFlags(thread, parameters);
    }

    private static Errno CheckFlags(LinuxThread thread, in RingParameters parameters)
    {
        RingSetupFlags flags = parameters.Flags;
        bool Has(RingSetupFlags flag) => (flags & flag) != 0;
        bool isPolled = Has(RingSetupFlags.IORING_SETUP_SQPOLL);
        if (Has(RingSetupFlags.IORING_SETUP_SQ_AFF))
        {
            if (!isPolled || parameters.PollingCpu >= (uint)thread.Kernel.Platform.Cpus.Count)
                return Errno.EINVAL;
        }

        if (isPolled && Has(RingSetupFlags.IORING_SETUP_COOP_TASKRUN | RingSetupFlags.IORING_SETUP_TASKRUN_FLAG | RingSetupFlags.IORING_SETUP_DEFER_TASKRUN))
            return Errno.EINVAL;
        if (Has(RingSetupFlags.IORING_SETUP_TASKRUN_FLAG) && !Has(RingSetupFlags.IORING_SETUP_COOP_TASKRUN | RingSetupFlags.IORING_SETUP_DEFER_TASKRUN))
            return Errno.EINVAL;
        if (Has(RingSetupFlags.IORING_SETUP_DEFER_TASKRUN) && !Has(RingSetupFlags.IORING_SETUP_SINGLE_ISSUER))
            return Errno.EINVAL;
        if (!Has(RingSetupFlags.IORING_SETUP_ATTACH_WQ))
            return Errno.Success;

        // Workers are the process's: nothing to share but the right to name another ring.
        using BorrowedFile other = thread.Process.Descriptors.Borrow((int)parameters.WorkerRing);
        if (other.File is null)
            return Errno.ENXIO;
        return other.File is IRingFile ? Errno.Success : Errno.EINVAL;
    }
}
