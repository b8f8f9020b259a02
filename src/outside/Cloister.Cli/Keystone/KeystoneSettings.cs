using System;
using System.CommandLine;
using System.IO;
using Cloister.Cli.Machines;
using Cloister.Host;
using Cloister.Host.Machines;

namespace Cloister.Cli.Keystone;

/// <summary>The options of Keystone's enclaves.</summary>
internal sealed class KeystoneSettings
{
    /// <summary>What <c>--tee</c> takes.</summary>
    public const string Tee = "keystone";

    /// <summary>The enclave's kernel among the parts.</summary>
    private const string Kernel = "kernel";

    private const string Emulator = "qemu-system-riscv64";
    private const long DefaultMemory = 256L << 20;
    private const long LeastMemory = 64L << 20;
    private const long MostMemory = 16L << 30;
    private const long Unit = 2L << 20;
    private const int Harts = 1;

    private Option<string?> Parts { get; } = new("--parts")
    {
        Description = "With --tee keystone: a folder that 'keystone image' has made [default: made once, in a clone of the sources].",
        HelpName = "FOLDER",
    };

    private Option<string?> Configuration { get; } = new("--save-configuration")
    {
        Description = "With --tee keystone: writes what the enclave is told to run, which is measured: --runtime of 'keystone verify'.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Parts);
        command.Options.Add(Configuration);
    }

    /// <summary>How the user wants the machine.</summary>
    public KeystoneOptions Read(ParseResult result, string? size)
    {
        long memory = size is null ? DefaultMemory : OptionParser.ParseSize(size);
        if (memory is < LeastMemory or > MostMemory)
            throw new HostException("An enclave of Keystone has from 64M to 16G of memory: choose with -m.");
        string parts = result.GetValue(Parts) is { } given ? Path.GetFullPath(given) : MachineCommands.FindOrMakeParts();
        string kernel = Environment.GetEnvironmentVariable("CLOISTER_IMAGE") is { Length: > 0 } chosen ? chosen : Path.Combine(parts, Kernel);
        if (!File.Exists(kernel))
            throw new HostException($"There is no kernel for enclaves in '{parts}': make it with 'cloister keystone image {parts}'.");
        return new KeystoneOptions(parts, kernel, (memory + Unit - 1) / Unit * Unit, Harts, result.GetValue(Configuration), Emulator);
    }
}
