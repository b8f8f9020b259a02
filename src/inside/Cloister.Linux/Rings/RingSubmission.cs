using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts;

namespace Cloister.Linux.Rings;

/// <summary>Takes submissions from the queue, checks them, and starts them in the order and the chains that they ask for.</summary>
internal static class RingSubmission
{
    /// <summary>Submits what is in the queue.</summary>
    /// <param name="thread">Who does.</param>
    /// <param name="tasks">Its process's tasks.</param>
    /// <param name="ring">The instance.</param>
    /// <param name="count">How many, at most.</param>
    /// <param name="submitter">Whose end cancels them; null for nobody's.</param>
    /// <returns>How many were taken; EAGAIN where there is no memory for the first.</returns>
    public static SyscallResult Submit(LinuxThread thread, RingTasks tasks, Ring ring, uint count, LinuxThread? submitter)
    {
        var chain = new Chain();
        uint submitted = 0;
        while (submitted < count)
        {
            IKernelMemory account = thread.KernelMemory;
            if (!account.TryTake(RingRequest.Weight))
                break;
            if (!ring.TryFetch(out SubmissionEntry entry) || !tasks.TryBegin())
            {
                account.Give(RingRequest.Weight);
                if (submitted == 0 && tasks.IsStopping)
                    return Errno.ECANCELED;
                chain.Start(thread);
                return submitted;
            }

            submitted++;
            var request = new RingRequest(ring, tasks, account) { Entry = entry, Identity = thread.Identity, Submitter = submitter };
            Errno error = RingPreparation.Prepare(thread, request);
            ring.Add(request);
            if (!chain.Add(thread, request, error) && (ring.Setup & RingSetupFlags.IORING_SETUP_SUBMIT_ALL) == 0)
                break;
        }

        chain.Start(thread);
        return submitted == 0 && count > 0 ? Errno.EAGAIN : submitted;
    }

    /// <summary>Requests that are linked, until the first that isn't.</summary>
    private struct Chain
    {
        private RingRequest? _head;
        private RingRequest? _last;
        private bool _hasFailed;

        /// <summary>Adds a request, and starts the chain with the last.</summary>
        /// <returns>False where submission ends with a request that can't be made.</returns>
        public bool Add(LinuxThread thread, RingRequest request, Errno error)
        {
            bool isLimit = request.Entry.Operation == RingOperation.IORING_OP_LINK_TIMEOUT;

            // A time limit belongs to the request before it, which has one at most (io_link_timeout_prep of Linux).
            if (error == Errno.Success && isLimit && (_last is null || _last.Partner is not null))
                error = Errno.EINVAL;
            if (error != Errno.Success)
            {
                request.Failure = error;
                _hasFailed = true;
            }

            bool isLinked = request.IsLinked;
            if (error == Errno.Success && isLimit)
            {
                request.IsFollower = true;
                request.Partner = _last;
                _last!.Partner = request;
            }
            else
            {
                if (_last is null)
                {
                    _head = request;
                }
                else
                {
                    _last.Next = request;
                    request.IsFollower = true;
                }

                _last = request;
            }

            if (!isLinked)
                Start(thread);

            // Within a chain submission goes on: what is behind it belongs to it (io_submit_fail_init of Linux).
            return error == Errno.Success || isLinked;
        }

        /// <summary>Starts what there is.</summary>
        public void Start(LinuxThread thread)
        {
            RingRequest? head = _head;
            if (head is null)
                return;
            if (_hasFailed)
                head.HasFailedChain = true;
            _head = null;
            _last = null;
            _hasFailed = false;
            if (head.Ring.TryAdmit(head))
                RingEngine.Start(thread, head);
        }
    }
}
