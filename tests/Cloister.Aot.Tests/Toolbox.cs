using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>A folder for one test, and what tests do in it. It is gone afterwards.</summary>
internal sealed class Toolbox : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("cloister-aot").FullName;

    public static string Home => AppContext.BaseDirectory;

    public static string CoreLibrary => Path.Combine(Home, "Cloister.CoreLib.dll");

    public static string Runtime => Path.Combine(Home, "Runtime");

    public static string Programs => Path.Combine(Home, "Cloister.Aot.Programs.dll");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Compiles C# to an assembly with its symbols beside it; gives the assembly's path.</summary>
    public string CSharp(string source, string name = "Program")
    {
        string path = Path.Combine(Folder, name + ".dll");
        IEnumerable<string> trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal));
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, path: $"/source/{name}.cs", encoding: System.Text.Encoding.UTF8);
        CSharpCompilation compilation = CSharpCompilation.Create(name, [tree], trusted.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        using FileStream assembly = File.Create(path);
        using FileStream symbols = File.Create(Path.ChangeExtension(path, ".pdb"));
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }

    /// <summary>Compiles an assembly for a target; gives the program's path.</summary>
    public string Build(string assembly, Target target, BuildOptions? options = null, RuntimeOptions? runtime = null)
    {
        string program = Path.Combine(Folder, target.Name + ".image");
        Driver.Build(target, Driver.ToC(CoreLibrary, [assembly], target, options: runtime).Files, Runtime, program + ".c", program, options);
        return program;
    }

    /// <summary>What an assembly prints on CoreCLR.</summary>
    public static (string Output, string Errors, int Status) RunOnCoreClr(string assembly) =>
 Run("dotnet", WithConfiguration(assembly));

    /// <summary>Writes what CoreCLR wants beside an assembly.</summary>
    public static string WithConfiguration(string assembly)
    {
        File.Copy(Path.ChangeExtension(Programs, ".runtimeconfig.json"), Path.ChangeExtension(assembly, ".runtimeconfig.json"));
        return assembly;
    }

    /// <summary>Runs a command and gives standard output, standard error and the status.</summary>
    public static (string Output, string Errors, int Status) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, errors.Result, process.ExitCode);
    }
}
