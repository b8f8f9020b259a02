using System;
using System.Runtime.InteropServices;

namespace Cloister.Keystone.Launcher;

/// <summary>What the runtime of Cloister.Aot asks of Linux (platform.h).</summary>
// SAFETY: callers pass a pointer to as many bytes as they say.
internal static unsafe class Platform
{
    private const long Heap = 64 << 20;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Linux.Write(1, new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Linux.Write(2, new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => Linux.Exit(status);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapStart")]
    private static byte* HeapStart() => Linux.Reserve(Heap);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapSize")]
    private static nint HeapSize() => (nint)Heap;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_Time")]
    private static long Time() => Linux.MonotonicTime();

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Pause")]
    private static void Pause(long nanoseconds) => Linux.Sleep(nanoseconds);
}
