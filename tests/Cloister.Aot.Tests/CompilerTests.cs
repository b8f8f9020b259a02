using System;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The compiler against CoreCLR, which is the referee.</summary>
public sealed class CompilerTests
{
    [Fact]
    public void ProgramsPrintWhatTheyPrintOnCoreClr()
    {
        string[] expected = Compiled.Output("dotnet", Toolbox.Programs).Split("== ");
        string[] actual = Compiled.RunFiles(Processor.Generic, Toolbox.Programs).Split("== ");
        Assert.True(expected.Length > 400);
        Assert.Equal(expected.Length, actual.Length);
        // One program at a time, so that a failure names it.
        foreach ((string one, string other) in expected.Zip(actual))
            Assert.Equal(one, other);
    }

    [Fact]
    public void SameInputGivesSameBytes() =>
        Assert.Equal(Driver.ToC(Toolbox.CoreLibrary, [Toolbox.Programs]).Files, Driver.ToC(Toolbox.CoreLibrary, [Toolbox.Programs]).Files);

    [Fact]
    public void MainTakesTheProgramsArguments()
    {
        using var toolbox = new Toolbox();
        string assembly = toolbox.CSharp("foreach (string argument in args) System.Console.WriteLine($\"{argument.Length} {argument}\");");
        string[] arguments = ["one", "", "zwei wörter", "\u4e09\ud83d\ude00", "--run"];
        Assert.Equal(Compiled.Output("dotnet", [Toolbox.WithConfiguration(assembly), .. arguments]),
            Compiled.Output(toolbox.Build(assembly, Target.All[0]), arguments));
        Assert.Equal("status 0", Compiled.Output(toolbox.Build(assembly, Target.All[0])));
    }

    [Theory]
    [InlineData("System.Console.WriteLine(typeof(int).GetMethods().Length);", "MethodInfo")]
    [InlineData("System.Console.WriteLine(typeof(System.Collections.Generic.List<>));", "typeof(System.Collections.Generic.List`1")]
    [InlineData("await System.Threading.Tasks.Task.Delay(1);", "Task")]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"c\")] static extern int getpid(); getpid();", "getpid")]
    [InlineData("new A(); class A : B { } class B { ~B() { } }", "B has a finalizer (~B)")]
    [InlineData("System.IO.File.ReadAllText(\"x\");", "System.IO.File")]
    [InlineData("System.Console.Clear(); Program.F(); partial class Program { public static void F() => System.Console.Beep(); }",
        "System.Console.Clear", "System.Console.Beep")]
    [InlineData("System.Console.Beep(); System.Console.Clear();", "System.Console.Beep", "System.Console.Clear")]
    public void WhatIsMissingIsAnErrorThatNamesIt(string source, params string[] names)
    {
        using var toolbox = new Toolbox();
        string path = toolbox.CSharp(source);
        CompileException exception = Assert.Throws<CompileException>(() => Driver.ToC(Toolbox.CoreLibrary, [path]));
        Assert.All(names, name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
        Assert.Contains("Program", exception.Message, StringComparison.Ordinal);
    }
}
