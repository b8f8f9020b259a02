using System;
using System.Collections.Generic;

namespace Cloister.Bench;

/// <summary>Where a measurement runs.</summary>
internal enum Place
{
    Native,
    Inside,
    Runsc,
}

/// <summary>One line of the table: what is measured, its goal, and what each round gave.</summary>
/// <param name="Name">Name that a measuring program prints.</param>
/// <param name="Title">What a reader sees.</param>
/// <param name="Unit">Unit of the values: ns, ms or MiB.</param>
/// <param name="Goal">Greatest ratio to native, or greatest value where there is nothing native to compare with; 0 for no goal.</param>
/// <param name="IsRatio">Whether the goal is a ratio.</param>
internal sealed record Measure(string Name, string Title, string Unit, double Goal, bool IsRatio = true)
{
    private readonly Dictionary<Place, List<double>> _values = [];

    public void Add(Place place, double value)
    {
        if (!_values.TryGetValue(place, out List<double>? values))
            _values.Add(place, values = []);
        values.Add(value);
    }

    /// <summary>The median of all rounds; null where nothing was measured.</summary>
    public double? Median(Place place)
    {
        if (!_values.TryGetValue(place, out List<double>? values))
            return null;
        var sorted = new List<double>(values);
        sorted.Sort();
        int middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median times the native one.</summary>
    public double? Ratio(Place place) => IsRatio && Median(place) is { } value && Median(Place.Native) is { } native && native > 0 ? value / native : null;

    public bool? IsMet => Goal > 0 && (IsRatio ? Ratio(Place.Inside) : Median(Place.Inside)) is { } value ? value <= Goal : null;
}
