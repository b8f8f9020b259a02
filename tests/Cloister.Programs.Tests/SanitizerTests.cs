using System;
using System.IO;
using System.Linq;

namespace Cloister.Programs.Tests;

/// <summary>
/// Programs built with sanitizers (tests/programs/sanitized.c): their shadows are at fixed addresses, up to 47 bits, and ThreadSanitizer
/// keeps all others from being mapped. So all such programs are rivals of each other and of their children.
/// </summary>
public sealed class SanitizerTests
{
    [Theory]
    [InlineData("thread")]
    [InlineData("address")]
    public void Runs_as_natively(string sanitizer) => CloisterCommand.AssertSame([Compile(sanitizer)]);

    [Theory]
    [InlineData("thread", 6)]
    [InlineData("address", 6)]
    public void Many_run_at_the_same_time(string sanitizer, int count)
    {
        string program = Compile(sanitizer);
        ProgramResult result = CloisterCommand.Do("/bin/sh", "-c", $"i=0; while [ $i -lt {count} ]; do {program} & i=$((i+1)); done; wait");
        Assert.Equal(string.Concat(Enumerable.Repeat("4000, child 3, 7\n", count)), result.Output + result.ErrorOfProgram);
    }

    private static string Compile(string sanitizer)
    {
        string program = Path.Combine(CloisterCommand.Cache, "sanitized-" + sanitizer);
        ProgramResult result = ProgramResult.Of("gcc", ["-O1", "-g", "-fsanitize=" + sanitizer, "-pthread", "-o", program, CloisterCommand.ProgramFile("sanitized.c")]);
        Assert.SkipUnless(result.Status == 0 || !result.Error.Contains("cannot find", StringComparison.Ordinal), "The sanitizer's library is not installed.");
        Assert.True(result.Status == 0, result.Error);
        return program;
    }
}
