using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Cloister.Aot;

/// <summary>cloister-aot: compiles .NET assemblies to a program that needs no .NET.</summary>
internal static class Program
{
    private const string Usage = """
        cloister-aot [--target NAME] [--cpu NAME] [--output FILE] [--folder FOLDER] [--map FILE] ASSEMBLY...
        The first assembly has the entry point; the others are those it refers to.
          --target   x86_64-linux, the default and only one yet
          --cpu      generic, the default, or haswell: the processor's instructions for AES, vectors and bits
          --folder   where the C files go
          --map      a list of the methods and types in the program, with sizes
        """;

    public static int Main(string[] arguments)
    {
        var assemblies = new List<string>();
        string target = "x86_64-linux";
        string cpu = Processor.Generic.Name;
        string? output = null, folder = null, map = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--target" when i + 1 < arguments.Length: target = arguments[++i]; break;
                case "--cpu" when i + 1 < arguments.Length: cpu = arguments[++i]; break;
                case "--output" when i + 1 < arguments.Length: output = arguments[++i]; break;
                case "--folder" when i + 1 < arguments.Length: folder = arguments[++i]; break;
                case "--map" when i + 1 < arguments.Length: map = arguments[++i]; break;
                case var option when option.StartsWith('-'): return Fail($"There is no option {option}.\n{Usage}");
                case var path: assemblies.Add(path); break;
            }
        }

        if (assemblies.Count == 0)
            return Fail(Usage);
        Target? machine = Target.All.FirstOrDefault(candidate => candidate.Name == target);
        if (machine is null)
            return Fail($"There is no target {target}; see cloister-aot --help.");
        Processor? processor = Processor.All.FirstOrDefault(candidate => candidate.Name == cpu);
        if (processor is null)
            return Fail($"There is no processor {cpu}; see cloister-aot --help.");
        if (processor != Processor.Generic && !target.StartsWith("x86_64", StringComparison.Ordinal))
            return Fail($"The processor {cpu} is an x86-64; the target is {target}. Leave --cpu out.");
        output ??= Path.GetFileNameWithoutExtension(assemblies[0]);
        try
        {
            string home = AppContext.BaseDirectory;
            (Compilation compilation, List<(string, string)> files) = Driver.ToC(Path.Combine(home, "Cloister.CoreLib.dll"), assemblies, processor);
            Driver.Build(machine, files, Path.Combine(home, "Runtime"), folder ?? output + ".c", output, processor);
            if (map is not null)
                File.WriteAllText(map, MapFile.Write(compilation, machine, output));
            return 0;
        }
        catch (CompileException exception)
        {
            return Fail(exception.Message);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine("cloister-aot: " + message);
        return 1;
    }
}
