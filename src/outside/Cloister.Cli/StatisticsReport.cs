using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Cloister.Host.Terminal;
using Cloister.Linux.Syscalls;

namespace Cloister.Cli;

/// <summary>What <c>--stats</c> prints on standard error when the program has ended.</summary>
internal static class StatisticsReport
{
    public static void Write(long[] counts)
    {
        var rows = new List<(string Name, long Count)>();
        long total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0)
                continue;
            rows.Add((SyscallCatalog.NameOf(i) ?? $"number {i}", counts[i]));
            total += counts[i];
        }

        rows.Sort((a, b) => b.Count.CompareTo(a.Count));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"kernel memory: {GC.GetTotalAllocatedBytes(precise: true)} bytes allocated, {GC.CollectionCount(0)} collections\n");
        text.Append("system calls: ").Append(total).Append('\n');
        foreach ((string name, long count) in rows)
            text.Append($"{count,12} {name}\n");
        LauncherOutput.WriteError(text.ToString());
    }
}
