using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Cloister.Bench.Aot;

/// <summary>
/// Measures and prints tables. Arguments: --rounds N, --output FOLDER for JSON and picture, --work FOLDER for what is compiled.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        int rounds = 3;
        string? output = null;
        string work = Path.Combine(Path.GetTempPath(), "cloister-bench-aot");
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], out rounds) && rounds > 0:
                    i++;
                    break;
                case "--output" when i + 1 < arguments.Length:
                    output = arguments[++i];
                    break;
                case "--work" when i + 1 < arguments.Length:
                    work = arguments[++i];
                    break;
                default:
                    Console.Error.WriteLine($"There is no option '{arguments[i]}', or its value is missing or wrong.");
                    return 1;
            }
        }

        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        Directory.CreateDirectory(work);
        var compiler = new Compiler(work);
        string program = compiler.Benchmarks(out double seconds);
        var measures = new List<Measure>();
        for (int round = 0; round < rounds; round++)
        {
            Console.WriteLine($"Round {round + 1} of {rounds}: CoreCLR, then compiled.");
            // One after the other, so that both meet the same disturbances.
            Dictionary<string, (double Time, string Checksum)> runtime = Runs.OnCoreClr();
            Measure.Add(measures, Runs.Of(program), runtime);
        }

        Dictionary<string, long> images = compiler.HelloWorlds();
        double whole = compiler.Whole();
        Report.Print(measures, images, seconds, whole);
        if (output is not null)
            Report.Write(measures, images, seconds, whole, rounds, load, output);
        return 0;
    }
}
