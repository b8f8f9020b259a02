using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Cloister.Aot;

namespace Cloister.Bench.Aot;

/// <summary>What is compiled for the benchmarks.</summary>
internal sealed class Compiler(string folder)
{
    private static string Home => AppContext.BaseDirectory;

    private static string Assembly(string name) => Path.Combine(Home, name + ".dll");

    /// <summary>The benchmark programs for x86-64 Linux with the instructions of "haswell".</summary>
    /// <param name="seconds">How long it took, the C compiler included.</param>
    public string Benchmarks(out double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        string program = Build(Target.All[0], Processor.All.Single(processor => processor.Name == "haswell"), "Cloister.Bench.AotPrograms",
            "Cloister.Crypto");
        seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return program;
    }

    /// <summary>Bytes of the image of hello world on every target.</summary>
    public Dictionary<string, long> HelloWorlds() =>
        Target.All.ToDictionary(target => target.Name, target => new FileInfo(Build(target, Processor.Generic, "Sample")).Length);

    /// <summary>Seconds for everything in the five assemblies of the kernel that have code, for riscv64.</summary>
    public double Whole()
    {
        long start = Stopwatch.GetTimestamp();
        Build(Target.Find("riscv64-qemu-m"), Processor.Generic, "Cloister.Aot.Volume", "Cloister.Storage", "Cloister.Crypto", "Cloister.Contracts",
            "Cloister.Abi", "Cloister.Hal", "Cloister.Nucleus", "Cloister.Vfs", "Cloister.Net", "Cloister.Linux");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // With more than the program and its one library, all of the libraries is compiled.
    private string Build(Target target, Processor processor, params string[] assemblies)
    {
        string program = Path.Combine(folder, assemblies[0] + "-" + target.Name);
        Driver.Build(target, Driver.ToC(Assembly("Cloister.CoreLib"), [.. assemblies.Select(Assembly)], target, processor: processor,
            isWhole: assemblies.Length > 2).Files, Path.Combine(Home, "Runtime"), program + ".c", program, new BuildOptions(Processor: processor));
        return program;
    }
}
