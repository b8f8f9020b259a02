using Cloister.Linux.Signals;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Processes;

/// <summary>What wait4(2) and waitid(2) see of tracees, children or not. With the lock of the process table held.</summary>
internal static class TraceeWait
{
    /// <summary>Takes the next stop or end of a tracee.</summary>
    /// <param name="thread">Who waits.</param>
    /// <param name="target">For which.</param>
    /// <param name="id">Its id or group.</param>
    /// <param name="options">Options.</param>
    /// <param name="any">Whether there is anything that could come.</param>
    /// <param name="found">The event.</param>
    public static bool TryTake(LinuxThread thread, WaitTarget target, int id, WaitOptions options, out bool any, out ChildEvent found)
    {
        any = false;
        found = default;
        LinuxProcess waiter = thread.Process;
        bool keeps = (options & WaitOptions.WNOWAIT) != 0;
        bool isOfThread = (options & WaitOptions.__WNOTHREAD) != 0;
        foreach (LinuxThread tracee in waiter.Tracees)
        {
            if (!Matches(target, id, tracee.ThreadId, tracee.Process.GroupId) || tracee.Trace is not { } trace ||
                (isOfThread && trace.Tracer != thread))
                continue;
            any = true;
            if (!trace.IsStopped || !trace.IsUnreported || trace.IsListening)
                continue;
            if (!keeps)
                trace.IsUnreported = false;
            var info = new SignalInfo
            {
                Signal = Signal.Child,
                Code = SignalInfo.ChildTrapped,
                ProcessId = tracee.ThreadId,
                UserId = tracee.Identity.UserId,
                Status = trace.Code,
            };
            found = new ChildEvent(tracee.ThreadId, trace.Code << 8 | 0x7F, info, default);
            return true;
        }

        for (int i = 0; i < waiter.TraceeEnds.Count; i++)
        {
            TraceeEnd end = waiter.TraceeEnds[i];
            if (!Matches(target, id, end.Id, end.GroupId) || (isOfThread && end.Tracer != thread))
                continue;
            any = true;
            if ((options & WaitOptions.WEXITED) == 0)
                continue;
            if (!keeps)
            {
                waiter.TraceeEnds.RemoveAt(i);
                if (end.Held is { } held)
                    thread.Kernel.Processes.EndHold(held);
            }

            found = new ChildEvent(end.Id, end.Status, ProcessTable.ChildInfo(end.Id, end.UserId, Signal.Child, end.Status), default);
            return true;
        }

        return false;
    }

    private static bool Matches(WaitTarget target, int id, int threadId, int groupId) =>
        target == WaitTarget.P_ALL || (target == WaitTarget.P_PID && threadId == id) || (target == WaitTarget.P_PGID && groupId == id);
}
