using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Signals;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Processes;

/// <summary>All processes and threads by id, and their family relations.</summary>
public sealed class ProcessTable
{
    /// <summary>The id before the first: 1 is no program's, so that none meets the rules for init by accident.</summary>
    private const int FirstId = 2;

    private const int HighestId = 4_194_304 - 1;

    private readonly Dictionary<int, LinuxProcess> _processes = [];
    private readonly Dictionary<int, LinuxThread> _threads = [];
    private int _lastId = FirstId - 1;

    /// <summary>Guards the table and all family relations.</summary>
    internal KernelLock Lock { get; } = new(LockLevel.Processes);

    /// <summary>Number of processes, zombies included.</summary>
    public int Count
    {
        get
        {
            using (Lock.Enter())
                return _processes.Count;
        }
    }

    /// <summary>The id given last.</summary>
    internal int LastId => _lastId;

    /// <summary>Takes an unused id.</summary>
    internal int AllocateId()
    {
        using (Lock.Enter())
        {
            do
                _lastId = _lastId >= HighestId ? 300 : _lastId + 1;
            while (_threads.ContainsKey(_lastId) || _processes.ContainsKey(_lastId) || IsGroupOrSession(_lastId));
            return _lastId;
        }
    }

    internal void Add(LinuxProcess process)
    {
        using (Lock.Enter())
            _processes.Add(process.ProcessId, process);
    }

    internal void Add(LinuxThread thread)
    {
        using (Lock.Enter())
            _threads.Add(thread.ThreadId, thread);
    }

    internal void Remove(LinuxThread thread)
    {
        using (Lock.Enter())
            _threads.Remove(thread.ThreadId);
    }

    /// <summary>execve by another thread than the first: it takes over the process's id.</summary>
    internal void Rename(LinuxThread thread, int threadId)
    {
        using (Lock.Enter())
        {
            _threads.Remove(thread.ThreadId);
            thread.ThreadId = threadId;
            _threads[threadId] = thread;
        }
    }

    internal LinuxProcess? Find(int processId)
    {
        using (Lock.Enter())
            return _processes.GetValueOrDefault(processId);
    }

    internal LinuxThread? FindThread(int threadId)
    {
        using (Lock.Enter())
            return _threads.GetValueOrDefault(threadId);
    }

    /// <summary>The process that an id means to kill(2): its own, or that of any of its threads.</summary>
    internal LinuxProcess? FindByAnyId(int id)
    {
        using (Lock.Enter())
            return _processes.GetValueOrDefault(id) ?? _threads.GetValueOrDefault(id)?.Process;
    }

    /// <summary>All processes, in no order.</summary>
    internal LinuxProcess[] Snapshot()
    {
        using (Lock.Enter())
        {
            var all = new LinuxProcess[_processes.Count];
            _processes.Values.CopyTo(all, 0);
            return all;
        }
    }

