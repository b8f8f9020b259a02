using System.Collections.Generic;
using Cloister.Contracts;
using Cloister.Linux.Signals;

namespace Cloister.Linux.Processes;

// What the end of a process or a thread means for its family (exit_notify of Linux).
public sealed partial class ProcessTable
{
    /// <summary>Whether a group is orphaned: no member has a parent in another group of the session (POSIX 3.264).</summary>
    internal bool IsOrphaned(int group, int session)
    {
        using (Lock.Enter())
            return IsOrphanedWithout(group, session, leaving: null);
    }

    /// <summary>A thread that is not its process's last is gone: its children are another thread's.</summary>
    internal void OnThreadExit(LinuxThread thread)
    {
        LinuxProcess process = thread.Process;
        using (Lock.Enter())
        {
            LinuxThread? heir = process.Leader;
            foreach (LinuxProcess child in process.Children)
            {
                if (child.ParentThread != thread)
                    continue;
                child.ParentThread = heir;

                // "Parent" means the thread that made the child (PR_SET_PDEATHSIG(2const), CAVEATS).
                TellDeathOfParent(child, process);
            }
        }
    }

    /// <summary>The last thread of a process is gone: children go to a new parent, the parent is told.</summary>
    internal void OnExit(LinuxProcess process)
    {
        LinuxProcess? parent;
        int exitSignal = process.ExitSignal;
        using (Lock.Enter())
        {
            LeaveChildren(process);
            process.IsZombie = true;
            parent = process.Parent;
            HangUpIfOrphaned(process, parent, leaving: process);
            if (!process.IsHeldByTracer && (parent is null || IsReapedByItself(process, parent)))
                Reap(process);
        }

        process.EndEvents.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        if (parent is null || process.IsHeldByTracer)
            return;
        if (exitSignal != 0)
            parent.Send(ChildInfo(process, exitSignal, process.ExitStatus));
        parent.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>
    /// A tracer that isn't the parent has seen the end of a process, or lets go of it: now the parent is told (wait_task_zombie of
    /// Linux). With the lock held.
    /// </summary>
    internal void EndHold(LinuxProcess process)
    {
        if (!process.IsHeldByTracer)
            return;
        process.IsHeldByTracer = false;
        if (process.IsReaped || process.Parent is not { } parent)
            return;
        int exitSignal = process.ExitSignal;
        if (IsReapedByItself(process, parent))
            Reap(process);
        if (exitSignal != 0)
            parent.Send(ChildInfo(process, exitSignal, process.ExitStatus));
        parent.ChildEvents.WakeAll(PollEvents.In);
    }

    /// <summary>Gives the children of a process that ends to another one (forget_original_parent of Linux). With the lock held.</summary>
    private void LeaveChildren(LinuxProcess process)
    {
        if (process.Children.Count == 0)
            return;
        LinuxProcess reaper = FindReaper(process);
        LinuxProcess[] children = process.Children.ToArray();
        process.Children.Clear();
        foreach (LinuxProcess child in children)
        {
            child.Parent = reaper;
            child.ParentThread = reaper.Leader;
            child.ExitSignal = Signal.Child;
            reaper.Children.Add(child);
            TellDeathOfParent(child, process);
            if (!child.IsZombie)
            {
                HangUpIfOrphaned(child, process, leaving: null);
                continue;
            }

            bool isReaped = IsReapedByItself(child, reaper);
            if (isReaped)
                Reap(child);
            reaper.Send(ChildInfo(child, Signal.Child, child.ExitStatus));
            reaper.ChildEvents.WakeAll(PollEvents.In);
        }
    }

    private static void TellDeathOfParent(LinuxProcess child, LinuxProcess parent)
    {
        if (child.ParentDeathSignal != 0)
            child.Send(SignalInfo.User(child.ParentDeathSignal, SignalInfo.FromUser, parent.ProcessId, 0));
    }

    /// <summary>
    /// Where the last connection of a group to its session goes, and members are stopped, nobody could continue them: they
    /// are hung up and continued (setpgid(2), NOTES; kill_orphaned_pgrp of Linux). With the lock held.
    /// </summary>
    /// <param name="member">A member.</param>
    /// <param name="parent">Its parent, that ends or whose child ends.</param>
    /// <param name="leaving">The member that ends itself, if it does.</param>
    private void HangUpIfOrphaned(LinuxProcess member, LinuxProcess? parent, LinuxProcess? leaving)
    {
        int group = member.GroupId;
        if (parent is null || parent.GroupId == group || parent.SessionId != member.SessionId
            || !IsOrphanedWithout(group, member.SessionId, leaving))
            return;
        LinuxProcess[] members = SnapshotGroup(group);
        bool isStopped = false;
        foreach (LinuxProcess process in members)
            isStopped |= process.IsStopping && !process.IsZombie;
        if (!isStopped)
            return;
        GroupSignals++;
        foreach (LinuxProcess process in members)
        {
            process.Send(SignalInfo.Kernel(Signal.Hangup));
            process.Send(SignalInfo.Kernel(Signal.Continue));
        }
    }

    private bool IsOrphanedWithout(int group, int session, LinuxProcess? leaving)
    {
        foreach (LinuxProcess member in _processes.Values)
        {
            // The shell that started the launcher can continue the first program, whose session is the launcher's until it makes its own.
            if (member == member.Kernel.FirstProcess && member.GroupId == group && session != member.ProcessId)
                return false;
            if (member.GroupId == group && member != leaving && !member.IsZombie && member.Parent is { IsInit: false } parent
                && parent.GroupId != group && parent.SessionId == session)
                return false;
        }

        return true;
    }

    /// <summary>Whether nobody waits for a child that ends (do_notify_parent of Linux).</summary>
    private static bool IsReapedByItself(LinuxProcess child, LinuxProcess parent)
    {
        if (child.ExitSignal != Signal.Child)
            return false;
        SignalAction action = parent.Actions[Signal.Child];
        return action.Handler == SignalAction.Ignore || (action.Flags & SignalAction.NoChildWait) != 0;
    }

    /// <summary>The nearest subreaper above a process, else process 1.</summary>
    private LinuxProcess FindReaper(LinuxProcess process)
    {
        for (LinuxProcess? ancestor = process.Parent; ancestor is not null; ancestor = ancestor.Parent)
        {
            if (ancestor.IsSubreaper && !ancestor.IsExiting)
                return ancestor;
        }

        return Init;
    }
}
