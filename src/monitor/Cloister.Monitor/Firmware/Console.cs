using System.Runtime.InteropServices;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>What the runtime asks of a board, as far as a monitor has it (platform.h): reports of failed checks, and the end.</summary>
// SAFETY: callers pass a pointer to as many bytes as they say. No check of the language is here: a failed one would come back.
internal static unsafe class Console
{
    /// <summary>The machine's status after a failed check.</summary>
    public const int FailedStatus = 134;

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Write")]
    private static void Write(byte* bytes, int count)
    {
        for (int i = 0; i < count; i++)
            Board.WriteConsole(bytes[i]);
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_WriteError")]
    private static void WriteError(byte* bytes, int count)
    {
        for (int i = 0; i < count; i++)
            Board.WriteConsole(bytes[i]);
    }

    [UnmanagedCallersOnly(EntryPoint = "cl_Platform_Exit")]
    private static void Exit(int status) => Board.PowerOff(status);
}
