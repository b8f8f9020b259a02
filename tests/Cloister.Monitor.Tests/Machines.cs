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

    /// <summary>Keystone's own monitor (eng/stock-monitor.sh), where the environment names it.</summary>
    public static string? Stock => Environment.GetEnvironmentVariable("CLOISTER_STOCK_MONITOR") is { Length: > 0 } image ? image : null;

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

    /// <summary>An enclave of the SDK, as a flat file: its first part.</summary>
    public string Enclave(string name, params string[] others)
    {
        string elf = Program(name, "EnclaveBoard", [.. others, "Cloister.Sdk.Enclave", "Cloister.Sdk.Edge", "Cloister.Crypto"]);
        string image = Path.Combine(_folder, name);
        Assert.Equal("", Run("riscv64-linux-gnu-objcopy", ["-O", "binary", elf, image]));
        return image;
    }

    /// <summary>The launcher for Linux on riscv64.</summary>
    public string Launcher() => Program("Cloister.Keystone.Launcher", "LauncherBoard", "Cloister.Hal", "Cloister.Abi");

    private string Program(string name, string board, params string[] others)
    {
        Target target = Target.Find("riscv64-qemu-m").WithBoard(Path.Combine(Home, board));
        string elf = Path.Combine(_folder, name + ".elf");
        string[] assemblies = [.. new[] { name }.Concat(others).Select(assembly => Path.Combine(Home, assembly + ".dll"))];
        Driver.Build(target, Driver.ToC(Path.Combine(Home, "Cloister.CoreLib.dll"), assemblies, target).Files, Path.Combine(Home, "Runtime"),
            elf + ".c", elf, new BuildOptions(StackSize: 128 << 10));
        return elf;
    }

    /// <summary>Debian's riscv64 kernel, headers and busybox. They stay in the user's cache: they have 130 MB.</summary>
    public static string FetchLinux()
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ??
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string folder = Path.Combine(cache, "cloister", "riscv-linux");
        string said = Run("bash", [Path.Combine(Home, "fetch-riscv-linux.sh"), folder]);
        Assert.SkipUnless(File.Exists(Path.Combine(folder, "complete")), "Debian's riscv64 packages can't be fetched: " + said.Trim());
        return Path.Combine(folder, "linux");
    }

    /// <summary>The driver, made for a kernel.</summary>
    public string BuildDriver(string linux)
    {
        string folder = Path.Combine(_folder, "driver-" + Guid.NewGuid());
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Path.Combine(Home, "Driver")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        // The headers name a compiler that this system hasn't; types for BPF would need another tool.
        string said = Run("make", ["-C", Path.Combine(linux, "headers"), "M=" + folder, "ARCH=riscv", "CROSS_COMPILE=riscv64-linux-gnu-",
            "CC=riscv64-linux-gnu-gcc", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules"]);
        string module = Path.Combine(folder, "cloister_keystone.ko");
        Assert.True(File.Exists(module), said);
        Assert.DoesNotContain("warning:", said, StringComparison.Ordinal);
        Run("riscv64-linux-gnu-strip", ["-g", module]);
        return module;
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
