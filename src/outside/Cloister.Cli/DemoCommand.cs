using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Cloister.Host;
using Spectre.Console;

namespace Cloister.Cli;

/// <summary>One step of the demonstration: the same command natively and inside.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Command">Program and arguments.</param>
internal sealed record DemoStep(string Title, params string[] Command);

/// <summary><c>cloister demo</c>: runs each step natively and inside, compares what they print, and shows the times.</summary>
internal static class DemoCommand
{
    private static readonly DemoStep[] s_steps =
    [
        new("a static greeting", "echo", "hello from inside"),
        new("files of the host", "ls", "/etc/passwd"),
        new("a shell with a pipe", "sh", "-c", "seq 1 1000 | sort -r | head -n 3"),
        new("changes that stay inside", "sh", "-c", "echo kept > /tmp/cloister-demo-$$; cat /tmp/cloister-demo-$$; rm /tmp/cloister-demo-$$"),
        new("an exit status", "sh", "-c", "exit 7"),
    ];

    /// <summary>Runs the demonstration; the exit status is 0 where all steps agree.</summary>
    /// <param name="self">Path of this program.</param>
    public static int Run(string self)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Step", "Same output");
        table.AddColumn(new TableColumn("Native").RightAligned());
        table.AddColumn(new TableColumn("Inside").RightAligned());
        table.AddColumn(new TableColumn("Ratio").RightAligned());
        int failures = 0;
        foreach (DemoStep step in s_steps)
        {
            Outcome native = Execute(step.Command[0], step.Command[1..]);
            Outcome inside = Execute(self, ["do", "--", .. step.Command]);
            bool same = native.Status == inside.Status && native.Output == inside.Output;
            failures += same ? 0 : 1;
            table.AddRow(
                Markup.Escape(step.Title),
                same ? "[green]yes[/]" : "[red]no[/]",
                $"{native.Time.TotalMilliseconds:F0} ms",
                $"{inside.Time.TotalMilliseconds:F0} ms",
                $"{inside.Time / native.Time:F1}");
            if (!same)
                AnsiConsole.WriteLine($"{step.Title}: natively {native}, inside {inside}");
        }

        AnsiConsole.Write(table);
        return failures == 0 ? 0 : 1;
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
        process.ErrorDataReceived += (_, line) => error.Write(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.ToString(), watch.Elapsed);
    }
}
