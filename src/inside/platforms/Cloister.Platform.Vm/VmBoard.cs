using System;
using System.Runtime.InteropServices;
using Cloister.Platform.Paged.Cpu.X64;

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
        SerialLine.Start();
        if (!BootMemory.TryPlace(X64Instructions.GetMachine(), (ulong)X64Instructions.GetImageEnd()))
        {
            Send("The machine has too little memory for the kernel, or no memory map: give it 64 MiB or more.\n"u8);
            End(1);
        }

        if (!X64ImageProtection.TryApply())
        {
            Send("The kernel's image is larger than its page tables have room for.\n"u8);
            End(1);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count) => Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count) => Send(new ReadOnlySpan<byte>(bytes, count));

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => End(status);

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapStart")]
    private static byte* HeapStart() => (byte*)X64Instructions.GetMachine()->HeapStart;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_HeapSize")]
    private static nint HeapSize() => (nint)X64Instructions.GetMachine()->HeapSize;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_get_Time")]
    private static long Time() => X64Clock.Now();

    /// <summary>Threads wait in the kernel's own idle hook.</summary>
    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Pause")]
    private static void Pause(long nanoseconds)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Trap")]
    private static void Trap(nuint vector, nuint error, nuint counter, nuint address)
    {
        Send("The kernel has trapped: vector "u8);
        SendNumber(vector);
        Send(", error "u8);
        SendNumber(error);
        Send(", at "u8);
        SendNumber(counter);
        Send(", address "u8);
        SendNumber(address);
        Send(".\n"u8);
        End(TrapStatus);
    }

    /// <summary>Prints text on the launcher's standard error.</summary>
    public static void Send(ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
            SerialLine.Send(value);
    }

    /// <summary>Ends the machine: QEMU's isa-debug-exit.</summary>
    public static void End(int status)
    {
        X64Instructions.Out8(ExitPort, (byte)Math.Min((uint)status, 127));
        while (true)
            X64Instructions.Pause();
    }

    private static void SendNumber(nuint value)
    {
        Send("0x"u8);
        bool hasBegun = false;
        for (int shift = sizeof(ulong) * 8 - 4; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift & 15);
            hasBegun |= digit != 0 || shift == 0;
            if (hasBegun)
                SerialLine.Send((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }
}
