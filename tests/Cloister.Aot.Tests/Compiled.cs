using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Cloister.Aot.Tests;

/// <summary>Programs on CoreCLR and compiled, each with its output and the status it ends with.</summary>
internal static class Compiled
{
    public static string CoreLibrary => Assembly("Cloister.CoreLib");

    public static string Assembly(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

    /// <summary>Compiles assemblies, the program first, runs it and gives what it prints.</summary>
    public static string Run(Processor processor, params string[] assemblies) => RunFiles(processor, [.. assemblies.Select(Assembly)]);

    /// <summary>The same for assemblies anywhere.</summary>
    public static string RunFiles(Processor processor, params string[] paths)
    {
        string folder = Directory.CreateTempSubdirectory("cloister-aot").FullName;
        try
        {
            string program = Path.Combine(folder, "program");
            Driver.Build(Target.All[0], Driver.ToC(CoreLibrary, paths, processor: processor).Files, Path.Combine(AppContext.BaseDirectory, "Runtime"), folder,
                program, new BuildOptions(Processor: processor));
            return Output(program);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same on a machine in QEMU.</summary>
    public static string RunOn(string machine, params string[] assemblies)
    {
        string folder = Directory.CreateTempSubdirectory("cloister-aot").FullName;
        try
        {
            var target = Target.Find(machine);
            string program = Path.Combine(folder, "program");
            Driver.Build(target, Driver.ToC(CoreLibrary, [.. assemblies.Select(Assembly)], target).Files,
                Path.Combine(AppContext.BaseDirectory, "Runtime"), folder, program);
            int status = Driver.Execute(target, program, out string output);
            return output + "status " + status;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static string RunOnCoreClr(string assembly) => Output("dotnet", Assembly(assembly));

    public static string Output(string program, params string[] arguments) => Output(new ProcessStartInfo(program, arguments));

    /// <summary>The same with a variable in the environment.</summary>
    public static string OutputWith(string variable, string value, string program, params string[] arguments) =>
        Output(new ProcessStartInfo(program, arguments) { Environment = { [variable] = value } });

    private static string Output(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + "status " + process.ExitCode;
    }
}
