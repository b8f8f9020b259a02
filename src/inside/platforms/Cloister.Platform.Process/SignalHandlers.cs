using System;

namespace Cloister.Platform.Process;

/// <summary>
/// Puts the emitted handlers in front of CoreCLR's and the host side's (docs/process-platform.md, "Signals").
/// </summary>
internal static unsafe class SignalHandlers
{
    private const int SignalKill = 9;
    private const int SignalStop = 19;
    private const ulong SaSiginfo = 4;
    private const ulong SaRestorer = 0x04000000;
    private const ulong SaOnStack = 0x08000000;
    private const ulong SaNoDefer = 0x40000000;

    // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS: what programs do to themselves.
    private static ReadOnlySpan<int> Faults => [4, 5, 7, 8, 11, 31];

    /// <summary>
    /// Installs them. Must run after the launcher has registered all of its own signal handlers; one that is registered
    /// later would meet the program's FS base.
    /// </summary>
    public static void Install(Stubs stubs)
    {
        Span<ulong> chained = stubs.ChainedHandlers;
        for (int signal = 1; signal <= 64; signal++)
        {
            if (signal is SignalKill or SignalStop)
                continue;
            KernelSigaction action = default;
            if (stubs.ShortHostCall(Host.RtSigaction, (ulong)signal, 0, (ulong)(&action), 8, 0, 0) != 0)
                continue;
            bool isFault = Faults.Contains(signal);
            bool isOurs = isFault || signal == ContextLayout.KickSignal;
            bool hasHandler = action.Handler > 1;
            if (!isOurs && !hasHandler)
                continue;
            if (hasHandler && (action.Handler == stubs.TrapHandler || action.Handler == stubs.ChainingHandler))
                continue;
            chained[signal] = hasHandler ? action.Handler : isFault ? stubs.UnexpectedSignal : stubs.IgnoreSignal;
            // A fault's handler may be left for good (the thread goes on in C#), so the signal must not stay blocked.
            // A kick during a chained handler has to wait: it would find the thread in the stubs and be forgotten.
            var ours = isOurs
                ? new KernelSigaction(stubs.TrapHandler, SaSiginfo | SaOnStack | SaNoDefer | SaRestorer, stubs.Restorer, 0)
                : new KernelSigaction(stubs.ChainingHandler, action.Flags | SaSiginfo | SaOnStack | SaRestorer, stubs.Restorer,
                    action.Mask | 1UL << (ContextLayout.KickSignal - 1));
            long error = stubs.ShortHostCall(Host.RtSigaction, (ulong)signal, (ulong)(&ours), 0, 8, 0, 0);
            if (error != 0)
                throw new PlatformException($"The host refuses a handler for signal {signal} (rt_sigaction: error {-error}).");
        }
    }

    /// <summary>struct kernel_sigaction of x86-64.</summary>
    private readonly record struct KernelSigaction(ulong Handler, ulong Flags, ulong Restorer, ulong Mask);
}
