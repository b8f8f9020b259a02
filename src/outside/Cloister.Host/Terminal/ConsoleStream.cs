using System;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>One of the launcher's standard streams, read and written without waiting.</summary>
/// <remarks>
/// O_NONBLOCK belongs to the open file, which the launcher shares with its parent and siblings: to set it there would
/// break a shell, or a pager in the same pipe. So pipes and terminals are opened once more, by way of /proc, and only
/// that opening is non-blocking. Where that isn't allowed, poll(2) tells whether a short transfer would wait.
/// </remarks>
internal sealed unsafe class ConsoleStream : IDisposable
{
    // PIPE_BUF: a pipe that poll(2) calls writable takes this much at once (pipe(7)).
    private const int SafeLength = 4096;

    private readonly FileDescriptor _inherited;
    private readonly FileDescriptor? _reopened;
    private readonly bool _isSocket;
    private readonly bool _mayWait;
    private readonly byte[] _original = new byte[TermiosLength];
    private readonly byte[] _current = new byte[TermiosLength];
    private bool _changed;

    /// <summary>Bytes of the kernel's struct termios.</summary>
    public const int TermiosLength = 36;

    /// <summary>Looks at what a descriptor is connected to.</summary>
    /// <param name="file">The descriptor, which is closed with the stream unless it is borrowed.</param>
    public ConsoleStream(FileDescriptor file)
    {
        _inherited = file;
        if (StatusReader.Read(_inherited, out FileRecord record) != Errno.Success)
            return;
        uint type = record.Mode & Constants.S_IFMT;
        _isSocket = type == Constants.S_IFSOCK;
        IsTerminal = type == Constants.S_IFCHR && GetTermios(_original) == Errno.Success;
        _mayWait = type is Constants.S_IFIFO or Constants.S_IFCHR;
        if (type != Constants.S_IFIFO && !IsTerminal)
            return;

        int access = Libc.FCntl(_inherited, Constants.F_GETFL, 0) & Constants.O_ACCMODE;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        if (!_inherited.TryHold(out HeldDescriptor held))
            return;
        int opened;
        using (held)
        {
            held.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            opened = Libc.Open(path, access | Constants.O_NONBLOCK | Constants.O_NOCTTY | Constants.O_CLOEXEC, 0);
        }

        if (opened >= 0)
            _reopened = new FileDescriptor(opened);
    }

    /// <summary>Whether it is a terminal.</summary>
    public bool IsTerminal { get; }

    /// <summary>How it was opened: flags of open(2).</summary>
    public int Flags => Libc.FCntl(_inherited, Constants.F_GETFL, 0);

    /// <summary>What to poll.</summary>
    public FileDescriptor Descriptor => _reopened ?? _inherited;

    public Errno GetStatus(out FileRecord record) => StatusReader.Read(_inherited, out record);

    public Errno Read(Span<byte> into, out int count)
    {
        count = 0;
        if (MustPoll && (Poll() & ~Constants.POLLOUT) == 0)
            return Errno.EAGAIN;
        nint result;
        fixed (byte* target = into)
        {
            do
            {
                result = _isSocket
                    ? Libc.Receive(_inherited, target, into.Length, Constants.MSG_DONTWAIT)
                    : Libc.Read(Descriptor, target, into.Length);
            }
            while (result < 0 && Failure.WasInterrupted);
        }

        if (result < 0)
            return Failure.Last;
        count = (int)result;
        return Errno.Success;
    }

    public Errno Write(ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        if (MustPoll)
        {
            if ((Poll() & ~Constants.POLLIN) == 0)
                return Errno.EAGAIN;
            from = from[..Math.Min(from.Length, SafeLength)];
        }

        nint result;
        fixed (byte* source = from)
        {
            do
            {
                result = _isSocket
                    ? Libc.Send(_inherited, source, from.Length, Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL)
                    : Libc.Write(Descriptor, source, from.Length);
            }
            while (result < 0 && Failure.WasInterrupted);
        }

        if (result < 0)
            return Failure.Last;
        count = (int)result;
        return Errno.Success;
    }

    /// <summary>Readiness now, bits of poll(2).</summary>
    public int Poll()
    {
        if (!Descriptor.TryHold(out HeldDescriptor held))
            return 0;
        using (held)
        {
            var poll = new PollDescriptor { Descriptor = held.Number, Events = Constants.POLLIN | Constants.POLLOUT };
            return Libc.Poll(&poll, 1, 0) < 0 ? 0 : poll.Returned;
        }
    }

    public Errno Seek(long offset, int origin, out long position)
    {
        position = Libc.LSeek(_inherited, offset, origin);
        return Failure.From(position);
    }

    public Errno Truncate(long length) => Failure.From(Libc.FTruncate(_inherited, length));

    public Errno GetReadable(out int count)
    {
        int bytes = 0;
        Errno error = Failure.From(Libc.IoCtl(_inherited, Constants.FIONREAD, &bytes));
        count = bytes;
        return error;
    }

    public Errno GetTermios(Span<byte> into)
    {
        fixed (byte* termios = into)
            return Failure.From(Libc.IoCtl(_inherited, Constants.TCGETS, termios));
    }

    /// <summary>Changes the settings. With a value of <paramref name="when"/> other than 0 it may wait for output.</summary>
    public Errno SetTermios(int when, ReadOnlySpan<byte> from)
    {
        Errno error = Apply(Constants.TCSETS + (nuint)when, from);
        if (error == Errno.Success)
        {
            from.CopyTo(_current);
            _changed = true;
        }

        return error;
    }

    /// <summary>Sets what the settings were before the program changed them.</summary>
    public void RestoreTermios()
    {
        if (_changed && IsForeground)
            Apply(Constants.TCSETS, _original);
    }

    /// <summary>Sets the program's settings again, after the launcher was stopped.</summary>
    public void ReapplyTermios()
    {
        if (_changed && IsForeground)
            Apply(Constants.TCSETS, _current);
    }

    public Errno Flush(int queue) => Failure.From(Libc.IoCtl(_inherited, Constants.TCFLSH, (void*)(nint)queue));

    public Errno GetWindowSize(out long packed)
    {
        long size = 0;
        Errno error = Failure.From(Libc.IoCtl(_inherited, Constants.TIOCGWINSZ, &size));
        packed = size;
        return error;
    }

    public Errno SetWindowSize(long packed) => Failure.From(Libc.IoCtl(_inherited, Constants.TIOCSWINSZ, &packed));

    public void Dispose()
    {
        RestoreTermios();
        _reopened?.Dispose();
        _inherited.Dispose();
    }

    private bool MustPoll => _mayWait && _reopened is null;

    // A background process that changes its terminal is stopped with SIGTTOU. Where the call fails, the terminal doesn't
    // control this process and there is no background.
    private bool IsForeground
    {
        get
        {
            int group = Libc.TcGetPGrp(_inherited);
            return group < 0 || group == Libc.GetPGrp();
        }
    }

    private Errno Apply(nuint request, ReadOnlySpan<byte> from)
    {
        fixed (byte* termios = from)
        {
            int result;
            do
                result = Libc.IoCtl(_inherited, request, termios);
            while (result < 0 && Failure.WasInterrupted);
            return Failure.From(result);
        }
    }
}
