using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Rings;

// The requests that are under way.
internal sealed partial class Ring
{
    /// <summary>Lists of requests by what programs know them by, a power of two.</summary>
    private const int Buckets = 256;

    private readonly LinkedList<RingRequest> _deferred = new();
    private readonly RingRequest?[] _requests = new RingRequest?[Buckets];
    private readonly List<RingTasks> _users = [];
    private int _holding;
    private int _countingTimeouts;

    /// <summary>A process submits to the instance.</summary>
    public void AddUser(RingTasks tasks)
    {
        using (_lock.Enter())
            _users.Add(tasks);
    }

    /// <summary>It doesn't any more.</summary>
    public void RemoveUser(RingTasks tasks)
    {
        using (_lock.Enter())
            _users.Remove(tasks);
    }

    /// <summary>The instance is closed: processes forget it.</summary>
    private void RemoveUsers()
    {
        RingTasks[] users;
        using (_lock.Enter())
        {
            users = _users.ToArray();
            _users.Clear();
        }

        foreach (RingTasks tasks in users)
            tasks.Remove(this);
    }

    /// <summary>Adds a request, which <see cref="Remove"/> takes off again.</summary>
    public void Add(RingRequest request)
    {
        using (_lock.Enter())
        {
            LinkLocked(request);
            if (request.Entry.Operation == RingOperation.IORING_OP_TIMEOUT && (uint)request.Entry.Offset != 0)
            {
                // Beyond 32 bits, so that it isn't 0: that is no count.
                request.Target = (1L << 32) | (uint)(_countedCompletions + (uint)request.Entry.Offset);
                _countingTimeouts++;
            }
        }
    }

    /// <summary>Removes one that has ended.</summary>
    /// <returns>Those that have waited for it (IOSQE_IO_DRAIN).</returns>
    public RequestList Remove(RingRequest request)
    {
        using (_lock.Enter())
        {
            UnlinkLocked(request);
            if (request.Target != 0 && request.Entry.Operation == RingOperation.IORING_OP_TIMEOUT)
                _countingTimeouts--;
            if (request.Deferral is { } deferral)
                _deferred.Remove(deferral);
            request.Deferral = null;
            if (request.HoldsDrains)
                _holding--;
            return TakeReleased();
        }
    }

    /// <summary>Whether a chain may start: not before all earlier ones have ended where it is to be drained, nor before such a one.</summary>
    /// <param name="head">Its first request.</param>
    /// <returns>False where it starts later.</returns>
    public bool TryAdmit(RingRequest head)
    {
        using (_lock.Enter())
        {
            if (_deferred.Count > 0 || (IsDrain(head) && _holding > 0))
            {
                head.Deferral = _deferred.AddLast(head);
                return false;
            }

            Admit(head);
            return true;
        }
    }

    /// <summary>Parts a request from its time limit, which is returned: one of them ends.</summary>
    public RingRequest? Separate(RingRequest request)
    {
        using (_lock.Enter())
        {
            RingRequest? partner = request.Partner;
            request.Partner = null;
            if (partner is not null)
                partner.Partner = null;
            return partner is { Entry.Operation: RingOperation.IORING_OP_LINK_TIMEOUT } ? partner : null;
        }
    }

    /// <summary>What a time limit limits, from which it is parted.</summary>
    public RingRequest? TakeLimited(RingRequest limit)
    {
        using (_lock.Enter())
        {
            RingRequest? limited = limit.Partner;
            limit.Partner = null;
            if (limited is not null)
                limited.Partner = null;
            return limited;
        }
    }

    /// <summary>Requests that a test finds, at the time of the call.</summary>
    /// <param name="test">The test.</param>
    /// <param name="userData">What all of them have, where that is known.</param>
    public RingRequest[] Find<TTest>(in TTest test, ulong? userData = null)
        where TTest : IRequestTest
    {
        List<RingRequest>? found = null;
        using (_lock.Enter())
        {
            int first = userData is { } known ? BucketOf(known) : 0;
            int end = userData is null ? Buckets : first + 1;
            for (int bucket = first; bucket < end; bucket++)
            {
                for (RingRequest? request = _requests[bucket]; request is not null; request = request.Following)
                {
                    if (test.Matches(request))
                        (found ??= []).Add(request);
                }
            }
        }

        return found is null ? [] : found.ToArray();
    }

