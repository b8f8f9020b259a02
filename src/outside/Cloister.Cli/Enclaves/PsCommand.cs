using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cloister.Host;
using Cloister.Host.Enclaves;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Enclaves;

/// <summary><c>cloister ps</c> and <c>cloister inspect</c>.</summary>
internal static class PsCommand
{
    private const int LongestCommand = 32;

    public static int Run(bool all, bool quiet, string? format)
    {
        if (format is not (null or "table" or "json" or "names"))
            throw new HostException($"'--format {format}' is not known: write table, json or names.");
        List<EnclaveRecord> records = EnclaveStore.Open().List();
        if (!all)
            records.RemoveAll(record => record.Status is not EnclaveStatus.Running);
        if (format == "json")
            return Print(records);
        if (quiet || format == "names")
        {
            foreach (EnclaveRecord record in records)
                LauncherOutput.WriteOutput((quiet ? record.Id : record.Name) + "\n");
            return 0;
        }

        var rows = new List<string[]> { new[] { "ID", "NAME", "COMMAND", "CREATED", "STATUS" } };
        foreach (EnclaveRecord record in records)
            rows.Add([record.Id, record.Name, CommandOf(record), Ago(record.Created) + " ago", StatusOf(record)]);
        LauncherOutput.WriteOutput(Align(rows));
        return 0;
    }

    public static int Inspect(string[] names)
    {
        EnclaveStore store = EnclaveStore.Open();
        return Print(new List<string>(names).ConvertAll(store.Find));
    }

    private static int Print(List<EnclaveRecord> records)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (EnclaveRecord record in records)
                record.Write(writer);
            writer.WriteEndArray();
        }

        LauncherOutput.WriteOutput(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n");
        return 0;
    }

    private static string CommandOf(EnclaveRecord record)
    {
        string text = PlainText.Escape(string.Join(' ', record.Command));
        return text.Length <= LongestCommand ? text : text[..(LongestCommand - 3)] + "...";
    }

    private static string StatusOf(EnclaveRecord record) => record.Status switch
    {
        EnclaveStatus.Running => $"Up {Ago(record.Started ?? record.Created)}",
        EnclaveStatus.Exited => $"Exited ({record.ExitCode}) {Ago(record.Finished ?? record.Created)} ago",
        EnclaveStatus.Dead => "Dead (its launcher was killed)",
        _ => "Created",
    };

    private static string Ago(DateTimeOffset time)
    {
        TimeSpan age = DateTimeOffset.UtcNow - time;
        return age switch
        {
            { TotalSeconds: < 2 } => "1 second",
            { TotalMinutes: < 2 } => Count(age.TotalSeconds, "seconds"),
            { TotalHours: < 2 } => Count(age.TotalMinutes, "minutes"),
            { TotalDays: < 2 } => Count(age.TotalHours, "hours"),
            _ => Count(age.TotalDays, "days"),
        };

        static string Count(double number, string unit) => ((long)number).ToString(CultureInfo.InvariantCulture) + " " + unit;
    }

    private static string Align(List<string[]> rows)
    {
        const int gap = 3;
        int[] widths = new int[rows[0].Length];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length + gap);
        }

        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length - 1; i++)
                text.Append(row[i].PadRight(widths[i]));
            text.Append(row[^1]).Append('\n');
        }

        return text.ToString();
    }
}
