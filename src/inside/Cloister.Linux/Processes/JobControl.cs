using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Signals;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Processes;

/// <summary>Sessions, their terminals and the signals of both (credentials(7), tty_ioctl(4)).</summary>
public sealed class JobControl(ProcessTable processes) : IJobControl
{
    private readonly KernelLock _lock = new(LockLevel.Jobs);
    private readonly Dictionary<int, ITerminal> _terminals = [];

    // What was in the foreground of terminals that were hung up, by session (tty_old_pgrp of Linux).
    private readonly Dictionary<int, int> _formerForeground = [];

    /// <inheritdoc/>
    public int SessionOf(ICaller caller) => ((LinuxThread)caller).Process.SessionId;

    /// <inheritdoc/>
    public int GroupOf(ICaller caller) => ((LinuxThread)caller).Process.GroupId;

    /// <inheritdoc/>
    public ITerminal? GetControllingTerminal(ICaller caller) => TerminalOf(((LinuxThread)caller).Process);

    /// <inheritdoc/>
    public Errno SetControllingTerminal(ICaller caller, ITerminal? terminal, bool steal)
    {
        LinuxProcess process = ((LinuxThread)caller).Process;
        int session = process.SessionId;
        if (terminal is null)
        {
            if (session == process.ProcessId)
                Release(session, Signal.Hangup, Signal.Continue);
            else
                process.HasLeftTerminal = true;
            return Errno.Success;
        }

        using (_lock.Enter())
        {
            if (session == process.ProcessId && terminal.Session == session && _terminals.GetValueOrDefault(session) == terminal)
                return Errno.Success;
            if (session != process.ProcessId || _terminals.ContainsKey(session))
                return Errno.EPERM;
            if (terminal.Session != 0)
            {
                if (!steal || !((LinuxThread)caller).Identity.Has(Identity.Capability.SysAdmin))
                    return Errno.EPERM;
                _terminals.Remove(terminal.Session);
            }

            _terminals[session] = terminal;
            terminal.Session = session;
            terminal.ForegroundGroup = process.GroupId;
            return Errno.Success;
        }
    }

    /// <inheritdoc/>
    public bool IsGroupOfSession(ICaller caller, int group) => processes.IsGroupInSession(group, SessionOf(caller));

    /// <inheritdoc/>
    public bool Ignores(ICaller caller, int signal)
    {
        var thread = (LinuxThread)caller;
        return (thread.SignalMask & Signal.Bit(signal)) != 0 || thread.Process.Actions[signal].Handler == SignalAction.Ignore;
    }

    /// <inheritdoc/>
    public bool IsOrphaned(ICaller caller)
    {
        LinuxProcess process = ((LinuxThread)caller).Process;
        return processes.IsOrphaned(process.GroupId, process.SessionId);
    }

    /// <inheritdoc/>
    public void SendToGroup(int group, int signal)
    {
        using (processes.Lock.Enter())
        {
            processes.GroupSignals++;
            foreach (LinuxProcess process in processes.SnapshotGroup(group))
                process.Send(SignalInfo.Kernel(signal));
        }
    }

    /// <inheritdoc/>
    public bool Exists(SignalOwner owner) => owner.Kind switch
    {
        SignalOwnerKind.F_OWNER_TID => processes.FindThread(owner.Id) is not null,
        SignalOwnerKind.F_OWNER_PID => processes.Find(owner.Id) is not null,
        _ => processes.SnapshotGroup(owner.Id).Length > 0,
    };

    /// <inheritdoc/>
    public void Send(SignalOwner owner, int signal, ReadinessDetails? details = null)
    {
        SignalInfo info = SignalInfo.Kernel(signal);
        if (details is { } known)
            info = new SignalInfo { Signal = signal, Code = known.Reason, Band = known.Band, Descriptor = known.Fd };
        switch (owner.Kind)
        {
            case SignalOwnerKind.F_OWNER_TID:
                if (processes.FindThread(owner.Id) is { } thread && IsAllowed(owner, thread.Process))
                    thread.Send(info);
                break;
            case SignalOwnerKind.F_OWNER_PID:
                if (processes.Find(owner.Id) is { } process && IsAllowed(owner, process))
                    process.Send(info);
                break;
            default:
                foreach (LinuxProcess member in processes.SnapshotGroup(owner.Id))
                {
                    if (IsAllowed(owner, member))
                        member.Send(info);
                }

                break;
        }
    }

    // sigio_perm of Linux: as whoever named the owner could send it.
    private static bool IsAllowed(SignalOwner owner, LinuxProcess target) => owner.UserId == 0 || owner.UserId == target.UserId;

    private void SendToProcess(int processId, int signal) => processes.Find(processId)?.Send(SignalInfo.Kernel(signal));

    /// <summary>
    /// A session leader ended: its terminal is free for others, and the foreground group is told (disassociate_ctty of Linux). What
    /// is stopped there is continued by the rule for orphaned groups.
    /// </summary>
    internal void OnLeaderExit(LinuxProcess leader)
    {
        if (leader.SessionId != leader.ProcessId)
            return;
        int former;
        using (_lock.Enter())
            _formerForeground.Remove(leader.SessionId, out former);
        if (Release(leader.SessionId, Signal.Hangup) || former == 0)
            return;
        SendToGroup(former, Signal.Hangup);
        SendToGroup(former, Signal.Continue);
    }

    /// <inheritdoc/>
    public void HangUp(ITerminal terminal)
    {
        int session;
        using (_lock.Enter())
        {
            session = terminal.Session;
            if (session == 0 || !_terminals.Remove(session))
                return;
            if (terminal.ForegroundGroup != 0)
                _formerForeground[session] = terminal.ForegroundGroup;
            terminal.Session = 0;
            terminal.ForegroundGroup = 0;
        }

        // One that nobody leads has nothing to wait for.
        if (processes.Find(session) is null)
        {
            using (_lock.Enter())
                _formerForeground.Remove(session);
            return;
        }

        SendToProcess(session, Signal.Hangup);
        SendToProcess(session, Signal.Continue);
    }

    /// <summary>Takes a session's terminal away and tells its foreground group.</summary>
    /// <returns>False where it has none.</returns>
    private bool Release(int session, params ReadOnlySpan<int> signals)
    {
        int foreground;
        using (_lock.Enter())
        {
            if (!_terminals.Remove(session, out ITerminal? terminal))
                return false;
            foreground = terminal.ForegroundGroup;
            terminal.Session = 0;
            terminal.ForegroundGroup = 0;
        }

        foreach (int signal in signals)
        {
            if (foreground != 0)
                SendToGroup(foreground, signal);
        }

        return true;
    }

    /// <summary>Controlling terminal of a process; null where it has none.</summary>
    internal ITerminal? TerminalOf(LinuxProcess process) => process.HasLeftTerminal ? null : TerminalOf(process.SessionId);

    /// <summary>Controlling terminal of a session; null where it has none.</summary>
    private ITerminal? TerminalOf(int session)
    {
        using (_lock.Enter())
            return _terminals.GetValueOrDefault(session);
    }

    /// <summary>Gives the first program's session the launcher's terminal.</summary>
    internal void Adopt(int session, int group, ITerminal terminal)
    {
        using (_lock.Enter())
            _terminals[session] = terminal;
        terminal.Session = session;
        terminal.ForegroundGroup = group;
    }
}
