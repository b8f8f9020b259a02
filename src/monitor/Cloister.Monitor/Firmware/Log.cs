using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Firmware;

/// <summary>Lines on the console, which the monitor shares with the host.</summary>
internal static class Log
{
    public static void Write(string text)
    {
        foreach (char character in text)
            Board.WriteConsole((byte)character);
    }

    public static void WriteLine(string text)
    {
        Write(text);
        Write("\r\n");
    }

    /// <summary>A number in hexadecimal.</summary>
    public static void WriteNumber(ulong value)
    {
        Write("0x");
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            ulong digit = value >> shift & 15;
            Board.WriteConsole((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    /// <summary>Why a call of the host or an enclave was refused; only where the machine was told to say it.</summary>
    public static void Refused(ref Machine machine, ulong function, ulong error, string reason)
    {
        if (!machine.Configuration.LogsRefusals)
            return;
        Write("monitor: call ");
        WriteDecimal(function);
        Write(" refused (");
        WriteDecimal(error);
        Write("): ");
        WriteLine(reason);
    }

    public static void WriteDecimal(ulong value)
    {
        ulong unit = 1;
        while (value / unit >= 10)
            unit *= 10;
        for (; unit > 0; unit /= 10)
            Board.WriteConsole((byte)('0' + value / unit % 10));
    }
}
