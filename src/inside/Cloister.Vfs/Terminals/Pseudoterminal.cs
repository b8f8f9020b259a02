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
/// <remarks>The lock guards everything; signals are sent after it is released.</remarks>
internal sealed class Pseudoterminal(VirtualFileSystem vfs, int number) : ITerminal
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

    public int Number => number;

    public bool IsLocked { get; set; } = true;

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

    /// <summary>The master reads what programs wrote.</summary>
    public SyscallResult ReadMaster(IIoBuffer buffer)
    {
        int done;
        using (_lock.Enter())
        {
            if (_line.Output.Count == 0 || _line.IsStopped)
                return IsOtherClosed ? Errno.EIO : Errno.EAGAIN;
            done = _line.Output.MoveTo(buffer, (int)Math.Min(buffer.Remaining, int.MaxValue));
        }

        SlaveQueue.Wake(PollEvents.Out | PollEvents.WriteNormal);
        return done == 0 ? Errno.EFAULT : done;
    }

    /// <summary>The master writes what was typed.</summary>
    public SyscallResult WriteMaster(IIoBuffer buffer)
    {
        int signals = 0;
        long done = 0;
        Span<byte> typed = stackalloc byte[256];
        while (buffer.Remaining > 0)
        {
            using (_lock.Enter())
            {
                // A full line in canonical mode takes no more, but a byte may still end it.
                if (_line.Input.IsFull && !_line.IsCanonical)
                    break;
                Span<byte> part = typed[..(int)Math.Min(typed.Length, buffer.Remaining)];
                int count = buffer.Fetch(part);
                foreach (byte value in part[..count])
                    signals |= 1 << _line.Type(value);
                done += count;
                if (count < part.Length)
                    break;
            }
        }

        SlaveQueue.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        MasterQueue.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        for (int signal = 1; signal < 32; signal++)
        {
            if ((signals >> signal & 1) != 0 && ForegroundGroup > 0)
                vfs.JobControl?.SendToGroup(ForegroundGroup, signal);
        }

        return done > 0 ? done : buffer.Remaining > 0 && !_line.Input.IsFull ? Errno.EFAULT : Errno.EAGAIN;
    }

    /// <summary>A program reads. The deadline of VTIME starts with the call, or anew with each byte.</summary>
    public SyscallResult ReadSlave(ICaller caller, IIoBuffer buffer, ref long deadline)
    {
        int done;
        using (_lock.Enter())
        {
            if (IsMasterClosed)
                return 0;
            if (_line.IsCanonical)
            {
                if (_line.Input.Lines == 0)
                    return Errno.EAGAIN;
                done = _line.Input.MoveLine(buffer);
            }
            else
            {
                int least = _line.Characters[ControlCharacters.VMIN];
                long time = _line.Characters[ControlCharacters.VTIME] * Decisecond;
                int available = _line.Input.Count;
                long wanted = Math.Min(Math.Max(least, 1), buffer.Remaining);
                if (available < wanted && !(available > 0 && time > 0 && caller.MonotonicNow >= deadline))
                {
                    if (least == 0 && (time == 0 || caller.MonotonicNow >= deadline) && available == 0)
                        return 0;
                    if (time > 0 && deadline == Deadline.Never && (least == 0 || available > 0))
                        deadline = caller.MonotonicNow + time;
                    return Errno.EAGAIN;
                }

                done = _line.Input.MoveBytes(buffer);
            }
        }

        MasterQueue.Wake(PollEvents.Out | PollEvents.WriteNormal);
        return done < 0 ? Errno.EFAULT : done;
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

    /// <summary>A program writes.</summary>
    public SyscallResult WriteSlave(IIoBuffer buffer)
    {
        if (IsMasterClosed)
            return Errno.EIO;
        long done = 0;
        Span<byte> text = stackalloc byte[256];
        using (_lock.Enter())
        {
            while (buffer.Remaining > 0)
            {
                // As many as surely fit, each being eight in the worst case.
                int room = Math.Min(text.Length, (_line.Output.Room / 8) - 1);
                if (room <= 0 || _line.IsStopped)
                    break;
                Span<byte> part = text[..(int)Math.Min(room, buffer.Remaining)];
                int count = buffer.Fetch(part);
                foreach (byte value in part[..count])
                    _line.Write(value);
                done += count;
                if (count < part.Length)
                {
                    if (done == 0)
                        return Errno.EFAULT;
                    break;
                }
            }
        }

        if (done == 0 && buffer.Remaining > 0)
            return Errno.EAGAIN;
        MasterQueue.Wake(PollEvents.In | PollEvents.ReadNormal);
        return done;
    }

    public PollEvents PollMaster()
    {
        using (_lock.Enter())
        {
            PollEvents events = PollEvents.None;
            if (_line.Output.Count > 0 && !_line.IsStopped)
                events |= PollEvents.In | PollEvents.ReadNormal;
            if (!_line.Input.IsFull || _line.IsCanonical)
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
            case Ioctls.TCGETS:
                using (_lock.Enter())
                    _line.Settings.CopyTo(data);
                return 0;
            case Ioctls.TCSETS or Ioctls.TCSETSW or Ioctls.TCSETSF:
                SetSettings(data, request == Ioctls.TCSETSF);
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
                MemoryMarshal.Write(data, ForegroundGroup);
                return 0;
            case Ioctls.TIOCGSID:
                if (Session == 0)
                    return Errno.ENOTTY;
                MemoryMarshal.Write(data, Session);
                return 0;
            case Ioctls.TIOCSPGRP:
                int group = MemoryMarshal.Read<int>(data);
                if (group <= 0)
                    return Errno.EINVAL;
                if (vfs.JobControl is { } jobs && !jobs.IsGroupOfSession(caller, group))
                    return Errno.EPERM;
                ForegroundGroup = group;
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
        if (jobs.IsExemptFrom(caller, signal))
            return signal == FileSignals.SIGTTIN ? Errno.EIO : Errno.Success;
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

    private void SetSettings(ReadOnlySpan<byte> settings, bool flush)
    {
        using (_lock.Enter())
        {
            bool wasCanonical = _line.IsCanonical;
            settings[..Termios.Size].CopyTo(_line.Settings);
            if (flush)
                _line.Input.Clear();

            // What was typed so far counts as a line when lines begin to matter no more, and stays readable when they do.
            if (!wasCanonical && _line.IsCanonical && _line.Input.Unfinished > 0)
                _line.Input.AddEndOfFile();
        }

        SlaveQueue.WakeAll();
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
                _line.Input.Clear();
            if (isMaster ? input : output)
                _line.Output.Clear();
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
                _line.IsStopped = action == 0;
            MasterQueue.WakeAll();
            SlaveQueue.WakeAll();
        }

        return 0;
    }
}
