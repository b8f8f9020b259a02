using System;
using System.IO;

namespace Cloister.Bench;

/// <summary>Facts about the machine that figures were measured on.</summary>
public static class Machine
{
    /// <summary>The processor's name as Linux has it.</summary>
    public static string Processor()
    {
        foreach (string line in File.ReadLines("/proc/cpuinfo"))
            if (line.StartsWith("model name", StringComparison.Ordinal))
                return line[(line.IndexOf(':') + 2)..];
        return "unknown";
    }

    /// <summary>The kernel's release.</summary>
    public static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
