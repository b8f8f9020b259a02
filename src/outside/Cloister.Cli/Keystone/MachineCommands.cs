using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Cloister.Cli.Machines;
using Cloister.Host;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Keystone;

/// <summary><c>cloister keystone image</c> and <c>shell</c>: a RISC-V machine with enclaves, in QEMU. Scripts of the source tree do the work.</summary>
internal static class MachineCommands
{
    private const int MaxHarts = 8;

    public static Command BuildImage()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where they go." };
        var command = new Command("image", "Makes the parts of a machine: monitor, driver for Debian's kernel, the examples' enclaves and their host.")
        {
            folder,
        };
        command.SetAction(result => Run("keystone image", "keystone-parts.sh", result.GetValue(folder)!));
        return command;
    }

    public static Command BuildShell()
    {
        var harts = new Option<int>("--harts") { Description = "Processors, up to 8.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var memory = new Option<int>("--megabytes", "-m") { Description = "Memory.", HelpName = "N", DefaultValueFactory = _ => 512 };
        var parts = new Option<string?>("--parts") { Description = "A folder that 'image' has made [default: made anew].", HelpName = "FOLDER" };
        var command = new Command("shell", "A shell in Debian's kernel on the monitor, in QEMU, with driver and examples; Ctrl-A X ends it.")
        {
            harts, memory, parts,
        };
        command.SetAction(result =>
        {
            int count = result.GetValue(harts), megabytes = result.GetValue(memory);
            if (count is < 1 or > MaxHarts)
                throw new HostException($"A machine has 1 to {MaxHarts} harts, not {count}.");
            if (megabytes < 128)
                throw new HostException("Debian's kernel and the pool for enclaves need 128 megabytes at least.");
            string? folder = result.GetValue(parts);
            if (folder is not null && !File.Exists(Path.Combine(folder, "monitor.elf")))
                throw new HostException($"'{folder}' has no monitor.elf: make it with 'cloister keystone image {folder}'.");
            string[] arguments = [count.ToString(CultureInfo.InvariantCulture), megabytes.ToString(CultureInfo.InvariantCulture)];
            return Run("keystone shell", "keystone-shell.sh", folder is null ? arguments : [.. arguments, folder]);
        });
        return command;
    }

    /// <summary>The parts of a clone of the sources, which are made where they are missing or older than the sources.</summary>
    public static string FindOrMakeParts()
    {
        string repository = ImageLocation.FindRepository() ?? throw new HostException(
            "The parts of a machine with enclaves aren't here: name their folder with --parts, or run from a clone of the repository.");
        string folder = Path.Combine(repository, ".build", "keystone");
        if (ImageLocation.IsCurrent(Path.Combine(folder, "complete"), repository, "src/monitor", "src/outside/linux-driver",
            "src/outside/Cloister.Keystone.Launcher"))
            return folder;
        LauncherOutput.WriteError("cloister: making a machine with enclaves (needed once after each change of its sources; fetches Debian's kernel)...\n");
        if (Run("run --tee keystone", "keystone-parts.sh", folder) != 0)
            throw new HostException("The machine's parts can't be made; see above.");
        return folder;
    }

    // The script has this program's streams, and so the terminal.
    private static int Run(string command, string script, params string[] arguments)
    {
        string path = Path.Combine(RepositoryFolder.Find("eng", command), script);
        using Process process = Process.Start(new ProcessStartInfo("/bin/bash", [path, .. arguments]))!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
