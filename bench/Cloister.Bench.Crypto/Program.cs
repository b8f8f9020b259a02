using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Cloister.Bench.Crypto;

/// <summary>
/// Measures and prints a table. Arguments: --rounds N, --only PART of a name, --no-openssl, --output FOLDER for JSON and picture.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        int rounds = 7;
        string only = "";
        bool openSsl = true;
        string? output = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds":
                    rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--only":
                    only = arguments[++i];
                    break;
                case "--output":
                    output = arguments[++i];
                    break;
                case "--no-openssl":
                    openSsl = false;
                    break;
                default:
                    Console.Error.WriteLine($"There is no option '{arguments[i]}'.");
                    return 1;
            }
        }

        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        List<CryptoMeasure> measures = Operations.All().FindAll(measure => measure.Name.Contains(only, StringComparison.Ordinal));
        // One round that isn't counted, for the JIT's last tier.
        foreach (CryptoMeasure measure in measures)
            measure.Warm();
        for (int round = 0; round < rounds; round++)
        {
            foreach (CryptoMeasure measure in measures)
            {
                measure.Round();
                // Takes a second each, so every other round; beside ours, so that both meet the same disturbances.
                if (openSsl && round % 2 == 0 && measure.OpenSsl is not null && OpenSsl.Measure(measure) is { } speed)
                    measure.AddOpenSsl(speed);
            }
        }

        Report.Print(measures);
        if (output is not null)
            Report.Write(measures, rounds, load, output);
        return 0;
    }
}
