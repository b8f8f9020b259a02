using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Terminals;

/// <summary>A pseudoterminal: the state between its two sides (pty(7)).</summary>
/// <remarks>
/// The lock guards everything; signals are sent, and pages of programs brought in, after it is released.
/// </remarks>
internal sealed partial class Pseudoterminal(VirtualFileSystem vfs, int number) : ITerminal
{
    private const long Decisecond = 100_000_000;

    private readonly KernelLock _lock = new(LockLevel.Terminal);
    private readonly LineDiscipline _line = new();
    private WindowSize _windowSize;
    private int _foregroundGroup;
    private int _session;
    private int _slaves;
    private bool _hadSlave;
    private bool _isMasterClosed;

    /// <summary>UNIX98_PTY_SLAVE_MAJOR.</summary>
    public const uint SlaveMajor = 136;

    public int Number => number;

    public ulong Device => DeviceNumbers.Make(SlaveMajor, (uint)number);

    public bool IsLocked { get; set; } = true;

    /// <summary>Whether others may not open it (TIOCEXCL).</summary>
    public bool IsExclusive { get; private set; }

    /// <summary>Waiters on the master's side.</summary>
    public WaitQueue MasterQueue { get; } = new();

    /// <summary>Waiters on the slave's side.</summary>
    public WaitQueue SlaveQueue { get; } = new();

    public bool IsMasterClosed => Volatile.Read(ref _isMasterClosed);

    public int ForegroundGroup
    {
        get => Volatile.Read(ref _foregroundGroup);
        set => Volatile.Write(ref _foregroundGroup, value);
    }

    public int Session
    {
        get => Volatile.Read(ref _session);
        set => Volatile.Write(ref _session, value);
    }

    private bool IsOtherClosed => _slaves == 0 && _hadSlave;

    public void AddSlave()
    {
        using (_lock.Enter())
        {
            _slaves++;
            _hadSlave = true;
        }
    }

    public void RemoveSlave()
    {
        using (_lock.Enter())
            _slaves--;
        MasterQueue.WakeAll();
    }

    public void CloseMaster()
    {
        Volatile.Write(ref _isMasterClosed, true);
        SlaveQueue.WakeAll();
        vfs.JobControl?.HangUp(this);
    }

    /// <summary>Time that a read waits at most before it looks again (VTIME), from the settings now.</summary>
    public long ReadDeadline(ICaller caller)
    {
        using (_lock.Enter())
        {
            long time = _line.Characters[ControlCharacters.VTIME] * Decisecond;
            bool startsAtOnce = !_line.IsCanonical && time > 0 && _line.Characters[ControlCharacters.VMIN] == 0;
            return startsAtOnce ? caller.MonotonicNow + time : Deadline.Never;
        }
    }

    public PollEvents PollMaster()
    {
        using (_lock.Enter())
        {
            PollEvents events = PollEvents.None;
            if (_line.Output.Count > 0 && !_line.IsStopped)
                events |= PollEvents.In | PollEvents.ReadNormal;
            if (_packetStatus != 0)
                events |= PollEvents.Priority | PollEvents.In | PollEvents.ReadNormal;
            if (_typed.Room > 0)
                events |= PollEvents.Out | PollEvents.WriteNormal;
            if (IsOtherClosed)
                events |= PollEvents.HangUp;
            return events;
        }
    }

    public PollEvents PollSlave()
    {
        if (IsMasterClosed)
            return PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp | PollEvents.ReadNormal | PollEvents.WriteNormal;
        using (_lock.Enter())
        {
            PollEvents events = PollEvents.None;
            int least = _line.Characters[ControlCharacters.VTIME] == 0 ? Math.Max((byte)1, _line.Characters[ControlCharacters.VMIN]) : 1;
            if (_line.IsCanonical ? _line.Input.Lines > 0 : _line.Input.Count >= least)
                events |= PollEvents.In | PollEvents.ReadNormal;
            if (_line.Output.Room >= 256 && !_line.IsStopped)
                events |= PollEvents.Out | PollEvents.WriteNormal;
            return events;
        }
    }

