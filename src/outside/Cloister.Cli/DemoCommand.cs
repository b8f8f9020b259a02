using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Cloister.Host;
using Spectre.Console;

namespace Cloister.Cli;

/// <summary>One step of the demonstration: the same command natively and inside.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Command">Program and arguments.</param>
internal sealed record DemoStep(string Title, params string[] Command);

/// <summary>
/// <c>cloister demo</c>: runs each step natively and inside, asserts that both print the same, and shows the times and
/// the system calls that were answered.
/// </summary>
internal static class DemoCommand
{
    private const string Python = "/usr/bin/python3";
    private const int ShownCalls = 8;

    /// <summary>Runs the demonstration; the exit status is 0 where all steps agree.</summary>
    /// <param name="self">Path of this program.</param>
    public static int Run(string self)
    {
        string folder = RepositoryFolder.Find("examples/demo", "demo");
        InstallPackages(folder);
        string data = Path.Combine(folder, "measurements.csv");
        DemoStep[] steps =
        [
            new("numpy: a model of 8,760 measurements", Python, Path.Combine(folder, "analyse.py"), data),
            new("SQLite: fill, change and query a database", Python, Path.Combine(folder, "store.py"), data),
        ];

        IAnsiConsole console = TextConsole.CreateOutput();
        console.WriteLine("The process platform has no TEE hardware: the enclave is simulated.");
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Step", "Same output");
        table.AddColumn(new TableColumn("Native").RightAligned());
        table.AddColumn(new TableColumn("Inside, with start-up").RightAligned());
        var statistics = new List<(string Title, string Text)>();
        int failures = 0;
        foreach (DemoStep step in steps)
        {
            console.WriteLine();
            console.MarkupLine($"[bold]{Markup.Escape(step.Title)}[/]");
            Outcome native = Execute(step.Command[0], step.Command[1..]);
            Console.Out.Write(native.Output);
            Outcome inside = Execute(self, ["do", "--stats", "--", .. step.Command]);
            bool same = native.Status == 0 && inside.Status == 0 && native.Output == inside.Output;
            failures += same ? 0 : 1;
            table.AddRow(
                Markup.Escape(step.Title),
                same ? "[green]yes[/]" : "[red]no[/]",
                Milliseconds(native),
                Milliseconds(inside));
            statistics.Add((step.Title, inside.Error));
            if (!same)
                console.WriteLine($"natively: {Describe(native)}{Environment.NewLine}inside: {Describe(inside)}");
        }

        console.WriteLine();
        console.Write(table);
        WriteStatistics(console, statistics);
        return failures == 0 ? 0 : 1;
    }

    private static string Milliseconds(Outcome outcome) => $"{outcome.Time.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)} ms";

    private static string Describe(Outcome outcome) => $"status {outcome.Status}, {outcome.Output}{outcome.Error}";

    /// <summary>Installs Python and numpy where they are missing, and says so.</summary>
    private static void InstallPackages(string folder)
    {
        bool hasNumpy = File.Exists(Python) && Execute(Python, ["-c", "import numpy, sqlite3"]).Status == 0;
        if (hasNumpy)
            return;
        string script = Path.Combine(folder, "..", "..", "eng", "install-packages.sh");
        using var installer = Process.Start(new ProcessStartInfo("/bin/bash", [script, "python3", "python3-numpy"]))!;
        installer.WaitForExit();
        if (installer.ExitCode != 0)
            throw new HostException("The demonstration needs python3 and python3-numpy: install them, as root 'apt-get install python3-numpy'.");
    }

    private static void WriteStatistics(IAnsiConsole console, List<(string Title, string Text)> statistics)
    {
        foreach ((string title, string text) in statistics)
        {
            console.WriteLine();
            string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            int start = Array.FindIndex(lines, line => line.StartsWith("system calls:", StringComparison.Ordinal));
            if (start < 0)
                continue;
            console.MarkupLine($"[bold]{Markup.Escape(title)}[/]: {Markup.Escape(lines[start])}, answered inside; the most frequent:");
            for (int i = start + 1; i < Math.Min(lines.Length, start + 1 + ShownCalls); i++)
                console.WriteLine(lines[i]);
        }
    }

    private readonly record struct Outcome(int Status, string Output, string Error, TimeSpan Time);

    private static Outcome Execute(string program, IReadOnlyList<string> arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HostException($"'{program}' can't be started for the demonstration ({e.Message}).", e);
        }

        // The error stream is read by events, so that neither pipe can fill up and block the program.
        using var error = new StringWriter();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                error.Write(line.Data + "\n");
        };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.ToString(), watch.Elapsed);
    }
}
