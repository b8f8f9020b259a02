using System.CommandLine;
using Cloister.Host;
using Cloister.Host.Machines;

namespace Cloister.Cli.Machines;

/// <summary>The options of virtual machines.</summary>
internal sealed class MachineSettings
{
    /// <summary>What <c>--tee</c> takes.</summary>
    public const string Tee = "vm";

    private const long DefaultMemory = 2L << 30;
    private const long LeastMemory = 64L << 20;
    private const long MostMemory = 256L << 30;

    private Option<int> Processors { get; } = new("--cpus")
    {
        Description = "With --tee vm: processors of the machine.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private Option<string> Architecture { get; } = new("--arch")
    {
        Description = "With --tee vm: the machine's processor, x86_64 or riscv64 (emulated), whose programs the files are.",
        HelpName = "NAME",
        DefaultValueFactory = _ => MachineArchitecture.X64.Name,
    };

    private Option<string?> Emulator { get; } = new("--qemu")
    {
        Description = "With --tee vm: QEMU's program [default: the processor's, qemu-system-x86_64].",
        HelpName = "PATH",
    };

    private Option<string> Accelerator { get; } = new("--accel")
    {
        Description = "With --tee vm: kvm, tcg (emulation), auto.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "auto",
    };

    private Option<string?> Image { get; } = new("--image")
    {
        Description = "With --tee vm: the kernel's image [default: the one beside the command].",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Processors);
        command.Options.Add(Architecture);
        command.Options.Add(Emulator);
        command.Options.Add(Accelerator);
        command.Options.Add(Image);
    }

    /// <summary>How the user wants the machine.</summary>
    public MachineOptions Read(ParseResult result, string? size)
    {
        if (result.GetValue(Processors) != 1)
            throw new HostException("A virtual machine has one processor in this version: leave --cpus out.");
        string accelerator = result.GetValue(Accelerator)!;
        if (accelerator is not ("kvm" or "tcg" or "auto"))
            throw new HostException($"'--accel {accelerator}' is not known: write kvm, tcg or auto.");
        long memory = size is null ? DefaultMemory : OptionParser.ParseSize(size);
        if (memory is < LeastMemory or > MostMemory)
            throw new HostException("A virtual machine has from 64M to 256G of memory: choose with -m.");
        MachineArchitecture architecture = MachineArchitecture.Find(result.GetValue(Architecture)!);
        KernelImage image = KernelImage.Open(ImageLocation.FindOrMake(result.GetValue(Image), architecture));
        if (image.Architecture != architecture)
            throw new HostException($"'{image.Path}' is a kernel image for {image.Architecture.Title}: name its processor with --arch {image.Architecture.Name}.");
        const long megabyte = 1 << 20;
        return new MachineOptions(image.Path, memory / megabyte * megabyte, result.GetValue(Emulator) ?? architecture.Qemu, accelerator, architecture);
    }
}
