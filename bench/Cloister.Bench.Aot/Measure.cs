using System;
using System.Collections.Generic;

namespace Cloister.Bench.Aot;

/// <summary>One benchmark: nanoseconds of each round, compiled and on CoreCLR.</summary>
internal sealed record Measure(string Name)
{
    private readonly List<double> _ours = [];
    private readonly List<double> _runtime = [];
    private readonly List<double> _ratios = [];

    public double Ours => Median(_ours);

    public double Runtime => Median(_runtime);

    /// <summary>Median of the rounds' ratios, ours to CoreCLR's; below 1 is faster.</summary>
    public double Ratio => Median(_ratios);

    /// <summary>Adds a round of all benchmarks.</summary>
    /// <exception cref="InvalidOperationException">Both sides give different results.</exception>
    public static void Add(List<Measure> measures, Dictionary<string, (double Time, string Checksum)> ours,
        Dictionary<string, (double Time, string Checksum)> runtime)
    {
        foreach ((string name, (double time, string checksum)) in ours)
        {
            if (runtime[name].Checksum != checksum)
                throw new InvalidOperationException($"{name} gives {checksum} compiled and {runtime[name].Checksum} on CoreCLR.");
            Measure? measure = measures.Find(candidate => candidate.Name == name);
            if (measure is null)
                measures.Add(measure = new Measure(name));
            measure._ours.Add(time);
            measure._runtime.Add(runtime[name].Time);
            measure._ratios.Add(time / runtime[name].Time);
        }
    }

    /// <summary>The middle one of some figures, the greater of two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = new List<double>(values);
        sorted.Sort();
        return sorted[sorted.Count / 2];
    }
}
