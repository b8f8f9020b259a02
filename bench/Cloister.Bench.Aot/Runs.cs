using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Cloister.Bench.Aot;

/// <summary>Runs of the benchmark programs.</summary>
internal static class Runs
{
    /// <summary>On CoreCLR, with the instructions that compiled programs have: AVX2, and not AVX-512.</summary>
    public static Dictionary<string, (double Time, string Checksum)> OnCoreClr()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Cloister.Bench.AotPrograms.dll")]);
        start.Environment["DOTNET_EnableAVX512"] = "0";
        start.Environment["DOTNET_EnableAVX512F"] = "0";
        return Read(start);
    }

    /// <summary>A compiled program.</summary>
    public static Dictionary<string, (double Time, string Checksum)> Of(string program) => Read(new ProcessStartInfo(program));

    private static Dictionary<string, (double Time, string Checksum)> Read(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} ended with status {process.ExitCode}.");
        var times = new Dictionary<string, (double Time, string Checksum)>();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split('\t');
            times.Add(fields[0], (double.Parse(fields[1], CultureInfo.InvariantCulture), fields[2]));
        }

        return times;
    }
}
