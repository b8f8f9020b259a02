using System;
using System.Collections.Generic;
using System.Globalization;

namespace Cloister.Bench.Crypto;

/// <summary>The table for people and the file for programs.</summary>
internal static class Report
{
    public static void Print(List<CryptoMeasure> measures)
    {
        Console.WriteLine($"{"",-36} {"Cloister",14} {"runtime",14} {"ratio",7} {"openssl",14} {"ratio",7}");
        foreach (CryptoMeasure measure in measures)
        {
            Console.WriteLine($"{measure.Title,-36} {Speed(measure, measure.OurSpeed),14} {Speed(measure, measure.RuntimeSpeed),14} {Ratio(measure.RuntimeRatio),7} "
                + $"{Speed(measure, measure.OpenSslSpeed),14} {Ratio(measure.OpenSslRatio),7}  {measure.IsMet switch { true => "met", false => "MISSED", null => "" }}");
        }
    }

    private static string Ratio(double? value) => value is null ? "-" : value.Value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Speed(CryptoMeasure measure, double? value) => value switch
    {
        null => "-",
        { } speed when measure.Bytes > 64 => (speed * measure.Bytes / 1e9).ToString("0.000", CultureInfo.InvariantCulture) + " GB/s",
        { } speed when measure.Bytes > 0 => (1e9 / speed).ToString("0", CultureInfo.InvariantCulture) + " ns",
        { } speed => speed.ToString("0", CultureInfo.InvariantCulture) + " /s",
    };
}
