using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Linux.Identity;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;

namespace Cloister.Linux.Tracing;

/// <summary>Who traces whom: how it begins, is passed on to children, and ends.</summary>
internal static class TraceRelations
{
    /// <summary>PTRACE_TRACEME: the thread that made the process becomes its tracer.</summary>
    public static Errno TraceMe(LinuxThread thread)
    {
        ProcessTable table = thread.Kernel.Processes;
        using (table.Lock.Enter())
        {
            LinuxProcess process = thread.Process;
            LinuxThread? parent = process.ParentThread is { HasEnded: false } maker ? maker : process.Parent?.Leader;
            if (thread.Trace is not null || parent is null || parent.IsExiting)
                return Errno.EPERM;
            Begin(thread, new TraceState(parent, isSeized: false, 0));
            return Errno.Success;
        }
    }

    /// <summary>PTRACE_ATTACH and PTRACE_SEIZE.</summary>
    public static Errno Attach(LinuxThread thread, LinuxThread target, bool seizes, TraceOptions options)
    {
        if (target.Process == thread.Process || !ProcessAccess.MayInspect(thread, target, ofFiles: false))
            return Errno.EPERM;
        ProcessTable table = thread.Kernel.Processes;
        using (table.Lock.Enter())
        {
            if (target.HasEnded || target.IsExiting)
                return Errno.ESRCH;
            if (target.Trace is not null)
                return Errno.EPERM;
            Begin(target, new TraceState(thread, seizes, options));
        }

        if (!seizes)
            target.Send(SignalInfo.Kernel(Signal.Stop));

        // One that is stopped already shows it to its tracer.
        if (target.Process.IsStopping)
            target.Alert();
        return Errno.Success;
    }

    /// <summary>PTRACE_DETACH. The tracee is stopped.</summary>
    public static void Detach(LinuxThread target, int signal)
    {
        ProcessTable table = target.Kernel.Processes;
        using (table.Lock.Enter())
        {
            if (target.Trace is not { } trace)
                return;
            trace.Signal = signal;
            trace.StopsAtCalls = false;
            trace.IsStepping = false;
            End(target, trace);
        }

        target.Alert();
    }

    /// <summary>
    /// A thread is about to be started: it is traced too, where its maker's tracer has asked for that (ptrace_init_task of Linux).
    /// </summary>
    /// <param name="parent">Its maker.</param>
    /// <param name="child">The thread.</param>
    /// <param name="flags">Flags of clone(2).</param>
    /// <param name="exitSignal">Signal of its end.</param>
    /// <returns>The event that its maker stops for; 0 for none.</returns>
    public static int Inherit(LinuxThread parent, LinuxThread child, CloneFlags flags, int exitSignal)
    {
        if (parent.Trace is null)
            return 0;
        int traceEvent = (flags & CloneFlags.CLONE_VFORK) != 0 ? TraceEvent.Vfork : exitSignal != Signal.Child ? TraceEvent.Clone : TraceEvent.Fork;
        bool isSeized;
        bool isTraced;
        using (parent.Kernel.Processes.Lock.Enter())
        {
            if (parent.Trace is not { } trace || (flags & CloneFlags.CLONE_UNTRACED) != 0)
                return 0;
            if (!trace.Has((TraceOptions)(1 << traceEvent)))
                traceEvent = 0;
            isSeized = trace.IsSeized;
            isTraced = traceEvent != 0 || (flags & CloneFlags.CLONE_PTRACE) != 0;
            if (isTraced)
                Begin(child, new TraceState(trace.Tracer, isSeized, trace.Options) { IsTrapPending = isSeized });
        }

        if (isTraced && isSeized)
            child.Alert();
        else if (isTraced)
            child.Send(SignalInfo.Kernel(Signal.Stop));
        return traceEvent;
    }

