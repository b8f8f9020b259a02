using System;
using System.Runtime.InteropServices;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Keystone;

/// <summary>The launcher beside the enclave: it gets the processor when the enclave stops, and passes bells on.</summary>
// SAFETY: the window is memory that the monitor lets both sides use, as long as the window: EnclaveMemory.Place has looked.
internal sealed unsafe class Launcher : IBell
{
    private static Span<byte> Window => new(LinearMemory.At(CpuInstructions.GetMachine()->Window), MachineWindow.Length);

    /// <inheritdoc/>
    public void Ring() => Stop(new EnclaveStop { Reason = StopReason.Bell });

    /// <inheritdoc/>
    public void Answer()
    {
        // The launcher has taken it.
    }

    /// <summary>Gives the processor away until the launcher is rung for, or for a time.</summary>
    /// <param name="nanoseconds">long.MaxValue for ever.</param>
    public static void Wait(long nanoseconds) =>
        Stop(new EnclaveStop { Reason = StopReason.Idle, Wait = nanoseconds == long.MaxValue ? -1 : nanoseconds });

    /// <summary>Has text printed.</summary>
    public static void Print(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> piece = text[..Math.Min(text.Length, (int)EnclaveStop.MostText)];
            piece.CopyTo(Window[EnclaveStop.Text..]);
            Stop(new EnclaveStop { Reason = StopReason.Print, TextLength = (uint)piece.Length });
            text = text[piece.Length..];
        }
    }

    /// <summary>Ends the enclave.</summary>
    public static void End(int status)
    {
        while (true)
            MonitorCalls.Call(MonitorCalls.Exit, (ulong)status, 0, 0);
    }

    private static void Stop(EnclaveStop stop)
    {
        MemoryMarshal.Write(Window[EnclaveStop.Offset..], stop);
        MonitorCalls.Call(MonitorCalls.Stop, MonitorCalls.ForLauncher, 0, 0);
        // Who looks later why the enclave isn't running must not take an old reason for a new one.
        MemoryMarshal.Write(Window[EnclaveStop.Offset..], default(EnclaveStop));
    }
}
