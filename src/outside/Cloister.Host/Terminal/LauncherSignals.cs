using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace Cloister.Host.Terminal;

/// <summary>
/// Catches the signals that are meant for the programs inside: Ctrl-C reaches them, not the launcher, which ends when
/// they have ended.
/// </summary>
internal sealed class LauncherSignals : IDisposable
{
    // Of the seven kinds each is kept once, as Linux does with signals that are pending.
    private readonly Queue<int> _pending = new();
    private readonly Lock _lock = new();
    private readonly Action<ulong, int> _deliver;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private ulong _request;
    private bool _isWaiting;

    /// <summary>Creates it; signals are caught from the first wait on.</summary>
    /// <param name="deliver">Gets the request and the signal.</param>
    public LauncherSignals(Action<ulong, int> deliver) => _deliver = deliver;

    /// <summary>Delivers the next signal to a request: a pending one at once.</summary>
    public void Wait(ulong request)
    {
        int signal;
        lock (_lock)
        {
            if (_registrations.Count == 0)
                Register();
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
            foreach (PosixSignalRegistration registration in _registrations)
                registration.Dispose();
            _registrations.Clear();
        }
    }

    /// <summary>Hands a signal on.</summary>
    internal void OnSignal(int signal)
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

    private void Register()
    {
        Register(PosixSignal.SIGHUP, 1);
        Register(PosixSignal.SIGINT, 2);
        Register(PosixSignal.SIGQUIT, 3);
        Register(PosixSignal.SIGTERM, 15);
        Register(PosixSignal.SIGCONT, 18);
        Register(PosixSignal.SIGTSTP, 20);
        Register(PosixSignal.SIGWINCH, 28);
    }

    private void Register(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        OnSignal(number);
    }));
}
