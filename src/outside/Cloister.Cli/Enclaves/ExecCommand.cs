using System;
using System.Collections.Generic;
using System.CommandLine;
using Cloister.Host;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Enclaves;

/// <summary>The options of <c>cloister exec</c>.</summary>
internal sealed class ExecOptions
{
    public ExecOptions(Command command)
    {
        command.Options.Add(Detach);
        command.Options.Add(Interactive);
        command.Options.Add(Terminal);
        command.Options.Add(Environment);
        command.Options.Add(WorkingDirectory);
        command.Options.Add(User);
        command.Arguments.Add(Words);
    }

    public Option<bool> Detach { get; } = new("--detach", "-d") { Description = "Doesn't wait for it; its output is lost." };

    public Option<bool> Interactive { get; } = new("--interactive", "-i") { Description = "Gives it this command's input." };

    public Option<bool> Terminal { get; } = new("--tty", "-t", "--terminal") { Description = "Makes the terminal its controlling terminal." };

    public Option<string[]> Environment { get; } = new("--env", "-e")
    {
        Description = "Sets a variable, or passes on the caller's. May be repeated.",
        HelpName = "NAME[=VALUE]",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string?> WorkingDirectory { get; } = new("--workdir", "-w")
    {
        Description = "Working directory inside [default: the first program's].",
        HelpName = "DIR",
    };

    public Option<string?> User { get; } = new("--user", "-u")
    {
        Description = "User and group id [default: the first program's].",
        HelpName = "UID[:GID]",
    };

    public Argument<string[]> Words { get; } = new("ENCLAVE COMMAND")
    {
        Description = "The enclave, the program and its arguments.",
        Arity = ArgumentArity.OneOrMore,
    };
}

/// <summary><c>cloister exec</c>: another program in a running enclave, with this command's streams or terminal.</summary>
internal static class ExecCommand
{
    public static int Run(ExecOptions options, ParseResult result, Invocation invocation)
    {
        List<string> words = [.. result.GetValue(options.Words)!];
        // 'exec ENCLAVE -- CMD' and 'exec ENCLAVE CMD' are the same.
        if (words.Count > 1 && words[1] == "--")
            words.RemoveAt(1);
        if (words.Count < 2)
            throw new HostException("'cloister exec' needs an enclave and a command: cloister exec ENCLAVE -- COMMAND.");
        string? directory = result.GetValue(options.WorkingDirectory);
        if (directory is not null && !directory.StartsWith('/'))
            throw new HostException($"The working directory '{directory}' is not absolute: begin it with '/'.");
        bool hasTerminal = result.GetValue(options.Terminal);
        if (hasTerminal && Console.IsInputRedirected)
            throw new HostException("'-t' needs a terminal, and standard input is none: leave it out.");
        var environment = new List<byte[]>();
        if (hasTerminal && Environment.GetEnvironmentVariable("TERM") is { } term)
            environment.Add(ByteText.Encode("TERM=" + term));
        OptionParser.AddVariables(environment, result.GetValue(options.Environment) ?? []);

        EnclaveStore store = EnclaveStore.Open();
        EnclaveRecord record = store.Find(words[0]);
        using EnclaveClient client = Running.Connect(store, record);
        var request = new StartRequest
        {
            Arguments = words.GetRange(1, words.Count - 1).ConvertAll(ByteText.Encode),
            Environment = environment,
            WorkingDirectory = directory is null ? null : ByteText.Encode(directory),
            Identity = result.GetValue(options.User) is { } user ? OptionParser.ParseUser(user) : null,
            Umask = invocation.Caller.Umask,
            HasTerminal = hasTerminal,
        };
        ProgramOutcome outcome = result.GetValue(options.Detach)
            ? client.Start(request with { HasTerminal = false })
            : client.Run(request, hasInput: hasTerminal || result.GetValue(options.Interactive));
        if (outcome.Sentence is not null)
            LauncherOutput.WriteError("cloister: " + PlainText.Escape(outcome.Sentence) + "\n");
        return outcome.Code;
    }
}
