using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>Symbols for the debugger, stack traces and what programs say when they die.</summary>
public sealed class DebugTests
{
    private const string Program = """
        using System;
        using System.Runtime.CompilerServices;
        namespace Some.Place;
        internal sealed class Box<T>(T value)
        {
            public T Value => value;
            public sealed class Inner
            {
                [MethodImpl(MethodImplOptions.NoInlining)]
                public T Get(Box<T> box, int[] indices, ref string text) { indices[7] = 1; return box.Value; }
            }
        }
        internal static class Program
        {
            [MethodImpl(MethodImplOptions.NoInlining)]
            private static int Divide(int a, int b)
            {
                try
                {
                    return a / b;
                }
                finally
                {
                    try { throw new FormatException(); } catch (FormatException) { }
                }
            }
            [MethodImpl(MethodImplOptions.NoInlining)]
            private static void Rethrows()
            {
                try
                {
                    Divide(1, 0);
                }
                catch (DivideByZeroException e) when (e.Message.Length > 0)
                {
                    Console.WriteLine(e.StackTrace);
                    throw;
                }
            }
            [MethodImpl(MethodImplOptions.NoInlining)]
            private static void Wraps()
            {
                try { Rethrows(); }
                catch (Exception e) { throw new InvalidOperationException("wrapped", e); }
            }
            [MethodImpl(MethodImplOptions.NoInlining)]
            private static T Generic<T>(T value, Func<T, T> function) => function(value);
            private static int Main()
            {
                Console.WriteLine(new Exception().StackTrace is null);
                try { Wraps(); }
                catch (Exception e) { Console.WriteLine(e.ToString()); }
                string text = "";
                try { new Box<int>.Inner().Get(new Box<int>(1), new int[3], ref text); }
                catch (Exception e) { Console.WriteLine(e.ToString()); }
                try { Generic(1, x => throw new NotSupportedException()); }
                catch (Exception e) { Console.WriteLine(e.StackTrace); }
                Exception again = new ArgumentException("again");
                for (int i = 0; i < 2; i++)
                {
                    try { throw again; }
                    catch (Exception e) { Console.WriteLine(e.StackTrace); }
                }
                Wraps();
                return 0;
            }
        }
        """;

    [Fact]
    public void StackTracesAreThoseOfCoreClr()
    {
        using var toolbox = new Toolbox();
        string assembly = toolbox.CSharp(Program);
        (string expected, string expectedErrors, int expectedStatus) = Toolbox.RunOnCoreClr(assembly);
        (string output, string errors, int status) = Toolbox.Run(toolbox.Build(assembly, Target.All[0]));
        Assert.Equal(WithoutFolders(expected), output);
        Assert.Equal(WithoutFolders(expectedErrors).Trim(), errors.Trim());
        Assert.Equal(134, expectedStatus);
        Assert.Equal(134, status);
    }

    // CoreCLR gives the whole path of a source file.
    private static string WithoutFolders(string text) => Regex.Replace(text, " in [^\n]*/", " in ");

    [Theory]
    [InlineData("x86_64-linux", "gdb")]
    [InlineData("riscv64-qemu-m", "gdb-multiarch")]
    public void DebuggerFindsLinesOfCSharp(string name, string debugger)
    {
        using var toolbox = new Toolbox();
        Target target = Target.Find(name);
        string program = Path.Combine(toolbox.Folder, "image");
        (Compilation compilation, var files) = Driver.ToC(Toolbox.CoreLibrary, [toolbox.CSharp(Program)], target, debug: true);
        Driver.Build(target, files, Toolbox.Runtime, toolbox.Folder, program, new BuildOptions(Debug: true));
        string function = compilation.Methods.First(pair => pair.Key.Name == "Divide").Value.CName;
        int line = 1 + Program.Split('\n').Index().First(pair => pair.Item.Contains("return a / b", StringComparison.Ordinal)).Index;
        string output = Toolbox.Run(debugger, "-batch", "-nx", "-ex", $"info line {function}", "-ex", $"info line Program.cs:{line}", program).Output;
        Assert.Matches("Line [12][0-9] of \"/source/Program.cs\" starts at address", output);
        Assert.Matches($"Line {line} of \"/source/Program.cs\" starts at address [^\n]*<{function}", output);
    }

    [Fact]
    public void DebuggingDoesntChangeWhatAProgramDoes()
    {
        using var toolbox = new Toolbox();
        string assembly = toolbox.CSharp(Program);
        string program = Path.Combine(toolbox.Folder, "image");
        (_, var files) = Driver.ToC(Toolbox.CoreLibrary, [assembly], debug: true);
        Driver.Build(Target.All[0], files, Toolbox.Runtime, toolbox.Folder, program, new BuildOptions("1", Debug: true));
        Assert.Equal(Toolbox.Run(toolbox.Build(assembly, Target.All[0])), Toolbox.Run(program));
    }
}
