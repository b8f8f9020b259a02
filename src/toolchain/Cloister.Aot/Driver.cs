using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>A machine for which programs are compiled: the C compiler, its options, and the entry code.</summary>
public sealed record Target(string Name, string Compiler, string[] Options, string[] Sources, string? LinkerScript)
{
    public static readonly Target[] All =
    [
        new("x86_64-linux", "gcc", [], ["linux-x86_64.c"], null),
    ];
}

/// <summary>Compiles assemblies to an executable.</summary>
public static class Driver
{
    // CIL semantics from C: wrapping integers, no aliasing rules, no fused multiply-add (CoreCLR doesn't fuse either).
    private static readonly string[] s_options =
    [
        "-O2", "-std=gnu11", "-w", "-ffreestanding", "-fno-strict-aliasing", "-fwrapv", "-fno-delete-null-pointer-checks", "-fno-common",
        "-ffunction-sections", "-fdata-sections", "-fno-math-errno", "-ffp-contract=off", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
        "-fno-pic", "-fno-tree-loop-distribute-patterns",
    ];

    /// <summary>Compiles to C. The first assembly has the entry point; the others are those it refers to.</summary>
    /// <exception cref="CompileException">The program can't be compiled.</exception>
    public static (Compilation Compilation, List<(string Name, string Text)> Files) ToC(string coreLibrary, IReadOnlyList<string> assemblies,
        Processor? processor = null)
    {
        var universe = new Universe(coreLibrary);
        MetadataModule[] modules = [.. assemblies.Select(universe.Load)];
        MethodDesc entryPoint = modules[0].EntryPoint ?? throw new CompileException($"{assemblies[0]} has no entry point.");
        var compilation = new Compilation(universe, processor);
        foreach (string name in (string[])["Unhandled", "Finish", "NoArguments"])
            compilation.Reach(compilation.SupportMethod(name));
        compilation.Scan(entryPoint);
        return (compilation, new ProgramWriter(compilation, entryPoint).Write());
    }

    /// <summary>Writes the C files to a folder and compiles them.</summary>
    /// <param name="runtime">The folder with the runtime's C and assembly files.</param>
    /// <exception cref="CompileException">The C compiler refuses or isn't there.</exception>
    public static void Build(Target target, IEnumerable<(string Name, string Text)> files, string runtime, string folder, string output,
        Processor? processor = null)
    {
        Directory.CreateDirectory(folder);
        var sources = new List<string>();
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            if (name.EndsWith(".c", StringComparison.Ordinal))
                sources.Add(path);
        }

        sources.AddRange(target.Sources.Append("memory.c").Select(source => Path.Combine(runtime, source)));
        var objects = new List<string>();
        var running = new List<Process>();
        foreach (string source in sources)
        {
            string compiled = Path.Combine(folder, Path.GetFileName(source) + ".o");
            objects.Add(compiled);
            while (running.Count(process => !process.HasExited) >= Environment.ProcessorCount)
                running.First(process => !process.HasExited).WaitForExit();
            running.Add(Run(target.Compiler, [.. s_options, .. target.Options, .. (processor ?? Processor.Generic).Options, "-I", runtime, "-c", source, "-o", compiled]));
        }

        running.ForEach(Check);
        string[] script = target.LinkerScript is null ? [] : ["-T", Path.Combine(runtime, target.LinkerScript)];
        Check(Run(target.Compiler, [.. target.Options, "-static", "-nostdlib", "-no-pie", "-Wl,--gc-sections,--build-id=none,-z,noexecstack", .. script, "-o", output, .. objects, "-lgcc"]));
    }

    private static Process Run(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments))!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new CompileException($"{program} can't be started: {exception.Message}");
        }
    }

    private static void Check(Process process)
    {
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new CompileException($"{process.StartInfo.FileName} ended with status {process.ExitCode}.");
    }
}
