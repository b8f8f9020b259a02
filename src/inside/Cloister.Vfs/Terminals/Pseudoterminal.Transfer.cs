using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Terminals;

/// <summary>Reading and writing of both sides.</summary>
internal sealed partial class Pseudoterminal
{
    // What was typed and the line discipline has not taken yet (the flip buffer of Linux's ptys).
    private readonly ByteQueue _typed = new(8192);
    private bool _hasPacketMode;
    private TerminalPacket _packetStatus;

    /// <summary>Packet mode: each read of the master begins with a byte of status (TIOCPKT).</summary>
    public bool HasPacketMode
    {
        get => _hasPacketMode;
        set
        {
            using (_lock.Enter())
            {
                _hasPacketMode = value;
                _packetStatus = 0;
            }
        }
    }

    /// <summary>The master reads what programs wrote.</summary>
    public SyscallResult ReadMaster(IIoBuffer buffer)
    {
        int done;
        TerminalPacket status = 0;
        bool isPacket;
        using (_lock.Enter())
        {
            isPacket = _hasPacketMode;
            if (_packetStatus == 0 && (_line.Output.Count == 0 || _line.IsStopped))
                return IsOtherClosed ? Errno.EIO : Errno.EAGAIN;
            status = _packetStatus;
            _packetStatus = 0;
        }

        // Data has a byte of 0 in front; news of the other side come alone.
        if (isPacket && buffer.Store([(byte)status]) == 0)
            return Errno.EFAULT;
        if (status != 0)
            return 1;
        do
        {
            using (_lock.Enter())
                done = _line.Output.MoveTo(buffer, (int)Math.Min(buffer.Remaining, int.MaxValue));
        }
        while (done == 0 && buffer.Remaining > 0 && HasOutput && buffer.Prepare(forStore: true));

        SlaveQueue.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        if (isPacket)
            return done + 1;
        return done > 0 ? done : HasOutput ? Errno.EFAULT : Errno.EAGAIN;
    }

    /// <summary>The master writes what was typed.</summary>
    public SyscallResult WriteMaster(IIoBuffer buffer)
    {
        int signals = 0;
        long done = 0;
        bool isAtFault = false;
        Span<byte> part = stackalloc byte[256];
        while (buffer.Remaining > 0 && !isAtFault)
        {
            int count;
            using (_lock.Enter())
            {
                signals |= TakeTyped();
                int wanted = (int)Math.Min(Math.Min(part.Length, buffer.Remaining), _typed.Room);
                if (wanted == 0)
                    break;
                count = buffer.FetchPresent(part[..wanted]);
                foreach (byte value in part[..count])
                    _typed.TryAdd(value);
                signals |= TakeTyped();
            }

            done += count;
            isAtFault = count == 0 && !buffer.Prepare(forStore: false);
        }

        SlaveQueue.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        MasterQueue.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        for (int signal = 1; signal < 32; signal++)
        {
            if ((signals >> signal & 1) != 0 && ForegroundGroup > 0)
                vfs.JobControl?.SendToGroup(ForegroundGroup, signal);
        }

        return done > 0 ? done : isAtFault ? Errno.EFAULT : Errno.EAGAIN;
    }

    /// <summary>A program reads. The deadline of VTIME starts with the call, or anew with each byte.</summary>
    public SyscallResult ReadSlave(ICaller caller, IIoBuffer buffer, ref long deadline)
    {
        int done;
        do
        {
            using (_lock.Enter())
            {
                if (IsMasterClosed)
                    return 0;
                bool isOver = false;
                if (_line.IsCanonical ? _line.Input.Lines == 0 : !HasEnough(caller, buffer, ref deadline, out isOver))
                    return isOver ? 0 : Errno.EAGAIN;
                done = _line.IsCanonical ? _line.Input.MoveLine(buffer) : _line.Input.MoveBytes(buffer);
                TakeTyped();
            }
        }
        while (done < 0 && buffer.Prepare(forStore: true));

        MasterQueue.WakeAll(PollEvents.Out | PollEvents.WriteNormal);
        return done < 0 ? Errno.EFAULT : done;
    }

    /// <summary>A program writes.</summary>
    public SyscallResult WriteSlave(IIoBuffer buffer)
    {
        if (IsMasterClosed)
            return Errno.EIO;
        long done = 0;
        Span<byte> text = stackalloc byte[256];
        bool isAtFault = false;
        while (buffer.Remaining > 0 && !isAtFault)
        {
            int count;
            using (_lock.Enter())
            {
                // As many as surely fit, each being eight in the worst case.
                int room = Math.Min(text.Length, (_line.Output.Room / 8) - 1);
                if (room <= 0 || _line.IsStopped)
                    break;
                count = buffer.FetchPresent(text[..(int)Math.Min(room, buffer.Remaining)]);
                foreach (byte value in text[..count])
                    _line.Write(value);
            }

            done += count;
            isAtFault = count == 0 && !buffer.Prepare(forStore: false);
        }

        if (done == 0 && buffer.Remaining > 0)
            return isAtFault ? Errno.EFAULT : Errno.EAGAIN;
        MasterQueue.WakeAll(PollEvents.In | PollEvents.ReadNormal);
        return done;
    }

    private bool HasOutput
    {
        get
        {
            using (_lock.Enter())
                return _line.Output.Count > 0;
        }
    }

    // VMIN and VTIME of termios(3). The read is over where nothing is waited for, or nothing came in time.
    private bool HasEnough(ICaller caller, IIoBuffer buffer, ref long deadline, out bool isOver)
    {
        isOver = false;
        int least = _line.Characters[ControlCharacters.VMIN];
        long time = _line.Characters[ControlCharacters.VTIME] * Decisecond;
        int available = _line.Input.Count;
        long wanted = Math.Min(Math.Max(least, 1), buffer.Remaining);
        if (available >= wanted || (available > 0 && time > 0 && caller.MonotonicNow >= deadline))
            return true;
        isOver = least == 0 && (time == 0 || caller.MonotonicNow >= deadline) && available == 0;
        if (!isOver && time > 0 && deadline == Deadline.Never && (least == 0 || available > 0))
            deadline = caller.MonotonicNow + time;
        return false;
    }

    /// <summary>Gives the line discipline what was typed, as much as it takes. The lock is held.</summary>
    /// <returns>Signals for the foreground group, a bit each.</returns>
    private int TakeTyped()
    {
        int signals = 0;
        while (_typed.Count > 0 && _line.TakesInput)
            signals |= 1 << _line.Type((byte)_typed.Take());
        return signals;
    }

    private void ClearInput()
    {
        _line.Input.Clear();
        _typed.Clear();
    }

    private void NotePacketStatus(TerminalPacket news)
    {
        if (!_hasPacketMode)
            return;

        // The opposites of each other.
        if ((news & (TerminalPacket.TIOCPKT_DOSTOP | TerminalPacket.TIOCPKT_NOSTOP)) != 0)
            _packetStatus &= ~(TerminalPacket.TIOCPKT_DOSTOP | TerminalPacket.TIOCPKT_NOSTOP);
        if ((news & (TerminalPacket.TIOCPKT_START | TerminalPacket.TIOCPKT_STOP)) != 0)
            _packetStatus &= ~(TerminalPacket.TIOCPKT_START | TerminalPacket.TIOCPKT_STOP);
        _packetStatus |= news;
    }
}
