using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Kernel;
using Cloister.Sdk.Enclave;

namespace Cloister.Monitor.Window;

/// <summary>
/// An enclave that does with the window what the kernel's platform does, without the kernel: requests in the rings, bells, waits, text, result.
/// </summary>
internal static unsafe class Program
{
    private const int Status = 42;

    private static uint s_submitted, s_answered;

    // SAFETY: entry code has mapped all of the shared memory, which the launcher makes as large as the window.
    private static Span<byte> Window => new(EnclaveMemory.GetShared(), MachineWindow.Length);

    private static int Main()
    {
        if (EnclaveMemory.GetSharedSize() != MachineWindow.Length)
            return 1;
        Write("The host serves the rings.\n"u8);
        // A deadline that nobody rings for; but the bell of the answer above may come after the answer has been seen, and ends one wait.
        const int ticks = 300_000;
        ulong before = EnclaveMemory.GetTime();
        for (int waits = 0; waits < 3 && EnclaveMemory.GetTime() - before < ticks; waits++)
            Stop(StopReason.Idle, wait: 30_000_000);
        Write(EnclaveMemory.GetTime() - before >= ticks ? "It has waited.\n"u8 : "It hasn't waited.\n"u8);
        const int many = 200;
        for (int i = 0; i < many; i++)
            Write(i == many - 1 ? "And answers again and again.\n"u8 : ""u8);
        ref uint asks = ref Word(MachineWindow.TimeRequest);
        Volatile.Write(ref asks, 1);
        Stop(StopReason.Bell);
        while (Volatile.Read(ref asks) != 0)
            Stop(StopReason.Idle, wait: 1_000_000);
        long time = MemoryMarshal.Read<long>(Window[MachineWindow.Time..]);
        const long year2020 = 1_577_836_800_000_000_000;
        byte[] result = ConfigurationFormat.Write(new ExitStatus(time > year2020 ? Status : 1, "The enclave's own words.", []));
        result.CopyTo(Window[MachineWindow.Result..]);
        Volatile.Write(ref Word(MachineWindow.ResultLength), (uint)result.Length);
        return 0;
    }

    // A write to standard output, and its answer.
    private static void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(HostRegionLayout.GetSlot(Window, 0));
        var request = new SubmissionEntry
        {
            Id = s_submitted + 1, Operation = HostOperation.ConsoleWrite, Slot = 0, Handle = 1, FirstLength = (uint)text.Length,
        };
        MemoryMarshal.Write(HostRegionLayout.GetSubmission(Window, s_submitted), request);
        Volatile.Write(ref Word(HostRegionLayout.SubmissionTail), ++s_submitted);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Word(MachineWindow.HostPolls)) == 0)
            Stop(StopReason.Bell);
        while (Volatile.Read(ref Word(HostRegionLayout.CompletionTail)) == s_answered)
            Stop(StopReason.Idle, wait: -1);
        s_answered++;
    }

    private static void Stop(StopReason reason, long wait = 0)
    {
        MemoryMarshal.Write(Window[EnclaveStop.Offset..], new EnclaveStop { Reason = reason, Wait = wait });
        MonitorCalls.Call(MonitorCalls.Stop, MonitorCalls.ForHostCall, 0, 0);
    }

    private static ref uint Word(int offset) => ref HostRegionLayout.GetWord(Window, offset);
}
