using System;
using System.Collections.Generic;
using System.CommandLine;
using Cloister.Host;

namespace Cloister.Cli;

/// <summary>
/// Puts "--" in front of the program of <c>do</c> and <c>run</c> where the user left it out, so that the program's own
/// options stay its own (<c>cloister do ls -l</c>), and refuses options that there aren't: the parser would take them
/// for the program.
/// </summary>
internal static class ArgumentSplitter
{
    public static string[] Split(RootCommand root, string[] arguments)
    {
        if (arguments.Length < 2 || arguments[0] is not ("do" or "run"))
            return arguments;
        Command command = Find(root, arguments[0]);
        var split = new List<string>(arguments.Length + 1) { arguments[0] };
        int i = 1;
        for (; i < arguments.Length && arguments[i].StartsWith('-') && arguments[i] != "--"; i++)
        {
            string text = arguments[i];
            int equals = text.IndexOf('=');
            string name = equals < 0 ? text : text[..equals];
            Option? option = Find(command, name);
            if (option is null && !IsHelp(name))
                throw new HostException($"There is no option '{name}'; see 'cloister {command.Name} --help'.");
            // The value of --strace may be left out: the program must not be taken for it.
            split.Add(text == "--strace" ? "--strace=all" : text);
            bool takesNext = option is not null && equals < 0 && option.Arity.MinimumNumberOfValues + option.Arity.MaximumNumberOfValues > 0
                && option.ValueType != typeof(bool) && text != "--strace";
            if (takesNext && i + 1 < arguments.Length)
                split.Add(arguments[++i]);
        }

        if (i < arguments.Length && arguments[i] != "--")
            split.Add("--");
        split.AddRange(arguments.AsSpan(i));
        return [.. split];
    }

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