    /// <summary>Gives a request another number (IORING_POLL_UPDATE_USER_DATA).</summary>
    public void Renumber(RingRequest request, ulong userData)
    {
        using (_lock.Enter())
        {
            UnlinkLocked(request);
            request.Entry.UserData = userData;
            LinkLocked(request);
        }
    }

    private void LinkLocked(RingRequest request)
    {
        ref RingRequest? first = ref _requests[BucketOf(request.Entry.UserData)];
        request.Following = first;
        if (first is not null)
            first.Previous = request;
        first = request;
    }

    private void UnlinkLocked(RingRequest request)
    {
        if (request.Previous is not null)
            request.Previous.Following = request.Following;
        else
            _requests[BucketOf(request.Entry.UserData)] = request.Following;
        if (request.Following is not null)
            request.Following.Previous = request.Previous;
        request.Previous = null;
        request.Following = null;
    }

    // Programs like multiples of a power of two: addresses, and numbers in the upper half.
    private static int BucketOf(ulong userData) => (int)((userData * 0x9E3779B97F4A7C15) >> 56);

    /// <summary>Cancels requests without being asked by the program.</summary>
    /// <param name="thread">Who does; null where the instance is closed.</param>
    /// <param name="tasks">Whose requests; null for all.</param>
    /// <param name="submitter">Which thread's; null for all.</param>
    public void CancelAll(LinuxThread? thread, RingTasks? tasks, LinuxThread? submitter = null)
    {
        foreach (RingRequest request in Find(new OwnerTest(tasks, submitter)))
        {
            if (request.Tasks.TryTake(request) == Errno.Success)
                RingEngine.CompleteCanceled(thread, request);
        }
    }

    /// <summary>Ends time-outs that so many completions end.</summary>
    private void ExpireCounted(uint completions)
    {
        foreach (RingRequest request in Find(new CountTest(completions)))
        {
            if (request.Target != CountTest.Reported)
            {
                request.Target = CountTest.Reported;
                request.Tasks.OnCounted(request);
            }
        }
    }

    private static bool IsDrain(RingRequest request) => (request.Entry.Flags & SubmissionFlags.IOSQE_IO_DRAIN) != 0;

    private void Admit(RingRequest head)
    {
        for (RingRequest? request = head; request is not null; request = request.Next)
        {
            // What goes on for ever holds nobody up.
            if (request.IsMultishot)
                continue;
            request.HoldsDrains = true;
            _holding++;
        }
    }

    private RequestList TakeReleased()
    {
        RequestList released = default;
        while (_deferred.First is { } first && (!IsDrain(first.Value) || _holding == 0))
        {
            _deferred.RemoveFirst();
            first.Value.Deferral = null;
            Admit(first.Value);
            released.Add(first.Value);
        }

        return released;
    }

    private readonly struct OwnerTest(RingTasks? tasks, LinuxThread? submitter) : IRequestTest
    {
        public bool Matches(RingRequest request) =>
            !request.IsFollower && (tasks is null || request.Tasks == tasks)
            && (submitter is null || (request.Submitter == submitter && (request.NeedsWorker || request.File is IRingFile)));
    }

    private readonly struct CountTest(uint completions) : IRequestTest
    {
        public const long Reported = -1;

        public bool Matches(RingRequest request) =>
            request.Entry.Operation == RingOperation.IORING_OP_TIMEOUT && request.Entry.Offset != 0 && request.Target != Reported
            && (int)(completions - (uint)request.Target) >= 0;
    }
}

/// <summary>Chooses requests. Called with the lock of the instance.</summary>
internal interface IRequestTest
{
    /// <summary>Whether a request is meant.</summary>
    bool Matches(RingRequest request);
}
