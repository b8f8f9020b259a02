using System;
using System.CommandLine;
using System.CommandLine.Parsing;
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
            // First of all: afterwards nobody can tell the caller's files from the launcher's.
            CallerProcess caller = CallerProcess.Capture();
            ProcessLimits.ShareHeap();
            ProcessLimits.Raise();
            arguments = CommandLine.Read(arguments);
            bool isLauncher = arguments is [Enclaves.Launcher.Mark, ..];
            if (isLauncher)
                arguments = arguments[1..];
            RootCommand root = Commands.Build(new Invocation(caller, arguments, isLauncher));
            // No '@file' for arguments: that is a program's own.
            var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
            ParseResult result = root.Parse(arguments.Length == 0 ? ["--help"] : ArgumentSplitter.Split(root, arguments), configuration);
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
            LauncherOutput.WriteError($"cloister: defect in Cloister, please report it: {e}\n");
            return OwnFailure;
        }
    }

    private static string Describe(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string path = "cloister";
        for (SymbolResult? at = result.CommandResult; at is CommandResult { Command: not RootCommand } named; at = at.Parent)
            path = path.Insert("cloister".Length, " " + named.Command.Name);
        if (command.Subcommands.Count > 0 && result.UnmatchedTokens.Count > 0)
        {
            string name = path["cloister".Length..] + " " + result.UnmatchedTokens[0];
            return $"There is no command '{name.TrimStart()}'; see '{path} --help'.";
        }

        return $"{result.Errors[0].Message.TrimEnd('.')}; see '{path} --help'.";
    }

    private static int Fail(string sentence)
    {
        LauncherOutput.WriteError("cloister: " + PlainText.Escape(sentence) + "\n");
        return OwnFailure;
    }
}
