using System.CommandLine;
using Cloister.Cli.Keystone;
using Cloister.Cli.Machines;
using Cloister.Net;

namespace Cloister.Cli;

/// <summary>The options that <c>do</c> and <c>run</c> share.</summary>
internal sealed class RunOptions
{
    public RunOptions(Command command, NetworkMode network)
    {
        command.Options.Add(Detach);
        command.Options.Add(Name);
        command.Options.Add(Remove);
        command.Options.Add(Interactive);
        command.Options.Add(AllowPrograms);
        command.Options.Add(Environment);
        command.Options.Add(WorkingDirectory);
        command.Options.Add(Volumes);
        command.Options.Add(EncryptedVolumes);
        command.Options.Add(KeyFile);
        command.Options.Add(KeyDescriptor);
        command.Options.Add(Anchor);
        command.Options.Add(AnchorStrict);
        Network = new NetworkOptions(command, network);
        command.Options.Add(Memory);
        command.Options.Add(User);
        command.Options.Add(Terminal);
        command.Options.Add(Tee);
        Machine.AddTo(command);
        Keystone.AddTo(command);
        command.Options.Add(Strace);
        command.Options.Add(Log);
        command.Options.Add(Statistics);
        command.Options.Add(Switchless);
        command.Options.Add(ExitCost);
        command.Options.Add(Traps);
        command.Options.Add(Collect);
        command.Arguments.Add(Program);
    }

    public Option<bool> Detach { get; } = new("--detach", "-d")
    {
        Description = "Runs it in the background and prints the enclave's id; see 'cloister ps', 'logs', 'exec', 'stop'.",
    };

    public Option<string?> Name { get; } = new("--name")
    {
        Description = "Name of an enclave in the background [default: one that is made up].",
        HelpName = "NAME",
    };

    public Option<bool> Remove { get; } = new("--rm") { Description = "Keeps nothing of an enclave in the background once it has ended." };

    public Option<bool> Interactive { get; } = new("--interactive", "-i")
    {
        Description = "Keeps the input of an enclave in the background open, for 'cloister attach'.",
    };

    public Option<bool> AllowPrograms { get; } = new("--allow-exec")
    {
        Description = "Whether 'cloister exec' may start more programs in an enclave in the background: true or false.",
        HelpName = "BOOL",
        DefaultValueFactory = _ => true,
        Arity = ArgumentArity.ExactlyOne,
    };

    public Option<string[]> Environment { get; } = new("--env", "-e")
    {
        Description = "Sets a variable of the program's environment, or passes on the caller's. May be repeated.",
        HelpName = "NAME[=VALUE]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string?> WorkingDirectory { get; } = new("--workdir", "-w")
    {
        Description = "Working directory inside.",
        HelpName = "DIR",
    };

    public Option<string[]> Volumes { get; } = new("--volume", "-v")
    {
        Description = "Mounts a directory or file of the host. OPTIONS: ro; suid, so that programs may give files privileges there. May be repeated.",
        HelpName = "HOST:GUEST[:OPTIONS]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string[]> EncryptedVolumes { get; } = new("--volume-enc")
    {
        Description = "Mounts an encrypted volume, made by 'cloister fs create', that the host can't read. May be repeated.",
        HelpName = "FILE:GUEST[:ro][:clone=NAME]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "Key of the encrypted volumes: 32 bytes, or 64 hexadecimal digits.",
        HelpName = "FILE",
    };

    public Option<int?> KeyDescriptor { get; } = new("--key-fd")
    {
        Description = "Open descriptor to read the key from.",
        HelpName = "NUMBER",
    };

    public Option<string?> Anchor { get; } = FileSystems.AnchorOptions.Make();

    public Option<bool> AnchorStrict { get; } = FileSystems.AnchorOptions.MakeStrict();

    public NetworkOptions Network { get; }

    public Option<string?> Memory { get; } = new("--memory", "-m")
    {
        Description = "Enclave memory, such as 512M or 2G [default: as much as the machine has].",
        HelpName = "SIZE",
    };

    public Option<string?> User { get; } = new("--user", "-u")
    {
        Description = "User and group id of the program.",
        HelpName = "UID[:GID]",
    };

    public Option<bool> Terminal { get; } = new("--terminal", "-t")
    {
        Description = "Makes the terminal the program's controlling terminal (with 'do' the default where there is one).",
    };

    public Option<string> Tee { get; } = new("--tee")
    {
        Description = "Kind of TEE: process; vm, a virtual machine; keystone, a RISC-V machine with enclaves (all simulated, no hardware).",
        HelpName = "KIND",
        DefaultValueFactory = _ => "process",
    };

    /// <summary>Of <c>--tee vm</c>.</summary>
    public MachineSettings Machine { get; } = new();

    /// <summary>Of <c>--tee keystone</c>.</summary>
    public KeystoneSettings Keystone { get; } = new();

    public Option<string?> Strace { get; } = new("--strace")
    {
        Description = "Prints system calls to standard error: all, names separated by commas, or all but those after '!'.",
        HelpName = "FILTER",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<string> Log { get; } = new("--log")
    {
        Description = "What is logged: none, error, warning, information, debug.",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "warning",
    };

    public Option<bool> Statistics { get; } = new("--stats") { Description = "Prints counters at the end." };

    public Option<string> Switchless { get; } = new("--switchless")
    {
        Description = "How the host is called on the process platform: off (by the calling thread), or by workers outside, without leaving the enclave.",
        HelpName = "WAY",
        DefaultValueFactory = _ => "off",
    };

    public Option<long> ExitCost { get; } = new("--exit-cost")
    {
        Description = "Makes leaving the enclave as dear as on a TEE: SGX takes 8,000 to 14,000 cycles.",
        HelpName = "CYCLES",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>How system calls are caught; to test the fallback of hosts without Syscall User Dispatch.</summary>
    public Option<string> Traps { get; } = new("--traps")
    {
        Description = "best, dispatch, seccomp",
        Hidden = true,
        DefaultValueFactory = _ => "best",
    };

    /// <summary>Garbage collections all the time; to test that none meets a program.</summary>
    public Option<bool> Collect { get; } = new("--collect") { Hidden = true };

    public Argument<string[]> Program { get; } = new("COMMAND")
    {
        Description = "The program and its arguments.",
        Arity = ArgumentArity.OneOrMore,
    };
}
