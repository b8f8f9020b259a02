using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Cloister.Bench;

/// <summary>The ratios as a picture: two bars a measure on a logarithmic scale, and a mark at the goal.</summary>
internal static class Picture
{
    private const int Width = 920;
    private const int Left = 320;
    private const int Right = 70;
    private const int Top = 96;
    private const int RowHeight = 36;
    private const int BarHeight = 11;
    private const int NumberWidth = 34;
    private const double Smallest = 0.1;
    private const double Greatest = 1000;

    public static string Draw(List<Measure> all)
    {
        List<Measure> measures = all.FindAll(measure => measure.Ratio(Place.Inside) is not null);
        int height = Top + measures.Count * RowHeight + 50;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" ");
        text.AppendLine("font-family=\"system-ui, Helvetica, Arial, sans-serif\" font-size=\"14\">");
        text.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        text.AppendLine("<text x=\"20\" y=\"30\" font-size=\"19\" font-weight=\"600\" fill=\"#1a1a1a\">Time relative to native Linux (shorter is faster)</text>");
        Legend(text);
        int bottom = Top + measures.Count * RowHeight;
        foreach (double tick in new[] { 0.1, 0.2, 0.5, 1, 2, 5, 10, 50, 200, 1000 })
        {
            bool isNative = tick == 1;
            text.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{X(tick)}\" y1=\"{Top - 8}\" x2=\"{X(tick)}\" y2=\"{bottom}\" stroke=\"{(isNative ? "#444444" : "#e2e2e2")}\" stroke-width=\"{(isNative ? 1.5 : 1)}\"/>");
            text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{X(tick)}\" y=\"{bottom + 20}\" text-anchor=\"middle\" font-size=\"12\" fill=\"#555555\">{tick}&#215;</text>");
        }

        for (int i = 0; i < measures.Count; i++)
            Row(text, measures[i], Top + i * RowHeight);
        text.AppendLine("</svg>");
        return text.ToString();
    }

    private static void Legend(StringBuilder text)
    {
        text.AppendLine("<rect x=\"20\" y=\"48\" width=\"14\" height=\"11\" fill=\"#1f6feb\"/><text x=\"40\" y=\"58\" fill=\"#333333\">Cloister, process platform</text>");
        text.AppendLine("<rect x=\"240\" y=\"48\" width=\"14\" height=\"11\" fill=\"#c9ccd1\"/><text x=\"260\" y=\"58\" fill=\"#333333\">gVisor (runsc)</text>");
        text.AppendLine("<line x1=\"387\" y1=\"45\" x2=\"387\" y2=\"62\" stroke=\"#d1242f\" stroke-width=\"2.5\"/><text x=\"396\" y=\"58\" fill=\"#333333\">goal</text>");
    }

    private static void Row(StringBuilder text, Measure measure, int y)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left - 12}\" y=\"{y + 19}\" text-anchor=\"end\" fill=\"#1a1a1a\">{measure.Title}</text>");
        Bar(text, measure.Ratio(Place.Inside), y + 3, "#1f6feb", X(measure.Goal));
        Bar(text, measure.Ratio(Place.Runsc), y + 4 + BarHeight, "#c9ccd1");
        text.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{X(measure.Goal)}\" y1=\"{y}\" x2=\"{X(measure.Goal)}\" y2=\"{y + 6 + BarHeight}\" stroke=\"#d1242f\" stroke-width=\"2.5\"/>");
    }

    private static void Bar(StringBuilder text, double? ratio, int y, string colour, double mark = 0)
    {
        if (ratio is null)
            return;
        double end = X(ratio.Value);
        // The number stands behind the bar, or behind the mark where that would be drawn over it.
        double number = mark > end - 4 && mark < end + NumberWidth ? mark + 6 : end + 6;
        text.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{end - Left:0.#}\" height=\"{BarHeight}\" fill=\"{colour}\"/>");
        text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{number:0.#}\" y=\"{y + 10}\" font-size=\"11\" fill=\"#333333\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">{Report.Number(ratio)}</text>");
    }

    private static double X(double ratio)
        => Math.Round(Left + (Width - Left - Right) * Math.Log(Math.Clamp(ratio, Smallest, Greatest) / Smallest) / Math.Log(Greatest / Smallest), 1);
}
