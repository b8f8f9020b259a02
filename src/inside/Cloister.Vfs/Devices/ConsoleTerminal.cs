using System;
using System.Threading;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;

namespace Cloister.Vfs.Devices;

/// <summary>
/// Standard streams as seen from inside, and the terminal behind them: those of the launcher, or of a program that has joined.
/// </summary>
internal sealed class ConsoleTerminal : ITerminal
{
    private readonly int _firstStream;
    private readonly Action? _closed;
    private int _foregroundGroup;
    private int _session;
    private int _users;

    public ConsoleTerminal(IHostConsole host)
    {
        Host = host;
        for (int stream = 0; stream < Queues.Length; stream++)
            Queues[stream] = new WaitQueue();
        for (int stream = 0; stream < Queues.Length; stream++)
            host.Subscribe(stream, Queues[stream]);
    }

    /// <summary>Other streams of the same host.</summary>
    /// <param name="launcher">The launcher's.</param>
    /// <param name="firstStream">The first of the three.</param>
    /// <param name="closed">Called when no file that is one of them is open any more. Must not wait.</param>
    public ConsoleTerminal(ConsoleTerminal launcher, int firstStream, Action closed)
    {
        _closed = closed;
        Host = launcher.Host;
        Queues = launcher.Queues;
        _firstStream = firstStream;
    }

    public IHostConsole Host { get; }

    public WaitQueue[] Queues { get; } = new WaitQueue[HostStreams.Most];

    /// <summary>Whether a file is open that is one of the streams.</summary>
    public bool IsOpen => Volatile.Read(ref _users) != 0;

    /// <summary>Counts an open file.</summary>
    public ConsoleTerminal Use()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>An open file is closed.</summary>
    public void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _closed?.Invoke();
    }

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

    /// <summary>That of /dev/console.</summary>
    public ulong Device => DeviceNumbers.Make(5, 1);

    /// <summary>The stream that stands for the terminal, or -1: input first, since reading needs it.</summary>
    public int TerminalStream
    {
        get
        {
            for (int stream = _firstStream; stream < _firstStream + HostStreams.Standard; stream++)
            {
                if (Host.IsTerminal(stream))
                    return stream;
            }

            return -1;
        }
    }
}
