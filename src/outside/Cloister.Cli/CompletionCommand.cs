using System;
using System.CommandLine;
using System.Text;
using Cloister.Host;
using Cloister.Host.Terminal;

namespace Cloister.Cli;

/// <summary><c>cloister completion</c>: words for a shell, taken from the commands themselves.</summary>
internal static class CompletionCommand
{
    public static int Print(RootCommand root, string shell)
    {
        LauncherOutput.WriteOutput(shell switch
        {
            "bash" => Bash(root),
            // zsh runs completions of bash.
            "zsh" => "autoload -U +X bashcompinit && bashcompinit\n" + Bash(root),
            "fish" => Fish(root),
            _ => throw new HostException($"There is no completion for '{shell}': choose bash, zsh or fish."),
        });
        return 0;
    }

    // The words behind a program are the program's: file names do for them.
    private static string Bash(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append("""
            # In ~/.bashrc: source <(cloister completion bash)
            _cloister() {
                local word=${COMP_WORDS[COMP_CWORD]} path= words= i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                        --) COMPREPLY=($(compgen -f -- "$word")); return ;;
                        -*) ;;
                        *) [[ $path == */* ]] || path=${path:+$path/}${COMP_WORDS[i]} ;;
                    esac
                done
                case $path in

            """);
        Visit(root, "", (path, command) => text.Append($"        {(path.Length == 0 ? "''" : path)}) words='{Words(command)}' ;;\n"));
        text.Append("""
                    do/* | run/* | exec/*/*) COMPREPLY=($(compgen -f -- "$word")); return ;;
                esac
                case $path in
                    exec | logs | attach | stop* | kill* | wait* | rm* | inspect*)
                        [[ $word == -* ]] || words=$(cloister ps -a --format names 2>/dev/null) ;;
                esac
                COMPREPLY=($(compgen -W "$words" -- "$word"))
                [[ ${#COMPREPLY[@]} -gt 0 || $word == -* ]] || COMPREPLY=($(compgen -f -- "$word"))
            }
            complete -o filenames -F _cloister cloister ./cloister

            """);
        return text.ToString();
    }

    private static string Fish(RootCommand root)
    {
        var text = new StringBuilder("# In ~/.config/fish/config.fish: cloister completion fish | source\n");
        Visit(root, "", (path, command) =>
        {
            string condition = path.Length == 0 ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path[(path.LastIndexOf('/') + 1)..];
            foreach (Command child in command.Subcommands)
                text.Append($"complete -c cloister -n '{condition}' -f -a '{child.Name}' -d '{Quoted(child.Description)}'\n");
            foreach (Option option in command.Options)
            {
                if (!option.Hidden && option.Name.StartsWith("--", StringComparison.Ordinal))
                    text.Append($"complete -c cloister -n '{condition}' -l '{option.Name[2..]}' -d '{Quoted(option.Description)}'\n");
            }
        });
        return text.ToString();
    }

    private static void Visit(Command command, string path, Action<string, Command> visit)
    {
        visit(path, command);
        foreach (Command child in command.Subcommands)
            Visit(child, path.Length == 0 ? child.Name : path + "/" + child.Name, visit);
    }

    private static string Words(Command command)
    {
        var words = new StringBuilder();
        foreach (Command child in command.Subcommands)
            words.Append(child.Name).Append(' ');
        foreach (Option option in command.Options)
        {
            if (!option.Hidden)
                words.Append(option.Name).Append(' ');
        }

        return words.ToString().TrimEnd();
    }

    private static string Quoted(string? text) =>
        (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
