using System;
using System.Collections.Generic;
using System.Threading;

namespace Cloister.Host.Terminal;

/// <summary>A signal for a program inside.</summary>
/// <param name="Program">Its number; 0 for the first.</param>
/// <param name="Signal">Which.</param>
/// <param name="IsOfTerminal">Whether it is for the group in the foreground of its terminal, where it is one that terminals send.</param>
internal readonly record struct ProgramSignal(int Program, int Signal, bool IsOfTerminal);

/// <summary>
/// Catches the signals that are meant for the programs inside: Ctrl-C reaches them, not the launcher, which ends when
/// they have ended.
/// </summary>
internal sealed class LauncherSignals : IDisposable
{
    // Each kind is kept once, as Linux does with signals that are pending.
    private readonly Queue<ProgramSignal> _pending = new();
    private readonly Lock _lock = new();
    private readonly Action<ulong, ProgramSignal> _deliver;
    private SignalCatcher? _catcher;
    private ulong _request;
    private bool _isWaiting;

    /// <summary>Creates it; signals are caught from the first wait on.</summary>
    /// <param name="deliver">Gets the request and the signal.</param>
    public LauncherSignals(Action<ulong, ProgramSignal> deliver) => _deliver = deliver;

    /// <summary>Delivers the next signal to a request: a pending one at once.</summary>
    public void Wait(ulong request)
    {
        ProgramSignal signal;
        lock (_lock)
        {
            _catcher ??= new SignalCatcher(number => Send(new ProgramSignal(0, number, IsOfTerminal: true)), catchesStops: true);
            if (!_pending.TryDequeue(out signal))
            {
                _request = request;
                _isWaiting = true;
                return;
            }
        }

        _deliver(request, signal);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _catcher?.Dispose();
        }
    }

    /// <summary>Hands a signal on.</summary>
    internal void Send(ProgramSignal signal)
    {
        ulong request;
        lock (_lock)
        {
            if (!_isWaiting)
            {
                if (!_pending.Contains(signal))
                    _pending.Enqueue(signal);
                return;
            }

            _isWaiting = false;
            request = _request;
        }

        _deliver(request, signal);
    }
}
