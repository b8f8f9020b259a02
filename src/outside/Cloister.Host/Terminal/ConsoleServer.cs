using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Contracts;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>The launcher's standard streams, and those of programs that have joined.</summary>
public sealed class ConsoleServer : IDisposable
{
    private readonly ConsoleStream?[] _streams = new ConsoleStream?[HostStreams.Most];
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <summary>Uses descriptors, which stay open: the standard streams, and others behind them.</summary>
    public ConsoleServer(params IReadOnlyList<int> descriptors)
    {
        for (int i = 0; i < descriptors.Count; i++)
            _streams[i] = new ConsoleStream(FileDescriptor.Borrow(descriptors[i]));
    }

    /// <summary>Whether standard input is a terminal.</summary>
    public bool HasTerminal => _streams[0] is { IsTerminal: true };

    /// <summary>Puts the terminal back as it was. May be called more than once, also when the process is about to end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (ConsoleStream? stream in _streams)
                stream?.Dispose();
        }
    }

    internal ConsoleStream? Find(uint stream) => stream < (uint)_streams.Length ? Volatile.Read(ref _streams[stream]) : null;

    /// <summary>Adds a stream, whose descriptor goes over to it.</summary>
    internal void Open(int stream, FileDescriptor file) => Volatile.Write(ref _streams[stream], new ConsoleStream(file));

    /// <summary>Closes a stream.</summary>
    internal void Close(int stream) => Interlocked.Exchange(ref _streams[stream], null)?.Dispose();

    /// <summary>Stops this process as Ctrl-Z would, with the terminal as the shell expects it; returns when it is continued.</summary>
    internal void Suspend()
    {
        foreach (ConsoleStream? stream in _streams)
            stream?.RestoreTermios();
        Libc.Kill(Environment.ProcessId, Constants.SIGSTOP);
        foreach (ConsoleStream? stream in _streams)
            stream?.ReapplyTermios();
    }
}
