using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>The launcher's three standard streams.</summary>
public sealed class ConsoleServer : IDisposable
{
    private readonly ConsoleStream[] _streams;
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <summary>Uses descriptors, which stay open: the standard streams, and others behind them.</summary>
    public ConsoleServer(params IReadOnlyList<int> descriptors)
    {
        _streams = new ConsoleStream[descriptors.Count];
        for (int i = 0; i < _streams.Length; i++)
            _streams[i] = new ConsoleStream(descriptors[i]);
    }

    /// <summary>Whether standard input is a terminal.</summary>
    public bool HasTerminal => _streams[0].IsTerminal;

    /// <summary>Puts the terminal back as it was. May be called more than once, also when the process is about to end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (ConsoleStream stream in _streams)
                stream.Dispose();
        }
    }

    internal ConsoleStream? Find(uint stream) => stream < (uint)_streams.Length ? _streams[stream] : null;

    /// <summary>Stops this process as Ctrl-Z would, with the terminal as the shell expects it; returns when it is continued.</summary>
    internal void Suspend()
    {
        foreach (ConsoleStream stream in _streams)
            stream.RestoreTermios();
        Libc.Kill(Environment.ProcessId, Constants.SIGSTOP);
        foreach (ConsoleStream stream in _streams)
            stream.ReapplyTermios();
    }
}
