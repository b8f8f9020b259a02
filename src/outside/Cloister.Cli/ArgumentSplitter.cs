using System;
using System.Collections.Generic;
using System.CommandLine;
using Cloister.Host;

namespace Cloister.Cli;

/// <summary>
/// Puts "--" in front of the program of <c>do</c> and <c>run</c> where the user left it out, so that the program's own
/// options stay its own (<c>cloister do ls -l</c>), takes short options apart that are written together (<c>-tm1G</c>), and
/// refuses options that there aren't: the parser would take them for the program.
/// </summary>
internal static class ArgumentSplitter
{
    public static string[] Split(RootCommand root, string[] arguments)
    {
        if (arguments[0] == "help")
            return [.. arguments[1..], "--help"];
        if (arguments.Length < 2 || arguments[0] is not ("do" or "run" or "exec" or "preflight"))
            return arguments;
        Command command = Find(root, arguments[0]);
        var split = new List<string>(arguments.Length + 1) { arguments[0] };
        int i = 1;
        for (; i < arguments.Length && arguments[i].StartsWith('-') && arguments[i] != "--"; i++)
        {
            Option? open = Add(command, arguments[i], split);
            if (open is null)
                continue;
            if (i + 1 == arguments.Length || arguments[i + 1] == "--")
                throw new HostException($"'{arguments[i]}' needs a value: {open.Name} {open.HelpName}; see 'cloister {command.Name} --help'.");
            split.Add(arguments[++i]);
        }

        if (i < arguments.Length && arguments[i] != "--")
            split.Add("--");
        split.AddRange(arguments.AsSpan(i));
        return [.. split];
    }

    /// <summary>Adds an argument, or those that it stands for; gives the option whose value is to follow.</summary>
    private static Option? Add(Command command, string text, List<string> split)
    {
        int equals = text.IndexOf('=');
        string name = equals < 0 ? text : text[..equals];
        if (Find(command, name) is { } option)
        {
            // Where the value of --strace may be left out, the program must not be taken for it.
            bool isLeftOut = text == "--strace" && option.Arity.MinimumNumberOfValues == 0;
            split.Add(isLeftOut ? "--strace=all" : text);
            return equals < 0 && !isLeftOut && TakesValue(option) ? option : null;
        }

        if (!IsHelp(name) && (text.StartsWith("--", StringComparison.Ordinal) || text.Length < 3 || Find(command, text[..2]) is null))
            throw new HostException($"There is no option '{name}'; see 'cloister {command.Name} --help'.");
        if (IsHelp(name))
        {
            split.Add(text);
            return null;
        }

        for (int i = 1; i < text.Length; i++)
        {
            Option letter = Find(command, $"-{text[i]}")
                ?? throw new HostException($"There is no option '-{text[i]}' (in '{text}'); see 'cloister {command.Name} --help'.");
            split.Add($"-{text[i]}");
            if (!TakesValue(letter))
                continue;
            if (i + 1 == text.Length)
                return letter;
            split.Add(text[(i + 1)..]);
            break;
        }

        return null;
    }

    private static bool TakesValue(Option option) => option.Arity.MinimumNumberOfValues > 0
        || (option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0);

    private static bool IsHelp(string name) => name is "-h" or "-?" or "--help";

    private static Command Find(RootCommand root, string name)
    {
        foreach (Command command in root.Subcommands)
        {
            if (command.Name == name)
                return command;
        }

        throw new ArgumentException("No such command.", nameof(name));
    }

    private static Option? Find(Command command, string name)
    {
        foreach (Option option in command.Options)
        {
            if (option.Name == name || option.Aliases.Contains(name))
                return option;
        }

        return null;
    }
}
