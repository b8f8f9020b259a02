using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;

namespace Cloister.Linux.Rings;

// The kernel's own threads for the rings of a process, and their end.
internal sealed partial class RingTasks
{
    /// <summary>Gives a request to a worker, which may wait for it.</summary>
    public void Queue(LinuxThread thread, RingRequest request)
    {
        bool isRefused;
        bool starts = false;
        using (_lock.Enter())
        {
            isRefused = request.IsCanceled || _isStopping;
            if (!isRefused)
            {
                request.State = RequestState.Queued;
                _queued.Add(request);
                starts = _idleWorkers == 0 && _workers < WorkerLimit;
                if (starts)
                    _workers++;
            }
        }

        if (isRefused)
            RingEngine.CompleteCanceled(thread, request);
        else if (!starts)
            _changes.WakeAll();
        else if (!TryStart(new WorkerThread(this)))
            OnWorkerMissing(thread, request);
    }

    /// <summary>There is no thread for one more worker: others will have to do, or the request fails.</summary>
    private void OnWorkerMissing(LinuxThread thread, RingRequest request)
    {
        using (_lock.Enter())
        {
            if (--_workers > 0 || request.State != RequestState.Queued)
                return;
            _queued.Remove(request);
            request.State = RequestState.Running;
        }

        RingEngine.CompleteCanceled(thread, request);
    }

    /// <summary>Makes sure that there is a thread that goes on with requests that become ready.</summary>
    /// <returns>False where there is none to be had, or the process lets go of its rings.</returns>
    public bool TryStartTaskThread()
    {
        if (Volatile.Read(ref _taskThread) is not null)
            return true;
        var task = new TaskThread(this);
        using (_lock.Enter())
        {
            if (_isStopping)
                return false;
            if (_taskThread is not null)
                return true;
            task.Thread = CreateThread();
            Volatile.Write(ref _taskThread, task.Thread);
        }

        if (TryStart(task))
            return true;
        using (_lock.Enter())
            _taskThread = null;
        return false;
    }

    /// <summary>Starts the polling thread of an instance.</summary>
    public bool TryStartPoller(RingPoller poller) => TryStart(new PollerThread(this, poller));

    /// <summary>
    /// Ends all requests and threads: the process ends, or gets another program. Its memory and its descriptors are let go of afterwards.
    /// </summary>
    public void Stop(LinuxThread caller)
    {
        Ring[] rings;
        using (_lock.Enter())
        {
            Volatile.Write(ref _isStopping, true);
            rings = _rings.ToArray();
        }

        while (true)
        {
            foreach (Ring ring in rings)
            {
                ring.StopPoller(this);
                ring.CancelAll(caller, this);
            }

            // Only then enlisted itself: it waits for the others.
            _changes.WakeAll();
            caller.Watch(_changes);
            bool isDone;
            using (_lock.Enter())
            {
                _taskThread?.Wake();
                isDone = _requests == 0 && _threads == 0;
            }

            if (!isDone)
                caller.SleepUninterruptibly(Deadline.Never);
            caller.StopWatching();
            if (isDone)
                break;
        }

        foreach (Ring ring in rings)
            ring.RemoveUser(this);
        _descriptors.RemoveUser(caller);
    }

    /// <summary>
    /// A thread ends: what it has submitted and its workers wait for is canceled, and what keeps a ring alive. The rest goes on until it
    /// would need the thread (<see cref="RingRequest.IsOrphan"/>; __io_uring_cancel of Linux).
    /// </summary>
    public void OnThreadExit(LinuxThread thread)
    {
        Ring[] rings;
        using (_lock.Enter())
            rings = _rings.ToArray();
        foreach (Ring ring in rings)
            ring.CancelAll(thread, this, thread);
    }

    private LinuxThread CreateThread() =>
        new(_process.Kernel, _process, _process.ProcessId, Identity.Identity.Create(0, 0, [])) { IsRingWorker = true };

    private bool TryStart(KernelTask task)
    {
        if (_process.Kernel.Platform.Cpus.Reserve() is not { } reserved)
            return false;
        using (_lock.Enter())
        {
            if (!_isStopping)
                _threads++;
            else
                task.IsRefused = true;
        }

        if (task.IsRefused)
        {
            reserved.Cancel();
            return false;
        }

        task.Thread ??= CreateThread();
        reserved.Start(task);
        return true;
    }

    private void OnThreadEnd(LinuxThread thread)
    {
        thread.Discard();
        using (_lock.Enter())
            _threads--;
        _changes.WakeAll();
    }

    private abstract class KernelTask(RingTasks tasks) : IKernelThreadEntry
    {
        public LinuxThread Thread { get; set; } = null!;

        public bool IsRefused { get; set; }

        protected RingTasks Tasks => tasks;

        public void Run()
        {
            try
            {
                Work();
            }
            catch (Exception defect) when (Defects.ConcernOneProgram(defect))
            {
                Thread.Kernel.Defects.Note(Thread, defect);
            }

            tasks.OnThreadEnd(Thread);
        }

        protected abstract void Work();
    }

    private sealed class TaskThread(RingTasks tasks) : KernelTask(tasks)
    {
        protected override void Work()
        {
            while (!Tasks.IsStopping)
            {
                Tasks.RunReady(Thread);
                if (!Tasks.IsStopping)
                    Thread.SleepUninterruptibly(Deadline.Never);
            }
        }
    }

    private sealed class WorkerThread(RingTasks tasks) : KernelTask(tasks)
    {
        protected override void Work()
        {
            while (Tasks.TryTakeQueued(Thread, out RingRequest? request))
            {
                if (request is not null)
                    RingEngine.RunAndWait(Thread, request);
            }
        }
    }

    private sealed class PollerThread(RingTasks tasks, RingPoller poller) : KernelTask(tasks)
    {
        protected override void Work() => poller.Run(Thread, Tasks);
    }

    /// <summary>The next request for a worker, which may have to wait for one.</summary>
    /// <returns>False where the worker shall end.</returns>
    private bool TryTakeQueued(LinuxThread worker, out RingRequest? request)
    {
        long deadline = Deadline.After(worker.MonotonicNow, WorkerIdle);
        bool hasWaited = false;
        worker.Watch(_changes);
        try
        {
            while (true)
            {
                bool ends = worker.MonotonicNow >= deadline;
                using (_lock.Enter())
                {
                    request = _queued.TakeFirst();
                    ends |= _isStopping;
                    if (request is not null)
                    {
                        request.State = RequestState.Running;
                        request.Worker = worker;
                        worker.MayNotWait = false;
                    }
                    else if (ends)
                    {
                        _workers--;
                    }

                    if (hasWaited)
                        _idleWorkers--;
                    if (request is not null)
                        return true;
                    if (ends)
                        return false;
                    _idleWorkers++;
                    hasWaited = true;
                }

                worker.SleepUninterruptibly(deadline);
            }
        }
        finally
        {
            worker.StopWatching();
        }
    }
}
