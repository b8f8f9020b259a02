using System.Runtime.InteropServices;

namespace Cloister.Platform.Paged.Cpu;

/// <summary>What the runtime of Cloister.Aot asks of every machine with page tables (platform.h); each board has the rest.</summary>
// SAFETY: the machine's block is a variable of the image. Nothing here allocates.
internal static unsafe class MachineExports
{
    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapStart")]
    private static byte* HeapStart() => (byte*)CpuInstructions.GetMachine()->HeapStart;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapSize")]
    private static nint HeapSize() => (nint)CpuInstructions.GetMachine()->HeapSize;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_Time")]
    private static long Time() => MachineClock.Now();

    /// <summary>Threads wait in the kernel's own idle hook.</summary>
    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Pause")]
    private static void Pause(long nanoseconds)
    {
    }
}
