using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace Cloister.Bench.Crypto;

/// <summary>The table for people and the file for programs.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly BarChart s_chart = new(
        "Speed relative to OpenSSL (longer is faster)",
        [("through the .NET runtime", 20), ("openssl speed", 240)],
        GoalLegend: 387,
        Smallest: 0.05,
        Greatest: 20,
        Ticks: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);

    public static void Print(List<CryptoMeasure> measures)
    {
        Console.WriteLine($"{"",-36} {"Cloister",14} {"runtime",14} {"ratio",7} {"openssl",14} {"ratio",7}");
        foreach (CryptoMeasure measure in measures)
        {
            Console.WriteLine($"{measure.Title,-36} {Speed(measure, measure.OurSpeed),14} {Speed(measure, measure.RuntimeSpeed),14} {Ratio(measure.RuntimeRatio),7} "
                + $"{Speed(measure, measure.OpenSslSpeed),14} {Ratio(measure.OpenSslRatio),7}  {measure.IsMet switch { true => "met", false => "MISSED", null => "" }}");
        }
    }

    /// <summary>Writes crypto.json and crypto.svg.</summary>
    public static void Write(List<CryptoMeasure> measures, int rounds, double load, string folder)
    {
        var lines = new List<object>();
        var rows = new List<ChartRow>();
        foreach (CryptoMeasure measure in measures)
        {
            lines.Add(new
            {
                name = measure.Name,
                title = measure.Title,
                bytes = measure.Bytes,
                perSecond = Round(measure.OurSpeed),
                runtimePerSecond = Round(measure.RuntimeSpeed),
                opensslPerSecond = Round(measure.OpenSslSpeed),
                runtimeRatio = Round(measure.RuntimeRatio),
                opensslRatio = Round(measure.OpenSslRatio),
                runtimeGoal = measure.RuntimeGoal,
                opensslGoal = measure.OpenSslGoal,
            });
            if (measure.RuntimeRatio is not null || measure.OpenSslRatio is not null)
                rows.Add(new ChartRow(measure.Title, [measure.RuntimeRatio, measure.OpenSslRatio], measure.RuntimeGoal > 0 ? measure.RuntimeGoal : null));
        }

        File.WriteAllText(Path.Combine(folder, "crypto.json"), JsonSerializer.Serialize(
            new { processor = Machine.Processor(), kernel = Machine.Kernel(), processors = Environment.ProcessorCount, rounds, loadBefore = load, measures = lines },
            s_indented) + "\n");
        File.WriteAllText(Path.Combine(folder, "crypto.svg"), s_chart.Draw(rows));
    }

    private static double? Round(double? value) => value is null ? null : Math.Round(value.Value, 3);

    private static string Ratio(double? value) => value is null ? "-" : value.Value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Speed(CryptoMeasure measure, double? value) => value switch
    {
        null => "-",
        { } speed when measure.Bytes > 64 => (speed * measure.Bytes / 1e9).ToString("0.000", CultureInfo.InvariantCulture) + " GB/s",
        { } speed when measure.Bytes > 0 => (1e9 / speed).ToString("0", CultureInfo.InvariantCulture) + " ns",
        { } speed => speed.ToString("0", CultureInfo.InvariantCulture) + " /s",
    };
}
