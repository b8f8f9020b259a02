using System;
using Spectre.Console;

namespace Cloister.Cli;

/// <summary>Standard error for progress and tables.</summary>
internal static class ErrorConsole
{
    /// <summary>Whether somebody watches it: a file or a pipe gets no progress.</summary>
    public static bool IsWatched => !Console.IsErrorRedirected;

    /// <summary>Colours and movement on a terminal, plain text elsewhere.</summary>
    public static IAnsiConsole Create()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsWatched ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsWatched ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsWatched ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Console.Error),
        });
        return console;
    }
}
