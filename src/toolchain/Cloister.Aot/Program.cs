using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Cloister.Aot;

/// <summary>cloister-aot: compiles .NET assemblies to a program that needs no .NET.</summary>
internal static class Program
{
    private const string Usage = """
        cloister-aot [--target NAME] [--cpu NAME] [--output FILE] [--folder FOLDER] [--map FILE] [--profile NAME] [--whole] [--run] ASSEMBLY...
        The first assembly has the entry point; the others are those it refers to.
          --target        x86_64-linux (the default), riscv64-qemu-m, riscv64-qemu-s, aarch64-qemu, aarch64-qemu-el3, x86_64-pvh
          --cpu           generic (the default), or haswell: the processor's instructions for AES, vectors and bits
          --folder        where the C files go
          --map           a list of the methods and types in the program, with sizes
          --profile       os (the default), or monitor: no allocation, no exception, no recursion; prints the worst-case stack
          --whole         every method of the assemblies after the first, and not only what the entry point reaches
          --optimize      the C compiler's level: 0, 1, 2 (the default), 3 or s
          --stack         bytes of stack of a board's image, 8388608 by default
          --thread-stack  bytes of stack of a thread that names no size, 262144 by default, 131072 at least
          --no-turns      threads switch only where they wait or yield, not in loops
          --heap          the largest heap in bytes, 1048576 at least; otherwise all memory of a board, and 1 GiB on Linux
          --roots         conservative (the default), or precise: methods list their references; slow, for tests
          --collect-every collect at every so many allocations and poison what is free; slow, for tests
          --statistics    the program prints the collector's figures to standard error when it ends
          --debug         symbols of C# lines for gdb
          --gdb           with --run: QEMU waits for gdb at port 1234 before the first instruction
          --run           runs the program, in QEMU where the target is a board; the status is the program's
        """;

    public static int Main(string[] arguments)
    {
        var assemblies = new List<string>();
        string target = "x86_64-linux";
        string cpu = Processor.Generic.Name;
        string? output = null, folder = null, map = null;
        var options = new BuildOptions();
        var runtime = new RuntimeOptions();
        bool runs = false, waits = false, isWhole = false;
        var profile = Profile.Os;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--help": Console.WriteLine(Usage); return 0;
                case "--target" when i + 1 < arguments.Length: target = arguments[++i]; break;
                case "--cpu" when i + 1 < arguments.Length: cpu = arguments[++i]; break;
                case "--output" when i + 1 < arguments.Length: output = arguments[++i]; break;
                case "--folder" when i + 1 < arguments.Length: folder = arguments[++i]; break;
                case "--map" when i + 1 < arguments.Length: map = arguments[++i]; break;
                case "--profile" when i + 1 < arguments.Length && arguments[++i] is "os" or "monitor":
                    profile = arguments[i] == "os" ? Profile.Os : Profile.Monitor;
                    break;
                case "--optimize" when i + 1 < arguments.Length: options = options with { Optimization = arguments[++i] }; break;
                case "--stack" when i + 1 < arguments.Length && int.TryParse(arguments[++i], out int size) && size >= 4096:
                    options = options with { StackSize = size };
                    break;
                case "--thread-stack" when i + 1 < arguments.Length && int.TryParse(arguments[++i], out int size) && size >= 128 << 10:
                    runtime = runtime with { ThreadStack = size };
                    break;
                case "--no-turns": runtime = runtime with { Turns = false }; break;
                case "--roots" when i + 1 < arguments.Length && arguments[++i] is "conservative" or "precise":
                    runtime = runtime with { PreciseRoots = arguments[i] == "precise" };
                    break;
                case "--collect-every" when i + 1 < arguments.Length && int.TryParse(arguments[++i], out int number) && number >= 1:
                    runtime = runtime with { CollectEvery = number };
                    break;
                case "--heap" when i + 1 < arguments.Length && long.TryParse(arguments[++i], out long limit) && limit >= 1 << 20:
                    runtime = runtime with { HeapLimit = limit };
                    break;
                case "--statistics": runtime = runtime with { Statistics = true }; break;
                case "--debug": options = options with { Debug = true }; break;
                case "--whole": isWhole = true; break;
                case "--gdb": waits = true; break;
                case "--run": runs = true; break;
                case var option when option.StartsWith('-'): return Fail($"There is no option {option}, or its value is missing or wrong.\n{Usage}");
                case var path: assemblies.Add(path); break;
            }
        }

        if (assemblies.Count == 0)
            return Fail(Usage);
        output ??= Path.GetFileNameWithoutExtension(assemblies[0]);
        try
        {
            Target machine = Target.Find(target);
            Processor processor = Processor.All.FirstOrDefault(candidate => candidate.Name == cpu)
                ?? throw new CompileException($"There is no processor {cpu}; see cloister-aot --help.");
            if (processor != Processor.Generic && !target.StartsWith("x86_64", StringComparison.Ordinal))
                throw new CompileException($"The processor {cpu} is an x86-64; the target is {target}. Leave --cpu out.");
            options = options with { Processor = processor };
            string home = AppContext.BaseDirectory;
            string core = Path.Combine(home, "Cloister.CoreLib.dll");
            (Compilation compilation, List<(string, string)> files) = Driver.ToC(core, assemblies, machine, profile, options.Debug, options.Processor,
                runtime, isWhole);
            folder ??= output + ".c";
            Driver.Build(machine, files, Path.Combine(home, "Runtime"), folder, output, options);
            if (profile == Profile.Monitor)
                Report(StackUsage.Read(compilation, compilation.EntryPoint!, folder), options);
            if (map is not null)
                File.WriteAllText(map, MapFile.Write(compilation, machine, output));
            return runs ? Driver.Execute(machine, output, out _, captures: false, waits ? ["-s", "-S"] : []) : 0;
        }
        catch (CompileException exception)
        {
            return Fail(exception.Message);
        }
    }

    private static void Report(StackUsage stack, BuildOptions options)
    {
        Console.WriteLine($"Worst-case stack: {stack.Bytes} bytes, by {string.Join(" -> ", stack.Path)}.");
        if (stack.Bytes > options.StackSize)
            throw new CompileException($"The program needs {stack.Bytes} bytes of stack, and --stack gives {options.StackSize}.");
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine("cloister-aot: " + message);
        return 1;
    }
}
