using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Cloister.Programs.Tests;

/// <summary>What a program printed, and how it ended.</summary>
/// <param name="Status">Exit status; 128 + n where signal n ended it.</param>
internal sealed record ProgramResult(int Status, string Output, string Error)
{
    /// <summary>What hangs, hangs for this long; nothing waits for a time otherwise, as machines may be busy.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Standard error without Cloister's own remarks on system calls that it doesn't have.</summary>
    public string ErrorOfProgram
    {
        get
        {
            var text = new StringBuilder();
            foreach (string line in Error.Split('\n'))
                if (!(line.StartsWith("cloister: ", StringComparison.Ordinal) && line.Contains("is not implemented", StringComparison.Ordinal)))
                    text.Append(line).Append('\n');
            return text.ToString().TrimEnd();
        }
    }

    public static ProgramResult Of(string program, IEnumerable<string> arguments, string? input = null, string? folder = null, TimeSpan? limit = null)
    {
        TimeSpan most = limit ?? Limit;
        using Process process = Start(program, arguments, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            if (input is not null)
                process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (System.IO.IOException)
        {
            // A program may end without reading what it is given.
        }

        if (!process.WaitForExit(most))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} didn't end within {most.TotalSeconds} seconds.");
        }

        return new ProgramResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts a program whose streams the caller reads and writes.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "/tmp",
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // Settings of the .NET command that runs the tests are not for the programs.
        foreach (string name in new[] { "DOTNET_TieredPGO", "DOTNET_gcServer", "LC_ALL", "TMPDIR" })
            start.Environment.Remove(name);
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["CLOISTER_CHECK_LOCKS"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} can't be started.");
    }
}
