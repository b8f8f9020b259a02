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

    /// <inheritdoc/>
    public int SessionOf(ICaller caller) => ((LinuxThread)caller).Process.SessionId;

    /// <inheritdoc/>
    public int GroupOf(ICaller caller) => ((LinuxThread)caller).Process.GroupId;

    /// <inheritdoc/>
    public ITerminal? GetControllingTerminal(ICaller caller) => TerminalOf(SessionOf(caller));

    /// <inheritdoc/>
    public Errno SetControllingTerminal(ICaller caller, ITerminal? terminal, bool steal)
    {
        LinuxProcess process = ((LinuxThread)caller).Process;
        int session = process.SessionId;
        using (_lock.Enter())
        {
            if (terminal is null)
            {
                if (_terminals.Remove(session, out ITerminal? old))
                {
                    old.Session = 0;
                    old.ForegroundGroup = 0;
                }

                return Errno.Success;
            }

            if (terminal.Session == session && _terminals.GetValueOrDefault(session) == terminal)
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
    public bool IsExemptFrom(ICaller caller, int signal)
    {
        var thread = (LinuxThread)caller;
        if ((thread.SignalMask & Signal.Bit(signal)) != 0 || thread.Process.Actions[signal].Handler == SignalAction.Ignore)
            return true;
        return processes.IsOrphaned(thread.Process.GroupId, thread.Process.SessionId);
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

    /// <summary>A session leader ended: its terminal is free for others, and the foreground group is told (disassociate_ctty of Linux).</summary>
    internal void OnLeaderExit(LinuxProcess leader)
    {
        int foreground = 0;
        using (_lock.Enter())
        {
            if (leader.SessionId != leader.ProcessId || !_terminals.Remove(leader.SessionId, out ITerminal? terminal))
                return;
            foreground = terminal.ForegroundGroup;
            terminal.Session = 0;
            terminal.ForegroundGroup = 0;
        }

        if (foreground == 0)
            return;
        SendToGroup(foreground, Signal.Hangup);
        SendToGroup(foreground, Signal.Continue);
    }

    /// <inheritdoc/>
    public void HangUp(ITerminal terminal)
    {
        int session = terminal.Session;
        int foreground = terminal.ForegroundGroup;
        using (_lock.Enter())
        {
            if (session == 0 || !_terminals.Remove(session))
                return;
            terminal.Session = 0;
            terminal.ForegroundGroup = 0;
        }

        SendToProcess(session, Signal.Hangup);
        SendToProcess(session, Signal.Continue);
        if (foreground == 0 || foreground == session)
            return;
        SendToGroup(foreground, Signal.Hangup);
        SendToGroup(foreground, Signal.Continue);
    }

    /// <summary>Controlling terminal of a session; null where it has none.</summary>
    internal ITerminal? TerminalOf(int session)
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
