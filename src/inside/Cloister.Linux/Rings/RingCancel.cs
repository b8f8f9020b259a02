using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Rings;

/// <summary>IORING_OP_ASYNC_CANCEL and IORING_REGISTER_SYNC_CANCEL.</summary>
internal static class RingCancel
{
    private const RingCancelFlags Known = RingCancelFlags.IORING_ASYNC_CANCEL_ALL | RingCancelFlags.IORING_ASYNC_CANCEL_FD
        | RingCancelFlags.IORING_ASYNC_CANCEL_ANY | RingCancelFlags.IORING_ASYNC_CANCEL_FD_FIXED;

    /// <summary>Cancels other requests.</summary>
    public static SyscallResult Execute(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (RingCancelFlags)entry.OperationFlags;
        if ((flags & RingCancelFlags.IORING_ASYNC_CANCEL_FD) != 0 && (entry.Flags & SubmissionFlags.IOSQE_FIXED_FILE) != 0)
            flags |= RingCancelFlags.IORING_ASYNC_CANCEL_FD_FIXED;
        return Cancel(thread, request.Ring, request, flags, entry.Descriptor, entry.Address);
    }

    /// <summary>Cancels requests, and waits until those are over that can't be taken away from who works on them.</summary>
    public static SyscallResult CancelAndWait(LinuxThread thread, Ring ring, in SynchronousCancel request)
    {
        if ((request.Reserved0 | request.Reserved1 | request.Reserved2 | request.Reserved3) != 0)
            return Errno.EINVAL;
        bool isForEver = request.Seconds == -1 && request.Nanoseconds == -1;
        if (!isForEver && (request.Seconds < 0 || (ulong)request.Nanoseconds >= 1_000_000_000))
            return Errno.EINVAL;
        long deadline = isForEver
            ? Deadline.Never
            : Deadline.After(thread.MonotonicNow, new Time.Timespec(request.Seconds, request.Nanoseconds).TotalNanoseconds);
        thread.Watch(ring.Events);
        try
        {
            SyscallResult result = Cancel(thread, ring, null, request.Flags, request.Descriptor, request.Address);
            bool isAll = (request.Flags & (RingCancelFlags.IORING_ASYNC_CANCEL_ALL | RingCancelFlags.IORING_ASYNC_CANCEL_ANY)) != 0;
            while (result.Errno == Errno.EALREADY)
            {
                switch (thread.Sleep(deadline))
                {
                    case WaitOutcome.Interrupted:
                        return Errno.EINTR;
                    case WaitOutcome.TimedOut:
                        return Errno.ETIME;
                }

                result = Cancel(thread, ring, null, request.Flags, request.Descriptor, request.Address);
                if (result.Errno == Errno.ENOENT)
                    return 0;
            }

            return isAll && result.Value > 0 ? 0 : result;
        }
        finally
        {
            thread.StopWatching();
        }
    }

    private static SyscallResult Cancel(LinuxThread thread, Ring ring, RingRequest? own, RingCancelFlags flags, int descriptor, ulong userData)
    {
        bool isAny = (flags & RingCancelFlags.IORING_ASYNC_CANCEL_ANY) != 0;
        bool isFile = (flags & RingCancelFlags.IORING_ASYNC_CANCEL_FD) != 0;
        if ((flags & ~Known) != 0 || (isAny && isFile))
            return Errno.EINVAL;
        IOpenFile? file = null;
        if (isFile)
        {
            file = (flags & RingCancelFlags.IORING_ASYNC_CANCEL_FD_FIXED) != 0 ? ring.TakeFile((uint)descriptor) : thread.Process.Descriptors.Take(descriptor);
            if (file is null)
                return Errno.EBADF;
        }

        bool isAll = isAny || (flags & RingCancelFlags.IORING_ASYNC_CANCEL_ALL) != 0;
        RingRequest[] found = ring.Find(new CancelTest(own, file, userData, isAny), isAny || isFile ? null : userData);
        file?.Release();
        int count = 0;
        SyscallResult result = Errno.ENOENT;
        foreach (RingRequest request in found)
        {
            Errno error = request.Tasks.TryTake(request);
            if (error == Errno.ENOENT)
                continue;
            if (error == Errno.Success)
                RingEngine.CompleteCanceled(thread, request);
            if (!isAll)
                return error;
            if (error == Errno.Success)
                count++;
            else
                result = error;
        }

        // All: how many there were.
        if (isAll && (count > 0 || found.Length == 0))
            return count;
        return isAll && result.Errno == Errno.ENOENT ? 0 : result;
    }

    private readonly struct CancelTest(RingRequest? own, IOpenFile? file, ulong userData, bool isAny) : IRequestTest
    {
        public bool Matches(RingRequest request)
        {
            if (request == own || request.IsFollower || request.State is RequestState.Done or RequestState.Held)
                return false;
            if (isAny)
                return true;
            return file is not null ? request.File == file : request.Entry.UserData == userData;
        }
    }
}