    /// <summary>A thread ends: whom it traced goes on, and its own tracer is told (exit_ptrace and exit_notify of Linux).</summary>
    public static void OnExit(LinuxThread thread, int status)
    {
        Release(thread);
        if (thread.Trace is null)
            return;
        LinuxProcess process = thread.Process;
        LinuxProcess? tracer = null;
        using (thread.Kernel.Processes.Lock.Enter())
        {
            if (thread.Trace is not { } trace)
                return;

            // The end of the first thread is that of the process: its parent is told anyway, another tracer when all threads have gone.
            if (thread.ThreadId == process.ProcessId && trace.Tracer.Process != process.Parent)
            {
                process.EndedTracee = thread;
                process.IsHeldByTracer = true;
                return;
            }

            End(thread, trace);
            if (thread.ThreadId == process.ProcessId)
                return;
            tracer = trace.Tracer.Process;
            tracer.TraceeEnds.Add(new TraceeEnd(trace.Tracer, thread.ThreadId, process.GroupId, process.UserId, status));
        }

        Tell(tracer, thread.ThreadId, process.UserId, status);
    }

    /// <summary>A process has ended whose first thread was traced by somebody who isn't its parent.</summary>
    public static void OnProcessExit(LinuxProcess process)
    {
        if (process.EndedTracee is not { } tracee)
            return;
        process.EndedTracee = null;
        LinuxThread tracer;
        using (process.Kernel.Processes.Lock.Enter())
        {
            if (tracee.Trace is not { } trace)
            {
                process.Kernel.Processes.EndHold(process);
                return;
            }

            tracer = trace.Tracer;
            End(tracee, trace);
            tracer.Process.TraceeEnds.Add(new TraceeEnd(tracer, process.ProcessId, process.GroupId, process.UserId, process.ExitStatus, process));
        }

        Tell(tracer.Process, process.ProcessId, process.UserId, process.ExitStatus);
    }

    /// <summary>Whether a process is traced by a thread of another. With the table's lock held.</summary>
    public static bool IsTracedBy(LinuxProcess process, LinuxProcess tracer) => process.Leader?.Trace?.Tracer.Process == tracer;

    private static void Release(LinuxThread tracer)
    {
        LinuxProcess process = tracer.Process;
        if (process.Tracees.Count == 0 && process.TraceeEnds.Count == 0)
            return;
        var killed = new List<LinuxProcess>();
        var released = new List<LinuxThread>();
        using (tracer.Kernel.Processes.Lock.Enter())
        {
            foreach (TraceeEnd end in process.TraceeEnds)
            {
                if (end.Tracer == tracer && end.Held is { } held)
                    tracer.Kernel.Processes.EndHold(held);
            }

            process.TraceeEnds.RemoveAll(end => end.Tracer == tracer);
            for (int i = process.Tracees.Count - 1; i >= 0; i--)
            {
                LinuxThread tracee = process.Tracees[i];
                if (tracee.Trace is not { } trace || trace.Tracer != tracer)
                    continue;
                if (trace.Has(TraceOptions.PTRACE_O_EXITKILL))
                    killed.Add(tracee.Process);
                trace.StopsAtCalls = false;
                trace.IsStepping = false;
                End(tracee, trace);
                if (tracee.HasEnded)
                    tracee.Process.IsHeldByTracer = false;
                else
                    released.Add(tracee);
            }
        }

        foreach (LinuxProcess victim in killed)
            victim.Send(SignalInfo.Kernel(Signal.Kill));
        foreach (LinuxThread tracee in released)
            tracee.Alert();
    }

    private static void Begin(LinuxThread tracee, TraceState trace)
    {
        tracee.Trace = trace;
        trace.Tracer.Process.Tracees.Add(tracee);
        tracee.Process.AddTraced(1);
    }

    private static void End(LinuxThread tracee, TraceState trace)
    {
        trace.Tracer.Process.Tracees.Remove(tracee);
        tracee.Process.AddTraced(-1);
        trace.IsStopped = false;
        tracee.Trace = null;
    }

    private static void Tell(LinuxProcess tracer, int id, uint user, int status)
    {
        tracer.Send(ProcessTable.ChildInfo(id, user, Signal.Child, status));
        tracer.ChildEvents.WakeAll(Contracts.PollEvents.In);
    }
}
