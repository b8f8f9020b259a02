using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Cloister.Bench.Aot;

/// <summary>The tables for people and the file for programs.</summary>
internal static class Report
{
    private const double MedianGoal = 1.5;
    private const double WorstGoal = 3;
    private const long ImageGoal = 100 << 10;
    private const double WholeGoal = 60;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly BarChart s_chart = new(
        "Time compiled by Cloister.Aot relative to CoreCLR (shorter is faster)",
        [("x86-64 Linux", 20)],
        GoalLegend: 160,
        Smallest: 0.05,
        Greatest: 10,
        Ticks: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]);

    public static void Print(List<Measure> measures, Dictionary<string, long> images, double seconds, double whole)
    {
        Console.WriteLine($"{"",-22} {"compiled, us",14} {"CoreCLR, us",14} {"ratio",7}");
        foreach (Measure measure in measures)
        {
            Console.Write(FormattableString.Invariant($"{measure.Name,-22} {measure.Ours / 1000,14:F1} {measure.Runtime / 1000,14:F1}"));
            Console.WriteLine(FormattableString.Invariant($" {measure.Ratio,7:F2}") + Judgement(measure.Ratio, WorstGoal));
        }

        double median = Measure.Median(measures.Select(measure => measure.Ratio));
        Console.WriteLine(FormattableString.Invariant($"{"median",-22} {"",14} {"",14} {median,7:F2}") + Judgement(median, MedianGoal));
        foreach ((string target, long bytes) in images)
            Console.WriteLine(FormattableString.Invariant($"hello world, {target,-18} {bytes / 1024.0,7:F0} KiB") + Judgement(bytes, ImageGoal));
        Console.WriteLine(FormattableString.Invariant($"compiling the benchmarks {seconds,14:F1} s"));
        Console.WriteLine(FormattableString.Invariant($"compiling the kernel     {whole,14:F1} s") + Judgement(whole, WholeGoal));
    }

    /// <summary>Writes aot.json and aot.svg.</summary>
    public static void Write(List<Measure> measures, Dictionary<string, long> images, double seconds, double whole, int rounds, double load,
        string folder)
    {
        var lines = measures.Select(measure => new
        {
            name = measure.Name,
            nanoseconds = Math.Round(measure.Ours),
            runtimeNanoseconds = Math.Round(measure.Runtime),
            ratio = Math.Round(measure.Ratio, 3),
        });
        File.WriteAllText(Path.Combine(folder, "aot.json"), JsonSerializer.Serialize(new
        {
            processor = Machine.Processor(),
            kernel = Machine.Kernel(),
            processors = Environment.ProcessorCount,
            rounds,
            loadBefore = load,
            medianRatio = Math.Round(Measure.Median(measures.Select(measure => measure.Ratio)), 3),
            measures = lines,
            helloWorldBytes = images,
            secondsToCompileBenchmarks = Math.Round(seconds, 1),
            secondsToCompileKernel = Math.Round(whole, 1),
        }, s_indented) + "\n");
        File.WriteAllText(Path.Combine(folder, "aot.svg"), s_chart.Draw(
            [.. measures.Select(measure => new ChartRow(measure.Name, [measure.Ratio], WorstGoal))]));
    }

    private static string Judgement(double value, double goal) =>
        value <= goal ? "  met" : string.Create(CultureInfo.InvariantCulture, $"  MISSED (goal {goal})");
}
