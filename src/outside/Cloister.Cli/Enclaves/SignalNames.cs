using System;
using System.Globalization;
using Cloister.Host;

namespace Cloister.Cli.Enclaves;

/// <summary>Names of signals, as kill(1) takes them: TERM, SIGTERM, 15, RTMIN+1.</summary>
internal static class SignalNames
{
    private const int FirstRealTime = 34; // SIGRTMIN of the C library
    private const int Last = 64;

    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
        "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    public static int Parse(string text)
    {
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        int number = Array.IndexOf(s_names, name);
        if (number > 0)
            return number;
        if (name.StartsWith("RTMIN", StringComparison.Ordinal) && TryRead(name[5..].TrimStart('+'), out int behind))
            number = FirstRealTime + behind;
        else if (name.StartsWith("RTMAX", StringComparison.Ordinal) && TryRead(name[5..].TrimStart('-'), out int before))
            number = Last - before;
        else if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            number = 0;
        return number is > 0 and <= Last ? number : throw new HostException($"There is no signal '{text}': write a name such as TERM, or a number from 1 to {Last}.");
    }

    private static bool TryRead(string digits, out int number) =>
        int.TryParse(digits.Length == 0 ? "0" : digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
