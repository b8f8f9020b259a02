using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Rings;

/// <summary>
/// What a process does for its rings: requests whose files became ready go on here, on a thread that waits in io_uring_enter(2) or else
/// on the process's task thread; what can only wait in the kernel has workers.
/// </summary>
/// <remarks>
/// Linux runs the former as task work of the submitting thread, which interrupts it. Programs may look at the completion queue without
/// a call, so that here a thread of the kernel's own does it wherever none of the program's waits for completions.
/// </remarks>
internal sealed partial class RingTasks
{
    /// <summary>Workers at once, at most; what comes on top waits for one.</summary>
    public const int MostWorkers = 32;

    /// <summary>How long a worker waits for more work (io-wq's WORKER_IDLE_TIMEOUT).</summary>
    private const long WorkerIdle = 5_000_000_000;

    private readonly KernelLock _lock = new(LockLevel.RingTasks);
    private readonly WaitQueue _changes = new();
    private readonly LinuxProcess _process;
    private IDescriptorTable _descriptors;
    private readonly List<Ring> _rings = [];
    private readonly List<LinuxThread> _waiters = [];
    private RequestList _ready;
    private RequestList _queued;
    private LinuxThread? _taskThread;
    private int _workers;
    private int _idleWorkers;
    private int _threads;
    private int _requests;
    private bool _isStopping;

    public RingTasks(LinuxProcess process)
    {
        _process = process;

        // A thread more works with the table: from now on who borrows a file counts it.
        _descriptors = process.Descriptors;
        _descriptors.AddUser();
    }

    /// <summary>Most workers, as IORING_REGISTER_IOWQ_MAX_WORKERS sets them.</summary>
    public int WorkerLimit { get; set; } = MostWorkers;

    /// <summary>Whether the process lets go of its rings.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    /// <summary>The tasks of a process, made when it first needs them.</summary>
    public static RingTasks Of(LinuxProcess process)
    {
        if (process.RingTasks is { } tasks)
            return tasks;
        using (process.RingLock.Enter())
            return process.RingTasks ??= new RingTasks(process);
    }

    /// <summary>The process gets a table of its own (unshare(2)), which is counted for the threads here before they see it.</summary>
    public void Adopt(LinuxThread caller, IDescriptorTable own)
    {
        IDescriptorTable former = _descriptors;
        own.AddUser();
        _descriptors = own;
        former.RemoveUser(caller);
    }

    /// <summary>Notes an instance that the process submits to.</summary>
    public void Add(Ring ring)
    {
        using (_lock.Enter())
        {
            if (_rings.Contains(ring))
                return;
            _rings.Add(ring);
        }

        ring.AddUser(this);
    }

    /// <summary>The instance is closed.</summary>
    public void Remove(Ring ring)
    {
        using (_lock.Enter())
            _rings.Remove(ring);
    }

    /// <summary>Counts a request, which ends with <see cref="OnEnded"/>.</summary>
    /// <returns>False where the process lets go of its rings.</returns>
    public bool TryBegin()
    {
        using (_lock.Enter())
        {
            if (_isStopping)
                return false;
            _requests++;
            return true;
        }
    }

    /// <summary>A request has ended.</summary>
    public void OnEnded()
    {
        using (_lock.Enter())
            _requests--;
        if (IsStopping)
            _changes.WakeAll();
    }

    /// <summary>A queue that a request waits in has woken it. With the lock of the queue.</summary>
    public void OnReady(RingRequest request)
    {
        using (_lock.Enter())
        {
            if (request.State is not (RequestState.Arming or RequestState.Waiting))
                return;
            request.WasWoken = true;
            if (request.State == RequestState.Waiting)
                AddReadyLocked(request);
        }
    }

    /// <summary>A request's time has come.</summary>
    public void OnExpired(RingRequest request)
    {
        using (_lock.Enter())
        {
            if (request.State is not (RequestState.Waiting or RequestState.Arming))
                return;
            request.HasExpired = true;
            if (request.State == RequestState.Arming)
                request.WasWoken = true;
            else
                AddReadyLocked(request);
        }
    }

