using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Rings;

/// <summary>How requests go on until their completion.</summary>
/// <remarks>
/// A request is tried at once, on the submitting thread, where it may not wait. Where it would have to, and its file can be polled, it is
/// tried again when the file is ready; else a worker waits for it.
/// </remarks>
internal static class RingEngine
{
    /// <summary>Tries on end for a file that says it is ready and then isn't (a pipe with room, but not for the whole write): a worker waits then.</summary>
    private const int MostTries = 3;

    /// <summary>Starts a request, and those behind it in its chain that can start with it.</summary>
    public static void Start(LinuxThread thread, RingRequest? request)
    {
        while (request is not null)
        {
            if (!request.Tasks.TryRun(request))
                return;
            request.HasStarted = true;
            if (request.HasFailedChain)
            {
                FailChain(thread, request);
                return;
            }

            if (request.Partner is { } limit)
                RingTimeouts.ArmLimit(limit);
            SyscallResult result = request.IsCanceled || request.Tasks.IsStopping ? Errno.ECANCELED : Assign(thread, request);
            if (result.Errno == Errno.Success)
                result = TryOnce(thread, request);
            request = result.Errno == Errno.EIOCBQUEUED ? null : Finish(thread, request, result);
        }
    }

    /// <summary>Goes on with a request that has become ready, or was held.</summary>
    public static void Resume(LinuxThread thread, RingRequest request)
    {
        request.StopWatching();
        request.IsLater = true;
        if (!request.HasStarted)
        {
            Start(thread, request);
            return;
        }

        bool isTime = request.Entry.Operation is RingOperation.IORING_OP_TIMEOUT or RingOperation.IORING_OP_LINK_TIMEOUT;
        bool isOver = request.IsCanceled || (request.IsOrphan && !isTime);
        SyscallResult result = isOver ? Errno.ECANCELED : TryOnce(thread, request);
        if (result.Errno != Errno.EIOCBQUEUED)
            Start(thread, Finish(thread, request, result));
    }

    /// <summary>Makes a request on a worker, which waits as long as it takes.</summary>
    public static void RunAndWait(LinuxThread worker, RingRequest request)
    {
        request.IsLater = true;
        SyscallResult result;
        do
        {
            result = request.IsCanceled ? Errno.EINTR : Execute(worker, request);
        }
        while (IsInterrupted(result) && !request.IsCanceled);
        request.Worker = null;
        worker.MayNotWait = false;

        // Files that don't wait, since the program said so, are waited for.
        if (result.Errno == Errno.EAGAIN && request.File is { IsPollable: true })
            result = TryOnce(worker, request);
        if (IsInterrupted(result))
            result = request.File is { IsPollable: true } ? Errno.ECANCELED : Errno.EINTR;
        if (result.Errno != Errno.EIOCBQUEUED)
            Start(worker, Finish(worker, request, result));
    }

    /// <summary>Ends a request that was taken from whoever would have gone on with it.</summary>
    /// <param name="thread">Who cancels; null where the instance is closed, and nobody hears of it.</param>
    /// <param name="request">The request.</param>
    public static void CompleteCanceled(LinuxThread? thread, RingRequest request)
    {
        request.StopWatching();
        request.IsLater = true;
        RingRequest? next = Finish(thread, request, Errno.ECANCELED);
        if (next is not null)
            Start(thread!, next);
    }

    /// <summary>Reports what a request has come to; it is no more.</summary>
    /// <returns>The next one of its chain.</returns>
    public static RingRequest? Finish(LinuxThread? thread, RingRequest request, SyscallResult result)
    {
        bool failed = RingTimeouts.IsExpected(request, result) ? request.HasFailed : result.Value < 0 || request.HasFailed;
        RingRequest? limit = request.Ring.Separate(request);
        RingRequest? next = request.Next;
        request.Next = null;
        bool skips = (request.Entry.Flags & SubmissionFlags.IOSQE_CQE_SKIP_SUCCESS) != 0;
        if (!skips || failed)
        {
            bool isTimeout = request.Entry.Operation == RingOperation.IORING_OP_TIMEOUT;
            request.Ring.Post(thread, request.Entry.UserData, (int)result.Value, request.ResultFlags, isTimeout, isImmediate: !request.IsLater);
        }

        if (limit is not null)
            RingTimeouts.EndLimit(thread, limit);
        bool severs = thread is null || (failed && (request.Entry.Flags & SubmissionFlags.IOSQE_IO_HARDLINK) == 0);
        End(request);
        if (!severs || next is null)
            return next;
        CancelChain(thread, next, skips);
        return null;
    }

    /// <summary>Drops a request: its file, its place in the instance's list, what it has cost.</summary>
    public static void End(RingRequest request)
    {
        request.Tasks.SetDone(request);
        request.StopWatching();
        if (request.HasTimer)
            request.Ring.Kernel.Timers.Cancel(request.Timer);
        IOpenFile? file = request.File;
        request.File = null;
        file?.Release();
        RequestList released = request.Ring.Remove(request);
        request.Account.Give(RingRequest.Weight);
        request.Tasks.OnEnded();
        while (released.TakeFirst() is { } following)
            following.Tasks.Release(following);
    }

