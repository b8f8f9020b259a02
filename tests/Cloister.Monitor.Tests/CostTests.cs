using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>
/// What the monitor's work costs, in instructions, beside Keystone's monitor. QEMU counts exactly, so that figures of the stock monitor can be kept
/// here; <c>CLOISTER_STOCK_MONITOR</c> names its image (fw_dynamic.elf) to measure it in the same run.
/// </summary>
public sealed class CostTests(Machines machines, ITestOutputHelper output)
{
    // Release 88c49ee on OpenSBI 1.1, gcc 12.2, without Sstc, which it programs for enclaves too.
    private static readonly Dictionary<string, long> s_stock = new()
    {
        ["base"] = 260, ["timer"] = 333, ["fence"] = 638, ["interrupt"] = 815, ["edge-call"] = 1977, ["create"] = 7_411_056,
        ["destroy"] = 50_332_894, ["create-measured"] = 7_546_462_492, ["destroy-measured"] = 50_332_894,
    };

    [Fact]
    public void CallsCostNoMoreThanThoseOfTheStockMonitor()
    {
        Dictionary<string, long> ours = Measure(machines.Monitor, "rv64");
        Dictionary<string, long> stock = Environment.GetEnvironmentVariable("CLOISTER_STOCK_MONITOR") is { } image && File.Exists(image)
            ? Measure(image, "rv64,sstc=off") : s_stock;
        foreach ((string name, long cost) in ours)
            output.WriteLine(stock.TryGetValue(name, out long other)
                ? $"{name}: {cost:N0} of {other:N0} instructions, {(double)cost / other:F2}" : $"{name}: {cost:N0}");
        Assert.All(s_stock.Keys, name => Assert.InRange(ours[name], 1, stock[name]));
    }

    private Dictionary<string, long> Measure(string monitor, string processor)
    {
        string text = Machines.Boot(monitor, machines.Kernel, 1, 128, "bench=1", [.. Machines.CountedTime, "-cpu", processor]);
        Assert.Contains("failures 0", text, StringComparison.Ordinal);
        return text.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(' ')).Where(words => words[0] == "cost")
            .ToDictionary(words => words[1], words => long.Parse(words[2], CultureInfo.InvariantCulture));
    }
}