    /// <summary>As many completions have come as a request has waited for.</summary>
    public void OnCounted(RingRequest request)
    {
        using (_lock.Enter())
        {
            request.HasCounted = true;
            if (request.State == RequestState.Arming)
                request.WasWoken = true;
            else if (request.State == RequestState.Waiting)
                AddReadyLocked(request);
        }
    }

    /// <summary>Lets somebody go on with a request that the caller works on.</summary>
    public void MakeReady(RingRequest request)
    {
        using (_lock.Enter())
            AddReadyLocked(request);
    }

    /// <summary>Makes a request that was held go on.</summary>
    public void Release(RingRequest request)
    {
        using (_lock.Enter())
        {
            if (request.State == RequestState.Held)
                AddReadyLocked(request);
        }
    }

    /// <summary>A thread works on a request from now on.</summary>
    /// <returns>False where somebody else has ended it.</returns>
    public bool TryRun(RingRequest request)
    {
        using (_lock.Enter())
        {
            if (request.State == RequestState.Done)
                return false;
            request.State = RequestState.Running;
            return true;
        }
    }

    /// <summary>Begins to enlist a request.</summary>
    public void BeginArming(RingRequest request)
    {
        using (_lock.Enter())
        {
            request.WasWoken = false;
            request.State = RequestState.Arming;
        }
    }

    /// <summary>Lets it wait, unless something has happened meanwhile.</summary>
    /// <returns>False where the caller has to look again.</returns>
    public bool TryEndArming(RingRequest request)
    {
        using (_lock.Enter())
        {
            if (request.WasWoken || request.IsCanceled || _isStopping)
            {
                request.State = RequestState.Running;
                return false;
            }

            request.State = RequestState.Waiting;
            return true;
        }
    }

    /// <summary>Takes a request away from whoever would go on with it.</summary>
    /// <returns>EALREADY where somebody works on it, ENOENT where it has ended.</returns>
    public Errno TryTake(RingRequest request)
    {
        using (_lock.Enter())
        {
            switch (request.State)
            {
                case RequestState.Done:
                    return Errno.ENOENT;
                case RequestState.Running or RequestState.Arming:
                    request.IsCanceled = true;
                    if (request.Worker is { } worker)
                    {
                        worker.MayNotWait = true;
                        worker.Wake();
                    }

                    return Errno.EALREADY;
                case RequestState.Ready:
                    _ready.Remove(request);
                    break;
                case RequestState.Queued:
                    _queued.Remove(request);
                    break;
            }

            request.IsCanceled = true;
            request.State = RequestState.Running;
            return Errno.Success;
        }
    }

    /// <summary>Ends a request that the caller works on.</summary>
    public void SetDone(RingRequest request)
    {
        using (_lock.Enter())
            request.State = RequestState.Done;
    }

    /// <summary>The calling thread waits for completions: it will go on with requests.</summary>
    public void AddWaiter(LinuxThread thread)
    {
        using (_lock.Enter())
            _waiters.Add(thread);
    }

    /// <summary>It doesn't any more.</summary>
    public void RemoveWaiter(LinuxThread thread)
    {
        using (_lock.Enter())
        {
            _waiters.Remove(thread);
            if (!_ready.IsEmpty)
                WakeLocked();
        }
    }

    /// <summary>Goes on with all requests that can.</summary>
    public void RunReady(LinuxThread thread)
    {
        while (true)
        {
            RingRequest? request;
            using (_lock.Enter())
            {
                request = _ready.TakeFirst();
                if (request is null)
                    return;
                request.State = RequestState.Running;
            }

            RingEngine.Resume(thread, request);
        }
    }

    private void AddReadyLocked(RingRequest request)
    {
        request.State = RequestState.Ready;
        _ready.Add(request);
        WakeLocked();
    }

    private void WakeLocked()
    {
        if (_waiters.Count > 0)
            _waiters[^1].Wake();
        else
            _taskThread?.Wake();
    }
}
