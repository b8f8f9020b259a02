using System;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>Programs on machines without an operating system, in QEMU.</summary>
public sealed class BoardTests
{
    private const string Incidents = """
        using System;
        long before = Environment.TickCount64;
        Console.WriteLine("start");
        try { string s = null; Console.WriteLine(s.Length); } catch (NullReferenceException e) { Console.WriteLine(e.Message); }
        for (long i = Environment.TickCount64; Environment.TickCount64 < i + 20;) { }
        Console.WriteLine(Environment.TickCount64 - before is >= 20 and < 60000);
        var list = new System.Collections.Generic.List<byte[]>();
        for (int i = 0; i < 300; i++) { list.Add(new byte[1 << 20]); list[^1][i] = 1; }
        Console.WriteLine(list.Count);
        INCIDENT
        static long Deep(long n) => n == 0 ? 0 : Deep(n + 1) + n;
        """;

    [Theory]
    [InlineData("riscv64-qemu-m", null)]
    [InlineData("aarch64-qemu", "aarch64-qemu-el3")]
    [InlineData("x86_64-pvh", null)]
    public void ProgramsPrintWhatTheyPrintOnCoreClr(string name, string? alsoOn)
    {
        using var toolbox = new Toolbox();
        string expected = Toolbox.Run("dotnet", Toolbox.Programs).Output;
        string program = toolbox.Build(Toolbox.Programs, Target.Find(name), new BuildOptions(Optimization: "1"));
        foreach (string machine in new[] { name, alsoOn }.OfType<string>())
        {
            Assert.Equal(0, Driver.Execute(Target.Find(machine), program, out string actual));
            // One program at a time, so that a failure names it.
            foreach ((string one, string other) in expected.Split("== ").Zip(actual.Split("== ")))
                Assert.Equal(one, other);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData("riscv64-qemu-m", null)]
    [InlineData("riscv64-qemu-s", null)]
    [InlineData("aarch64-qemu", "aarch64-qemu-el3")]
    [InlineData("x86_64-pvh", null)]
    public void TrapsAndStackOverflowsAreReportedAndEndTheProgram(string name, string? alsoOn)
    {
        using var toolbox = new Toolbox();
        foreach ((string incident, string report, int status) in (ReadOnlySpan<(string, string, int)>)[
            ("unsafe { int* p = (int*)16; Console.WriteLine(*p); }",
                "Unexpected trap: .* \\(cause 0x[0-9a-f]+\\), pc 0x[0-9a-f]+, address 0x10\\.\n", 133),
            ("Console.WriteLine(Deep(1));", "Stack overflow\\.\n", 134)])
        {
            string assembly = toolbox.CSharp(Incidents.Replace("INCIDENT", incident, StringComparison.Ordinal));
            string program = toolbox.Build(assembly, Target.Find(name), new BuildOptions(Optimization: "1", StackSize: 1 << 18));
            foreach (Target machine in new[] { name, alsoOn }.OfType<string>().Select(Target.Find))
            {
                int actual = Driver.Execute(machine, program, out string output);
                Assert.Matches("^start\nObject reference not set to an instance of an object\\.\nTrue\n300\n" + report + "$", output);
                // What isa-debug-exit can say ends at 127.
                Assert.Equal(machine.DoublesStatus ? 127 : status, actual);
            }
        }
    }

    [Fact]
    public void StackOverflowOnLinuxGoesToStandardError()
    {
        using var toolbox = new Toolbox();
        string program = toolbox.Build(toolbox.CSharp(Incidents.Replace("INCIDENT", "Console.WriteLine(Deep(1));")), Target.All[0]);
        (string output, string errors, int status) = Toolbox.Run(program);
        Assert.EndsWith("300\n", output);
        Assert.Equal("Stack overflow.\n", errors);
        Assert.Equal(134, status);
    }

    [Fact]
    public void UnknownTargetIsAnErrorThatListsAll()
    {
        CompileException exception = Assert.Throws<CompileException>(() => Target.Find("vax"));
        Assert.Contains("vax", exception.Message, StringComparison.Ordinal);
        Assert.Contains("riscv64-qemu-m", exception.Message, StringComparison.Ordinal);
    }
}
