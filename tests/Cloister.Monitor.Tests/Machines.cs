using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Cloister.Aot;
using Xunit;

[assembly: AssemblyFixture(typeof(Cloister.Monitor.Tests.Machines))]

namespace Cloister.Monitor.Tests;

/// <summary>Images for QEMU, made once for all tests: the monitor, the one that checks its invariants, and the tests' kernel.</summary>
public sealed class Machines : IDisposable
{
    private readonly Lazy<(string Path, StackUsage Stack)> _monitor;
    private readonly Lazy<(string Path, StackUsage Stack)> _checked;
    private readonly Lazy<string> _kernel;
    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-monitor").FullName;

    public Machines()
    {
        _monitor = new(() => Compile("Cloister.Monitor"));
        _checked = new(() => Compile("Cloister.Monitor.Checked"));
        _kernel = new(MakeKernel);
    }

    public static string Home => AppContext.BaseDirectory;

    public const int StackSize = 128 << 10;

    public string Monitor => _monitor.Value.Path;

    public StackUsage Stack => _monitor.Value.Stack;

    public string Checked => _checked.Value.Path;

    public string Kernel => _kernel.Value;

    public string Folder => _folder;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Path, StackUsage Stack) Compile(string assembly) => Compile(assembly, _folder);

    /// <summary>A monitor's image, made in a folder.</summary>
    public static (string Path, StackUsage Stack) Compile(string assembly, string folder)
    {
        Target target = Target.Find("riscv64-qemu-m").WithBoard(Path.Combine(Home, "Board"));
        string image = Path.Combine(folder, assembly + ".elf");
        (Compilation compilation, List<(string, string)> files) = Driver.ToC(Path.Combine(Home, "Cloister.CoreLib.dll"),
            [Path.Combine(Home, assembly + ".dll"), Path.Combine(Home, "Cloister.Crypto.dll")], target, Profile.Monitor);
        var options = new BuildOptions(StackSize: StackSize, Profile: Profile.Monitor);
        Driver.Build(target, files, Path.Combine(Home, "Runtime"), image + ".c", image, options);
        return (image, StackUsage.Read(compilation, compilation.EntryPoint!, image + ".c"));
    }

    /// <summary>An example as an enclave's first part.</summary>
    public string Enclave(string example)
    {
        Target target = Target.Find("riscv64-qemu-m").WithBoard(Path.Combine(Home, "EnclaveBoard"));
        string image = Path.Combine(_folder, example), elf = image + ".elf";
        string[] assemblies = [.. new[] { example, "Cloister.Sdk.Enclave", "Cloister.Sdk.Edge", "Cloister.Crypto" }.Select(name => Path.Combine(Home, name + ".dll"))];
        Driver.Build(target, Driver.ToC(Path.Combine(Home, "Cloister.CoreLib.dll"), assemblies, target).Files, Path.Combine(Home, "Runtime"),
            elf + ".c", elf, new BuildOptions(StackSize: 128 << 10));
        Assert.Equal("", Run("riscv64-linux-gnu-objcopy", ["-O", "binary", elf, image]));
        return image;
    }

    private string MakeKernel()
    {
        string[] sources = [.. Directory.GetFiles(Path.Combine(Home, "Kernel"))
            .Where(file => Path.GetExtension(file) is ".c" or ".S").Order(StringComparer.Ordinal)];
        string kernel = Path.Combine(_folder, "kernel.elf");
        var objects = new List<string>();
        foreach (string source in sources)
        {
            objects.Add(Path.Combine(_folder, Path.GetFileName(source) + ".o"));
            Assert.Equal("", Run("riscv64-linux-gnu-gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-builtin", "-fno-pic",
                "-fno-stack-protector", "-mcmodel=medany", "-march=rv64gc", "-mabi=lp64d", "-c", source, "-o", objects[^1]]));
        }

        Assert.Equal("", Run("riscv64-linux-gnu-gcc", ["-static", "-nostdlib", "-no-pie", "-Wl,--build-id=none,--no-warn-rwx-segments",
            "-T", Path.Combine(Home, "Kernel", "kernel.ld"), "-o", kernel, .. objects]));
        return kernel;
    }

    /// <summary>What a program says, on both streams.</summary>
    public static string Run(string program, string[] arguments, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        // A machine that hangs is not to hang the tests.
        using var timer = new System.Threading.CancellationTokenSource(limit ?? TimeSpan.FromMinutes(5));
        using System.Threading.CancellationTokenRegistration kill = timer.Token.Register(process.Kill);
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }

    /// <summary>
    /// The machine's time is the number of its instructions: what a test sees doesn't depend on what else this machine does. Harts take turns then.
    /// </summary>
    public static readonly string[] CountedTime = ["-icount", "shift=0"];

    /// <summary>What a machine says on its console until it is off.</summary>
    public static string Boot(string monitor, string kernel, int harts, int megabytes, string arguments, string[] options, TimeSpan? limit = null) =>
        Run("qemu-system-riscv64", ["-M", "virt", "-smp", $"{harts}", "-m", $"{megabytes}", "-nographic", "-no-reboot", "-bios", monitor,
            "-kernel", kernel, "-append", arguments, .. options], limit);
}
