using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>
/// What the monitor's work costs, in instructions, beside Keystone's monitor. QEMU counts exactly, so that figures of the stock monitor can be kept
/// (stock-costs.txt: release 88c49ee on OpenSBI 1.1, gcc 12.2, without Sstc, which it programs for enclaves too); <c>CLOISTER_STOCK_MONITOR</c> names
/// its image, as eng/stock-monitor.sh makes it, to measure it in the same run.
/// </summary>
public sealed class CostTests(Machines machines, ITestOutputHelper output)
{
    [Fact]
    public void CallsCostNoMoreThanThoseOfTheStockMonitor()
    {
        Dictionary<string, long> ours = Measure(machines.Monitor, "rv64");
        Dictionary<string, long> kept = Costs(File.ReadAllLines(Path.Combine(Machines.Home, "Kernel", "stock-costs.txt")).Select(line => line.Split(' ')));
        Dictionary<string, long> stock = Machines.Stock is { } image ? Measure(image, "rv64,sstc=off") : kept;
        foreach ((string name, long cost) in ours)
            output.WriteLine(stock.TryGetValue(name, out long other)
                ? $"{name}: {cost:N0} of {other:N0} instructions, {(double)cost / other:F2}" : $"{name}: {cost:N0}");
        // An edge call with a random number has no price there: its numbers are cycles.
        Assert.All(kept.Keys, name => Assert.InRange(ours[name], 1, stock[name]));
    }

    private Dictionary<string, long> Measure(string monitor, string processor)
    {
        string text = Machines.Boot(monitor, machines.Kernel, 1, 128, "bench=1", [.. Machines.CountedTime, "-cpu", processor]);
        Assert.Contains("failures 0", text, StringComparison.Ordinal);
        return Costs(text.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(' ')).Where(words => words[0] == "cost").Select(words => words[1..]));
    }

    private static Dictionary<string, long> Costs(IEnumerable<string[]> lines) =>
        lines.ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
}
