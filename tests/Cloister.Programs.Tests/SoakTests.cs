using System;
using System.Diagnostics;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Connections that come, go, half-close and reset at random leave nothing behind, neither inside nor on the host.</summary>
public sealed class SoakTests
{
    private static readonly bool s_isNightly = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    [Theory]
    [InlineData("off", 1)]
    [InlineData("workers", 2)]
    public void Connections_leave_nothing_behind(string switchless, int seed)
    {
        string total = s_isNightly ? "100000" : "1000";
        string atOnce = s_isNightly ? "1000" : "100";
        string program = SyscallProgramTests.Compile("soak");
        using Process process = ProgramResult.Start(CloisterCommand.Path, ["do", "--switchless", switchless, "--", program, total, atOnce, $"{seed}"]);
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        int before = CountSockets(process.Id);
        process.StandardInput.WriteLine("go");
        Assert.Equal("quiet", process.StandardOutput.ReadLine());
        Assert.Equal(before, CountSockets(process.Id));
        process.StandardInput.WriteLine("end");
        Assert.Equal("ok\n", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static int CountSockets(int process)
    {
        int count = 0;
        foreach (FileInfo descriptor in new DirectoryInfo($"/proc/{process}/fd").GetFiles())
            count += descriptor.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true ? 1 : 0;
        return count;
    }
}
