using Cloister.Abi;

namespace Cloister.Contracts.Files;

/// <summary>What terminals ask of processes: sessions, groups and their signals (credentials(7)). Implemented by the Linux personality.</summary>
public interface IJobControl
{
    /// <summary>Session of the calling process.</summary>
    int SessionOf(ICaller caller);

    /// <summary>Process group of the calling process.</summary>
    int GroupOf(ICaller caller);

    /// <summary>Controlling terminal of the caller's session; null where it has none.</summary>
    ITerminal? GetControllingTerminal(ICaller caller);

    /// <summary>
    /// Makes a terminal the controlling one of the caller's session, or takes it away (null). Nothing happens where it is that already.
    /// </summary>
    /// <param name="caller">A thread of the session leader.</param>
    /// <param name="terminal">The terminal; its session and foreground group are set.</param>
    /// <param name="steal">Whether it may be taken from another session (TIOCSCTTY with 1, for CAP_SYS_ADMIN).</param>
    /// <returns>EPERM where the caller isn't a session leader, or one of them has another already.</returns>
    Errno SetControllingTerminal(ICaller caller, ITerminal? terminal, bool steal);

    /// <summary>Whether a group is of the caller's session, for TIOCSPGRP.</summary>
    bool IsGroupOfSession(ICaller caller, int group);

    /// <summary>Whether the caller ignores or blocks a signal: then it isn't stopped for background I/O.</summary>
    bool Ignores(ICaller caller, int signal);

    /// <summary>Whether nobody is left in the session who could continue the caller's group: it isn't stopped either, and gets EIO.</summary>
    bool IsOrphaned(ICaller caller);

    /// <summary>Sends a signal to a process group.</summary>
    void SendToGroup(int group, int signal);

    /// <summary>Whether there is such a thread, process or group.</summary>
    bool Exists(SignalOwner owner);

    /// <summary>Sends a signal to a file's owner; nothing happens where there is none, or it belongs to somebody else.</summary>
    /// <param name="owner">Who gets it.</param>
    /// <param name="signal">Which one.</param>
    /// <param name="details">For signals that F_SETSIG has chosen; null for SIGIO and SIGURG, which tell nothing.</param>
    void Send(SignalOwner owner, int signal, ReadinessDetails? details = null);

    /// <summary>Tells a session's leader that its terminal is gone, by SIGHUP and SIGCONT; the foreground group hears of it when the leader ends.</summary>
    void HangUp(ITerminal terminal);
}
