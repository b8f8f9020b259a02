using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Contracts;

namespace Cloister.Host.Terminal;

/// <summary>
/// Catches the signals that are meant for the programs inside: Ctrl-C reaches them, not the launcher, which ends when
/// they have ended.
/// </summary>
internal sealed class LauncherSignals : IDisposable
{
    // Each kind is kept once, as Linux does with signals that are pending.
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
        const int last = 64;
        for (int signal = 1; signal <= last; signal++)
        {
            if (HostSignals.IsPassed(signal))
                Register(signal);
        }
    }

    // Other than those that have names in .NET are registered by their numbers.
    private void Register(int number)
    {
        PosixSignal signal = number switch
        {
            1 => PosixSignal.SIGHUP,
            2 => PosixSignal.SIGINT,
            3 => PosixSignal.SIGQUIT,
            15 => PosixSignal.SIGTERM,
            18 => PosixSignal.SIGCONT,
            20 => PosixSignal.SIGTSTP,
            28 => PosixSignal.SIGWINCH,
            _ => (PosixSignal)number,
        };
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            OnSignal(number);
        }));
    }
}
