using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Compiles assemblies to an executable.</summary>
public static class Driver
{
    // CIL semantics from C: wrapping integers, no aliasing rules, no fused multiply-add (CoreCLR doesn't fuse either).
    private static readonly string[] s_options =
    [
        "-std=gnu11", "-w", "-ffreestanding", "-fno-strict-aliasing", "-fwrapv", "-fno-delete-null-pointer-checks", "-fno-common",
        "-ffunction-sections", "-fdata-sections", "-fno-math-errno", "-ffp-contract=off", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
        "-fno-pic", "-fno-tree-loop-distribute-patterns",
        // Endless recursion is to end in a message, not to become a loop.
        "-fno-optimize-sibling-calls", "-fstack-usage",
    ];

    /// <summary>Compiles to C. The first assembly has the entry point; the others are those it refers to.</summary>
    /// <param name="target">The machine; x86-64 Linux by default.</param>
    /// <param name="profile">What the program may do.</param>
    /// <param name="debug">Whether the C text names the lines of C#; for <see cref="BuildOptions.Debug"/>.</param>
    /// <param name="processor">Whose instructions may be used; for <see cref="BuildOptions.Processor"/>.</param>
    /// <param name="options">What the runtime in the program is told.</param>
    /// <param name="isWhole">Whether every method of the assemblies after the first is compiled, and not only what the entry point reaches.</param>
    /// <exception cref="CompileException">The program can't be compiled.</exception>
    public static (Compilation Compilation, List<(string Name, string Text)> Files) ToC(string coreLibrary, IReadOnlyList<string> assemblies,
        Target? target = null, Profile profile = Profile.Os, bool debug = false, Processor? processor = null,
        RuntimeOptions? options = null, bool isWhole = false)
    {
        try
        {
            return Compile(coreLibrary, assemblies, target ?? Target.All[0], profile, debug, processor, options ?? new RuntimeOptions(), isWhole);
        }
        catch (BadImageFormatException exception)
        {
            throw new CompileException($"{string.Join(", ", assemblies)}: the assembly is damaged: {exception.Message}");
        }
    }

    private static (Compilation Compilation, List<(string Name, string Text)> Files) Compile(string coreLibrary, IReadOnlyList<string> assemblies,
        Target target, Profile profile, bool debug, Processor? processor, RuntimeOptions options, bool isWhole)
    {
        var universe = new Universe(coreLibrary);
        MetadataModule[] modules = [.. assemblies.Select(universe.Load)];
        MethodDesc entryPoint = modules[0].EntryPoint ?? throw new CompileException($"{assemblies[0]} has no entry point.");
        var compilation = new Compilation(universe, profile, processor) { HasLines = debug, Options = options };
        if (profile == Profile.Monitor && entryPoint.Signature.Parameters.Length > 0)
            throw new CompileException($"{entryPoint} takes arguments, which the profile monitor doesn't allow: declare it without parameters.");
        foreach (string name in profile == Profile.Monitor ? (string[])["Finish"] : ["Unhandled", "Finish", "Arguments", "RecordFrame", "Search"])
            compilation.Reach(compilation.SupportMethod(name));
        if (compilation.Options.Statistics)
            compilation.Reach(compilation.SupportMethod("PrintStatistics"));
        MethodDesc overflow = compilation.SupportMethod("StackOverflow");
        compilation.Reach(overflow);
        compilation.Exports["cl_report_stack_overflow"] = overflow;
        if (target.Board is not null)
            Export(compilation, universe.CoreType(target.Board), "cl_Platform_");
        if (target.IsKernel)
            Export(compilation, universe.CoreType("Cloister.Runtime.KernelScheduler"), "cl_KernelScheduler_");
        foreach (MetadataModule module in modules)
            ExportMarked(compilation, module);
        if (isWhole)
            foreach (MetadataModule module in modules[1..])
                compilation.ReachWhole(module);
        compilation.Scan(entryPoint);
        return (compilation, new ProgramWriter(compilation, entryPoint).Write());
    }

    // A class's public members are functions for C and assembly: a board's are those of platform.h.
    private static void Export(Compilation compilation, DefinedType type, string prefix)
    {
        foreach (MethodRecord record in type.Record.Methods)
        {
            if ((record.Attributes & System.Reflection.MethodAttributes.MemberAccessMask) != System.Reflection.MethodAttributes.Public)
                continue;
            MethodDesc method = compilation.Universe.Method(record, type, []);
            compilation.Exports[prefix + method.Name] = method;
            compilation.Reach(method);
        }
    }

    // Methods that code outside of the program calls by name, as entry code in assembly does.
    private static void ExportMarked(Compilation compilation, MetadataModule module)
    {
        foreach (TypeRecord type in module.Types().Where(type => type.GenericParameters.Count == 0))
            foreach (MethodRecord record in type.Methods)
                if (record.ExportName is { } name)
                {
                    MethodDesc method = compilation.Universe.Method(record, compilation.Universe.Instance(type, []), []);
                    compilation.Exports[name] = method;
                    compilation.Entries.Add(method);
                    compilation.Reach(method);
                }
    }

    /// <summary>Writes the C files to a folder and compiles them, as many at a time as there are processors.</summary>
    /// <param name="runtime">The folder with the runtime's C and assembly files.</param>
    /// <exception cref="CompileException">The C compiler refuses or isn't there.</exception>
    public static void Build(Target target, IEnumerable<(string Name, string Text)> files, string runtime, string folder, string output,
        BuildOptions? options = null)
    {
        options ??= new BuildOptions();
        Directory.CreateDirectory(folder);
        string header = "";
        // Figures of an earlier program would count as this one's.
        foreach (string figures in Directory.GetFiles(folder, "*.su"))
            File.Delete(figures);
        var sources = new List<string>();
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            if (name.EndsWith(".c", StringComparison.Ordinal))
                sources.Add(path);
            else
                header = text;
        }

