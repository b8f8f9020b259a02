using System;
using System.IO;
using Spectre.Console;

namespace Cloister.Cli;

/// <summary>Standard output and error for tables and progress: colours and movement on a terminal, plain text elsewhere.</summary>
internal static class TextConsole
{
    // A file or a pipe has no width: one line stays one line.
    private const int PlainWidth = 250;

    /// <summary>Whether somebody watches standard error: a file or a pipe gets no progress.</summary>
    public static bool IsErrorWatched => !Console.IsErrorRedirected;

    /// <summary>Standard output.</summary>
    public static IAnsiConsole CreateOutput() => Create(Console.Out, !Console.IsOutputRedirected);

    /// <summary>Standard error.</summary>
    public static IAnsiConsole CreateError() => Create(Console.Error, IsErrorWatched);

    // https://no-color.org: any value but the empty one.
    private static IAnsiConsole Create(TextWriter writer, bool isWatched)
    {
        bool hasColours = isWatched && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isWatched ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isWatched ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!isWatched)
            console.Profile.Width = PlainWidth;
        return console;
    }
}
