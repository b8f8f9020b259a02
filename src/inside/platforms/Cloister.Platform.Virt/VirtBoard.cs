using System;
using System.Runtime.InteropServices;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.RiscV64;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Virt;

/// <summary>What the runtime of Cloister.Aot asks of the machine (platform.h).</summary>
// SAFETY: callers pass a pointer to as many bytes as they say. Nothing here allocates.
internal static unsafe class VirtBoard
{
    // SiFive's test device: a status in the upper half, and how the machine ends.
    private const ulong TestDevice = 0x10_0000;
    private const uint Failed = 0x3333;
    private const uint Passed = 0x5555;
    private const int TrapStatus = 133;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Start")]
    private static void Start(byte* information)
    {
        Uart16550<VirtUart>.Start();
        CpuInstructions.GetMachine()->ClockStart = CpuInstructions.ReadCounter();
        if (!VirtMemory.TryPlace())
        {
            Uart16550<VirtUart>.Send("The machine has too little memory for the kernel, or no device tree: give it 64 MiB or more.\n"u8);
            End(1);
        }

        uint frequency = VirtMemory.Tree.TimebaseFrequency();
        if (frequency == 0)
        {
            Uart16550<VirtUart>.Send("The device tree doesn't say how fast the machine's clock is.\n"u8);
            End(1);
        }

        const ulong second = 1_000_000_000;
        MachineClock.SetSpeed(frequency, second);
        if (!RiscV64ImageProtection.TryApply(VirtMemory.ImagePlace))
        {
            Uart16550<VirtUart>.Send("The kernel's image is larger than its page tables have room for.\n"u8);
            End(1);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Uart16550<VirtUart>.Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Uart16550<VirtUart>.Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => End(status);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Trap")]
    private static void Trap(nuint vector, nuint error, nuint counter, nuint address)
    {
        Uart16550<VirtUart>.SendTrap(vector, error, counter, address);
        End(TrapStatus);
    }

    private static void End(int status)
    {
        CpuInstructions.Write32(LinearMemory.At(TestDevice), status == 0 ? Passed : (uint)status << 16 | Failed);
        while (true)
            CpuInstructions.Pause();
    }
}
