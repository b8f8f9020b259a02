using System;
using System.CommandLine;
using Cloister.Host;
using Cloister.Host.Terminal;

namespace Cloister.Cli;

/// <summary>The <c>cloister</c> command.</summary>
internal static class Program
{
    /// <summary>Exit status for failures of Cloister itself, as with docker and env(1).</summary>
    public const int OwnFailure = 125;

    public static int Main(string[] arguments)
    {
        try
        {
            RootCommand root = Commands.Build();
            ParseResult result = root.Parse(arguments.Length == 0 ? ["--help"] : ArgumentSplitter.Split(root, arguments));
            if (result.Action is not HelpWithExamples && result.Errors.Count > 0)
                return Fail(Describe(result));

            // Ctrl-C belongs to the program inside; exceptions are handled below.
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (HostException e)
        {
            return Fail(e.Message);
        }
        catch (Exception e)
        {
            return Fail($"defect in Cloister, please report it: {e}");
        }
    }

    private static string Describe(ParseResult result)
    {
        if (result.CommandResult.Command is RootCommand && result.UnmatchedTokens.Count > 0)
            return $"There is no command '{result.UnmatchedTokens[0]}'; see 'cloister --help'.";
        string command = result.CommandResult.Command is RootCommand ? "" : " " + result.CommandResult.Command.Name;
        return $"{result.Errors[0].Message.TrimEnd('.')}; see 'cloister{command} --help'.";
    }

    private static int Fail(string sentence)
    {
        LauncherOutput.WriteError("cloister: " + sentence + "\n");
        return OwnFailure;
    }
}
