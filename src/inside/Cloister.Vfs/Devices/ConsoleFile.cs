using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Devices;

/// <summary>An open stream of the launcher: a terminal, a pipe or a device of the host.</summary>
internal class ConsoleFile(ConsoleTerminal terminal, int stream) : OpenFile
{
    private const int LargestTransfer = 32 * 1024;

    private readonly ConsoleTerminal _terminal = terminal.Use();

    // One transfer at a time; a reader that waits doesn't hold it.
    private readonly KernelLock _lock = new(LockLevel.Console);
    private byte[]? _transfer;

    protected IHostConsole Host => _terminal.Host;

    protected int Stream => stream;

    private WaitQueue Queue => _terminal.Queues[stream];

    public override bool IsPollable => Inode.Type is not (FileModes.S_IFREG or FileModes.S_IFDIR);

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        SyscallResult result = TryRead(buffer);
        if (result.Errno != Errno.EAGAIN || IsNonBlocking)
            return result;
        caller.Watch(Queue);
        try
        {
            while (true)
            {
                result = TryRead(buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        long done = 0;
        while (true)
        {
            SyscallResult result = TryWrite(caller, buffer, out bool isShort);
            if (result.IsError)
                return done > 0 ? done : result;
            done += result.Value;
            if (isShort || buffer.Remaining == 0)
                return done;
        }
    }

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        if (whence > SeekWhence.SEEK_END)
            return Errno.EINVAL;
        Errno error = Host.Seek(stream, offset, (int)whence, out long position);
        return SyscallResult.From(error, position);
    }

    public override Errno Truncate(ICaller caller, long length) => CanWrite ? Host.Truncate(stream, length) : Errno.EINVAL;

    public override Errno Synchronize(ICaller caller, bool dataOnly) => Inode.Type == FileModes.S_IFREG ? Errno.Success : Errno.EINVAL;

    public override Errno GetStatus(ICaller caller, out FileStatus status)
    {
        Errno error = GetInodeStatus(caller, out status);

        // A terminal has a device file inside, whose status must be the same (ttyname(3)).
        if (error != Errno.Success || Inode.Type == FileModes.S_IFCHR || Host.GetStatus(stream, out HostFileStatus host) != Errno.Success)
            return error;
        status.Mode = host.Mode;
        status.Size = host.Size;
        status.Blocks = host.Blocks;
        status.BlockSize = host.BlockSize;
        status.UserId = host.UserId;
        status.GroupId = host.GroupId;
        status.AccessTime = host.AccessTime;
        status.ModificationTime = host.ModifyTime;
        status.ChangeTime = host.ChangeTime;

        // Programs compare device and inode to see whether two streams are the same file.
        status.Device = host.Device;
        status.Inode = host.Inode;
        status.RawDevice = host.RawDevice;
        return Errno.Success;
    }

    protected override void OnClosed() => _terminal.EndUse();

    protected Errno GetInodeStatus(ICaller caller, out FileStatus status) => base.GetStatus(caller, out status);

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(Queue);
        PollEvents events = Host.Poll(stream);
        if ((events & PollEvents.In) != 0)
            events |= PollEvents.ReadNormal;
        if ((events & PollEvents.Out) != 0)
            events |= PollEvents.WriteNormal;
        return events;
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        switch (request)
        {
            case Ioctls.TCGETS:
                return Host.GetTermios(stream, data[..HostTerminal.TermiosLength]);
            case Ioctls.TCGETS2:
                // The speeds of a terminal that is no line: what Linux shows for a pseudoterminal.
                MemoryMarshal.Write(data[Termios.Size..], 38400);
                MemoryMarshal.Write(data[(Termios.Size + sizeof(int))..], 38400);
                return Host.GetTermios(stream, data[..HostTerminal.TermiosLength]);
            case Ioctls.TCSETS2 or Ioctls.TCSETSW2 or Ioctls.TCSETSF2:
                return Host.SetTermios(stream, (HostTermiosAction)(request - Ioctls.TCSETS2), data[..HostTerminal.TermiosLength]);
            case Ioctls.TCSETS or Ioctls.TCSETSW or Ioctls.TCSETSF:
                return Host.SetTermios(stream, (HostTermiosAction)(request - Ioctls.TCSETS), data[..HostTerminal.TermiosLength]);
            case Ioctls.TCFLSH:
                return Host.IsTerminal(stream) ? argument > 2 ? Errno.EINVAL : Host.Flush(stream, (int)argument) : Errno.ENOTTY;
            case Ioctls.TCSBRK or Ioctls.TCSBRKP:
                // A nonzero argument is tcdrain: setting what is set waits for the output. Zero would send a break, which
                // terminals of the host's kind ignore.
                return Drain();
            case Ioctls.TIOCGWINSZ:
                return GetWindowSize(data);
            case Ioctls.TIOCSWINSZ:
                WindowSize size = MemoryMarshal.Read<WindowSize>(data);
                return Host.SetWindowSize(stream, new HostWindowSize(size.Rows, size.Columns, size.XPixels, size.YPixels));
            case Ioctls.TIOCGPGRP:
                return PutIfTerminal(data, _terminal.ForegroundGroup);
            case Ioctls.TIOCSPGRP:
                if (!Host.IsTerminal(stream))
                    return Errno.ENOTTY;
                int group = MemoryMarshal.Read<int>(data);
                if (group < 0)
                    return Errno.EINVAL;
                _terminal.ForegroundGroup = group;
                return 0;
            case Ioctls.TIOCGSID:
                return PutIfTerminal(data, _terminal.Session);
            case Ioctls.TIOCSCTTY:
                if (!Host.IsTerminal(stream))
                    return Errno.ENOTTY;
                return Vfs.JobControl?.SetControllingTerminal(caller, _terminal, argument == 1) ?? Errno.Success;
            case Ioctls.TIOCNOTTY:
                if (Vfs.JobControl is not { } jobs || jobs.GetControllingTerminal(caller) != _terminal)
                    return Errno.ENOTTY;
                return jobs.SetControllingTerminal(caller, null, false);
            case Ioctls.FIONREAD:
                Errno error = Host.GetReadable(stream, out int readable);
                MemoryMarshal.Write(data, readable);
                return error;
            default:
                return base.Control(caller, request, argument, data);
        }
    }

