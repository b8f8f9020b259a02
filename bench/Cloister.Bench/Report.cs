using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;

namespace Cloister.Bench;

/// <summary>The table for people and the file for programs.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Print(List<Measure> measures)
    {
        Console.WriteLine($"{"",-48} {"native",12} {"inside",12} {"ratio",8} {"goal",8}  {"",-6} {"runsc",9}");
        foreach (Measure measure in measures)
        {
            string goal = measure.Goal == 0 ? "-" : measure.IsRatio ? Number(measure.Goal) : Value(measure.Goal, measure.Unit);
            string met = measure.IsMet switch { true => "met", false => "MISSED", null => "" };
            string runsc = measure.IsRatio ? Number(measure.Ratio(Place.Runsc)) : Value(measure.Median(Place.Runsc), measure.Unit);
            Console.WriteLine($"{measure.Title,-48} {Value(measure.Median(Place.Native), measure.Unit),12} "
                + $"{Value(measure.Median(Place.Inside), measure.Unit),12} {Number(measure.Ratio(Place.Inside)),8} {goal,8}  {met,-6} {runsc,9}");
        }

        Console.WriteLine();
        Console.WriteLine("Medians; ratios are times the native value, so below 1 is faster than native Linux. runsc: ratio, or value where there is none.");
    }

    public static string Json(List<Measure> measures, int rounds, double load)
    {
        var lines = new List<object>();
        foreach (Measure measure in measures)
        {
            lines.Add(new
            {
                name = measure.Name,
                title = measure.Title,
                unit = measure.Unit,
                native = Round(measure.Median(Place.Native)),
                inside = Round(measure.Median(Place.Inside)),
                runsc = Round(measure.Median(Place.Runsc)),
                insideRatio = Round(measure.Ratio(Place.Inside)),
                runscRatio = Round(measure.Ratio(Place.Runsc)),
                goal = measure.Goal,
                goalIsRatio = measure.IsRatio,
            });
        }

        return JsonSerializer.Serialize(new { processor = Machine.Processor(), kernel = Machine.Kernel(), processors = Environment.ProcessorCount, rounds, loadBefore = load, measures = lines }, Indented) + "\n";
    }

    /// <summary>A value with its unit, in the size that reads best.</summary>
    public static string Value(double? value, string unit) => (value, unit) switch
    {
        (null, _) => "-",
        ( >= 1e6, "ns") => (value.Value / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        ( >= 1e4, "ns") => (value.Value / 1e3).ToString("0.0", CultureInfo.InvariantCulture) + " us",
        ( >= 100, _) => value.Value.ToString("0", CultureInfo.InvariantCulture) + " " + unit,
        _ => value.Value.ToString("0.0", CultureInfo.InvariantCulture) + " " + unit,
    };

    public static string Number(double? value) => BarChart.Number(value);

    private static double? Round(double? value) => value is null ? null : Math.Round(value.Value, 3);
}