        // The largest first, so that no processor is left with it at the end.
        sources = [.. sources.OrderByDescending(source => new FileInfo(source).Length)];
        sources.AddRange(target.Sources.Concat(["memory.c", "context.S"]).Select(source => Path.Combine(runtime, source)));
        string[] symbols = options.Debug ? ["-g"] : [];
        // A stackalloc of constant size becomes part of the frame, and counts there, also where it is larger than 256 bytes.
        string[] frames = options.Profile == Profile.Monitor ? ["--param=large-stack-frame=65536"] : [];
        string[] common = ["-O" + options.Optimization, .. symbols, .. frames, .. s_options, .. target.Options,
            .. target.OptionsOf(options.Processor ?? Processor.Generic), "-I", runtime];
        ObjectCache? cache = options.Cache is { } place
            ? new ObjectCache(place, header, Directory.GetFiles(runtime, "*.h").Concat(target.Headers), [target.Compiler, .. common])
            : null;
        var objects = new List<string>();
        var made = new List<(string Made, string Kept)>();
        var running = new List<Process>();
        foreach (string source in sources)
        {
            string[] large = Path.GetFileName(source).StartsWith(ProgramWriter.LargePrefix, StringComparison.Ordinal) ? ["-fno-tree-pta"] : [];
            string compiled = Path.Combine(folder, Path.GetFileName(source) + ".o");
            string kept = cache?.Find(source, large) ?? compiled;
            objects.Add(kept);
            if (cache is not null && File.Exists(kept))
                continue;
            made.Add((compiled, kept));
            // One that ran when it was counted may have ended since.
            while (running.Count(process => !process.HasExited) >= Environment.ProcessorCount)
                running.Find(process => !process.HasExited)?.WaitForExit();
            running.Add(Run(target.Compiler, [.. common, .. large, "-c", source, "-o", compiled]));
        }

        running.ForEach(Check);
        if (cache is not null)
        {
            // Kept only when they are whole.
            foreach ((string from, string to) in made)
                File.Move(from, to, overwrite: true);
            cache.Prune();
        }

        Link(target, objects, runtime, output, options);
    }

    private static void Link(Target target, List<string> objects, string runtime, string output, BuildOptions options)
    {
        string[] script = target.Script is null ? [] : ["-T", Path.Combine(runtime, target.Script), "-Wl,--no-warn-rwx-segments",
            FormattableString.Invariant($"-Wl,--defsym=cl_image_base={target.ImageBase},--defsym=cl_stack_size={options.StackSize}")];
        string[] format = ["-static", "-nostdlib", "-no-pie", "-Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,max-page-size=4096"];
        string[] machine = [.. target.Options, .. target.OptionsOf(options.Processor ?? Processor.Generic)];
        Check(Run(target.Compiler, [.. machine, .. format, .. script, "-o", output, .. objects, .. target.Libraries]));
    }

    /// <summary>
    /// Runs a program, in the target's emulator where it has one, and gives its exit status. Where output is taken, the program ends after five
    /// minutes at the latest.
    /// </summary>
    /// <param name="output">Takes standard output; nothing passes it on to this process's.</param>
    /// <param name="captures">Whether output is taken; otherwise it goes where this process's goes.</param>
    /// <param name="options">Further options of the emulator.</param>
    /// <exception cref="CompileException">The emulator isn't there.</exception>
    public static int Execute(Target target, string program, out string output, bool captures = true, string[]? options = null)
    {
        string[] command = [.. target.Emulator, Path.GetFullPath(program)];
        if (target.Emulator.Length > 0 && options is not null)
            command = [command[0], .. options, .. command[1..]];
        using Process process = Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = captures });
        // A program that hangs is not to hang who waits for it.
        using var limit = new CancellationTokenSource();
        using CancellationTokenRegistration kill = limit.Token.Register(process.Kill);
        if (captures)
            limit.CancelAfter(TimeSpan.FromMinutes(5));
        output = captures ? process.StandardOutput.ReadToEnd() : "";
        process.WaitForExit();
        return target.DoublesStatus ? process.ExitCode >> 1 : process.ExitCode;
    }

    private static Process Run(string program, IEnumerable<string> arguments) => Start(new ProcessStartInfo(program, arguments));

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new CompileException(
                $"{start.FileName} can't be started: {exception.Message}. Install the package that has it; see eng/packages.txt.");
        }
    }

    private static void Check(Process process)
    {
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new CompileException($"{process.StartInfo.FileName} ended with status {process.ExitCode}.");
    }
}

/// <summary>How C is compiled and linked.</summary>
/// <param name="Optimization">The C compiler's level: 0, 1, 2, 3 or s.</param>
/// <param name="StackSize">Bytes of stack of a board's image. Linux programs have the stack that the system gives.</param>
/// <param name="Debug">Whether the program has symbols for a debugger.</param>
/// <param name="Processor">Whose instructions may be used; null for any of the architecture.</param>
/// <param name="Profile">What the program may do.</param>
/// <param name="Cache">A folder for object files, which later builds use where nothing has changed; null for none.</param>
public sealed record BuildOptions(string Optimization = "2", int StackSize = 8 << 20, bool Debug = false, Processor? Processor = null,
    Profile Profile = Profile.Os, string? Cache = null);
