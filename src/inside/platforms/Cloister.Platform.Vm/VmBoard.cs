using System;
using System.Runtime.InteropServices;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.X64;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Vm;

/// <summary>What the runtime of Cloister.Aot asks of the machine (platform.h).</summary>
// SAFETY: callers pass a pointer to as many bytes as they say. Nothing here allocates.
internal static unsafe class VmBoard
{
    private const ushort ExitPort = 0xf4;
    private const int TrapStatus = 133;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Start")]
    private static void Start(byte* information)
    {
        Uart16550<Com1>.Start();
        if (!BootMemory.TryPlace())
        {
            Uart16550<Com1>.Send("The machine has too little memory for the kernel, or no memory map: give it 64 MiB or more.\n"u8);
            End(1);
        }

        if (!X64ImageProtection.TryApply())
        {
            Uart16550<Com1>.Send("The kernel's image is larger than its page tables have room for.\n"u8);
            End(1);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Uart16550<Com1>.Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Uart16550<Com1>.Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => End(status);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Trap")]
    private static void Trap(nuint vector, nuint error, nuint counter, nuint address)
    {
        Uart16550<Com1>.SendTrap(vector, error, counter, address);
        End(TrapStatus);
    }

    /// <summary>Ends the machine: QEMU's isa-debug-exit.</summary>
    public static void End(int status)
    {
        X64Instructions.Out8(ExitPort, (byte)Math.Min((uint)status, 127));
        while (true)
            CpuInstructions.Pause();
    }
}
