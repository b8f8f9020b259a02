using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Cloister.Bench;

/// <summary>One row of a chart: a title, a ratio for each series, and the goal of the first.</summary>
/// <param name="Title">What a reader sees.</param>
/// <param name="Ratios">One for each series; null where there is none.</param>
/// <param name="Goal">Where the mark stands; null for none.</param>
public sealed record ChartRow(string Title, IReadOnlyList<double?> Ratios, double? Goal);

/// <summary>Ratios as a picture: bars on a logarithmic scale, and marks at the goals.</summary>
/// <param name="Title">The headline.</param>
/// <param name="Series">Name of each series, and where its entry in the legend begins.</param>
/// <param name="GoalLegend">Where the goal's entry in the legend begins.</param>
/// <param name="Smallest">Left end of the scale.</param>
/// <param name="Greatest">Right end of the scale.</param>
/// <param name="Ticks">Ratios that have a line.</param>
public sealed record BarChart(string Title, IReadOnlyList<(string Name, int X)> Series, int GoalLegend, double Smallest, double Greatest, double[] Ticks)
{
    private const int Width = 920;
    private const int Left = 320;
    private const int Right = 70;
    private const int Top = 96;
    private const int RowHeight = 36;
    private const int BarHeight = 11;
    private const int NumberWidth = 34;
    private static readonly string[] s_colours = ["#1f6feb", "#c9ccd1"];

    /// <summary>The picture as SVG.</summary>
    public string Draw(IReadOnlyList<ChartRow> rows)
    {
        int height = Top + rows.Count * RowHeight + 50;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" ");
        text.AppendLine("font-family=\"system-ui, Helvetica, Arial, sans-serif\" font-size=\"14\">");
        text.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"20\" y=\"30\" font-size=\"19\" font-weight=\"600\" fill=\"#1a1a1a\">{Title}</text>");
        Legend(text);
        int bottom = Top + rows.Count * RowHeight;
        foreach (double tick in Ticks)
        {
            bool isEqual = tick == 1;
            text.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{X(tick)}\" y1=\"{Top - 8}\" x2=\"{X(tick)}\" y2=\"{bottom}\" stroke=\"{(isEqual ? "#444444" : "#e2e2e2")}\" stroke-width=\"{(isEqual ? 1.5 : 1)}\"/>");
            text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{X(tick)}\" y=\"{bottom + 20}\" text-anchor=\"middle\" font-size=\"12\" fill=\"#555555\">{tick}&#215;</text>");
        }

        for (int i = 0; i < rows.Count; i++)
            Row(text, rows[i], Top + i * RowHeight);
        text.AppendLine("</svg>");
        return text.ToString();
    }

    /// <summary>A ratio as people read it.</summary>
    public static string Number(double? value)
        => value is null ? "-" : value.Value.ToString(value >= 10 ? "0" : "0.00", CultureInfo.InvariantCulture);

    private void Legend(StringBuilder text)
    {
        for (int i = 0; i < Series.Count; i++)
            text.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{Series[i].X}\" y=\"48\" width=\"14\" height=\"11\" fill=\"{s_colours[i]}\"/><text x=\"{Series[i].X + 20}\" y=\"58\" fill=\"#333333\">{Series[i].Name}</text>");
        text.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{GoalLegend}\" y1=\"45\" x2=\"{GoalLegend}\" y2=\"62\" stroke=\"#d1242f\" stroke-width=\"2.5\"/><text x=\"{GoalLegend + 9}\" y=\"58\" fill=\"#333333\">goal</text>");
    }

    private void Row(StringBuilder text, ChartRow row, int y)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left - 12}\" y=\"{y + 19}\" text-anchor=\"end\" fill=\"#1a1a1a\">{row.Title}</text>");
        for (int i = 0; i < row.Ratios.Count; i++)
            Bar(text, row.Ratios[i], y + 3 + i * (BarHeight + 1), s_colours[i], i == 0 && row.Goal is { } mark ? X(mark) : 0);
        if (row.Goal is { } goal)
            text.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{X(goal)}\" y1=\"{y}\" x2=\"{X(goal)}\" y2=\"{y + 6 + BarHeight}\" stroke=\"#d1242f\" stroke-width=\"2.5\"/>");
    }

    private void Bar(StringBuilder text, double? ratio, int y, string colour, double mark)
    {
        if (ratio is null)
            return;
        double end = X(ratio.Value);
        // The number stands behind the bar, or behind the mark where that would be drawn over it.
        double number = mark > end - 4 && mark < end + NumberWidth ? mark + 6 : end + 6;
        text.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{end - Left:0.#}\" height=\"{BarHeight}\" fill=\"{colour}\"/>");
        text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{number:0.#}\" y=\"{y + 10}\" font-size=\"11\" fill=\"#333333\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">{Number(ratio)}</text>");
    }

    private double X(double ratio)
        => Math.Round(Left + (Width - Left - Right) * Math.Log(Math.Clamp(ratio, Smallest, Greatest) / Smallest) / Math.Log(Greatest / Smallest), 1);
}
