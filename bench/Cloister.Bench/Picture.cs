using System.Collections.Generic;

namespace Cloister.Bench;

/// <summary>The ratios as a picture: two bars a measure, and a mark at the goal.</summary>
internal static class Picture
{
    private static readonly BarChart s_chart = new(
        "Time relative to native Linux (shorter is faster)",
        [("Cloister, process platform", 20), ("gVisor (runsc)", 240)],
        GoalLegend: 387,
        Smallest: 0.1,
        Greatest: 1000,
        Ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10, 50, 200, 1000]);

    public static string Draw(List<Measure> all)
    {
        var rows = new List<ChartRow>();
        foreach (Measure measure in all)
        {
            if (measure.Ratio(Place.Inside) is { } ratio)
                rows.Add(new ChartRow(measure.Title, [ratio, measure.Ratio(Place.Runsc)], measure.Goal));
        }

        return s_chart.Draw(rows);
    }
}
