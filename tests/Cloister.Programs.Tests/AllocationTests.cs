using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;

namespace Cloister.Programs.Tests;

/// <summary>The paths that have to be fast allocate nothing: what the kernel allocates doesn't grow with the calls made.</summary>
public sealed class AllocationTests
{
    private const int Few = 2_000;
    private const int Many = 22_000;

    // What comes and goes in a start: a buffer of the runtime more or less. Less than a byte for each of the calls.
    private const long Noise = 18_000;

    [Theory]
    [InlineData("getppid")]
    [InlineData("read")]
    [InlineData("pipe")]
    [InlineData("clock")]
    [InlineData("futex")]
    [InlineData("open")]
    [InlineData("stat")]
    [InlineData("pread")]
    [InlineData("pwrite")]
    [InlineData("poll")]
    [InlineData("mmap")]
    public void A_call_allocates_nothing(string path)
    {
        string program = Compile();
        long few = AllocatedBy(program, path, Few);
        long many = AllocatedBy(program, path, Many);
        Assert.InRange(many - few, -Noise, Noise);
    }

    private static long AllocatedBy(string program, string path, int count)
    {
        ProgramResult result = CloisterCommand.Do(["--stats"], [program, path, count.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(result.Status == 0, result.Error);
        Match match = Regex.Match(result.Error, @"kernel memory: (\d+) bytes allocated");
        Assert.True(match.Success, result.Error);
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static string Compile()
    {
        string program = Path.Combine(CloisterCommand.Cache, "repeat");
        string source = CloisterCommand.ProgramFile("repeat.c");
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) > File.GetLastWriteTimeUtc(source))
            return program;
        ProgramResult result = ProgramResult.Of("gcc", ["-O1", "-Wno-unused-result", "-pthread", "-o", program, source]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }
}
