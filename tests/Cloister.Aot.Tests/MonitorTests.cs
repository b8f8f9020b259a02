using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The profile monitor: what it refuses, and what a program can do within it.</summary>
public sealed class MonitorTests
{
    private static uint State => "monitor"u8.ToArray().Aggregate(0u, (state, value) => (state ^ value) * 16777619);

    private static string Program => Source.Replace("STATE", State + "u", StringComparison.Ordinal);

    private const string Source = """
        using System;

        internal static class Monitor
        {
            private static uint s_state;
            private struct Region { public ulong Start, End; public bool Contains(ulong address) => address >= Start && address < End; }

            public static int Main()
            {
                Span<Region> regions = stackalloc Region[4];
                for (int i = 0; i < regions.Length; i++)
                    regions[i] = new Region { Start = (ulong)i * 0x1000, End = (ulong)i * 0x1000 + 0x800 };
                Console.WriteLine(Find(regions, 0x2400) == 2 && Find(regions, 0x2900) == -1 ? "regions" : "wrong");
                foreach (byte value in "monitor"u8)
                    s_state = Step(s_state, value);
                Console.WriteLine(s_state == STATE ? "state" : "wrong");
                Print(12345);
                int length = regions.Slice(1, 2).Length;
                Console.WriteLine(length == 2 ? "slice" : "wrong");
                return FAIL;
            }

            private static int Find(ReadOnlySpan<Region> regions, ulong address)
            {
                for (int i = 0; i < regions.Length; i++)
                    if (regions[i].Contains(address))
                        return i;
                return -1;
            }

            private static uint Step(uint state, byte value) => (state ^ value) * 16777619;

            private static void Print(uint value)
            {
                Span<char> digits = stackalloc char[10];
                int first = 10;
                do { digits[--first] = (char)('0' + value % 10); value /= 10; } while (value != 0);
                for (; first < 10; first++)
                    Write(digits[first]);
                Console.WriteLine();
            }

            private static void Write(char c) => Console.Write(c == '1' ? "1" : c == '2' ? "2" : "x");

            private static int Index(Span<Region> regions, int i) => (int)regions[i].Start;
        }
        """;

    [Fact]
    public void ProgramRunsWithABoundedStack()
    {
        using var toolbox = new Toolbox();
        (string output, int status, StackUsage stack) = Run(toolbox, Program.Replace("FAIL", "7"));
        Assert.Equal("regions\nstate\n12xxx\nslice\n", output);
        Assert.Equal(7, status);
        Assert.InRange(stack.Bytes, 100, 4096);
        Assert.StartsWith("Monitor.Main", stack.Path[0].ToString());
    }

    [Fact]
    public void FailedCheckEndsTheProgramWithAMessage()
    {
        using var toolbox = new Toolbox();
        (string output, int status, _) = Run(toolbox, Program.Replace("FAIL", "Index(regions, regions.Length)"));
        Assert.EndsWith("slice\nFatal: System.IndexOutOfRangeException in System.Span`1[Monitor+Region].get_Item(System.Int32).\n", output);
        Assert.Equal(134, status);
    }

    [Fact]
    public void CallOfAMethodThatDoesNotReturnIsAFailedCheck()
    {
        using var toolbox = new Toolbox();
        const string Refuse = "[System.Diagnostics.CodeAnalysis.DoesNotReturn] private static int Refuse(uint n) => " +
            "throw new InvalidOperationException($\"{n} is refused.\");\n";
        string source = Program.Replace("FAIL", "s_state == 0 ? 1 : Refuse(s_state)").Replace("private static uint Step", Refuse + "private static uint Step");
        (string output, int status, _) = Run(toolbox, source);
        Assert.EndsWith("slice\nFatal: Monitor.Refuse in Monitor.Main().\n", output);
        Assert.Equal(134, status);
    }

    [Theory]
    [InlineData("throw new System.InvalidOperationException();", "makes an object of System.InvalidOperationException")]
    [InlineData("throw null;", "throws")]
    [InlineData("try { return; } catch (System.Exception) { throw; }", "throws")]
    [InlineData("object o = new(); System.GC.KeepAlive(o);", "makes an object of System.Object")]
    [InlineData("int[] a = new int[System.Environment.CurrentManagedThreadId]; a[0] = 1;", "makes an array, System.Int32[]")]
    [InlineData("int[,] a = new int[2, 3]; a[0, 0] = 1;", "makes an array, System.Int32[,]")]
    [InlineData("object o = 1; System.GC.KeepAlive(o);", "makes a box of System.Int32")]
    [InlineData("System.Action a = F; a();", "makes a delegate, System.Action")]
    [InlineData("unsafe { delegate*<void> f = &F; f(); }", "calls by a function pointer")]
    [InlineData("System.Console.WriteLine(string.Concat(\"a\", System.Environment.NewLine));", "allocates")]
    [InlineData("System.Console.WriteLine(S.Value);", "static constructor of Other+S")]
    [InlineData("native();", "native code can't be called")]
    [InlineData("R(3);", "may call itself")]
    public void WhatItRefusesIsNamedWithThePath(string statement, string what)
    {
        using var toolbox = new Toolbox();
        string assembly = toolbox.CSharp($$"""
            internal static class Other
            {
                [System.Runtime.InteropServices.DllImport("c")] static extern int native();
                private static class S { public static string Value; static S() { Value = System.Environment.TickCount == 1 ? "a" : "b"; } }
                private static void F() { }
                private static int R(int n) => n == 0 ? 0 : R(n - 1) + 1;
                public static void Inner() { {{statement}} }
            }
            internal static class Entry { private static void Main() => Outer(); private static void Outer() => Other.Inner(); }
            """);
        Target target = Target.Find("riscv64-qemu-m");
        CompileException exception = Assert.Throws<CompileException>(() => Driver.ToC(Toolbox.CoreLibrary, [assembly], target, Profile.Monitor));
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
        string[] lines = exception.Message.Split('\n');
        Assert.Equal(["  called by Other.Inner()", "  called by Entry.Outer()", "  called by Entry.Main()"],
            lines.Select(line => line.Replace("  in ", "  called by ", StringComparison.Ordinal)).TakeLast(3));
    }

    [Fact]
    public void StackallocOfUnknownSizeIsRefused()
    {
        using var toolbox = new Toolbox();
        const string Fill = "private static int Fill(int n) { Span<byte> s = stackalloc byte[n]; Print((uint)s.Length); return s[n / 2]; }\n";
        string source = Program.Replace("FAIL", "Fill((int)s_state & 63)").Replace("private static uint Step", Fill + "private static uint Step");
        CompileException exception = Assert.Throws<CompileException>(() => Run(toolbox, source));
        Assert.StartsWith("Monitor.Fill(System.Int32) takes memory from the stack, by stackalloc, whose size isn't constant", exception.Message);
    }

    private static (string Output, int Status, StackUsage Stack) Run(Toolbox toolbox, string source)
    {
        Target target = Target.Find("riscv64-qemu-m");
        (Compilation compilation, var files) = Driver.ToC(Toolbox.CoreLibrary, [toolbox.CSharp(source)], target, Profile.Monitor);
        string program = Path.Combine(toolbox.Folder, "monitor");
        Driver.Build(target, files, Toolbox.Runtime, toolbox.Folder, program, new BuildOptions(StackSize: 16384));
        var stack = StackUsage.Read(compilation, compilation.EntryPoint!, toolbox.Folder);
        int status = Driver.Execute(target, program, out string output);
        return (output, status, stack);
    }
}
