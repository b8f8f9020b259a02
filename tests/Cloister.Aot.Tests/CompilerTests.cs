using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The compiler against CoreCLR, which is the referee.</summary>
public sealed class CompilerTests
{
    private static string Home => AppContext.BaseDirectory;

    private static string CoreLibrary => Path.Combine(Home, "Cloister.CoreLib.dll");

    private static string Programs => Path.Combine(Home, "Cloister.Aot.Programs.dll");

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + "status " + process.ExitCode;
    }

    [Fact]
    public void ProgramsPrintWhatTheyPrintOnCoreClr()
    {
        string folder = Directory.CreateTempSubdirectory("cloister-aot").FullName;
        try
        {
            string program = Path.Combine(folder, "programs");
            Driver.Build(Target.All[0], Driver.ToC(CoreLibrary, [Programs]).Files, Path.Combine(Home, "Runtime"), folder, program);
            string[] expected = Run("dotnet", Programs).Split("== ");
            string[] actual = Run(program).Split("== ");
            Assert.True(expected.Length > 400);
            Assert.Equal(expected.Length, actual.Length);
            // One program at a time, so that a failure names it.
            foreach ((string one, string other) in expected.Zip(actual))
                Assert.Equal(one, other);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void SameInputGivesSameBytes() => Assert.Equal(Driver.ToC(CoreLibrary, [Programs]).Files, Driver.ToC(CoreLibrary, [Programs]).Files);

    [Theory]
    [InlineData("System.Console.WriteLine(typeof(int).GetMethods().Length);", "MethodInfo")]
    [InlineData("await System.Threading.Tasks.Task.Delay(1);", "Task")]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"c\")] static extern int getpid(); getpid();", "getpid")]
    [InlineData("new A(); class A : B { } class B { ~B() { } }", "B has a finalizer (~B)")]
    [InlineData("System.IO.File.ReadAllText(\"x\");", "System.IO.File")]
    public void WhatIsMissingIsAnErrorThatNamesIt(string source, string name)
    {
        string path = Path.Combine(Path.GetTempPath(), $"cloister-aot-{Guid.NewGuid():N}.dll");
        try
        {
            IEnumerable<string> trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(file =>
                Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal));
            CSharpCompilation compilation = CSharpCompilation.Create("Bad", [CSharpSyntaxTree.ParseText(source)],
                trusted.Select(file => MetadataReference.CreateFromFile(file)),
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release));
            Assert.True(compilation.Emit(path).Success);
            CompileException exception = Assert.Throws<CompileException>(() => Driver.ToC(CoreLibrary, [path]));
            Assert.Contains(name, exception.Message, StringComparison.Ordinal);
            Assert.Contains("Program", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
