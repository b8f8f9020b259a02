using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using Cloister.Contracts.Storage;
using Cloister.Host.Storage;

namespace Cloister.Bench.Storage;

/// <summary>
/// Measures and prints a table. Arguments: --rounds N, --file PATH of the backing files, --largest GIB of the growth, --only speed|sync|growth, --output
/// FOLDER for JSON and pictures.
/// </summary>
internal static class Program
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private static readonly List<Figure> s_figures = [];

    private static int Main(string[] arguments)
    {
        int rounds = 3, mebibytes = 1024, files = 1_000_000;
        double largest = 64;
        string path = Path.Combine(Path.GetTempPath(), $"cloister-bench-{Environment.ProcessId}");
        string? output = null, only = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds":
                    rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--file":
                    path = arguments[++i];
                    break;
                case "--largest":
                    largest = double.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--files":
                    files = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--only":
                    only = arguments[++i];
                    break;
                case "--output":
                    output = arguments[++i];
                    break;
                default:
                    Console.Error.WriteLine($"There is no option '{arguments[i]}'.");
                    return 1;
            }
        }

        XtsCipher.Verify();
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        if (only is null or "speed")
            MeasureSpeed(path, mebibytes, rounds);
        if (only is null or "reads")
            MeasureReads(path);
        if (only is null or "sync")
            MeasureSync(path);
        if (only is null or "limits")
            Limits.Measure(files, Add);
        if (only is null or "growth" or "mount")
            MeasureGrowth(largest, onlyMount: only == "mount");
        Add("PFS model, 1 GiB, flush after each write", ProtectedFileModel.WriteAmplification(1L << 30, 20_000), "bytes per byte", null);
        if (output is not null)
            Write(output, load, rounds);
        return 0;
    }

    private static void MeasureSpeed(string path, int mebibytes, int rounds)
    {
        var throughput = new Throughput(path, mebibytes);
        throughput.Round();
        foreach (List<double> values in new[] { throughput.SequentialWrite, throughput.SequentialRead, throughput.DiskRead, throughput.RandomWrite, throughput.SyncMedian, throughput.SyncTail })
            values.Clear();
        throughput.Ratios.Clear();
        for (int round = 0; round < rounds; round++)
            throughput.Round();
        Add("sequential write", Median(throughput.SequentialWrite), "MB/s", null);
        Add("sequential read", Median(throughput.SequentialRead), "MB/s", null);
        Add("random 4 KiB read, disk", Median(throughput.DiskRead), "us", null);
        Add("random 4 KiB write", Median(throughput.RandomWrite), "MB/s", null);
        Add("4 KiB write and fsync, median", Median(throughput.SyncMedian), "us", null);
        Add("4 KiB write and fsync, 99 %", Median(throughput.SyncTail), "us", null);
        foreach ((string name, List<double> ratios) in throughput.Ratios)
        {
            double? goal = name switch
            {
                "sequential write / encrypt only" or "sequential read / encrypt only" => 0.98,
                "random read, disk / encrypt only" => 0.97,
                _ => null,
            };
            Add(name, Median(ratios), "ratio", goal);
        }
    }

    private static void MeasureReads(string path)
    {
        (double volume, double plain, double ratio) = CachedReads.Measure(path, 256);
        Add("random 4 KiB read, host's cache", volume, "us", null);
        Add("random 4 KiB read, host's cache, encrypt only", plain, "us", null);
        Add("random read, host's cache / encrypt only", ratio, "ratio", 0.9);
    }

    private static void MeasureSync(string path)
    {
        foreach ((double full, string title) in new[] { (0.5, "50 % full"), (0.88, "90 % full") })
        {
            using FileBlockDevice device = FileBlockDevice.Create(path + ".sync", 262144);
            double ratio = Amplification.WithSync(device, 8, 2500, full);
            File.Delete(path + ".sync");
            Add($"fsync by 8 threads, 1 GiB, {title}", ratio, "bytes per byte", 1.2);
        }

        using (FileBlockDevice device = FileBlockDevice.Create(path + ".sync", 262144))
            Add("fsync by 1 thread, 1 GiB, 50 % full", Amplification.WithSync(device, 1, 2000, 0.5), "bytes per byte", 2.1);
        File.Delete(path + ".sync");
    }

    private static void MeasureGrowth(double largest, bool onlyMount)
    {
        foreach ((double size, double full) in new[] { (1.0, 0.5), (4, 0.5), (10, 0.5), (10, 0.9), (16, 0.5), (64, 0.5) })
        {
            if (size > largest || (onlyMount && (size, full) != (10, 0.9)))
                continue;
            // 90 % of what files may take: the journal and the reserve are not for them.
            double share = full == 0.9 ? 0.9 * 0.93 : full;
            (double ratio, long memory, double[] seconds) = Amplification.WithoutSync(size, share, writes: size >= 64 ? 3_000_000 : 1_500_000);
            string title = FormattableString.Invariant($"{size:0} GiB, {full * 100:0} % full");
            Add($"without sync, {title}", ratio, "bytes per byte", size <= 10 ? 1.06 : null);
            Add($"memory, {title}", memory / 1048576.0, "MiB", null);
            Add($"mount after a crash, median of five, {title}", seconds[seconds.Length / 2], "s", null);
            Add($"mount after a crash, slowest of five, {title}", seconds[^1], "s", size == 10 ? 0.7 : null);
        }
    }

    private static void Add(string name, double value, string unit, double? goal)
    {
        s_figures.Add(new Figure(name, value, unit, goal));
        Console.WriteLine(FormattableString.Invariant($"{name,-52} {value,10:0.###} {unit,-15} {(goal is null ? "" : $"goal {goal}")}"));
    }

    private static double Median(List<double> values)
    {
        var sorted = new List<double>(values);
        sorted.Sort();
        return sorted[sorted.Count / 2];
    }

    private static void Write(string folder, double load, int rounds)
    {
        File.WriteAllText(Path.Combine(folder, "storage.json"), JsonSerializer.Serialize(
            new { processor = Machine.Processor(), kernel = Machine.Kernel(), processors = Environment.ProcessorCount, rounds, loadBefore = load, figures = s_figures },
            s_indented) + "\n");
        File.WriteAllText(Path.Combine(folder, "storage.svg"), new BarChart(
            "CloisterFS against the bare cipher and the bare device (1 = the same)", [("CloisterFS", 320)], 450, 0.25, 4, [0.25, 0.5, 1, 2, 4]).Draw(Rows("ratio")));
        File.WriteAllText(Path.Combine(folder, "storage-amplification.svg"), new BarChart(
            "Bytes written to the device for each byte written by a program", [("bytes per byte", 320)], 470, 0.9, 20, [1, 1.2, 2, 5, 10, 20]).Draw(Rows("bytes per byte")));
    }

    private static List<ChartRow> Rows(string unit)
    {
        var rows = new List<ChartRow>();
        foreach (Figure figure in s_figures)
        {
            if (figure.Unit == unit)
                rows.Add(new ChartRow(figure.Name, [figure.Value], figure.Goal));
        }

        return rows;
    }

    private sealed record Figure(string Name, double Value, string Unit, double? Goal);
}
