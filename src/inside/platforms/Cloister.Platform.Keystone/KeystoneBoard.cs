using System;
using System.Runtime.InteropServices;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Cpu.RiscV64;

namespace Cloister.Platform.Keystone;

/// <summary>What the runtime of Cloister.Aot asks of the machine (platform.h).</summary>
// SAFETY: callers pass a pointer to as many bytes as they say. Nothing here allocates.
internal static unsafe class KeystoneBoard
{
    private const int TrapStatus = 133;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Start")]
    private static void Start(byte* information)
    {
        MachineState* machine = CpuInstructions.GetMachine();
        machine->Window = MonitorCalls.GetStart()->Shared;
        machine->ClockStart = CpuInstructions.ReadCounter();
        const ulong second = 1_000_000_000;
        MachineClock.SetSpeed(KeystoneProcessor.Frequency, second);
        ReadOnlySpan<byte> problem = EnclaveMemory.Place();
        if (problem.IsEmpty && !RiscV64ImageProtection.TryApply(MonitorCalls.GetStart()->Memory))
            problem = "The kernel's image is larger than its page tables have room for.\n"u8;
        if (problem.IsEmpty)
            return;
        Launcher.Print(problem);
        Launcher.End(1);
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Launcher.Print(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Launcher.Print(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => Launcher.End(status);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Trap")]
    private static void Trap(nuint vector, nuint error, nuint counter, nuint address)
    {
        Launcher.Print("The kernel has trapped: cause "u8);
        PrintNumber(vector);
        Launcher.Print(", at "u8);
        PrintNumber(counter);
        Launcher.Print(", address "u8);
        PrintNumber(address);
        Launcher.Print(".\n"u8);
        Launcher.End(TrapStatus);
    }

    private static void PrintNumber(ulong value)
    {
        const int digits = 16;
        Span<byte> text = stackalloc byte[digits];
        for (int i = 0; i < digits; i++)
        {
            int digit = (int)(value >> (digits - 1 - i) * 4 & 15);
            text[i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        Launcher.Print("0x"u8);
        Launcher.Print(text);
    }
}
