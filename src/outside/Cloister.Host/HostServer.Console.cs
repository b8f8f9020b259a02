using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Terminal;

namespace Cloister.Host;

/// <summary>Requests about the standard streams, the terminal and signals.</summary>
public sealed partial class HostServer
{
    private const int MostTerminalThreads = 64;

    private int _terminalThreads;

    /// <summary>Serves a request; false where the answer comes later.</summary>
    private bool TryHandleConsole(in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer, out Errno error)
    {
        ConsoleStream? stream = _console?.Find(request.Handle);
        error = Errno.EBADF;
        switch (request.Operation)
        {
            case HostOperation.WaitForSignal:
                if (_console is null)
                    return true;
                _signals.Wait(request.Id);
                return false;
            case HostOperation.Suspend:
                _console?.Suspend();
                error = Errno.Success;
                return true;
        }

        if (stream is null)
            return true;
        switch (request.Operation)
        {
            case HostOperation.ConsoleRead:
                error = Answer(stream.Read(data[..CheckedLength(request.Count)], out int read), read, ref answer);
                return true;
            case HostOperation.ConsoleWrite:
                error = Answer(stream.Write(data[..CheckedLength(request.FirstLength)], out int written), written, ref answer);
                return true;
            case HostOperation.ConsolePoll:
                answer.Flags = (uint)stream.Poll();
                error = Errno.Success;
                return true;
            case HostOperation.ConsoleWatch:
                error = Errno.EINVAL;
                return !_watcher.TryAdd(request.Id, stream.Descriptor, (int)request.Flags);
            case HostOperation.ConsoleStatus:
                error = Answer(stream.GetStatus(out FileRecord record), record, data);
                return true;
            case HostOperation.ConsoleSeek:
                error = stream.Seek(request.Offset, (int)request.Flags, out long position);
                answer.Value = position;
                return true;
            case HostOperation.ConsoleTruncate:
                error = stream.Truncate(request.Count);
                return true;
            case HostOperation.ConsoleReadable:
                error = stream.GetReadable(out int readable);
                answer.Value = readable;
                return true;
            case HostOperation.ConsoleGetTermios:
                error = stream.GetTermios(data[..ConsoleStream.TermiosLength]);
                return true;
            case HostOperation.ConsoleSetTermios:
                return TrySetTermios(stream, request, data, out error);
            case HostOperation.ConsoleFlush:
                error = stream.Flush((int)request.Flags);
                return true;
            case HostOperation.ConsoleGetWindowSize:
                error = stream.GetWindowSize(out long size);
                answer.Value = size;
                return true;
            case HostOperation.ConsoleSetWindowSize:
                error = stream.SetWindowSize(request.Offset);
                return true;
            default:
                error = Errno.EINVAL;
                return true;
        }
    }

    private bool TrySetTermios(ConsoleStream stream, in SubmissionEntry request, Span<byte> data, out Errno error)
    {
        uint when = request.Flags;
        error = Errno.EINVAL;
        if (when > 2)
            return true;
        byte[] termios = data[..ConsoleStream.TermiosLength].ToArray();
        if (when == 0 || !stream.IsTerminal)
        {
            error = stream.SetTermios((int)when, termios);
            return true;
        }

        // TCSETSW and TCSETSF wait until the terminal has taken the output, which Ctrl-S holds up for as long as one likes.
        error = Errno.ENOMEM;
        if (Interlocked.Increment(ref _terminalThreads) > MostTerminalThreads)
        {
            Interlocked.Decrement(ref _terminalThreads);
            return true;
        }

        ulong id = request.Id;
        new Thread(
            () =>
            {
                Errno result = stream.SetTermios((int)when, termios);
                Interlocked.Decrement(ref _terminalThreads);
                CompleteLater(new CompletionEntry { Id = id, Error = (int)result });
            },
            256 << 10)
        {
            IsBackground = true,
            Name = "cloister: terminal",
        }.Start();
        return false;
    }
}