    /// <summary>ioctls that both sides know (ioctl_tty(2)).</summary>
    public SyscallResult Control(ICaller caller, bool isMaster, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.TCGETS or Ioctls.TCGETS2:
                using (_lock.Enter())
                    _line.Settings[..data.Length].CopyTo(data);
                return 0;
            case Ioctls.TCSETS or Ioctls.TCSETSW or Ioctls.TCSETSF or Ioctls.TCSETS2 or Ioctls.TCSETSW2 or Ioctls.TCSETSF2:
                SetSettings(data, request is Ioctls.TCSETSF or Ioctls.TCSETSF2);
                return 0;
            case Ioctls.TIOCGWINSZ:
                using (_lock.Enter())
                    MemoryMarshal.Write(data, _windowSize);
                return 0;
            case Ioctls.TIOCSWINSZ:
                SetWindowSize(MemoryMarshal.Read<WindowSize>(data));
                return 0;
            case Ioctls.FIONREAD:
                using (_lock.Enter())
                    MemoryMarshal.Write(data, isMaster ? _line.Output.Count : _line.IsCanonical ? _line.Input.FinishedBytes : _line.Input.Count);
                return 0;
            case Ioctls.TIOCOUTQ:
                MemoryMarshal.Write(data, 0);
                return 0;
            case Ioctls.TCFLSH:
                return Flush(isMaster, argument);
            case Ioctls.TCSBRK or Ioctls.TCSBRKP:
                return 0;
            case Ioctls.TCXONC:
                return SetFlow(argument);
            case Ioctls.TIOCGPGRP:
                if (!isMaster && !IsControllingOf(caller))
                    return Errno.ENOTTY;
                MemoryMarshal.Write(data, ForegroundGroup);
                return 0;
            case Ioctls.TIOCGSID:
                if (Session == 0 || (!isMaster && !IsControllingOf(caller)))
                    return Errno.ENOTTY;
                MemoryMarshal.Write(data, Session);
                return 0;
            case Ioctls.TIOCSPGRP:
                return SetForegroundGroup(caller, MemoryMarshal.Read<int>(data));
            case Ioctls.TIOCEXCL or Ioctls.TIOCNXCL:
                IsExclusive = request == Ioctls.TIOCEXCL;
                return 0;
            case Ioctls.TIOCGEXCL:
                MemoryMarshal.Write(data, IsExclusive ? 1 : 0);
                return 0;
            case Ioctls.TIOCSCTTY:
                return vfs.JobControl?.SetControllingTerminal(caller, this, argument == 1) ?? Errno.Success;
            case Ioctls.TIOCNOTTY:
                if (vfs.JobControl?.GetControllingTerminal(caller) != this)
                    return Errno.ENOTTY;
                return vfs.JobControl.SetControllingTerminal(caller, null, false);
            default:
                return Errno.ENOTTY;
        }
    }

    /// <summary>
    /// Checks a background process (tty_check_change of Linux): it gets SIGTTIN or SIGTTOU and the call is restarted when it
    /// continues in the foreground.
    /// </summary>
    public Errno CheckForeground(ICaller caller, int signal)
    {
        if (vfs.JobControl is not { } jobs || jobs.GetControllingTerminal(caller) != this)
            return Errno.Success;
        int group = jobs.GroupOf(caller);
        if (ForegroundGroup == 0 || group == ForegroundGroup)
            return Errno.Success;
        if (jobs.Ignores(caller, signal))
            return signal == FileSignals.SIGTTIN ? Errno.EIO : Errno.Success;
        if (jobs.IsOrphaned(caller))
            return Errno.EIO;
        jobs.SendToGroup(group, signal);
        return Errno.ERESTARTSYS;
    }

    public bool StopsBackgroundOutput
    {
        get
        {
            using (_lock.Enter())
                return _line.Has(TerminalLocalFlags.TOSTOP);
        }
    }

    private bool IsControllingOf(ICaller caller) => vfs.JobControl is not { } jobs || jobs.GetControllingTerminal(caller) == this;

    // tiocspgrp of Linux, in its order.
    private SyscallResult SetForegroundGroup(ICaller caller, int group)
    {
        if (!IsControllingOf(caller))
            return Errno.ENOTTY;
        if (group < 0)
            return Errno.EINVAL;
        if (vfs.JobControl is { } jobs && !jobs.IsGroupOfSession(caller, group))
            return jobs.Exists(new SignalOwner(SignalOwnerKind.F_OWNER_PGRP, group)) ? Errno.EPERM : Errno.ESRCH;
        ForegroundGroup = group;
        return 0;
    }

    private void SetSettings(ReadOnlySpan<byte> settings, bool flush)
    {
        using (_lock.Enter())
        {
            bool wasCanonical = _line.IsCanonical;
            bool hadFlowControl = _line.HasUsualFlowControl;
            settings.CopyTo(_line.Settings);
            if (flush)
                ClearInput();
            if (hadFlowControl != _line.HasUsualFlowControl)
                NotePacketStatus(hadFlowControl ? TerminalPacket.TIOCPKT_NOSTOP : TerminalPacket.TIOCPKT_DOSTOP);

            if (wasCanonical != _line.IsCanonical)
                _line.Input.Regroup(_line.IsCanonical);
            TakeTyped();
        }

        SlaveQueue.WakeAll();
        MasterQueue.WakeAll();
    }

    private void SetWindowSize(WindowSize size)
    {
        using (_lock.Enter())
        {
            if (size.Rows == _windowSize.Rows && size.Columns == _windowSize.Columns && size.XPixels == _windowSize.XPixels && size.YPixels == _windowSize.YPixels)
                return;
            _windowSize = size;
        }

        if (ForegroundGroup > 0)
            vfs.JobControl?.SendToGroup(ForegroundGroup, FileSignals.SIGWINCH);
    }

    private SyscallResult Flush(bool isMaster, ulong queue)
    {
        if (queue > 2)
            return Errno.EINVAL;
        bool input = queue is 0 or 2;
        bool output = queue is 1 or 2;
        using (_lock.Enter())
        {
            if (isMaster ? output : input)
            {
                ClearInput();
                NotePacketStatus(TerminalPacket.TIOCPKT_FLUSHREAD);
            }

            if (isMaster ? input : output)
            {
                _line.Output.Clear();
                NotePacketStatus(TerminalPacket.TIOCPKT_FLUSHWRITE);
            }
        }

        MasterQueue.WakeAll();
        SlaveQueue.WakeAll();
        return 0;
    }

    private SyscallResult SetFlow(ulong action)
    {
        // TCOOFF, TCOON, TCIOFF, TCION; the last two send characters to the other side, which a program there would not expect.
        if (action > 3)
            return Errno.EINVAL;
        if (action < 2)
        {
            using (_lock.Enter())
            {
                _line.IsStopped = action == 0;
                NotePacketStatus(action == 0 ? TerminalPacket.TIOCPKT_STOP : TerminalPacket.TIOCPKT_START);
            }

            MasterQueue.WakeAll();
            SlaveQueue.WakeAll();
        }

        return 0;
    }
}
