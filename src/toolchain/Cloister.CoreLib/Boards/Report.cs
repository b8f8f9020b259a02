using System;

namespace Cloister.Runtime.Boards;

/// <summary>Text for reports of last resort: no object, no exception, no buffer.</summary>
// SAFETY: a string has its length at 8 and its characters at 12; callers pass literals. One byte is written from a local variable.
internal static unsafe class Report
{
    public static void Write(string text)
    {
        // Characters by address: a failed check would come back here.
        char* characters = (char*)(Support.AddressOf(text) + 12);
        byte c;
        for (int i = *(int*)(Support.AddressOf(text) + 8); i > 0; i--)
        {
            c = (byte)*characters++;
            Platform.WriteError(&c, 1);
        }
    }

    public static void WriteHexadecimal(nuint value)
    {
        Write("0x");
        byte c;
        for (int shift = sizeof(nuint) * 8 - 4; shift >= 0; shift -= 4)
        {
            if (value >> shift == 0 && shift > 0)
                continue;
            int digit = (int)(value >> shift & 15);
            c = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            Platform.WriteError(&c, 1);
        }
    }

    /// <summary>Reports a trap and ends the program.</summary>
    public static void Trap(string cause, nuint number, nuint counter, nuint address)
    {
        Console.Flush();
        Write("Unexpected trap: ");
        Write(cause);
        Write(" (cause ");
        WriteHexadecimal(number);
        Write("), pc ");
        WriteHexadecimal(counter);
        Write(", address ");
        WriteHexadecimal(address);
        Write(".\n");
        Platform.Exit(TrapStatus);
    }

    /// <summary>The exit status after a trap: 128 and SIGTRAP, as a shell shows it.</summary>
    public const int TrapStatus = 133;
}
