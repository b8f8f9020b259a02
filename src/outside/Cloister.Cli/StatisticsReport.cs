using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Switchless;
using Cloister.Host.Terminal;
using Cloister.Linux.Syscalls;
using Cloister.Platform.Process;

namespace Cloister.Cli;

/// <summary>What <c>--stats</c> prints on standard error when the program has ended.</summary>
internal static class StatisticsReport
{
    public static void Write(long[] counts, CallSiteCounts? callSites, ExitMeter? exits)
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
        if (callSites is { } sites)
            Append(text, sites);
        text.Append("system calls: ").Append(total).Append('\n');
        foreach ((string name, long count) in rows)
            text.Append($"{count,12} {name}\n");
        if (exits is not null)
            Append(text, exits);
        LauncherOutput.WriteError(text.ToString());
    }

    private static void Append(StringBuilder text, ExitMeter exits)
    {
        text.Append(CultureInfo.InvariantCulture, $"exits: {exits.Exits}, {exits.Avoided} avoided; processor time of workers: {exits.WorkerTime.TotalSeconds:F3} s\n");
        text.Append("requests to the host:\n");
        var rows = new List<(HostOperation Kind, long Count)>();
        foreach (HostOperation kind in Enum.GetValues<HostOperation>())
        {
            if (exits.RequestsOf(kind) > 0)
                rows.Add((kind, exits.RequestsOf(kind)));
        }

        rows.Sort((a, b) => b.Count.CompareTo(a.Count));
        foreach ((HostOperation kind, long count) in rows)
            text.Append(CultureInfo.InvariantCulture, $"{count,12} {kind}\n");
    }

    /// <summary>Places in the text of programs, not calls: code that programs write themselves isn't among them.</summary>
    private static void Append(StringBuilder text, CallSiteCounts sites)
    {
        text.Append(CultureInfo.InvariantCulture, $"call sites: {sites.Patched} of {sites.Sites} leave without a trap\n");
        AppendReason(sites.SignalReturns, "return from signal handlers, which unwinders know by their bytes");
        AppendReason(sites.BranchedInto, "have a branch into what would have to move");
        AppendReason(sites.WithoutRoom, "have no neighbour that can move");
        AppendReason(sites.Uncertain, "may be data");

        void AppendReason(int count, string reason)
        {
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count,12} {reason}\n");
        }
    }
}