    /// <summary>The members of a group.</summary>
    internal LinuxProcess[] SnapshotGroup(int groupId)
    {
        var members = new List<LinuxProcess>();
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (process.GroupId == groupId)
                    members.Add(process);
            }
        }

        return members.ToArray();
    }

    /// <summary>Whether a group has a member in a session.</summary>
    internal bool IsGroupInSession(int groupId, int sessionId)
    {
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (process.GroupId == groupId && process.SessionId == sessionId && !process.IsZombie)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The last thread of a process is gone: children go to a new parent, the parent is told.</summary>
    internal void OnExit(LinuxProcess process)
    {
        LinuxProcess? parent;
        bool reaped;
        var orphansWithSignal = new List<LinuxProcess>();
        var hungUp = new List<LinuxProcess>();
        using (Lock.Enter())
        {
            LinuxProcess? newParent = FindReaper(process);
            foreach (LinuxProcess child in process.Children)
            {
                child.Parent = newParent;
                child.ParentThread = null;
                if (child.ParentDeathSignal != 0)
                    orphansWithSignal.Add(child);
                if (newParent is not null)
                {
                    newParent.Children.Add(child);
                    if (child.IsZombie)
                        newParent.ChildEvents.WakeAll();
                }
                else if (child.IsZombie)
                {
                    Forget(child);
                }
            }

            FindNewOrphans(process, hungUp);
            process.Children.Clear();
            process.IsZombie = true;
            parent = process.Parent;
            reaped = parent is null || IgnoresChildren(parent);
            if (reaped)
            {
                Forget(process);
                parent?.Children.Remove(process);
            }
        }

        foreach (LinuxProcess stopped in hungUp)
        {
            stopped.Send(SignalInfo.Kernel(Signal.Hangup));
            stopped.Send(SignalInfo.Kernel(Signal.Continue));
        }

        process.EndEvents.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        foreach (LinuxProcess orphan in orphansWithSignal)
            orphan.Send(SignalInfo.User(orphan.ParentDeathSignal, SignalInfo.FromUser, process.ProcessId, 0));
        if (parent is null)
            return;
        if (process.ExitSignal != 0)
            parent.Send(ChildInfo(process, process.ExitSignal, process.ExitStatus));
        parent.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>A group is orphaned where no member has a parent in another group of the session (POSIX 3.264).</summary>
    /// <param name="group">The group.</param>
    /// <param name="session">Its session.</param>
    /// <param name="leaving">A process that is about to end, and counts no more.</param>
    internal bool IsOrphaned(int group, int session, LinuxProcess? leaving)
    {
        using (Lock.Enter())
            return IsOrphanedLocked(group, session, leaving);
    }

    private bool IsOrphanedLocked(int group, int session, LinuxProcess? leaving)
    {
        foreach (LinuxProcess member in _processes.Values)
        {
            if (member.GroupId != group || member == leaving || member.IsZombie)
                continue;

            // The first program's parent is the launcher's shell, which is of its session.
            if (member == member.Kernel.FirstProcess && member.SessionId != member.ProcessId)
                return false;
            if (member.Parent is { } parent && parent != leaving && parent.GroupId != group && parent.SessionId == session)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The end of a process may leave its group, or those of its children, without anybody who could continue them: where something
    /// is stopped there, all get SIGHUP and SIGCONT (kill_orphaned_pgrp of Linux). With the lock held.
    /// </summary>
    private void FindNewOrphans(LinuxProcess process, List<LinuxProcess> hungUp)
    {
        AddNewOrphans(process, process.Parent, process, hungUp);
        foreach (LinuxProcess child in process.Children)
            AddNewOrphans(child, process, process, hungUp);
    }

    // The tie that ends is that between a member of the group and its parent in another one.
    private void AddNewOrphans(LinuxProcess member, LinuxProcess? parent, LinuxProcess leaving, List<LinuxProcess> hungUp)
    {
        int group = member.GroupId;
        if (parent is null || parent.GroupId == group || parent.SessionId != member.SessionId)
            return;
        bool hasStopped = false;
        foreach (LinuxProcess other in _processes.Values)
            hasStopped |= other.GroupId == group && other != leaving && other.IsStopping && !other.IsZombie;
        if (!hasStopped || !IsOrphanedLocked(group, member.SessionId, leaving))
            return;
        foreach (LinuxProcess other in _processes.Values)
        {
            if (other.GroupId == group && other != leaving && !other.IsZombie)
                hungUp.Add(other);
        }
    }

    /// <summary>Whether there is no process that runs.</summary>
    internal bool AreAllStopped()
    {
        using (Lock.Enter())
        {
            foreach (LinuxProcess process in _processes.Values)
            {
                if (!process.IsZombie && !process.IsStopping)
                    return false;
            }

            return true;
        }
    }

    /// <summary>A process was stopped or continued.</summary>
    internal void NotifyStop(LinuxProcess process, int signal)
    {
        LinuxProcess? parent;
        using (Lock.Enter())
        {
            parent = process.Parent;

            // A parent that traces it sees the stop of each thread instead.
            if (parent is not null && signal != Signal.Continue && Tracing.TraceRelations.IsTracedBy(process, parent))
                return;
            process.UnreportedStop = signal;
        }

        if (parent is null)
            return;
        if ((parent.Actions[Signal.Child].Flags & SignalAction.NoChildStop) == 0)
        {
            var info = new SignalInfo
            {
                Signal = Signal.Child,
                Code = signal == Signal.Continue ? SignalInfo.ChildContinued : SignalInfo.ChildStopped,
                ProcessId = process.ProcessId,
                UserId = process.Leader?.Identity.UserId ?? 0,
                Status = signal,
            };
            parent.Send(info);
        }

        parent.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Tells a tracer that a thread waits for it (do_notify_parent_cldstop of Linux).</summary>
    internal void NotifyTracer(LinuxProcess tracer, LinuxThread tracee, int reason, int signal)
    {
        SignalAction action = tracer.Actions[Signal.Child];
        if (action.Handler != SignalAction.Ignore && (action.Flags & SignalAction.NoChildStop) == 0)
        {
            tracer.Send(new SignalInfo
            {
                Signal = Signal.Child,
                Code = reason,
                ProcessId = tracee.ThreadId,
                UserId = tracee.Identity.UserId,
                Status = signal,
            });
        }

        tracer.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Forgets a zombie that was waited for. With the lock held.</summary>
    internal void Reap(LinuxProcess process)
    {
        Forget(process);
        process.Parent?.Children.Remove(process);
        process.Parent = null;
    }

    /// <summary>siginfo of SIGCHLD and waitid.</summary>
    internal static SignalInfo ChildInfo(LinuxProcess process, int signal, int status) => ChildInfo(process.ProcessId, process.UserId, signal, status);

    internal static SignalInfo ChildInfo(int id, uint user, int signal, int status) => new()
    {
        Signal = signal,
        Code = (status & 0x7F) == 0 ? SignalInfo.ChildExited : (status & 0x80) != 0 ? SignalInfo.ChildDumped : SignalInfo.ChildKilled,
        ProcessId = id,
        UserId = user,
        Status = (status & 0x7F) == 0 ? status >> 8 & 0xFF : status & 0x7F,
    };

    private void Forget(LinuxProcess process)
    {
        _processes.Remove(process.ProcessId);
        process.IsReaped = true;
        process.Kernel.Users.Remove(process.UserId, UserResource.Tasks);
    }

    private bool IsGroupOrSession(int id)
    {
        foreach (LinuxProcess process in _processes.Values)
        {
            if (process.GroupId == id || process.SessionId == id)
                return true;
        }

        return false;
    }

    private static bool IgnoresChildren(LinuxProcess parent)
    {
        SignalAction action = parent.Actions[Signal.Child];
        return action.Handler == SignalAction.Ignore || (action.Flags & SignalAction.NoChildWait) != 0;
    }

    private static LinuxProcess? FindReaper(LinuxProcess process)
    {
        for (LinuxProcess? ancestor = process.Parent; ancestor is not null; ancestor = ancestor.Parent)
        {
            if (ancestor.IsSubreaper && !ancestor.IsExiting)
                return ancestor;
        }

        return null;
    }
}
