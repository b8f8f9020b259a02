using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>The C programs of tests/syscalls: each checks itself, natively first, so that a wrong expectation is found too.</summary>
public sealed class SyscallProgramTests
{
    [Theory]
    [InlineData("memory")]
    [InlineData("mappings")]
    [InlineData("objects")]
    [InlineData("threads")]
    [InlineData("signals")]
    [InlineData("time")]
    [InlineData("processes")]
    [InlineData("fork")]
    [InlineData("wait")]
    [InlineData("texts")]
    [InlineData("files")]
    [InlineData("descriptors")]
    [InlineData("sockets")]
    [InlineData("network")]
    [InlineData("outside")]
    [InlineData("inotify")]
    [InlineData("rings")]
    [InlineData("systemv")]
    [InlineData("queues")]
    [InlineData("tracing")]
    [InlineData("cores")]
    [InlineData("aio")]
    [InlineData("terminals")]
    [InlineData("mounts")]
    [InlineData("locks")]
    [InlineData("proc")]
    [InlineData("events")]
    [InlineData("identity")]
    [InlineData("isolation")]
    [InlineData("timers")]
    [InlineData("scheduling")]
    [InlineData("futexes")]
    [InlineData("filters")]
    [InlineData("races")]
    [InlineData("wild")]
    [InlineData("processor")]
    public void Passes_natively(string name)
    {
        ProgramResult result = ProgramResult.Of(Compile(name), []);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }

    [Theory]
    [InlineData("memory", "best")]
    [InlineData("mappings", "best")]
    [InlineData("objects", "best")]
    [InlineData("threads", "best")]
    [InlineData("signals", "best")]
    [InlineData("time", "best")]
    [InlineData("processes", "best")]
    [InlineData("fork", "best")]
    [InlineData("wait", "best")]
    [InlineData("texts", "best")]
    [InlineData("files", "best")]
    [InlineData("descriptors", "best")]
    [InlineData("sockets", "best")]
    [InlineData("network", "best")]
    [InlineData("outside", "best")]
    [InlineData("inotify", "best")]
    [InlineData("rings", "best")]
    [InlineData("systemv", "best")]
    [InlineData("queues", "best")]
    [InlineData("tracing", "best")]
    [InlineData("cores", "best")]
    [InlineData("aio", "best")]
    [InlineData("terminals", "best")]
    [InlineData("mounts", "best")]
    [InlineData("locks", "best")]
    [InlineData("proc", "best")]
    [InlineData("events", "best")]
    [InlineData("identity", "best")]
    [InlineData("isolation", "best")]
    [InlineData("timers", "best")]
    [InlineData("scheduling", "best")]
    [InlineData("futexes", "best")]
    [InlineData("filters", "best")]
    [InlineData("races", "best")]
    [InlineData("wild", "best")]
    [InlineData("processor", "best")]
    [InlineData("memory", "seccomp")]
    [InlineData("mappings", "seccomp")]
    [InlineData("threads", "seccomp")]
    [InlineData("signals", "seccomp")]
    [InlineData("processes", "seccomp")]
    [InlineData("processor", "seccomp")]
    public void Passes_inside(string name, string traps)
    {
        string program = Compile(name);
        ProgramResult result = CloisterCommand.Do(["--traps=" + traps], [program]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        Assert.Matches(@"ok \d+ checks\n$", result.Output);
    }

    /// <summary>Compiles a program where it is missing or older than its sources.</summary>
    /// <param name="name">The program.</param>
    /// <param name="compiler">Its compiler.</param>
    /// <param name="suffix">Of the program's file.</param>
    /// <param name="options">Further options.</param>
    internal static string Compile(string name, string compiler = "gcc", string suffix = "", params string[] options)
    {
        string folder = Path.Combine(CloisterCommand.Repository, "tests", "syscalls");
        string source = Path.Combine(folder, name + ".c");
        string program = Path.Combine(CloisterCommand.Cache, name + suffix);
        DateTime newest = Later(File.GetLastWriteTimeUtc(source), File.GetLastWriteTimeUtc(Path.Combine(folder, "check.h")));
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) > newest)
            return program;
        ProgramResult result = ProgramResult.Of(compiler,
            [.. options, "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-unused-result", "-pthread", "-o", program, source]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }

    private static DateTime Later(DateTime one, DateTime two) => one > two ? one : two;
}
