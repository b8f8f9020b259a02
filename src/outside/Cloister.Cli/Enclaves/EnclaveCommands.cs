using System.CommandLine;

namespace Cloister.Cli.Enclaves;

/// <summary>The commands for enclaves in the background, named and spelt as those for containers are elsewhere.</summary>
internal static class EnclaveCommands
{
    public static void AddTo(RootCommand root, Invocation invocation)
    {
        root.Subcommands.Add(BuildPs());
        root.Subcommands.Add(BuildExec(invocation));
        root.Subcommands.Add(BuildLogs());
        root.Subcommands.Add(BuildAttach());
        root.Subcommands.Add(BuildStop());
        root.Subcommands.Add(BuildKill());
        root.Subcommands.Add(BuildWait());
        root.Subcommands.Add(BuildRemove());
        root.Subcommands.Add(BuildInspect());
    }

    private static Command BuildPs()
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also those that have ended." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Ids only." };
        var format = new Option<string?>("--format") { Description = "table, json or names.", HelpName = "FORMAT" };
        var command = new Command("ps", "Lists the enclaves in the background.") { all, quiet, format };
        command.SetAction(result => PsCommand.Run(result.GetValue(all), result.GetValue(quiet), result.GetValue(format)));
        return command;
    }

    private static Command BuildExec(Invocation invocation)
    {
        var command = new Command("exec", "Runs another program in an enclave in the background.");
        var options = new ExecOptions(command);
        command.SetAction(result => ExecCommand.Run(options, result, invocation));
        return command;
    }

    private static Command BuildLogs()
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on until the enclave ends." };
        var tail = new Option<string?>("--tail", "-n") { Description = "Only the last lines: a number, or all.", HelpName = "LINES" };
        var timestamps = new Option<bool>("--timestamps", "-t") { Description = "With the time of each line." };
        var since = new Option<string?>("--since") { Description = "Only what is newer: a time (2030-01-31T12:00:00Z) or how long ago (90s, 10m, 1h30m).", HelpName = "TIME" };
        Argument<string> enclave = OneEnclave();
        var command = new Command("logs", "Prints what the programs of an enclave have written.") { follow, tail, timestamps, since, enclave };
        command.SetAction(result => LogsCommand.Run(
            result.GetValue(enclave)!, result.GetValue(follow), result.GetValue(tail), result.GetValue(timestamps), result.GetValue(since)));
        return command;
    }

    private static Command BuildAttach()
    {
        var noInput = new Option<bool>("--no-stdin") { Description = "Doesn't send this command's input." };
        Argument<string> enclave = OneEnclave();
        var command = new Command("attach", "Connects this command's input, output and signals with the first program of an enclave.") { noInput, enclave };
        command.SetAction(result => AttachCommand.Run(result.GetValue(enclave)!, !result.GetValue(noInput)));
        return command;
    }

    private static Command BuildStop()
    {
        var time = new Option<int>("--time", "-t")
        {
            Description = "Seconds until it is killed.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 10,
        };
        Argument<string[]> enclaves = SeveralEnclaves();
        var command = new Command("stop", "Asks the first program of enclaves to end (SIGTERM), and kills it where it doesn't.") { time, enclaves };
        command.SetAction(result => StopCommand.Stop(result.GetValue(enclaves)!, result.GetValue(time)));
        return command;
    }

    private static Command BuildKill()
    {
        var signal = new Option<string>("--signal", "-s")
        {
            Description = "Name or number of the signal.",
            HelpName = "SIGNAL",
            DefaultValueFactory = _ => "KILL",
        };
        Argument<string[]> enclaves = SeveralEnclaves();
        var command = new Command("kill", "Sends a signal to the first program of enclaves.") { signal, enclaves };
        command.SetAction(result => StopCommand.Kill(result.GetValue(enclaves)!, result.GetValue(signal)!));
        return command;
    }

    private static Command BuildWait()
    {
        Argument<string[]> enclaves = SeveralEnclaves();
        var command = new Command("wait", "Waits until enclaves have ended, and prints the exit statuses of their programs.") { enclaves };
        command.SetAction(result => StopCommand.Wait(result.GetValue(enclaves)!));
        return command;
    }

    private static Command BuildRemove()
    {
        var force = new Option<bool>("--force", "-f") { Description = "Kills those that run." };
        Argument<string[]> enclaves = SeveralEnclaves();
        var command = new Command("rm", "Removes what is kept of enclaves that have ended.") { force, enclaves };
        command.SetAction(result => StopCommand.Remove(result.GetValue(enclaves)!, result.GetValue(force)));
        return command;
    }

    private static Command BuildInspect()
    {
        Argument<string[]> enclaves = SeveralEnclaves();
        var command = new Command("inspect", "Prints all that is known of enclaves, as JSON.") { enclaves };
        command.SetAction(result => PsCommand.Inspect(result.GetValue(enclaves)!));
        return command;
    }

    private static Argument<string> OneEnclave() => new("ENCLAVE") { Description = "Its name, its id, or how its id begins." };

    private static Argument<string[]> SeveralEnclaves() => new("ENCLAVE")
    {
        Description = "Names, ids, or how ids begin.",
        Arity = ArgumentArity.OneOrMore,
    };
}
