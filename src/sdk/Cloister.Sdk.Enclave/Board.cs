using System;
using System.Runtime.InteropServices;

namespace Cloister.Sdk.Enclave;

/// <summary>What the runtime of Cloister.Aot asks of its board (platform.h), by calls to the host and the monitor.</summary>
// SAFETY: callers pass a pointer to as many bytes as they say.
internal static unsafe class Board
{
    /// <summary>The host's function that prints.</summary>
    private const int Print = 1;

    // QEMU's clock has 10 MHz, and nobody inside can find out otherwise. Time is the host's anyway.
    private const long NanosecondsPerTick = 100;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Send(bytes, count);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Send(bytes, count);

    private static void Send(byte* bytes, int count)
    {
        while (count > 0)
        {
            int piece = Math.Min(count, 2048);
            HostCalls.Call(Print, new ReadOnlySpan<byte>(bytes, piece), default);
            bytes += piece;
            count -= piece;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status)
    {
        while (true)
            MonitorCalls.Call(MonitorCalls.Exit, (ulong)status, 0, 0);
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapStart")]
    private static byte* HeapStart() => EnclaveMemory.GetHeap();

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapSize")]
    private static nint HeapSize() => (nint)EnclaveMemory.GetHeapSize();

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_Time")]
    private static long Time() => (long)EnclaveMemory.GetTime() * NanosecondsPerTick;

    /// <summary>It may return at once; who waits asks the clock.</summary>
    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Pause")]
    private static void Pause(long nanoseconds)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Trap")]
    private static void Trap(nuint cause, nuint detail, nuint counter, nuint address)
    {
        const int TrapStatus = 133;
        ReadOnlySpan<byte> text = "Unexpected trap in the enclave.\n"u8;
        HostCalls.Call(Print, text, default);
        while (true)
            MonitorCalls.Call(MonitorCalls.Exit, TrapStatus, 0, 0);
    }
}