    /// <summary>Reports a chain of which a request can't be made: that one with its error, the others as canceled.</summary>
    private static void FailChain(LinuxThread thread, RingRequest? request)
    {
        while (request is not null)
        {
            RingRequest? next = request.Next;
            request.Next = null;
            if (request.Tasks.TryRun(request))
            {
                RingRequest? limit = request.Ring.Separate(request);
                Errno error = request.Failure == Errno.Success ? Errno.ECANCELED : request.Failure;
                request.Ring.Post(thread, request.Entry.UserData, -(int)error, CompletionFlags.None, isImmediate: !request.IsLater);
                if (limit is not null)
                    RingTimeouts.EndLimit(thread, limit);
                End(request);
            }

            request = next;
        }
    }

    private static void CancelChain(LinuxThread? thread, RingRequest? request, bool isSilent)
    {
        // Those behind one that doesn't report its success don't report that they were never tried (IOSQE_CQE_SKIP_SUCCESS).
        while (request is not null)
        {
            RingRequest? next = request.Next;
            request.Next = null;
            if (request.Tasks.TryRun(request))
            {
                RingRequest? limit = request.Ring.Separate(request);
                if (!isSilent)
                    request.Ring.Post(thread, request.Entry.UserData, -(int)Errno.ECANCELED, CompletionFlags.None, isImmediate: !request.IsLater);
                if (limit is not null)
                    RingTimeouts.EndLimit(thread, limit, isSilent);
                End(request);
            }

            request = next;
        }
    }

    /// <summary>Gives the request its file, as late as this: the one before in the chain may have opened it (IORING_FEAT_LINKED_FILE).</summary>
    private static Errno Assign(LinuxThread thread, RingRequest request)
    {
        if (request.File is not null || !RingOperations.NeedsFile(request.Entry.Operation))
            return Errno.Success;
        int descriptor = request.Entry.Descriptor;
        request.File = (request.Entry.Flags & SubmissionFlags.IOSQE_FIXED_FILE) != 0
            ? request.Ring.TakeFile((uint)descriptor)
            : thread.Process.Descriptors.Take(descriptor);
        if (request.File is { } file && (file.Flags & OpenFlags.O_PATH) == 0)
            return Errno.Success;
        return Errno.EBADF;
    }

    /// <summary>Tries a request without waiting, and lets it wait for its file or for a worker.</summary>
    private static SyscallResult TryOnce(LinuxThread thread, RingRequest request)
    {
        for (int tries = 0; ; tries++)
        {
            bool mayNotWait = thread.MayNotWait;
            thread.MayNotWait = true;
            SyscallResult result = Execute(thread, request);
            thread.MayNotWait = mayNotWait;
            bool waits = IsInterrupted(result) || (result.Errno == Errno.EAGAIN && request.File is { IsPollable: true });
            if (!waits)
                return result;
            if (request.FailsWhereItWaits)
                return result.Errno == Errno.EAGAIN ? result : Errno.EAGAIN;
            if (request.IsCanceled)
                return Errno.ECANCELED;
            bool isPoll = request.Entry.Operation == RingOperation.IORING_OP_POLL_ADD;
            if (request.Awaited == PollEvents.None || request.File is not { IsPollable: true } || (tries >= MostTries && !isPoll))
            {
                request.Tasks.Queue(thread, request);
                return Errno.EIOCBQUEUED;
            }

            if (TryWait(request))
                return Errno.EIOCBQUEUED;
            request.StopWatching();
            if (request.IsCanceled)
                return Errno.ECANCELED;
        }
    }

    /// <summary>Lets a request wait for its file.</summary>
    /// <returns>False where the file is ready: the caller still works on it.</returns>
    public static bool TryWait(RingRequest request)
    {
        if (!request.Tasks.TryStartTaskThread())
        {
            request.IsCanceled = true;
            return false;
        }

        request.Tasks.BeginArming(request);
        PollEvents ready = request.File!.Poll(request) & (request.Awaited | PollEvents.Error | PollEvents.HangUp);
        if (ready != PollEvents.None)
            request.WasWoken = true;
        return request.Tasks.TryEndArming(request);
    }

    private static SyscallResult Execute(LinuxThread thread, RingRequest request)
    {
        Identity.Identity own = thread.Identity;
        thread.Identity = request.Identity;
        try
        {
            return RingOperations.Execute(thread, request);
        }
        catch (Exception defect) when (Defects.ConcernOneProgram(defect))
        {
            thread.Kernel.Defects.Note(thread, defect);
            thread.StopWatching();
            return defect is OutOfMemoryException ? Errno.ENOMEM : Errno.EIO;
        }
        finally
        {
            thread.Identity = own;
        }
    }

    private static bool IsInterrupted(SyscallResult result) =>
        result.Errno is Errno.EINTR || LinuxThread.IsRestart(result.Errno);
}
