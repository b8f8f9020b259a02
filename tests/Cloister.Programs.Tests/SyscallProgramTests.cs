using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>The C programs of tests/syscalls: each checks itself, natively first, so that a wrong expectation is found too.</summary>
public sealed class SyscallProgramTests
{
    /// <summary>Sections that fail for a known reason; each has a skipped test below.</summary>
    private static readonly (string Program, string Section, string Reason)[] KnownFailures =
    [
        ("processes", "descriptor_of_process", "pidfd_open isn't implemented."),
    ];

    public static TheoryData<string, string> KnownFailingSections
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string program, string section, string reason) in KnownFailures)
                data.Add(new TheoryDataRow<string, string>(program, section) { Skip = reason });
            return data;
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("mappings")]
    [InlineData("objects")]
    [InlineData("threads")]
    [InlineData("signals")]
    [InlineData("time")]
    [InlineData("processes")]
    [InlineData("files")]
    [InlineData("descriptors")]
    [InlineData("events")]
    [InlineData("identity")]
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
    [InlineData("files", "best")]
    [InlineData("descriptors", "best")]
    [InlineData("events", "best")]
    [InlineData("identity", "best")]
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
        string[] arguments = Array.ConvertAll(Array.FindAll(KnownFailures, failure => failure.Program == name), failure => "-" + failure.Section);
        ProgramResult result = CloisterCommand.Do(["--traps=" + traps], [program, .. arguments]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        Assert.Matches(@"ok \d+ checks\n$", result.Output);
    }

    [Theory]
    [MemberData(nameof(KnownFailingSections))]
    public void Fails_for_a_known_reason(string name, string section)
    {
        ProgramResult result = CloisterCommand.Do(Compile(name), section);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }

    /// <summary>Compiles a program where it is missing or older than its sources.</summary>
    internal static string Compile(string name)
    {
        string folder = Path.Combine(CloisterCommand.Repository, "tests", "syscalls");
        string source = Path.Combine(folder, name + ".c");
        string program = Path.Combine(CloisterCommand.Cache, name);
        DateTime newest = Later(File.GetLastWriteTimeUtc(source), File.GetLastWriteTimeUtc(Path.Combine(folder, "check.h")));
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) > newest)
            return program;
        ProgramResult result = ProgramResult.Of("gcc",
            ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-unused-result", "-pthread", "-o", program, source]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }

    private static DateTime Later(DateTime one, DateTime two) => one > two ? one : two;
}
