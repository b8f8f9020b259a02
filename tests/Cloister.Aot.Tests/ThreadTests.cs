using System;
using System.IO;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>How programs with threads end. What threads do otherwise is in the conformance programs.</summary>
public sealed class ThreadTests
{
    private static (string Output, string Errors, int Status) Run(string source)
    {
        using var toolbox = new Toolbox();
        string program = toolbox.Build(toolbox.CSharp("using System; using System.Threading;\n" + source), Target.All[0], new BuildOptions("1"));
        return Toolbox.Run(program);
    }

    [Theory]
    [InlineData("object a = new(); lock (a) { Console.WriteLine(1); Monitor.Wait(a); }")]
    [InlineData("""
        object a = new(), b = new();
        int held = 0;
        Thread one = new(() => { lock (a) { held++; while (held < 2) Thread.Yield(); lock (b) { } } });
        Thread other = new(() => { lock (b) { held++; while (held < 2) Thread.Yield(); lock (a) { } } });
        one.Start();
        other.Start();
        Console.WriteLine(1);
        """)]
    public void DeadlockIsReportedAndEndsTheProgram(string source) =>
        Assert.Equal(("1\n", "Deadlock: every thread waits for another.\n", 134), Run(source));

    [Fact]
    public void UnhandledExceptionOfAThreadEndsTheProgram()
    {
        (string output, string errors, int status) = Run("""
            Thread thread = new(() => Fail());
            thread.Start();
            thread.Join();
            Console.WriteLine("not reached");
            static void Fail() => throw new InvalidOperationException("on a thread");
            """);
        Assert.Equal("", output);
        Assert.StartsWith("Unhandled exception. System.InvalidOperationException: on a thread\n   at Program.<<Main>$>g__Fail|", errors);
        Assert.Equal(134, status);
    }

    [Fact]
    public void StackOverflowOfAThreadEndsTheProgram()
    {
        (_, string errors, int status) = Run("""
            new Thread(() => Console.WriteLine(Deep(1))).Start();
            static long Deep(long n) => n == 0 ? 0 : Deep(n + 1) + n;
            """);
        Assert.Equal(("Stack overflow.\n", 134), (errors, status));
    }

    [Fact]
    public void ProgramEndsWithTheLastForegroundThread()
    {
        (string output, string errors, int status) = Run("""
            bool ends = false;
            object gate = new();
            new Thread(() => { lock (gate) Monitor.Wait(gate); }) { IsBackground = true }.Start();
            new Thread(() => { while (!Volatile.Read(ref ends)) { } Console.WriteLine("last"); }).Start();
            Console.WriteLine("main");
            Volatile.Write(ref ends, true);
            """);
        Assert.Equal(("main\nlast\n", "", 0), (output, errors, status));
    }

    [Fact]
    public void ProgramsWithoutThreadsHaveNoTurnsInLoops()
    {
        using var toolbox = new Toolbox();
        const string Loop = "for (int i = 0; i < args.Length; i++) Console.Write(i);";
        string with = Text(toolbox.CSharp($"using System; using System.Threading; new Thread(() => {{ }}).Start(); {Loop}", "With"), new());
        string without = Text(toolbox.CSharp("using System;" + Loop, "Without"), new());
        string asked = Text(Path.Combine(toolbox.Folder, "With.dll"), new(Turns: false));
        Assert.Contains("++rounds", with, StringComparison.Ordinal);
        Assert.DoesNotContain("++rounds", without, StringComparison.Ordinal);
        Assert.DoesNotContain("++rounds", asked, StringComparison.Ordinal);

        static string Text(string assembly, RuntimeOptions options) =>
            string.Concat(Driver.ToC(Toolbox.CoreLibrary, [assembly], options: options).Files);
    }
}
