using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Cloister.Bench;

/// <summary>Runs programs natively, inside an enclave or under runsc, and reads what they measure.</summary>
internal sealed class Runner(string cloister, string? runsc)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public bool Has(Place place) => place != Place.Runsc || runsc is not null;

    /// <summary>Adds what the program prints as "name value" to the measures; false where it failed.</summary>
    public bool Collect(Place place, IReadOnlyDictionary<string, Measure> measures, params string[] command)
    {
        if (Run(place, command) is not { } output)
            return false;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (words.Length == 2 && measures.TryGetValue(words[0], out Measure? measure))
                measure.Add(place, double.Parse(words[1], CultureInfo.InvariantCulture));
        }

        return true;
    }

    /// <summary>What a program prints; null where it failed.</summary>
    public string? Run(Place place, params string[] command)
    {
        using Process process = Start(place, command);
        process.StandardInput.Close();
        // A measuring program prints little, so reading one stream to its end first can't block it.
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        if (!process.WaitForExit(Limit))
            process.Kill(entireProcessTree: true);
        if (process.ExitCode == 0)
            return output;
        Console.Error.WriteLine($"{place}: {string.Join(' ', command)} ended with {process.ExitCode}: {error.TrimEnd()}");
        return null;
    }

    /// <summary>Milliseconds that a program takes from start to end, all included; null where it failed.</summary>
    public double? Time(Place place, params string[] command)
    {
        long start = Stopwatch.GetTimestamp();
        return Run(place, command) is null ? null : Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>MiB of memory (proportional set size) of a program that waits, with all processes that it needs.</summary>
    public double? Memory(Place place, params string[] command)
    {
        using Process process = Start(place, command);
        if (process.StandardOutput.ReadLine() != "ready")
        {
            process.Kill(entireProcessTree: true);
            return null;
        }

        double kibibytes = 0;
        foreach (int id in Tree(process.Id))
            kibibytes += ProportionalSize(id);
        process.StandardInput.Close();
        process.WaitForExit(Limit);
        return kibibytes / 1024;
    }

    private static List<int> Tree(int root)
    {
        var parents = new List<(int Id, int Parent)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out int id) && TryRead(folder + "/stat") is { } status)
                parents.Add((id, int.Parse(status[(status.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture)));
        var tree = new List<int> { root };
        for (int i = 0; i < tree.Count; i++)
            foreach ((int id, int parent) in parents)
                if (parent == tree[i])
                    tree.Add(id);
        return tree;
    }

    private static double ProportionalSize(int process)
    {
        foreach (string line in (TryRead($"/proc/{process}/smaps_rollup") ?? "").Split('\n'))
            if (line.StartsWith("Pss:", StringComparison.Ordinal))
                return double.Parse(line["Pss:".Length..^"kB".Length], CultureInfo.InvariantCulture);
        return 0;
    }

    /// <summary>Null where the process ended meanwhile.</summary>
    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private Process Start(Place place, string[] command)
    {
        string[] line = place switch
        {
            Place.Native => command,
            Place.Inside => [cloister, "do", "--", .. command],
            // Without root and without a network of its own, as an ordinary user runs it.
            _ => [runsc!, "--rootless", "--network=none", "do", .. command],
        };
        var start = new ProcessStartInfo(line[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/tmp",
        };
        for (int i = 1; i < line.Length; i++)
            start.ArgumentList.Add(line[i]);
        // Both sides compute with as many threads, and openssl and numpy with one: the second CPU is for the rest of the machine.
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException($"{line[0]} can't be started.");
    }
}
