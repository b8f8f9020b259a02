using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;

namespace Cloister.Aot;

/// <summary>cloister-aot: compiles .NET assemblies to a program that needs no .NET.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        try
        {
            ParseResult result = new CommandLine(Compile).Root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
            return result.Errors.Count > 0 ? Fail($"{result.Errors[0].Message.TrimEnd('.')}; see cloister-aot --help.")
                : result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CompileException exception)
        {
            return Fail(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private static int Compile(ParseResult result, CommandLine line)
    {
        var target = Target.Find(result.GetRequiredValue(line.Target));
        if (result.GetValue(line.Board) is { } board)
            target = target.WithBoard(board);
        Processor processor = Processor.All.First(candidate => candidate.Name == result.GetRequiredValue(line.Cpu));
        bool fits = processor.Name == "kernel" ? target.IntegerOptions.Length > 0 : target.Name.StartsWith("x86_64", StringComparison.Ordinal);
        if (processor != Processor.Generic && !fits)
            throw new CompileException($"The processor {processor.Name} isn't one of the target {target.Name}. Leave --cpu out.");
        string[] assemblies = result.GetRequiredValue(line.Assemblies);
        string output = result.GetValue(line.Output) ?? Path.GetFileNameWithoutExtension(assemblies[0]);
        string folder = result.GetValue(line.Folder) ?? output + ".c";
        Profile profile = result.GetValue(line.Profile) == "monitor" ? Profile.Monitor : Profile.Os;
        var options = new BuildOptions(result.GetRequiredValue(line.Optimize), result.GetValue(line.Stack), result.GetValue(line.Debug), processor, profile,
            profile == Profile.Monitor ? null : result.GetValue(line.Cache));
        var runtime = new RuntimeOptions
        {
            ThreadStack = result.GetValue(line.ThreadStack),
            Turns = !result.GetValue(line.NoTurns),
            PreciseRoots = result.GetValue(line.Roots) == "precise",
            CollectEvery = result.GetValue(line.CollectEvery),
            HeapLimit = result.GetValue(line.Heap) ?? 0,
            Statistics = result.GetValue(line.Statistics),
        };

        string home = AppContext.BaseDirectory;
        (Compilation compilation, List<(string, string)> files) = Driver.ToC(Path.Combine(home, "Cloister.CoreLib.dll"), assemblies, target, profile,
            options.Debug, processor, runtime, result.GetValue(line.Whole));
        Driver.Build(target, files, Path.Combine(home, "Runtime"), folder, output, options);
        if (profile == Profile.Monitor)
            Report(StackUsage.Read(compilation, compilation.EntryPoint!, folder), options);
        if (result.GetValue(line.Map) is { } map)
            File.WriteAllText(map, MapFile.Write(compilation, target, output));
        return !result.GetValue(line.Run) ? 0
            : Driver.Execute(target, output, out _, captures: false, result.GetValue(line.Gdb) ? ["-s", "-S"] : []);
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
