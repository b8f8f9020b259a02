using System;
using System.CommandLine;
using Cloister.Cli.Enclaves;
using Cloister.Cli.FileSystems;
using Cloister.Cli.Keystone;
using Cloister.Cli.Machines;
using Cloister.Cli.Preflight;
using Cloister.Net;
using Cloister.Host;

namespace Cloister.Cli;

/// <summary>How the command was called.</summary>
/// <param name="Caller">What the process was started with.</param>
/// <param name="Arguments">Its arguments (see <see cref="ByteText"/>).</param>
/// <param name="IsLauncher">Whether it is the launcher of an enclave in the background, started by the command that the user called.</param>
internal sealed record Invocation(CallerProcess Caller, string[] Arguments, bool IsLauncher);

/// <summary>The commands and their options. Everything that isn't needed to parse is made when a command runs.</summary>
internal static class Commands
{
    public static RootCommand Build(Invocation invocation)
    {
        var root = new RootCommand("Runs unmodified Linux programs in a Trusted Execution Environment, on a kernel written in C#.");
        root.Subcommands.Add(BuildDo(invocation));
        root.Subcommands.Add(BuildRun(invocation));
        EnclaveCommands.AddTo(root, invocation);
        root.Subcommands.Add(FileSystemCommands.Build());
        root.Subcommands.Add(KeystoneCommands.Build());
        root.Subcommands.Add(ImageCommands.Build());
        root.Subcommands.Add(PreflightCommand.Build());
        root.Subcommands.Add(BuildSyscalls());
        root.Subcommands.Add(BuildDemo());
        root.Subcommands.Add(BuildCompletion(root));
        var version = new Command("version", "Prints the version.");
        version.SetAction(_ => VersionCommand.Run());
        root.Subcommands.Add(version);
        VersionCommand.AddTo(root);
        HelpWithExamples.AddTo(root);
        return root;
    }

    private static Command BuildDo(Invocation invocation)
    {
        var command = new Command("do", "Runs a program of this machine inside an enclave; its changes to files stay there.");
        var options = new RunOptions(command, NetworkMode.Host);
        command.SetAction(result => RunCommand.Do(options, result, invocation));
        return command;
    }

    private static Command BuildRun(Invocation invocation)
    {
        var rootfs = new Option<string>("--rootfs")
        {
            Description = "The root file system: a directory, tar file (plain, or .gz, .xz, .zst, .bz2) or container image (OCI layout, docker save).",
            HelpName = "PATH",
            Required = true,
        };
        var command = new Command("run", "Runs a program from a root file system of its own.");
        command.Options.Add(rootfs);
        var options = new RunOptions(command, NetworkMode.Private);
        command.SetAction(result => RunCommand.Run(options, result, result.GetValue(rootfs)!, invocation));
        return command;
    }

    private static Command BuildCompletion(RootCommand root)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        var command = new Command("completion", "Prints what makes a shell complete commands and options.") { shell };
        command.SetAction(result => CompletionCommand.Print(root, result.GetValue(shell)!));
        return command;
    }

    private static Command BuildSyscalls()
    {
        var filter = new Argument<string?>("FILTER")
        {
            Description = "Only calls whose name contains this.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var markdown = new Option<bool>("--markdown") { Description = "Writes docs/syscalls.md instead." };
        var command = new Command("syscalls", "Lists the system calls and how much of each is implemented.") { filter, markdown };
        command.SetAction(result => result.GetValue(markdown)
            ? SyscallsCommand.WriteMarkdown("docs/syscalls.md")
            : SyscallsCommand.Print(result.GetValue(filter) ?? ""));
        return command;
    }

    private static Command BuildDemo()
    {
        var command = new Command("demo", "Runs programs natively and inside, compares what they print, and shows the times.");
        command.SetAction(_ => DemoCommand.Run(Environment.ProcessPath!));
        return command;
    }
}