    private SyscallResult PutIfTerminal(Span<byte> data, int value)
    {
        if (!Host.IsTerminal(stream))
            return Errno.ENOTTY;
        MemoryMarshal.Write(data, value);
        return 0;
    }

    private SyscallResult GetWindowSize(Span<byte> data)
    {
        Errno error = Host.GetWindowSize(stream, out HostWindowSize size);
        if (error == Errno.Success)
            MemoryMarshal.Write(data, new WindowSize { Rows = size.Rows, Columns = size.Columns, XPixels = size.PixelWidth, YPixels = size.PixelHeight });
        return error;
    }

    private Errno Drain()
    {
        Span<byte> termios = stackalloc byte[HostTerminal.TermiosLength];
        Errno error = Host.GetTermios(stream, termios);
        return error == Errno.Success ? Host.SetTermios(stream, HostTermiosAction.Drain, termios) : error;
    }

    private SyscallResult TryRead(IIoBuffer buffer)
    {
        using (_lock.Enter())
        {
            _transfer ??= new byte[LargestTransfer];
            int wanted = (int)Math.Min(buffer.Remaining, LargestTransfer);
            if (wanted == 0)
                return 0;
            Errno error = Host.TryRead(stream, _transfer.AsSpan(0, wanted), out int count);
            if (error != Errno.Success)
                return error;
            int stored = buffer.Store(_transfer.AsSpan(0, count));
            return stored == 0 && count != 0 ? Errno.EFAULT : stored;
        }
    }

    /// <summary>Writes one transfer's worth; waits until all of it is written unless the file is non-blocking.</summary>
    private SyscallResult TryWrite(ICaller caller, IIoBuffer buffer, out bool isShort)
    {
        byte[] transfer;
        using (_lock.Enter())
        {
            transfer = _transfer ?? new byte[LargestTransfer];
            _transfer = null;
        }

        int count = buffer.Fetch(transfer.AsSpan(0, (int)Math.Min(buffer.Remaining, LargestTransfer)));
        SyscallResult result = count == 0 && buffer.Remaining != 0 ? Errno.EFAULT : WriteAll(caller, transfer.AsSpan(0, count));
        isShort = result.Value < count;
        using (_lock.Enter())
            _transfer ??= transfer;
        return result;
    }

    private SyscallResult WriteAll(ICaller caller, ReadOnlySpan<byte> data)
    {
        int done = 0;
        bool isWatching = false;
        try
        {
            while (true)
            {
                Errno error = Host.TryWrite(stream, data[done..], out int written);
                done += written;
                if (done == data.Length)
                    return done;
                if (error == Errno.EPIPE)
                    caller.RaiseSignal(FileSignals.SIGPIPE);
                if (error is not (Errno.EAGAIN or Errno.Success) || (error == Errno.EAGAIN && IsNonBlocking))
                    return done > 0 ? done : error;
                if (error == Errno.Success)
                    continue;
                if (!isWatching)
                {
                    // Enlist, then try once more before sleeping.
                    caller.Watch(Queue);
                    isWatching = true;
                    continue;
                }

                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return done > 0 ? done : Errno.ERESTARTSYS;
            }
        }
        finally
        {
            if (isWatching)
                caller.StopWatching();
        }
    }
}
