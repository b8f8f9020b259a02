using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;

namespace Cloister.Linux.Rings;

/// <summary>IORING_OP_POLL_ADD and IORING_OP_POLL_REMOVE.</summary>
internal static class RingPolls
{
    /// <summary>The events of a submission; errors are always reported.</summary>
    public static PollEvents Wanted(uint events) => ((PollEvents)events & PollEvents.All) | PollEvents.Error | PollEvents.HangUp;

    /// <summary>Reports what the file is ready for, or waits until it is.</summary>
    public static SyscallResult Add(LinuxThread thread, RingRequest request)
    {
        if (!request.IsMultishot || !request.File!.IsPollable)
        {
            PollEvents ready = request.File!.Poll(null) & request.Awaited;
            return ready != PollEvents.None ? (int)ready : Errno.EAGAIN;
        }

        // What there was at the start is reported, and then each change (IORING_POLL_ADD_MULTI); a full queue ends it.
        if (!request.Tasks.TryStartTaskThread())
            return Errno.ENOMEM;
        while (true)
        {
            bool hasChanged = request.WasWoken || !request.HasReported;
            request.HasReported = true;
            request.Tasks.BeginArming(request);
            PollEvents ready = request.File.Poll(request) & request.Awaited;
            if (ready != PollEvents.None && hasChanged
                && !request.Ring.Post(thread, request.Entry.UserData, (int)ready, CompletionFlags.IORING_CQE_F_MORE, needsRoom: true))
                return (int)ready;
            if (request.Tasks.TryEndArming(request))
                return Errno.EIOCBQUEUED;
            request.StopWatching();
            if (request.IsCanceled || request.Tasks.IsStopping)
                return Errno.ECANCELED;
        }
    }

    /// <summary>Ends or changes a poll.</summary>
    public static SyscallResult Remove(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var flags = (RingPollFlags)entry.Length;
        const RingPollFlags updates = RingPollFlags.IORING_POLL_UPDATE_EVENTS | RingPollFlags.IORING_POLL_UPDATE_USER_DATA;
        bool isUpdate = (flags & updates) != 0;
        if ((flags & ~(updates | RingPollFlags.IORING_POLL_ADD_MULTI)) != 0 || (!isUpdate && (flags != 0 || entry.Offset != 0 || entry.OperationFlags != 0)))
            return Errno.EINVAL;
        if ((flags & RingPollFlags.IORING_POLL_UPDATE_USER_DATA) == 0 && entry.Offset != 0)
            return Errno.EINVAL;
        RingRequest[] found = request.Ring.Find(new OperationTest(request, RingOperation.IORING_OP_POLL_ADD, entry.Address), entry.Address);
        if (found.Length == 0)
            return Errno.ENOENT;
        RingRequest poll = found[0];
        Errno error = poll.Tasks.TryTake(poll);
        if (error != Errno.Success)
            return error;
        if (!isUpdate)
        {
            RingEngine.CompleteCanceled(thread, poll);
            return 0;
        }

        poll.IsCanceled = false;
        poll.StopWatching();
        if ((flags & RingPollFlags.IORING_POLL_UPDATE_EVENTS) != 0)
            poll.Awaited = Wanted(entry.OperationFlags);
        if ((flags & RingPollFlags.IORING_POLL_ADD_MULTI) != 0)
            poll.IsMultishot = true;
        if ((flags & RingPollFlags.IORING_POLL_UPDATE_USER_DATA) != 0)
            request.Ring.Renumber(poll, entry.Offset);
        poll.WasWoken = true;
        RingEngine.Resume(thread, poll);
        return 0;
    }
}

/// <summary>Requests of one operation, by what the program knows them by.</summary>
internal readonly struct OperationTest(RingRequest but, RingOperation operation, ulong userData) : IRequestTest
{
    /// <inheritdoc/>
    public bool Matches(RingRequest request) =>
        request != but && request.Entry.Operation == operation && request.Entry.UserData == userData && request.State != RequestState.Done;
}
