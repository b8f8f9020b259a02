using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Cloister.Contracts;

namespace Cloister.Host.Terminal;

/// <summary>Catches the signals to this process that are meant for programs inside, until it is disposed of.</summary>
internal sealed class SignalCatcher : IDisposable
{
    private const int Last = 64;
    private const int Continue = 18;
    private const int Stop = 20;

    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins.</summary>
    /// <param name="caught">Gets each signal, on a thread of the runtime's.</param>
    /// <param name="catchesStops">Whether SIGTSTP and SIGCONT are caught too, or stop and continue this process.</param>
    public SignalCatcher(Action<int> caught, bool catchesStops)
    {
        for (int signal = 1; signal <= Last; signal++)
        {
            if (HostSignals.IsPassed(signal) && (catchesStops || signal is not (Continue or Stop)))
                _registrations.Add(Register(signal, caught));
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _registrations.Clear();
    }

    // Other than those that have names in .NET are registered by their numbers.
    private static PosixSignalRegistration Register(int number, Action<int> caught)
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
        return PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            caught(number);
        });
    }
}
